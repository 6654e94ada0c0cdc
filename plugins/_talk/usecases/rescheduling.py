"""Moving a talk to another date, or skipping a week. Its items, roles and number do not change."""

from datetime import datetime, timedelta
from itertools import pairwise

from db.enums import TalkState
from db.queries import talks
from db.queries.talks import TalkRow
from plugins._talk.calendar.clock_times import NoDate, Unclear
from plugins._talk.calendar.slots import REST, say_when, slot_after
from plugins._talk.calendar.spoken import read_moment
from plugins._talk.lifecycle import placed, put, slot_of, talk_name, to_come
from plugins._talk.series import Series
from plugins._talk.usecases.desk import Desk, Refused

FARTHEST = timedelta(days=90)
LONGEST_WHY = 60


def announced_at(series: Series, talk: TalkRow) -> datetime | None:
    """When to announce that a talk was moved: at once, or for a known holiday at the time of the call reminder.

    None when it was not moved.
    """
    if talk.moved_from is None or talk.moved_at is None:
        return None
    in_time = series.reminders.call.around(talk.moved_from, series.zone)
    known_all_along = talk.moved_by is None and talk.moved_at <= max(in_time, talk.collecting_from)
    return in_time if known_all_along else talk.moved_at


def _how(desk: Desk) -> str:
    return f"例：/顺延 下周日 20:30 {desk.series.host.name}出差"


def postpone(desk: Desk, argument: str) -> TalkRow:
    """Move the collecting talk to `<date> [time] [why]`; returns the moved talk. Hosts only. Raises Refused."""
    talk = _movable(desk)
    try:
        meant = read_moment(argument, desk.visit.said_at, talk.scheduled_at.astimezone(desk.series.zone))
    except Unclear as error:
        raise Refused(str(error)) from None
    except NoDate as error:
        raise Refused(
            f"日历上没有「{error}」，换一个写法吧。{_how(desk)}"
            if str(error)
            else f"没看懂改到哪天：日期写在最前面。{_how(desk)}"
        ) from None
    to, now = meant.moment, desk.visit.said_at
    if to <= now:
        raise Refused(f"{say_when(to, desk.series)} 已经过去了，换一个之后的时间吧")
    if to > now + FARTHEST:
        raise Refused(f"{to:%Y-%m-%d} 太远了，最多改到 {FARTHEST.days} 天以内。{_how(desk)}")
    return _move(desk, talk, to, meant.rest)


def skip(desk: Desk, why: str) -> TalkRow:
    """Move the collecting talk to the next regular date; returns the moved talk. Hosts only. Raises Refused."""
    talk = _movable(desk)
    return _move(desk, talk, slot_after(desk.series, slot_of(talk), desk.rules.holidays).scheduled_at, why)


def move_back(desk: Desk, talk: TalkRow) -> TalkRow:
    """Move a talk back to its regular date, undoing any move or holiday; returns the moved talk. Raises Refused."""
    name = talk_name(talk.number)
    if talk.moved_from is None or talk.scheduled_at == talk.moved_from:
        raise Refused(f"{name} 期没有结束，也没有改过时间，不用重开")
    if talk.moved_from <= desk.visit.said_at:
        raise Refused(f"{name} 期原定的 {say_when(talk.moved_from, desk.series)} 已经过了，可以发 /顺延 改到别的时间")
    return _move(desk, talk, talk.moved_from, "")


def _movable(desk: Desk) -> TalkRow:
    """The collecting talk, for its hosts and those of the live one, where the date is often agreed. Raises Refused."""
    if desk.live is None or not desk.is_host(desk.live):
        desk.must_host(desk.talk)
    if desk.talk.state != TalkState.COLLECTING:  # the message arrived late
        raise Refused(f"{talk_name(desk.talk.number)} 期已经开始了，改不了时间")
    return desk.talk


def _move(desk: Desk, talk: TalkRow, to: datetime, why: str) -> TalkRow:
    why = " ".join(why.split())
    if len(why) > LONGEST_WHY:
        raise Refused(f"原因请写短一点，{LONGEST_WHY} 字以内")
    if to == talk.scheduled_at:
        raise Refused(f"{talk_name(talk.number)} 期本来就在 {say_when(to, desk.series)}，没有变")
    if desk.live is not None and to < (earliest := desk.live.scheduled_at + REST):
        raise Refused(
            f"{talk_name(desk.live.number)} 期已经开始，改不了时间了；"
            f"要改 {talk_name(talk.number)} 期的话，请选 {say_when(earliest, desk.series)[:10]} 以后"
        )
    moved = talk._replace(
        scheduled_at=to,
        moved_from=talk.moved_from or talk.scheduled_at,
        moved_why=why or None,
        moved_at=desk.visit.said_at,
        moved_by=desk.member.qq,
    )
    coming = to_come(desk.connection, desk.visit.said_at)
    previous = talks.before(desk.connection, talk.number)
    wanted = [moved if each.number == talk.number else each for each in coming]
    new = placed(desk.series, previous, wanted, desk.visit.said_at, desk.rules.holidays)
    for earlier, later in pairwise(new):
        if earlier.scheduled_at >= later.scheduled_at:
            raise Refused(
                f"{talk_name(later.number)} 期已经定在 {say_when(later.scheduled_at, desk.series)}，请选早一些的时间"
            )
    put(desk.connection, coming, new)
    return moved
