"""Loops over rows of people's making: one that cannot be dealt with is set aside, and the rest goes on."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.errors import is_temporary
from db.queries import alarms

_log = logging.getLogger(__name__)


def by_itself(connection: Connection, what: str, now: datetime, do: Callable[[], None]) -> bool:
    """Do something for one row in a savepoint; False when it failed: it is undone, and an alarm (`what`) says so once.

    A database that cannot be used at all is not the row's fault, and raises.
    """
    try:
        with connection.begin_nested():
            do()
    except Exception as error:
        if isinstance(error, DBAPIError) and is_temporary(error):
            raise
        _log.exception("set aside: %s", what)
        why = f"{type(error).__name__}: {error}"[:120]
        alarms.raise_once(connection, f"set aside {what}", f"{what}处理不了，先放在一边，其余照常（{why}）", now)
        return False
    return True
