"""Alarms for superusers: raised in the transaction that finds the cause, sent when an account is online."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from db.models import Alarm


class AlarmRow(NamedTuple):
    """An alarm that was not sent yet."""

    id: int
    said: str
    raised_at: datetime


def raise_once(connection: Connection, key: str, said: str, now: datetime) -> bool:
    """Raise an alarm, unless one with this key was raised before; whether it is new."""
    if connection.execute(select(Alarm.id).where(Alarm.key == key)).one_or_none() is not None:
        return False
    connection.execute(insert(Alarm).values(key=key, said=said, raised_at=now))
    return True


def untold(connection: Connection) -> Sequence[AlarmRow]:
    rows = connection.execute(
        select(Alarm.id, Alarm.said, Alarm.raised_at).where(Alarm.told_at.is_(None)).order_by(Alarm.id)
    )
    return [AlarmRow(*row) for row in rows]


def tell(connection: Connection, alarm: int, now: datetime) -> bool:
    """Claim an alarm for sending; False if it was claimed before."""
    return (
        connection.execute(update(Alarm).where(Alarm.id == alarm, Alarm.told_at.is_(None)).values(told_at=now)).rowcount
        == 1
    )


def not_told(connection: Connection, alarm: int) -> None:
    """Release a claimed alarm that reached no superuser."""
    connection.execute(update(Alarm).where(Alarm.id == alarm).values(told_at=None))
