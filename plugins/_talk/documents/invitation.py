"""How people join: the QR code that is valid at present."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from db.queries import invitations
from plugins._talk.series import Series


@dataclass(frozen=True)
class JoinCode:
    """The QR code by which people join (a file's name in the store), good until then."""

    picture: str
    until: datetime

    @property
    def last_day(self) -> date:
        return (self.until - timedelta(minutes=1)).date()


@dataclass(frozen=True)
class WayIn:
    """The valid QR code, if any; `expired`: the newest one has expired."""

    invitation: JoinCode | None
    expired: bool


def way_in(connection: Connection, series: Series, now: datetime) -> WayIn:
    """The QR code that is valid at `now`; an expired one is not returned."""
    newest = invitations.latest(connection)
    if newest is None or newest.until <= now:
        return WayIn(None, newest is not None)
    return WayIn(JoinCode(newest.picture, newest.until.astimezone(series.zone)), False)
