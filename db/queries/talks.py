"""Talks: their state, times and counters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, bindparam, case, func, insert, literal, select, update

from db.enums import TalkState
from db.models import Talk, Turn
from db.queries.rows import RowOf
from db.statements import Prepared


class Floor(NamedTuple):
    """The turn that a live talk is at: since when, until when (None: no limit), and when that was decided."""

    position: int
    began_at: datetime
    set_at: datetime
    until: datetime | None


class TalkRow(NamedTuple):
    """One evening as stored; instants are aware. `floor` is there while its clock runs."""

    number: int
    scheduled_at: datetime
    state: str
    collecting_from: datetime
    moved_from: datetime | None
    moved_why: str | None
    moved_at: datetime | None
    moved_by: int | None
    article: str | None
    video: str | None
    video_offset: int | None
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: int | None
    summary: str | None
    started_by: int | None
    published_by: int | None
    reopened_at: datetime | None
    place: str | None
    minutes_at: datetime | None
    host_seen_at: datetime | None
    sequence: int
    floor: Floor | None

    @property
    def live_from(self) -> datetime:
        """When it goes live: at its time, or when its host started it, whichever is first."""
        return min(self.scheduled_at, self.clock_zero)

    @property
    def clock_zero(self) -> datetime:
        """Where its clock stands at zero: when its host started it, else its time."""
        return self.started_at or self.scheduled_at


_ROW = RowOf(TalkRow, Talk, floor=RowOf(Floor, Turn))
_TALKS = _ROW.select().outerjoin(Turn, (Turn.talk == Talk.number) & Turn.ended_at.is_(None))


_BY_NUMBER = _ROW.prepare(_TALKS.where(Talk.number == bindparam("number")))
_LATEST = _ROW.prepare(_TALKS.order_by(Talk.number.desc()).limit(1))
_UNFINISHED = _ROW.prepare(
    _TALKS.where(Talk.state.in_([literal(TalkState.COLLECTING), literal(TalkState.LIVE)])).order_by(Talk.number)
)
_OPEN_AT = _ROW.prepare(
    _TALKS.where(Talk.collecting_from <= bindparam("moment"), Talk.state != TalkState.CANCELLED)
    .order_by(Talk.number.desc())
    .limit(1)
)
_STATE = Prepared(select(Talk.state).where(Talk.number == bindparam("number")))
_TAKE_QUESTION_NUMBER = Prepared(
    update(Talk)
    .where(Talk.number == bindparam("of_talk"))
    .values(last_question=Talk.last_question + 1)
    .returning(Talk.last_question)
)
_TAKE_ITEM_NUMBER = Prepared(
    update(Talk)
    .where(Talk.number == bindparam("of_talk"))
    .values(last_item=Talk.last_item + 1)
    .returning(Talk.last_item)
)


# The talks whose content may still change, for statements about what stands in them.
OPEN = select(Talk.number).where(Talk.state != TalkState.PUBLISHED)


def by_number(connection: Connection, number: int) -> TalkRow | None:
    return _BY_NUMBER.first(connection, number=number)


def before(connection: Connection, number: int) -> TalkRow | None:
    """The talk that comes before this one."""
    return _ROW.first(connection, _TALKS.where(Talk.number < number).order_by(Talk.number.desc()).limit(1))


def is_open(connection: Connection, number: int) -> bool:
    """Whether what stands in a talk may still change: it is not published."""
    state = _STATE.value(connection, number=number)
    return state is not None and state != TalkState.PUBLISHED


def latest(connection: Connection) -> TalkRow | None:
    return _LATEST.first(connection)


def newest(connection: Connection, limit: int, offset: int = 0) -> Sequence[TalkRow]:
    """The talks, the newest first, but for `offset` of them."""
    return _ROW.all(connection, _TALKS.order_by(Talk.number.desc()).limit(limit).offset(offset))


def count(connection: Connection) -> int:
    """How many talks there are."""
    return connection.execute(select(func.count()).select_from(Talk)).scalar_one()


def states(connection: Connection) -> Sequence[tuple[int, str]]:
    """The numbers and states of all talks, the newest first."""
    rows = connection.execute(select(Talk.number, Talk.state).order_by(Talk.number.desc()))
    return [(row[0], row[1]) for row in rows]


def between(connection: Connection, begins: datetime, ends: datetime) -> Sequence[TalkRow]:
    """The talks of a period, in order of time."""
    held = _TALKS.where(Talk.scheduled_at >= begins, Talk.scheduled_at < ends)
    return _ROW.all(connection, held.order_by(Talk.scheduled_at))


def first_and_last(connection: Connection) -> tuple[datetime, datetime] | None:
    """When the earliest and the latest talk are; None without any."""
    ends = [connection.scalars(select(Talk.scheduled_at).order_by(by).limit(1)).one_or_none() for by in _BY_TIME]
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None


_BY_TIME = (Talk.scheduled_at, Talk.scheduled_at.desc())


def unfinished(connection: Connection) -> Sequence[TalkRow]:
    """The talks that are collecting or live, in order."""
    return _UNFINISHED.all(connection)


def open_at(connection: Connection, moment: datetime) -> TalkRow | None:
    """The talk that was the last to have opened at a moment of the past, whatever has become of it."""
    return _OPEN_AT.first(connection, moment=moment)


def recent(connection: Connection, states: Sequence[TalkState], limit: int) -> Sequence[TalkRow]:
    """The last `limit` talks in one of `states`, oldest first."""
    newest = _TALKS.where(Talk.state.in_(states)).order_by(Talk.number.desc()).limit(limit)
    return _ROW.all(connection, newest)[::-1]


def create(
    connection: Connection,
    number: int,
    scheduled_at: datetime,
    collecting_from: datetime,
    moved_from: datetime | None = None,
    moved_why: str | None = None,
    moved_at: datetime | None = None,
) -> None:
    connection.execute(
        insert(Talk).values(
            number=number,
            scheduled_at=scheduled_at,
            collecting_from=collecting_from,
            moved_from=moved_from,
            moved_why=moved_why,
            moved_at=moved_at,
        )
    )


def put(connection: Connection, talk: TalkRow) -> None:
    """Keep when a talk is, when it opens, and who moved it why."""
    connection.execute(
        update(Talk)
        .where(Talk.number == talk.number)
        .values(
            scheduled_at=talk.scheduled_at,
            collecting_from=talk.collecting_from,
            moved_from=talk.moved_from,
            moved_why=talk.moved_why,
            moved_at=talk.moved_at,
            moved_by=talk.moved_by,
            sequence=Talk.sequence + case((Talk.scheduled_at != talk.scheduled_at, 1), else_=0),
        )
    )


def set_state(connection: Connection, number: int, state: TalkState) -> None:
    connection.execute(update(Talk).where(Talk.number == number).values(state=state))


def take_item_number(connection: Connection, number: int) -> int:
    """The next item number of this talk; it is never given out again."""
    return int(_TAKE_ITEM_NUMBER.value(connection, of_talk=number))


def count_items(connection: Connection, number: int, last: int) -> None:
    """Let this be the last item number that this talk gave out."""
    connection.execute(update(Talk).where(Talk.number == number).values(last_item=last))


def take_question_number(connection: Connection, number: int) -> int:
    """The next question number of this talk; it is never given out again."""
    return int(_TAKE_QUESTION_NUMBER.value(connection, of_talk=number))


def start(connection: Connection, number: int, by: int, now: datetime) -> None:
    """Make a talk live and set its clock to zero."""
    connection.execute(
        update(Talk).where(Talk.number == number).values(state=TalkState.LIVE, started_at=now, started_by=by)
    )


def end(connection: Connection, number: int, ended_at: datetime, by: int | None) -> None:
    """End a talk; `by` is None if it ended automatically."""
    connection.execute(
        update(Talk).where(Talk.number == number).values(state=TalkState.HELD, ended_at=ended_at, ended_by=by)
    )


def set_video_offset(connection: Connection, number: int, seconds: int) -> None:
    connection.execute(update(Talk).where(Talk.number == number).values(video_offset=seconds))


def set_record(connection: Connection, number: int, what: Literal["article", "video"], url: str) -> None:
    connection.execute(update(Talk).where(Talk.number == number).values({what: url}))


def set_place(connection: Connection, number: int, place: str | None) -> None:
    """Where this talk meets; None: where the series does."""
    connection.execute(update(Talk).where(Talk.number == number).values(place=place, sequence=Talk.sequence + 1))


def minutes_made(connection: Connection, number: int, now: datetime) -> bool:
    """Remember that a talk's minutes were handed out; whether it is the first time."""
    first = connection.scalars(select(Talk.minutes_at).where(Talk.number == number)).one() is None
    connection.execute(update(Talk).where(Talk.number == number).values(minutes_at=now))
    return first


def host_seen(connection: Connection, number: int, now: datetime) -> None:
    """Remember that a host spoke around the talk's time."""
    connection.execute(update(Talk).where(Talk.number == number).values(host_seen_at=now))


def publish(connection: Connection, number: int, summary: str, by: int) -> None:
    """Mark a talk as published under this one-line summary."""
    connection.execute(
        update(Talk).where(Talk.number == number).values(state=TalkState.PUBLISHED, summary=summary, published_by=by)
    )


def unpublish(connection: Connection, number: int) -> None:
    """Withdraw a publication: the talk is held again, without a summary."""
    connection.execute(
        update(Talk)
        .where(Talk.number == number)
        .values(state=TalkState.HELD, article=None, summary=None, published_by=None)
    )


def go_on(connection: Connection, number: int, now: datetime) -> None:
    """Make an ended talk live again."""
    connection.execute(
        update(Talk)
        .where(Talk.number == number)
        .values(state=TalkState.LIVE, ended_at=None, ended_by=None, reopened_at=now)
    )


def collect_again(connection: Connection, number: int) -> None:
    """Make a talk that ended before its time collect again."""
    none = {"started_at": None, "started_by": None, "ended_at": None, "ended_by": None}
    connection.execute(update(Talk).where(Talk.number == number).values(state=TalkState.COLLECTING, **none))


def published_before(connection: Connection, number: int, limit: int) -> Sequence[TalkRow]:
    """The published talks before this one, the newest first."""
    published = _TALKS.where(Talk.number < number, Talk.state == TalkState.PUBLISHED)
    return _ROW.all(connection, published.order_by(Talk.number.desc()).limit(limit))


def with_articles(connection: Connection, articles: Sequence[str]) -> set[str | None]:
    """Which of these articles are those of talks."""
    return set(connection.scalars(select(Talk.article).where(Talk.article.in_(articles))))
