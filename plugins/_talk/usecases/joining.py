"""How people come into the community: /join, and the QR code that a host keeps fresh."""

import re
from datetime import datetime, time, timedelta

from db.queries import deliveries, invitations
from plugins._talk.calendar.clock_times import NoDate
from plugins._talk.calendar.spoken import read_moment
from plugins._talk.documents.invitation import JoinCode, WayIn, way_in
from plugins._talk.usecases.desk import Desk, Refused

KIND = "invitation"
USUAL = "7天后"  # so long WeChat's QR codes of groups are good
AHEAD = timedelta(days=2)
LONGEST = timedelta(days=400)
_DAYS = re.compile(r"\d{1,3}\s*天")


def look(desk: Desk) -> WayIn:
    """How people join at present."""
    return way_in(desk.connection, desk.series, desk.visit.said_at)


def bring(desk: Desk, picture: str, argument: str) -> JoinCode:
    """Take a new QR code in (a file's name in the store), good for seven days or until the day that `words` name.

    Hosts only. Two days before it expires, its group is asked for a new one.
    """
    until = valid_until(desk, argument)
    now = desk.visit.said_at
    invitations.put(desk.connection, picture, until, desk.member.qq, now)
    deliveries.drop(desk.connection, KIND, now)
    due = max(until - AHEAD, now + (until - now) / 2)
    deliveries.owe(desk.connection, desk.talk.number, KIND, desk.visit.group_id, due, until)
    return JoinCode(picture, until.astimezone(desk.series.zone))


def valid_until(desk: Desk, argument: str) -> datetime:
    """Until when a new QR code would be valid: the end of the day that is named. Refused to all but hosts."""
    if desk.in_charge() is None:
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
