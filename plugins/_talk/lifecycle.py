"""A talk's life: collecting until it begins, live for an evening, then held, with the next one already open."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from db.enums import TalkState
from db.models.choices import ROUNDS
from db.queries import nominations, questions, talks, turns
from db.queries.talks import TalkRow
from plugins._talk.calendar.days_off import Holidays
from plugins._talk.calendar.slots import Slot, next_slot, slot_after
from plugins._talk.series import Series

# What a talk's state is called.
STATES: Mapping[str, str] = {
    TalkState.COLLECTING: "正在收集",
    TalkState.LIVE: "进行中",
    TalkState.HELD: "已结束",
    TalkState.PUBLISHED: "已发布",
    TalkState.CANCELLED: "已取消",
}


def talk_name(number: int) -> str:
    """The display name of a talk: its number with at least three digits, such as `004`."""
    return f"{number:03d}"


def place_of(talk: TalkRow, series: Series) -> str:
    """Where a talk meets; "" if nobody has said."""
    return talk.place or series.meeting.place


def bring_up_to_date(
    connection: Connection, series: Series, first_number: int, now: datetime, holidays: Holidays
) -> tuple[TalkRow, TalkRow | None]:
    """Start, end and create talks as due at `now`; returns (the collecting talk, the live talk or None)."""
    unfinished = talks.unfinished(connection)
    collecting = next((talk for talk in unfinished if talk.live_from > now), None)
    if collecting is None:
        append(connection, series, first_number, now, holidays)
        return bring_up_to_date(connection, series, first_number, now, holidays)
    live = None
    for talk in unfinished:
        if closes_at(series, talk) <= now:
            close(connection, series, talk, collecting, closes_at(series, talk), None)
        elif talk.live_from <= now:
            if live is not None:  # a reopened talk is still live when the next one begins
                close(connection, series, live, collecting, talk.live_from, None)
            live = talk._replace(state=TalkState.LIVE)
            if talk.state != TalkState.LIVE:
                talks.set_state(connection, talk.number, TalkState.LIVE)
    if now < collecting.collecting_from:  # a delayed message, sent while an earlier talk was collecting
        collecting = talks.open_at(connection, now) or collecting
    return collecting, live


def closes_at(series: Series, talk: TalkRow) -> datetime:
    """When a talk ends automatically: the meeting's length after it began or was reopened."""
    return (talk.reopened_at or talk.clock_zero) + series.meeting.length


def close(
    connection: Connection, series: Series, talk: TalkRow, following: TalkRow, moment: datetime, by: int | None
) -> None:
    """End a talk and its clock at `moment`; `by` is the member who ended it, None when it ended automatically.

    Unanswered questions, and nominations that were not chosen (for at most ROUNDS talks), go on to `following`.
    """
    turns.end(connection, talk.number, moment)
    talks.end(connection, talk.number, moment, by)
    for question in questions.of_talk(connection, talk.number):
        if question.is_open and not questions.stands_in(connection, question.id, following.number):
            number_in_talk(connection, question.id, following.number)
    nominating = [section.key for section in series.sections if section.nominations]
    for item, rounds in nominations.waiting(connection, talk.number, nominating):
        if rounds < ROUNDS:
            number = talks.take_item_number(connection, following.number)
            nominations.offer(connection, item, following.number, number, rounds + 1, moment)


def number_in_talk(connection: Connection, question: int, talk: int) -> int:
    """Give a question a number in a talk; returns it."""
    number = talks.take_question_number(connection, talk)
    questions.set_number(connection, question, talk, number)
    return number


def append(connection: Connection, series: Series, first_number: int, now: datetime, holidays: Holidays) -> None:
    """Create the talk after the last one. It collects from the time at which the last one goes live."""
    last = talks.latest(connection)
    number = first_number if last is None else last.number + 1
    slot = _slot(series, last, now, holidays)
    talks.create(
        connection,
        number,
        slot.scheduled_at,
        now if last is None else last.live_from,
        slot.usual,
        slot.why,
        now if slot.usual else None,
    )


def slot_of(talk: TalkRow) -> Slot:
    """A talk's date as a Slot."""
    return Slot(talk.scheduled_at, talk.moved_from, talk.moved_why)


def _slot(series: Series, previous: TalkRow | None, now: datetime, holidays: Holidays) -> Slot:
    """The first meeting from now on that follows the talk before."""
    following = slot_after(series, slot_of(previous), holidays) if previous else None
    return following if following and following.scheduled_at > now else next_slot(series, now, holidays)


def reschedule(connection: Connection, series: Series, now: datetime, holidays: Holidays) -> None:
    """Recompute and store the dates of the talks to come, after the rules or the known holidays have changed."""
    coming = to_come(connection, now)
    previous = talks.before(connection, coming[0].number) if coming else None
    put(connection, coming, placed(series, previous, coming, now, holidays))


def to_come(connection: Connection, now: datetime) -> Sequence[TalkRow]:
    """The talks that have not begun, in order."""
    return [talk for talk in talks.unfinished(connection) if talk.live_from > now]


def placed(
    series: Series, previous: TalkRow | None, coming: Sequence[TalkRow], now: datetime, holidays: Holidays
) -> Sequence[TalkRow]:
    """These talks with dates recomputed from rules, holidays and the talk before, except those moved by a person."""
    found: list[TalkRow] = []
    for talk in coming:
        slot = slot_of(talk) if talk.moved_by is not None else _slot(series, previous, now, holidays)
        collecting_from = previous.live_from if previous and talk.collecting_from > now else talk.collecting_from
        moved_at = talk.moved_at if slot == slot_of(talk) else now if slot.usual else None
        previous = talk._replace(
            scheduled_at=slot.scheduled_at,
            collecting_from=collecting_from,
            moved_from=slot.usual,
            moved_why=slot.why,
            moved_at=moved_at,
        )
        found.append(previous)
    return found


def put(connection: Connection, old: Sequence[TalkRow], new: Sequence[TalkRow]) -> None:
    """Store the talks that changed, in an order in which no two ever have the same date (a unique column)."""
    changed = [(before, after) for before, after in zip(old, new, strict=True) if before != after]
    later = [after for before, after in changed if after.scheduled_at > before.scheduled_at]
    for talk in [*reversed(later), *(after for before, after in changed if after.scheduled_at <= before.scheduled_at)]:
        talks.put(connection, talk)
