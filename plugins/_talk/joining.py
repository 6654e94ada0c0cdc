"""How people come into the community: /join, and the QR code that a host keeps fresh."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from db.queries import deliveries, invitations
from db.queries.talks import TalkRow
from plugins._talk.clock_times import NoDate
from plugins._talk.dates import read_moment
from plugins._talk.deliveries import Part
from plugins._talk.desk import Desk, Refused
from plugins._talk.minutes import Invitation, WayIn, way_in
from plugins._talk.render.rich import at, lines
from plugins._talk.series import Series

KIND = "invitation"
USUAL = "7天后"  # so long WeChat's QR codes of groups are good
AHEAD = timedelta(days=2)
LONGEST = timedelta(days=400)
_DAYS = re.compile(r"\d{1,3}\s*天")


def look(desk: Desk) -> WayIn:
    """How people join at present."""
    return way_in(desk.connection, desk.series, desk.visit.at)


def bring(desk: Desk, picture: str, words: str) -> Invitation:
    """Take a new QR code in (a file's name in the store), good for seven days or until the day that `words` name.

    Hosts only. Two days before it expires, its group is asked for a new one.
    """
    if desk.in_charge() is None:
        desk.must_host(desk.talk)
    until = _until(desk, words)
    now = desk.visit.at
    invitations.put(desk.connection, picture, until, desk.member.qq, now)
    deliveries.drop(desk.connection, KIND, now)
    due = max(until - AHEAD, now + (until - now) / 2)
    deliveries.owe(desk.connection, desk.talk.number, KIND, desk.visit.group_id, due, until)
    return Invitation(picture, until.astimezone(desk.series.zone))


def _until(desk: Desk, words: str) -> datetime:
    """The end of the day that the words name. Or Refused."""
    said = f"{words.strip()}后" if _DAYS.fullmatch(words.strip()) else words.strip() or USUAL
    midnight = datetime.combine(desk.visit.at.astimezone(desk.series.zone).date(), time(), desk.series.zone)
    try:
        day = read_moment(said, desk.visit.at, midnight).moment.date()
    except NoDate:
        raise Refused("没看懂到期日。和图片一起发，例：/加入 12-01 或 /加入 7天") from None
    until = datetime.combine(day + timedelta(days=1), time(), desk.series.zone)
    if not desk.visit.at < until <= desk.visit.at + LONGEST:
        raise Refused("到期日应当在今天到一年之间，例：/加入 12-01")
    return until


def ask_again(connection: Connection, series: Series, _talk: TalkRow) -> Sequence[Part]:
    """The QR code is about to expire: whoever brought it is asked for a new one."""
    newest = invitations.latest(connection)
    if newest is None:
        return ()
    good = Invitation(newest.picture, newest.until.astimezone(series.zone))
    return (
        lines([at(newest.by), f" 入群二维码 {good.last_day:%m-%d} 就到期了，有空时发张新的：图片配上 /加入 到期日"]),
    )
