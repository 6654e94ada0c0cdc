"""/reopen: undoing the end, the move or the publication of a talk, for group admins at any time."""

import re
from dataclasses import dataclass
from enum import Enum

from db.enums import TalkState
from db.queries import published_names, talks, turns
from db.queries.talks import TalkRow
from plugins._talk.calendar.slots import say_when
from plugins._talk.lifecycle import reschedule, talk_name
from plugins._talk.usecases.desk import Desk, Refused
from plugins._talk.usecases.evening import go_on_from
from plugins._talk.usecases.rescheduling import move_back


class Again(Enum):
    """The status of a talk after it was reopened."""

    ON_TIME = "when it would usually have been"
    COLLECTING = "not begun"
    LIVE = "live"
    HELD = "held, and not published"


@dataclass(frozen=True)
class Reopened:
    """A reopened talk, and its status now."""

    talk: TalkRow
    again: Again


def reopen(desk: Desk, argument: str) -> Reopened:
    """Reopen the talk with the number in `argument`. Group admins and superusers only. Raises Refused.

    A published talk becomes unpublished; one that is over becomes live, or collecting if its scheduled time is still to
    come; one that was skipped or postponed returns to its regular date.
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
    """Make a talk that is over live again; if its scheduled time is still to come, collecting. Raises Refused.

    Questions and nominations that its end passed on to the next talk stay there, too.
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
    go_on_from(desk, talk, now)
    return Again.LIVE
