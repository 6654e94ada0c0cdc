"""The turns of live talks."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from db.models import Turn
from db.queries.rows import RowOf


class Stretch(NamedTuple):
    """How long a section of a talk was on in one go; `ended_at` None: it is on."""

    talk: int
    section: str | None
    began_at: datetime
    ended_at: datetime | None


class TurnRow(NamedTuple):
    """What was on: the opening (no section), a section, an item or a question (by id) of it; `granted` in seconds."""

    position: int
    section: str | None
    item: int | None
    began_at: datetime
    set_at: datetime
    until: datetime | None
    ended_at: datetime | None
    granted: int
    question: int | None = None


_ROW = RowOf(TurnRow, Turn)
_OF_TALK = _ROW.prepare(_ROW.select().where(Turn.talk == bindparam("talk")).order_by(Turn.position))


def of_talk(connection: Connection, talk: int) -> Sequence[TurnRow]:
    """All turns of a talk, in order; only the last one may still be on."""
    return _OF_TALK.all(connection, talk=talk)


def of_talks(connection: Connection, first: int, last: int) -> Sequence[Stretch]:
    """All turns of the talks `first` to `last`."""
    query = select(Turn.talk, Turn.section, Turn.began_at, Turn.ended_at).where(Turn.talk.between(first, last))
    return [Stretch(*row) for row in connection.execute(query)]


def begin(
    connection: Connection,
    talk: int,
    position: int,
    section: str | None,
    item: int | None,
    now: datetime,
    until: datetime | None,
    question: int | None = None,
) -> None:
    """Begin a turn; the previous one must have ended."""
    row = {"talk": talk, "position": position, "section": section, "item": item, "question": question}
    connection.execute(insert(Turn).values(**row, began_at=now, set_at=now, until=until))


def end(connection: Connection, talk: int, now: datetime) -> None:
    """End the current turn."""
    connection.execute(update(Turn).where(Turn.talk == talk, Turn.ended_at.is_(None)).values(ended_at=now))


def resume(connection: Connection, talk: int, ended_at: datetime) -> None:
    """Reopen the turn that ended with the talk."""
    last = select(func.max(Turn.position)).where(Turn.talk == talk).scalar_subquery()
    connection.execute(
        update(Turn).where(Turn.talk == talk, Turn.position == last, Turn.ended_at == ended_at).values(ended_at=None)
    )


def forget(connection: Connection, talk: int) -> None:
    """Delete the turns of a talk."""
    connection.execute(delete(Turn).where(Turn.talk == talk))


def grant(connection: Connection, talk: int, until: datetime, seconds: int, now: datetime) -> None:
    """Extend the current turn by so many seconds, until then."""
    connection.execute(
        update(Turn)
        .where(Turn.talk == talk, Turn.ended_at.is_(None))
        .values(until=until, granted=Turn.granted + seconds, set_at=now)
    )
