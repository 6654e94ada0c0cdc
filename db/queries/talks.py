"""Talks: who holds the floor, what comes next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, insert, select, update

from db.models import Talk
from db.words import TalkState


class TalkRow(NamedTuple):
    """One evening as stored; instants are aware."""

    number: int
    starts_at: datetime
    state: str
    opened_at: datetime
    moved_from: datetime | None
    moved_why: str | None
    article: str | None
    video: str | None


_COLUMNS = (
    Talk.number,
    Talk.starts_at,
    Talk.state,
    Talk.opened_at,
    Talk.moved_from,
    Talk.moved_why,
    Talk.article,
    Talk.video,
)


def by_number(connection: Connection, number: int) -> TalkRow | None:
    row = connection.execute(select(*_COLUMNS).where(Talk.number == number)).one_or_none()
    return TalkRow(*row) if row else None


def collecting(connection: Connection) -> TalkRow | None:
    """The talk that takes submissions: the first that has not begun."""
    row = connection.execute(
        select(*_COLUMNS).where(Talk.state == TalkState.COLLECTING).order_by(Talk.number).limit(1)
    ).one_or_none()
    return TalkRow(*row) if row else None


def latest(connection: Connection) -> TalkRow | None:
    row = connection.execute(select(*_COLUMNS).order_by(Talk.number.desc()).limit(1)).one_or_none()
    return TalkRow(*row) if row else None


def in_state(connection: Connection, *states: TalkState) -> Sequence[TalkRow]:
    rows = connection.execute(select(*_COLUMNS).where(Talk.state.in_(states)).order_by(Talk.number))
    return [TalkRow(*row) for row in rows]


def recent(connection: Connection, states: Sequence[TalkState], limit: int) -> Sequence[TalkRow]:
    """The last `limit` talks in one of `states`, oldest first."""
    rows = connection.execute(
        select(*_COLUMNS).where(Talk.state.in_(states)).order_by(Talk.number.desc()).limit(limit)
    ).all()
    return [TalkRow(*row) for row in reversed(rows)]


def create(
    connection: Connection,
    number: int,
    starts_at: datetime,
    now: datetime,
    moved_from: datetime | None,
    moved_why: str | None,
) -> None:
    connection.execute(
        insert(Talk).values(
            number=number, starts_at=starts_at, opened_at=now, moved_from=moved_from, moved_why=moved_why
        )
    )


def set_state(connection: Connection, number: int, state: TalkState) -> None:
    connection.execute(update(Talk).where(Talk.number == number).values(state=state))


def take_item_number(connection: Connection, number: int) -> int:
    """The next item number of this talk; it is never given out again."""
    return connection.execute(
        update(Talk).where(Talk.number == number).values(last_item=Talk.last_item + 1).returning(Talk.last_item)
    ).scalar_one()


def set_record(connection: Connection, number: int, what: Literal["article", "video"], url: str) -> None:
    connection.execute(update(Talk).where(Talk.number == number).values({what: url}))
