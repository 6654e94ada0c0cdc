"""Error isolation in loops over user data: a row that fails is skipped with an alarm, and the loop goes on."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.errors import is_temporary
from db.queries import alarms
from db.statements import savepoint

_log = logging.getLogger(__name__)


def by_itself(connection: Connection, what: str, now: datetime, do: Callable[[], None]) -> bool:
    """Run `do` for one row in a savepoint; on failure it is rolled back, an alarm (`what`) is raised, False returned.

    Temporary database errors (connection lost, locked, …) are re-raised.
    """
    try:
        with savepoint(connection):
            do()
    except Exception as error:
        if isinstance(error, DBAPIError) and is_temporary(error):
            raise
        _log.exception("set aside: %s", what)
        why = f"{type(error).__name__}: {error}"[:120]
        alarms.raise_once(connection, f"set aside {what}", f"{what}处理不了，先放在一边，其余照常（{why}）", now)
        return False
    return True
