"""Taking back what ended, moved or published a talk for everybody: /reopen, for group admins at any time."""

import re
from dataclasses import dataclass
from enum import Enum

from db.enums import TalkState
from db.queries import published_names, talks, turns
from db.queries.talks import TalkRow
from plugins._talk.calendar.slots import say_when
from plugins._talk.lifecycle import reschedule, talk_name
from plugins._talk.usecases.desk import Desk, Refused
from plugins._talk.usecases.rescheduling import move_back


class Again(Enum):
    """What a talk is again."""

    ON_TIME = "when it would usually have been"
    COLLECTING = "not begun"
    LIVE = "live"
    HELD = "held, and not published"


@dataclass(frozen=True)
class Reopened:
    """A talk that is again what it was before somebody moved, ended or published it."""

    talk: TalkRow
    again: Again


def reopen(desk: Desk, argument: str) -> Reopened:
    """Take back the last of these for the talk with the number in `words`. Admins of the group and superusers only.

    A publication is withdrawn; a talk that is over is live again, or collects until its time; one that was skipped or
    put off is held when it would have been.
    """
    number = re.search(r"\d{1,9}", argument)
    if number is None:
        raise Refused(f"要重开哪一期？例：/重开 {talk_name(max(desk.talk.number - 1, 0))}")
    talk = desk.find_talk(int(number[0]))
    if not desk.visit.trusted:
        raise Refused("重开要由群主或群管理来发")
    match talk.state:
        case TalkState.PUBLISHED:
            talks.unpublish(desk.connection, talk.number)
            published_names.forget(desk.connection, talk.number)
            again = Again.HELD
        case TalkState.HELD:
            again = _begin_again(desk, talk)
        case TalkState.COLLECTING:
            return Reopened(move_back(desk, talk), Again.ON_TIME)
        case _:
            raise Refused(f"{talk_name(talk.number)} 期正在进行，不用重开")
    return Reopened(desk.find_talk(talk.number), again)


def _begin_again(desk: Desk, talk: TalkRow) -> Again:
    """A talk that is over goes on where it was; one that was over before its time collects until then.

    What its end handed on to the next talk stays there, too.
    """
    now = desk.visit.said_at
    if talk.scheduled_at > now:
        talks.collect_again(desk.connection, talk.number)
        turns.forget(desk.connection, talk.number)
        reschedule(desk.connection, desk.series, now, desk.rules.holidays)
        return Again.COLLECTING
    if desk.live is not None:
        raise Refused(f"{talk_name(desk.live.number)} 期正在进行，等它 /结束 以后再重开 {talk_name(talk.number)}")
    if desk.talk.scheduled_at - now < desk.series.meeting.length:
        when = say_when(desk.talk.scheduled_at, desk.series)
        raise Refused(f"{talk_name(desk.talk.number)} 期 {when} 就要开始了，现在重开会撞上")
    if talk.ended_at is not None:
        turns.resume(desk.connection, talk.number, talk.ended_at)
    talks.go_on(desk.connection, talk.number, now)
    return Again.LIVE
