"""Questions, their numbers in the talks, and who else would like an answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from db.models import Member, Question, QuestionNumber, Remark, Turn, Vote
from db.queries.members import Person
from db.queries.rows import RowOf, person


class QuestionRow(NamedTuple):
    """A question as it stands in a talk; `first` that this is the talk it was asked for, `aired` that it had a turn."""

    id: int
    talk: int
    number: int
    first: bool
    text: str
    asked_at: datetime
    removed_at: datetime | None
    votes: int
    answers: int
    aired: bool
    asker: Person

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it, in whatever talk, and no evening has dealt with it."""
        return not self.answers and not self.aired and self.removed_at is None


_FIRST = (
    select(func.min(QuestionNumber.talk))
    .where(QuestionNumber.question == Question.id)
    .correlate(Question)
    .scalar_subquery()
)
_VOTES = select(func.count()).where(Vote.question == Question.id).correlate(Question).scalar_subquery()
_ANSWERS = select(func.count()).where(Remark.question == Question.id).correlate(Question).scalar_subquery()
_AIRED = exists().where(Turn.question == Question.id).correlate(Question)
_ROW = RowOf(
    QuestionRow,
    Question,
    talk=QuestionNumber.talk,
    number=QuestionNumber.number,
    first=QuestionNumber.talk == _FIRST,
    votes=_VOTES,
    answers=_ANSWERS,
    aired=_AIRED,
    asker=person(),
)
_QUESTIONS = (
    _ROW.select().join(QuestionNumber, QuestionNumber.question == Question.id).join(Member, Member.qq == Question.asker)
)

_OF_TALK = _ROW.prepare(
    _QUESTIONS.where(QuestionNumber.talk == bindparam("talk"), Question.removed_at.is_(None)).order_by(
        QuestionNumber.number
    )
)


def of_talk(connection: Connection, talk: int) -> Sequence[QuestionRow]:
    """The questions that stand in a talk, in the order of their numbers."""
    return _OF_TALK.all(connection, talk=talk)


def by_number(connection: Connection, talk: int, number: int) -> QuestionRow | None:
    query = _QUESTIONS.where(QuestionNumber.talk == talk, QuestionNumber.number == number)
    return _ROW.first(connection, query)


def latest(connection: Connection, question: int) -> QuestionRow:
    """A question as it stands in the last of its talks."""
    return _ROW.all(
        connection, _QUESTIONS.where(Question.id == question).order_by(QuestionNumber.talk.desc()).limit(1)
    )[0]


def standing_in(connection: Connection, question: int, talk: int) -> QuestionRow | None:
    """A question as it stands in this talk, if it does."""
    return _ROW.first(connection, _QUESTIONS.where(Question.id == question, QuestionNumber.talk == talk))


def create(connection: Connection, text: str, asker: int, asked_at: datetime) -> int:
    return connection.execute(
        insert(Question).values(text=text, asker=asker, asked_at=asked_at).returning(Question.id)
    ).scalar_one()


def set_asker(connection: Connection, question: int, asker: int) -> None:
    """Credit another member with a question."""
    connection.execute(update(Question).where(Question.id == question).values(asker=asker))


def set_number(connection: Connection, question: int, talk: int, number: int) -> None:
    """Give a question a number in a talk."""
    connection.execute(insert(QuestionNumber).values(question=question, talk=talk, number=number))


def stands_in(connection: Connection, question: int, talk: int) -> bool:
    """Whether a question has a number in a talk already."""
    return connection.execute(
        select(exists().where(QuestionNumber.question == question, QuestionNumber.talk == talk))
    ).scalar_one()


def remove(connection: Connection, question: int, by: int, now: datetime) -> None:
    """Take a question back and delete its text."""
    connection.execute(update(Question).where(Question.id == question).values(text="", removed_at=now, removed_by=by))


def vote(connection: Connection, question: int, member: int, now: datetime) -> bool:
    """Count a member's vote; False when it was there."""
    if connection.execute(select(exists().where(Vote.question == question, Vote.member == member))).scalar_one():
        return False
    connection.execute(insert(Vote).values(question=question, member=member, voted_at=now))
    return True


def take_vote_back(connection: Connection, question: int, member: int) -> None:
    connection.execute(delete(Vote).where(Vote.question == question, Vote.member == member))
