"""/join: how people join the group, and the QR code for it, which hosts keep up to date."""

import re
from datetime import datetime, time, timedelta

from db.enums import ENDED
from db.queries import deliveries, invitations, talks
from plugins._talk.calendar.clock_times import NoDate
from plugins._talk.calendar.spoken import read_moment
from plugins._talk.documents.invitation import JoinCode, WayIn, way_in
from plugins._talk.usecases.desk import Desk, Refused

KIND = "invitation"
USUAL = "7天后"  # the validity of WeChat's group QR codes
AHEAD = timedelta(days=2)
LONGEST = timedelta(days=400)
_DAYS = re.compile(r"\d{1,3}\s*天")


def look(desk: Desk) -> WayIn:
    """How people join at present."""
    return way_in(desk.connection, desk.series, desk.visit.said_at)


def bring(desk: Desk, picture: str, argument: str) -> JoinCode:
    """Store a new QR code (`picture`: a file name in the store), valid for seven days or until the day in `argument`.

    A reminder for a new one is planned two days before it expires, at the earliest after half its validity.
    Raises Refused.
    """
    until = valid_until(desk, argument)
    now = desk.visit.said_at
    invitations.put(desk.connection, picture, until, desk.member.qq, now)
    deliveries.drop(desk.connection, KIND, now)
    due = max(until - AHEAD, now + (until - now) / 2)
    deliveries.owe(desk.connection, desk.talk.number, KIND, desk.visit.group_id, due, until)
    return JoinCode(picture, until.astimezone(desk.series.zone))


def valid_until(desk: Desk, argument: str) -> datetime:
    """The expiry of a new QR code: the end of the day in `argument`.

    For hosts and editors of this talk and the last. Raises Refused, also for everybody else.
    """
    last = talks.recent(desk.connection, ENDED, 1)
    if desk.in_charge() is None and not any(desk.is_host(talk) for talk in last):
        desk.must_host(desk.talk)
    said = f"{argument.strip()}后" if _DAYS.fullmatch(argument.strip()) else argument.strip() or USUAL
    midnight = datetime.combine(desk.visit.said_at.astimezone(desk.series.zone).date(), time(), desk.series.zone)
    try:
        day = read_moment(said, desk.visit.said_at, midnight).moment.date()
    except NoDate:
        raise Refused("没看懂到期日。和图片一起发，例：/加入 12-01 或 /加入 7天") from None
    until = datetime.combine(day + timedelta(days=1), time(), desk.series.zone)
    if not desk.visit.said_at < until <= desk.visit.said_at + LONGEST:
        raise Refused("到期日应当在今天到一年之间，例：/加入 12-01")
    return until
