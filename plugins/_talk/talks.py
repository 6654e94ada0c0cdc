"""A talk's life: collecting until its time, live for an evening, then held, with the next one already open."""

from datetime import datetime

from sqlalchemy import Connection

from db.queries import talks
from db.queries.talks import TalkRow
from db.words import TalkState
from plugins._talk.calendar import Holidays, next_slot
from plugins._talk.series import Series


def talk_name(number: int) -> str:
    """How a talk is called: its number in three digits."""
    return f"{number:03d}"


def bring_up_to_date(
    connection: Connection, series: Series, first_number: int, now: datetime, holidays: Holidays
) -> tuple[TalkRow, TalkRow | None]:
    """Begin and end talks whose time has come and open the next; returns (collecting, live or None)."""
    live, collecting = None, None
    for talk in talks.unfinished(connection):
        if talk.starts_at + series.meeting.length <= now:
            talks.set_state(connection, talk.number, TalkState.HELD)
        elif talk.starts_at <= now:
            live = talk._replace(state=TalkState.LIVE)
            if talk.state != TalkState.LIVE:
                talks.set_state(connection, talk.number, TalkState.LIVE)
        else:
            collecting = collecting or talk
    if collecting is not None:
        if now < collecting.opened_at:  # said while another talk was collecting, and heard only now
            collecting = talks.open_at(connection, now) or collecting
        return collecting, live
    last = talks.latest(connection)
    number = first_number if last is None else last.number + 1
    slot = next_slot(series, now if last is None else max(now, last.starts_at), holidays)
    # A talk opens when the one before it begins, also when nobody was there to open it.
    opened_at = now if last is None else min(now, last.starts_at)
    talks.create(connection, number, slot.starts_at, opened_at, slot.usual, slot.why)
    return bring_up_to_date(connection, series, first_number, now, holidays)
