"""What is wrong at present, as the superusers were told: once when it begins, and once when it is well again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from db.models import Trouble
from db.queries import alarms


def open_now(connection: Connection) -> Mapping[str, datetime]:
    """The troubles that were told and are not over, with when they began."""
    return {row[0]: row[1] for row in connection.execute(select(Trouble.code, Trouble.since))}


def begin(connection: Connection, code: str, said: str, now: datetime) -> bool:
    """Raise an alarm for a trouble unless it is known; whether it is new."""
    if code in open_now(connection):
        return False
    connection.execute(insert(Trouble).values(code=code, since=now))
    return alarms.raise_once(connection, f"{code} since {now.isoformat()}", said, now)


def end(connection: Connection, code: str, said: str, now: datetime) -> bool:
    """Say that a trouble is over; False if there was none."""
    since = open_now(connection).get(code)
    if since is None:
        return False
    connection.execute(delete(Trouble).where(Trouble.code == code))
    return alarms.raise_once(connection, f"{code} over {since.isoformat()}", said, now)
