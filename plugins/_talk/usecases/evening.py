"""Running a talk: /start, /next, /extend, /end, and carrying items over to the next one. Use cases for the desk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.enums import ENDED, ItemState, TalkState
from db.queries import (
    carryovers,
    changes,
    chats,
    discussion,
    items,
    nominations,
    questions,
    remarks,
    roles,
    talks,
    turns,
)
from db.queries.items import ItemRow
from db.queries.members import Person
from db.queries.talks import Floor, TalkRow
from plugins._talk.calendar.slots import say_when
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.running_order import Evening, Stop
from plugins._talk.lifecycle import close, reschedule, talk_name
from plugins._talk.usecases import undo
from plugins._talk.usecases.desk import Desk, ItemRef, QuestionRef, Refused
from plugins._talk.usecases.either import Ref, meant
from plugins._talk.usecases.questions import find

EARLY = timedelta(hours=1)  # how long before its scheduled time a talk may be started
SILENCE = timedelta(hours=2)  # after which any member may end it
LONGEST_EXTENSION = 120  # minutes
TWICE = timedelta(seconds=5)  # two people, or one twice, say the same within this


@dataclass(frozen=True)
class Waiting:
    """The result of /start by a member without host rights: the hosts are asked to start the talk."""

    talk: TalkRow
    hosts: Sequence[Person]


@dataclass(frozen=True)
class Resumed:
    """The result of /start soon after /end: the talk goes on; `whole`: as if it had not ended.

    If not `whole`, what its end passed on to the next talk stays there.
    """

    talk: TalkRow
    whole: bool


def start(desk: Desk) -> TalkRow | Waiting | Resumed:
    """Start the talk and its clock; one that somebody ended by mistake goes on. Raises Refused.

    For a member without host rights, returns Waiting instead.
    """
    talk, now = desk.discussing, desk.visit.said_at
    if talk.started_at is not None:
        clock = f"{talk.started_at.astimezone(desk.series.zone):%H:%M}"
        raise Refused(f"{talk_name(talk.number)} 期 {clock} 已经开场了，{desk.series.host.name}发 /下一项 往下走")
    if talk.scheduled_at - EARLY > now:
        if resumed := _resume(desk):
            return resumed
        when = say_when(talk.scheduled_at, desk.series)
        raise Refused(f"{talk_name(talk.number)} 期在 {when}，开场前一小时内才能 /开始；要提前就先发 /顺延 改时间")
    if not desk.is_host(talk):
        return Waiting(talk, roles.holders(desk.connection, talk.number).get(desk.series.host.key, ()))
    if talk.state not in (TalkState.COLLECTING, TalkState.LIVE):  # the message arrived late
        raise Refused(f"{talk_name(talk.number)} 期已经结束了")
    talks.start(desk.connection, talk.number, desk.member.qq, now)
    turns.begin(desk.connection, talk.number, 0, None, None, now, None)
    reschedule(desk.connection, desk.series, now, desk.rules.holidays)  # submissions from now on are for the next talk
    return desk.find_talk(talk.number)


def _resume(desk: Desk) -> Resumed | None:
    """Take back the end of the last talk, if it was ended by hand not long ago; None if it was not."""
    now = desk.visit.said_at
    for talk in talks.recent(desk.connection, [TalkState.HELD], 1):
        if talk.ended_at is None or talk.ended_by is None or now - talk.ended_at > undo.WITHIN or desk.live is not None:
            return None
        desk.must_host(talk)
        ended = next((each for each in undo.recent(desk) if (each.talk, each.command) == (talk.number, "结束")), None)
        whole = ended is not None and changes.take_back(desk.connection, ended, desk.member.qq, now)
        if not whole:
            go_on_from(desk, talk, now)
        return Resumed(desk.find_talk(talk.number), whole)
    return None


def go_on_from(desk: Desk, talk: TalkRow, now: datetime) -> None:
    """Make a talk that is over live again, with its clock; what its end passed on to the next talk stays there."""
    if talk.ended_at is not None:
        turns.resume(desk.connection, talk.number, talk.ended_at)
    talks.go_on(desk.connection, talk.number, now)


def go_on(desk: Desk, argument: str, ref: Ref | None = None) -> Stop:
    """Begin a turn: the next stop, an item (`#7`), a question (`Q2`), or a section by its name; returns the stop.

    Two commands within moments count once. Raises Refused.
    """
    talk, floor = _running(desk)
    evening = evening_of(desk.connection, desk.series, talk.number)
    _must_run(desk, talk, evening)
    now = max(desk.visit.said_at, floor.began_at)
    ref = ref if ref is not None and (ref.number is not None or _speaks_of_something(desk, ref)) else None
    if ref is None and not argument and floor.position and now - floor.began_at < TWICE and evening.current is not None:
        return evening.current
    stop = _wanted(desk, talk, evening, argument, ref)
    if floor.position and stop == evening.current and now - floor.began_at < TWICE:
        return stop
    return _begin(desk, talk, floor, evening, stop, now)


def go_back(desk: Desk) -> Stop:
    """Begin a turn of what was on before. Raises Refused."""
    talk, floor = _running(desk)
    evening = evening_of(desk.connection, desk.series, talk.number)
    _must_run(desk, talk, evening)
    before = next((stop for turn in reversed(evening.turns[:-1]) if (stop := evening.stop_of(turn))), None)
    if before is None:
        raise Refused("前面没有别的了。按错了就发 /撤销")
    return _begin(desk, talk, floor, evening, before, max(desk.visit.said_at, floor.began_at))


def _begin(desk: Desk, talk: TalkRow, floor: Floor, evening: Evening, stop: Stop, now: datetime) -> Stop:
    turns.end(desk.connection, talk.number, now)
    turns.begin(
        desk.connection,
        talk.number,
        floor.position + 1,
        stop.section.key,
        stop.item.id if stop.item else None,
        now,
        evening.until(stop, now),
        stop.question.id if stop.question else None,
    )
    return stop


def _running(desk: Desk) -> tuple[TalkRow, Floor]:
    if desk.live is None:
        raise Refused(f"现在没有进行中的活动，{desk.series.host.name}到点发 /开始")
    if desk.live.floor is None:
        raise Refused(f"{talk_name(desk.live.number)} 期还没有开场，{desk.series.host.name}先发 /开始")
    return desk.live, desk.live.floor


def _must_run(desk: Desk, talk: TalkRow, evening: Evening) -> None:
    """Hosts run the evening, and a section's leads while it is on."""
    current = evening.current
    if current is None or not desk.is_among(current.section.leads):
        desk.must_host(talk)


def _wanted(desk: Desk, talk: TalkRow, evening: Evening, argument: str, ref: Ref | None) -> Stop:
    if ref is not None:
        found = meant(desk, replace(ref, talk=ref.talk if ref.talk is not None or ref.message_id else talk.number))
        return _question(desk, evening, found) if isinstance(found, QuestionRef) else _item(desk, talk, evening, found)
    if argument:
        return _of_section(desk, evening, argument)
    if evening.ahead is None:
        missed = " ".join(f"#{item.number}" for item in evening.missed[:10])
        jump = f"还没讲到 {missed}，想讲就发 /下一项 加编号；" if missed else ""
        raise Refused(f"后面没有别的了。{jump}讲完发 /结束")
    return evening.ahead


def _item(desk: Desk, talk: TalkRow, evening: Evening, ref: ItemRef) -> Stop:
    row = desk.find_item(ref)
    stops = [Stop(section, item) for section in evening.agenda.sections for item in section.items]
    stop = next((stop for stop in stops if stop.item and stop.item.id == row.id), None)
    if stop is None:
        raise Refused(f"{talk_name(row.talk)}#{row.number} 不在 {talk_name(talk.number)} 期的议程里")
    return stop


def _question(desk: Desk, evening: Evening, ref: QuestionRef) -> Stop:
    """A question's stop: in the section for discussion, else in the one that is on, else in the last."""
    question = find(desk, ref)
    thread = next((each for each in evening.agenda.discussion.threads if each.id == question.id), None)
    if thread is None:
        raise Refused(f"Q{question.number} 不在 {talk_name(evening.agenda.number)} 期的讨论里")
    place = next((section for section in evening.agenda.sections if section.open), None)
    current = evening.current.section if evening.current else evening.agenda.sections[-1]
    return Stop(place or current, None, thread)


def _speaks_of_something(desk: Desk, ref: Ref) -> bool:
    """Whether the message that was replied to is about items or questions; the bot's announcements are not."""
    if ref.message_id is None:
        return False
    asked, _ = discussion.of_message(desk.connection, desk.visit.group_id, ref.message_id)
    return bool(asked or items.of_message(desk.connection, desk.visit.group_id, ref.message_id))


def _of_section(desk: Desk, evening: Evening, argument: str) -> Stop:
    """The section's first item not covered yet, else its first stop, else the section as a whole. Raises Refused."""
    named = desk.series.section_named(argument)
    section = next((each for each in evening.agenda.sections if named and each.key == named.key), None)
    if section is None:
        first = desk.series.sections[0].short
        raise Refused(f"没看懂「{argument[:20]}」。跳到条目写 /下一项 #7，跳到版块写 /下一项 {first}")
    stops = [stop for stop in evening.stops if stop.section.key == section.key]
    waiting = [stop for stop in stops if stop.item and not evening.is_covered(stop.item, section)]
    return (waiting or stops or [Stop(section, None)])[0]


@dataclass(frozen=True)
class Extended:
    """The current turn (`name`) was extended by `minutes`, to `until`."""

    name: str
    minutes: int
    until: datetime


def extend(desk: Desk, argument: str) -> Extended:
    """Extend the current turn by minutes (default 5), from its end or, if that has passed, from now. Raises Refused."""
    talk, floor = _running(desk)
    evening = evening_of(desk.connection, desk.series, talk.number)
    _must_run(desk, talk, evening)
    asked = re.fullmatch(r"(\d{1,3})\s*(?:分钟?|min(?:utes?)?|m)?", argument.strip() or "5", re.IGNORECASE)
    if asked is None or not 1 <= int(asked[1]) <= LONGEST_EXTENSION:
        raise Refused(f"延长几分钟？1 到 {LONGEST_EXTENSION} 之间，例：/延长 5")
    if floor.until is None or evening.current is None:
        raise Refused(f"{evening.current.numbered if evening.current else '开场'} 不限时，不用延长")
    more = timedelta(minutes=int(asked[1]))
    until = max(floor.until, desk.visit.said_at) + more
    granted = round((until - floor.until).total_seconds())
    turns.grant(desk.connection, talk.number, until, granted, desk.visit.said_at)
    return Extended(evening.current.numbered, int(asked[1]), until)


def end(desk: Desk) -> TalkRow:
    """End the live talk. A host may at any time; anybody, when nothing has happened for two hours."""
    talk = desk.live
    if talk is None:
        raise Refused("现在没有进行中的活动，不用结束")
    if not desk.is_host(talk) and desk.visit.said_at - _last_sign(desk, talk) < SILENCE:
        raise Refused(
            f"{talk_name(talk.number)} 期由{desk.series.in_charge}或群管理来结束；安静两小时以后谁都可以发 /结束"
        )
    moment = max(desk.visit.said_at, talk.floor.began_at) if talk.floor else desk.visit.said_at
    close(desk.connection, desk.series, talk, desk.talk, moment, desk.member.qq)
    return talk


def _last_sign(desk: Desk, talk: TalkRow) -> datetime:
    """The time of the last activity: in the talk, or of the last message received in the visitor's group."""
    asked = [each.asked_at for each in questions.of_talk(desk.connection, talk.number)]
    said = [each.said_at for each in remarks.of_talk(desk.connection, talk.number)]
    mark = chats.mark(desk.connection, desk.visit.group_id)
    heard = [mark.said_at] if mark and mark.said_at < desk.visit.said_at - timedelta(seconds=1) else []
    return max([talk.clock_zero, *([talk.floor.set_at] if talk.floor else []), *asked, *said, *heard])


@dataclass(frozen=True)
class Carried:
    """Items carried over from `talk` to `to`, with their new numbers; `known` are items that `to` already had."""

    talk: TalkRow
    to: TalkRow
    moved: Sequence[ItemRow]
    known: Sequence[ItemRow]


def carry(desk: Desk, refs: Sequence[ItemRef]) -> Carried:
    """Carry the missed items (or these) over to the collecting talk; credit, attachments and supporters are kept.

    For hosts of either talk. Raises Refused.
    """
    talk = _left_behind(desk)
    if not desk.is_host(desk.talk):
        desk.must_host(talk)
    if refs:
        chosen = [desk.find_item(ItemRef(ref.number, ref.talk or talk.number, ref.message_id)) for ref in refs]
    elif desk.live is not None:
        raise Refused("还在进行中，/结束 以后再看有什么没讲到；现在就想挪走的写上编号，例：/转下期 #7")
    else:
        chosen = _missed(desk, talk)
    moved: list[ItemRow] = []
    known: list[ItemRow] = []
    for item in chosen:
        desk.must_be_open(item.talk)
        if item.talk == desk.talk.number:
            raise Refused(f"{talk_name(item.talk)}#{item.number} 已经在 {talk_name(desk.talk.number)} 期里了")
        same = _there_already(desk, item)
        if same is not None:
            known.append(same)
            continue
        number = talks.take_item_number(desk.connection, desk.talk.number)
        new = (desk.talk.number, number)
        nominations.unpick(desk.connection, item.id)
        carryovers.carry(desk.connection, item.id, (item.talk, item.number), new, desk.member.qq, desk.visit.said_at)
        moved.append(item._replace(talk=new[0], number=number))
    return Carried(talk, desk.talk, moved, known)


def _there_already(desk: Desk, item: ItemRow) -> ItemRow | None:
    """The same item in the collecting talk, if any: a repeated nomination, or an item with the same link."""
    again = nominations.again(desk.connection, item.id)
    if again is not None:
        return items.by_ids(desk.connection, [again])[again]
    return items.with_key(desk.connection, desk.talk.number, item.key) if item.key else None


def _left_behind(desk: Desk) -> TalkRow:
    """The talk from which items may be carried over: the live one, else the last that was held. Raises Refused."""
    held = talks.recent(desk.connection, ENDED, 1)
    if desk.live is None and not held:
        raise Refused("还没有办过的期")
    talk = desk.live or held[0]
    if talk.state == TalkState.PUBLISHED:
        raise Refused(f"{talk_name(talk.number)} 期已经发布了")
    return talk


def _missed(desk: Desk, talk: TalkRow) -> Sequence[ItemRow]:
    evening = evening_of(desk.connection, desk.series, talk.number)
    if not evening.ran:
        raise Refused(f"{talk_name(talk.number)} 期没有用 /下一项，不知道讲到了哪些。写上编号吧，例：/转下期 #7")
    found = items.by_ids(desk.connection, [item.id for item in evening.missed])
    missed = [found[item.id] for item in evening.missed if found[item.id].state == ItemState.LISTED]
    if not missed:
        raise Refused(f"{talk_name(talk.number)} 期都讲到了，没有要转的")
    return missed
