"""Answers and quotes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import aliased

from db.enums import LineKind, RemarkKind
from db.models import Member, QuestionNumber, Remark, RemarkLine
from db.queries import pictures
from db.queries.members import Person
from db.queries.rows import RowOf, person
from db.statements import Prepared


class LineRow(NamedTuple):
    """A text, or a picture's file name; of a merged forward, with who said it there and when."""

    kind: str
    body: str
    speaker: str | None = None
    said_at: datetime | None = None


class RemarkRow(NamedTuple):
    """An answer, or a message that somebody filed."""

    id: int
    talk: int
    question: int | None
    kind: str
    headline: str | None
    said_at: datetime
    author: Person
    filed_by: Person


_Filer = aliased(Member)
_ROW = RowOf(
    RemarkRow,
    Remark,
    author=person(),
    filed_by=person(_Filer),
)
_LINE = RowOf(LineRow, RemarkLine, body=func.coalesce(RemarkLine.body, RemarkLine.picture))
_REMARKS = (
    _ROW.select()
    .join(Member, Member.qq == Remark.author)
    .join(_Filer, _Filer.qq == Remark.filed_by)
    .order_by(Remark.said_at, Remark.id)
)
_OF_TALK = _ROW.prepare(_REMARKS.where(Remark.talk == bindparam("talk")))
_LINES = select(RemarkLine.remark, *_LINE.columns).order_by(RemarkLine.remark, RemarkLine.position)
_LINES_OF_TALK = Prepared(
    _LINES.where(RemarkLine.remark.in_(select(Remark.id).where(Remark.talk == bindparam("talk"))))
)


def of_talk(connection: Connection, talk: int) -> Sequence[RemarkRow]:
    """What was said in a talk's discussion, in the order it was said."""
    return _OF_TALK.all(connection, talk=talk)


def by_ids(connection: Connection, ids: Sequence[int]) -> Sequence[RemarkRow]:
    return _ROW.all(connection, _REMARKS.where(Remark.id.in_(ids))) if ids else []


def of_original(connection: Connection, group_id: int, message_id: int) -> RemarkRow | None:
    """The remark made from this message."""
    query = _REMARKS.where(Remark.group_id == group_id, Remark.message_id == message_id)
    return _ROW.first(connection, query)


def under(connection: Connection, question: int) -> Sequence[RemarkRow]:
    """What was said to a question, in whatever talk."""
    return _ROW.all(connection, _REMARKS.where(Remark.question == question))


def to_questions_of(connection: Connection, talk: int) -> Sequence[RemarkRow]:
    """What was said, in whatever talk, to the questions that stand in this one."""
    there = select(QuestionNumber.question).where(QuestionNumber.talk == talk)
    return _ROW.all(connection, _REMARKS.where(Remark.question.in_(there)))


def lines_of_talk(connection: Connection, talk: int) -> dict[int, list[LineRow]]:
    """The lines of a talk's remarks, by remark."""
    return _by_remark(_LINES_OF_TALK.all(connection, talk=talk))


def lines(connection: Connection, ids: Sequence[int]) -> dict[int, list[LineRow]]:
    """The lines of these remarks, by remark."""
    return _by_remark(connection.execute(_LINES.where(RemarkLine.remark.in_(ids)))) if ids else {}


def _by_remark(rows: Iterable[Sequence[Any]]) -> dict[int, list[LineRow]]:
    found: dict[int, list[LineRow]] = {}
    for remark, *line in rows:
        found.setdefault(remark, []).append(_LINE.read(line))
    return found


def add(
    connection: Connection,
    *,
    talk: int,
    question: int | None,
    kind: RemarkKind,
    headline: str | None,
    author: Person,
    said_at: datetime,
    filed_by: Person,
    filed_at: datetime,
    message: tuple[int, int],
    lines: Sequence[LineRow],
) -> RemarkRow:
    """Keep what was said; `message` is the (group, id) in which it was."""
    group_id, message_id = message
    remark = connection.execute(
        insert(Remark)
        .values(
            talk=talk,
            question=question,
            kind=kind,
            headline=headline,
            author=author.qq,
            said_at=said_at,
            filed_by=filed_by.qq,
            filed_at=filed_at,
            group_id=group_id,
            message_id=message_id,
        )
        .returning(Remark.id)
    ).scalar_one()
    connection.execute(
        insert(RemarkLine),
        [{"remark": remark, "position": place, **_columns(line)} for place, line in enumerate(lines)],
    )
    return RemarkRow(
        id=remark,
        talk=talk,
        question=question,
        kind=kind,
        headline=headline,
        said_at=said_at,
        author=author,
        filed_by=filed_by,
    )


def _columns(line: LineRow) -> dict[str, Any]:
    is_picture = line.kind == LineKind.PICTURE
    content = {"picture": line.body, "body": None} if is_picture else {"picture": None, "body": line.body}
    return {**line._asdict(), **content}


def put_under(connection: Connection, remark: int, talk: int, question: int | None, headline: str | None) -> None:
    """Assign a quote to a question (or to none), and set its headline."""
    connection.execute(
        update(Remark).where(Remark.id == remark).values(talk=talk, question=question, headline=headline)
    )


def set_author(connection: Connection, remark: int, author: int) -> None:
    """Credit another member with a remark."""
    connection.execute(update(Remark).where(Remark.id == remark).values(author=author))


def remove(connection: Connection, ids: Sequence[int]) -> None:
    """Delete remarks, and their pictures that no other row refers to."""
    of_these = select(RemarkLine.picture).where(RemarkLine.picture.is_not(None), RemarkLine.remark.in_(ids))
    names = [name for name in connection.scalars(of_these) if name]
    connection.execute(delete(Remark).where(Remark.id.in_(ids)))
    pictures.delete_unused(connection, names)
