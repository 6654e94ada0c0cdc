"""How much of something a talk has already: from one member, in one place (a section, an item, a question), in all."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, true

from db.enums import AttachmentKind, LineKind, RemarkKind
from db.models import Attachment, Item, Question, QuestionNumber, Remark, RemarkLine, Suggestion, Supporter
from db.queries.items import IS_LISTED

_SENDER = func.coalesce(Item.via, Item.submitter)


class Counts(NamedTuple):
    """What one member has sent in, what one place has, and what the whole talk has."""

    each: int
    within: int
    talk: int


def _counts(
    connection: Connection,
    where: ColumnElement[bool],
    own: ColumnElement[bool],
    within: ColumnElement[bool],
    counted: ColumnElement[bool] | None = None,
) -> Counts:
    """Count the rows `where` something is true; of a member also those that are no longer `counted` (None: all are)."""
    still = true() if counted is None else counted
    row = connection.execute(select(_sum(own), _sum(and_(within, still)), _sum(still)).where(where)).one()
    return Counts(int(row[0]), int(row[1]), int(row[2]))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def items(connection: Connection, talk: int, member: int, section: str) -> Counts:
    """Items; what a member withdrew counts for the member."""
    return _counts(connection, Item.talk == talk, _SENDER.in_([member]), Item.section == section, IS_LISTED)


def seconds(connection: Connection, talk: int, member: int, item: int) -> Counts:
    """Who seconded items."""
    there = Supporter.item.in_(select(Item.id).where(Item.talk == talk))
    return _counts(connection, there, Supporter.member == member, Supporter.item == item)


def additions(connection: Connection, talk: int, member: int, item: int) -> Counts:
    """What hangs under items, pictures aside."""
    there = and_(
        Attachment.item.in_(select(Item.id).where(Item.talk == talk)), Attachment.kind != AttachmentKind.PICTURE
    )
    return _counts(connection, there, Attachment.added_by == member, Attachment.item == item)


def pictures(connection: Connection, talk: int, member: int) -> Counts:
    """Pictures under items and in the discussion, wherever they are."""
    hung = and_(
        Attachment.item.in_(select(Item.id).where(Item.talk == talk)), Attachment.kind == AttachmentKind.PICTURE
    )
    filed = select(Remark.id).where(Remark.talk == talk)
    said = and_(RemarkLine.remark.in_(filed), RemarkLine.kind == LineKind.PICTURE)
    own = RemarkLine.remark.in_(filed.where(Remark.filed_by == member))
    under = _counts(connection, hung, Attachment.added_by == member, true())
    shown = _counts(connection, said, own, true())
    return Counts(under.each + shown.each, under.within + shown.within, under.talk + shown.talk)


def questions(connection: Connection, talk: int, member: int) -> Counts:
    """Questions; what a member took back counts for the member."""
    there = Question.id.in_(select(QuestionNumber.question).where(QuestionNumber.talk == talk))
    return _counts(connection, there, Question.asker == member, true(), Question.removed_at.is_(None))


def remarks(connection: Connection, talk: int, member: int, kind: RemarkKind, question: int | None) -> Counts:
    """Answers, or quotes by whoever filed them."""
    there = and_(Remark.talk == talk, Remark.kind == kind)
    return _counts(connection, there, Remark.filed_by == member, Remark.question == question)


def wishes(connection: Connection, talk: int, member: int, section: str) -> Counts:
    """Suggestions for sections."""
    return _counts(connection, Suggestion.talk == talk, Suggestion.member == member, Suggestion.section == section)
