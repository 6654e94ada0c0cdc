"""Scheduling deliveries to groups: creating them when due, claiming them for sending, and recording the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from db.enums import ENDED, DeliveryState
from db.queries import alarms, deliveries, talks
from db.queries.deliveries import DeliveryRow, PartRow
from db.queries.talks import TalkRow
from plugins._talk.calendar.slots import say_when, slot_after
from plugins._talk.deliveries.kind import Kind, Window, windows
from plugins._talk.deliveries.parts import Part
from plugins._talk.deliveries.setting_aside import by_itself
from plugins._talk.lifecycle import bring_up_to_date, closes_at, reschedule, slot_of, talk_name
from plugins._talk.usecases.desk import Desk, Refused, Rules

PLAUSIBLE = timedelta(days=400)  # a talk that is farther ahead is somebody's mistake
DONE = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)


def plan(connection: Connection, rules: Rules, kinds: Sequence[Kind], groups: Sequence[int], now: datetime) -> datetime:
    """Bring talks and deliveries up to date; returns the next moment at which something is due.

    Deliveries that were due before a talk began collecting, or before a group joined, are not sent, so a new
    database or a new group gets no old messages.
    """
    series, first, holidays = rules.series, rules.first_number, rules.holidays
    bring_up_to_date(connection, series, first, now, holidays)
    by_itself(connection, "之后各期的日期", now, lambda: reschedule(connection, series, now, holidays))
    collecting, live = bring_up_to_date(connection, series, first, now, holidays)
    _mind_dates(connection, rules, collecting, now)
    known = deliveries.groups_known(connection)
    for talk in [*talks.recent(connection, ENDED, 1), *([live] if live else []), collecting]:
        owes = partial(_plan_talk, connection, rules, kinds, groups, talk, now)
        by_itself(connection, f"{talk_name(talk.number)} 期的提醒", now, owes)
    for group in set(groups) - known:
        deliveries.pass_over(connection, group, now)
    _let_go(connection, kinds, now)
    turns = [collecting.scheduled_at, *([closes_at(rules.series, live)] if live else [])]
    upcoming = deliveries.next_due(connection, now)
    return min([*turns, *([upcoming] if upcoming else [])])


def _plan_talk(
    connection: Connection, rules: Rules, kinds: Sequence[Kind], groups: Sequence[int], talk: TalkRow, now: datetime
) -> None:
    """Create or update the deliveries of one talk for all groups."""
    following = talks.by_number(connection, talk.number + 1) or _expected(rules, talk)
    found = windows(kinds, rules.series, talk, following)
    for kind in kinds:
        if kind.fleeting and kind.due(rules.series, talk) is None:
            deliveries.drop(connection, kind.name, now, talk.number)
        for group in groups if kind.name in found else ():
            _owe(connection, talk, kind, group, found[kind.name], now)


def _owe(connection: Connection, talk: TalkRow, kind: Kind, group: int, window: Window, now: datetime) -> None:
    """Create or shift one planned delivery; an ended one is planned again if the talk moved or a new event occurred."""
    known = deliveries.latest(connection, talk.number, kind.name, group)
    if window.until <= now:
        return
    if known is None:
        if window.due >= talk.collecting_from:
            deliveries.create(connection, talk.number, kind.name, group, 0, window.due, window.until)
        return
    if known.state == DeliveryState.SENDING:
        return
    if kind.fleeting or kind.event:
        if kind.prompt and window.due < known.due:
            return  # what came after it was taken back: this was said before
        if known.due != window.due:
            if known.state == DeliveryState.PLANNED:
                deliveries.finish(connection, known.id, DeliveryState.SKIPPED, now, "时间变了")
            occasion = known.occasion + 1
            deliveries.create(connection, talk.number, kind.name, group, occasion, window.due, window.until)
        return
    moved = talk.moved_at is not None and talk.moved_at > (known.ended_at or known.claimed_at or talk.collecting_from)
    if known.state == DeliveryState.PLANNED and not (moved and deliveries.is_begun(connection, known.id)):
        if (known.due, known.until) != (window.due, window.until) and (known.claimed_at is None or moved):
            deliveries.shift(connection, known.id, window.due, window.until)
        return
    if not moved or talk.moved_at is None or window.due < talk.moved_at:
        return
    if known.state == DeliveryState.PLANNED:  # some of its parts were sent with the old date
        deliveries.finish(connection, known.id, DeliveryState.SKIPPED, now, "改期了")
    elif known.state in DONE and known.claimed_at and window.due < known.claimed_at + kind.again:
        return
    deliveries.create(connection, talk.number, kind.name, group, known.occasion + 1, window.due, window.until)


def _expected(rules: Rules, talk: TalkRow) -> TalkRow:
    slot = slot_after(rules.series, slot_of(talk), rules.holidays)
    return talk._replace(
        number=talk.number + 1, scheduled_at=slot.scheduled_at, moved_from=slot.usual, moved_why=slot.why, moved_at=None
    )


def _mind_dates(connection: Connection, rules: Rules, talk: TalkRow, now: datetime) -> None:
    """Raise an alarm, once, for a talk implausibly far ahead or in a year whose holidays are not known."""
    if talk.scheduled_at > now + PLAUSIBLE:
        name = talk_name(talk.number)
        said = (
            f"{name} 期定在 {say_when(talk.scheduled_at, rules.series)}，在那之前什么都不会发。请群管理发 /重开 {name}"
        )
        alarms.raise_once(connection, f"far off {name} {talk.scheduled_at:%Y-%m-%d}", said, now)
        return


def _let_go(connection: Connection, kinds: Sequence[Kind], now: datetime) -> None:
    """Skip expired deliveries; one alarm lists all of them but the fleeting ones."""
    missed: list[str] = []
    for row in deliveries.overdue(connection, now):
        begun = deliveries.is_begun(connection, row.id)
        deliveries.finish(connection, row.id, DeliveryState.SKIPPED, now, "过了时间")
        kind = next((kind for kind in kinds if kind.name == row.kind), None)
        if kind is not None and kind.fleeting:
            continue
        called = kind.called if kind else row.kind
        missed.append(f"{talk_name(row.talk)} 期的{called}（群 {row.group_id}{'，只发出一部分' if begun else ''}）")
    if missed:
        said = f"没能按时发出，时间过了不再发：{'、'.join(missed)}"
        alarms.raise_once(connection, f"overdue {now.isoformat()}", said, now)


class CannotCompose(Exception):
    """Composing a delivery raised an exception; the claim is rolled back with the transaction."""

    def __init__(self, row: DeliveryRow) -> None:
        super().__init__(f"{row.kind} of talk {row.talk} could not be composed")
        self.row = row


@dataclass(frozen=True)
class Owed:
    """A claimed delivery: its parts as composed now, and the state of parts begun in earlier attempts, by position."""

    row: DeliveryRow
    parts: Sequence[Part]
    begun: Mapping[int, PartRow]


def claim(
    connection: Connection, rules: Rules, kinds: Mapping[str, Kind], groups: Sequence[int], process: str, now: datetime
) -> Owed | None:
    """Claim and compose the longest overdue delivery for `groups`; None if there is none. Empty ones are skipped.

    Raises CannotCompose.
    """
    while row := deliveries.claim_next(connection, groups, process, now):
        talk = talks.by_number(connection, row.talk)
        kind = kinds.get(row.kind)
        try:
            parts = kind.compose(connection, rules.series, talk) if kind and talk else ()
        except Exception as error:
            raise CannotCompose(row) from error
        if parts:
            return Owed(row, parts, deliveries.parts(connection, row.id))
        deliveries.finish(connection, row.id, DeliveryState.SKIPPED, now, "没有要说的")
    return None


def end(connection: Connection, row: DeliveryRow, called: str, state: DeliveryState, why: str, now: datetime) -> None:
    """Record a delivery's final state; for any state but SENT an alarm is raised for the superusers."""
    deliveries.finish(connection, row.id, state, now, why)
    if state != DeliveryState.SENT:
        how = "等不到，历史消息里也没找到" if state == DeliveryState.UNKNOWN else f"被拒绝：{why[:80]}"
        said = (
            f"{talk_name(row.talk)} 期的{called}在群 {row.group_id} 里没有得到 QQ 的明确回执（{how}）。"
            f"请看一眼群里，缺了就在群里发 /resend {row.kind}"
        )
        alarms.raise_once(connection, f"delivery {row.id}", said, now)


def give_up(connection: Connection, row: DeliveryRow, called: str, now: datetime) -> None:
    """Mark a delivery that cannot be composed as FAILED, so that it does not block the others."""
    end(connection, row, called, DeliveryState.FAILED, "内容没能生成，详见日志", now)


def back_off(tries: int) -> timedelta:
    """The delay before the next retry, by the number of failed tries: exponential from 10 s, at most 10 min."""
    return min(timedelta(seconds=10) * 2 ** min(tries, 10), timedelta(minutes=10))


RESENT_FOR = timedelta(hours=2)


def resend(desk: Desk, kind: Kind) -> DeliveryRow:
    """Send the group's last due delivery of a kind again; if it was not fully sent, only its missing parts.

    Returns the old delivery. Raises Refused.
    """
    now, group = desk.visit.said_at, desk.visit.group_id
    last = deliveries.latest_of_kind(desk.connection, kind.name, group, now)
    if last is None:
        raise Refused(f"{kind.called}还没有到过该发的时候，没有可以补发的")
    talk = desk.find_talk(last.talk)
    if desk.in_charge() is None:
        desk.must_host(talk)
    if last.due > now:
        raise Refused(f"{kind.called}还没到时候，{say_when(last.due, desk.series)} 会自动发")
    if last.state == DeliveryState.SENDING:
        raise Refused(f"{kind.called}正在发，稍等一下")
    if not kind.compose(desk.connection, desk.series, talk):
        raise Refused(f"{talk_name(talk.number)} 期现在什么都不缺，{kind.called}没有要说的")
    new = deliveries.owe(desk.connection, talk.number, kind.name, group, now, now + RESENT_FOR)
    if new == last.id:
        deliveries.try_now(desk.connection)
    elif last.state != DeliveryState.SENT:
        deliveries.keep_sent_parts(desk.connection, last.id, new)
    return last
