"""What the public pages tell across talks: counts, contributions, links. Each query is of some talks or one member."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from db.enums import RemarkKind, TalkState
from db.models import Item, Member, Question, QuestionNumber, Remark, RoleHolder, Talk
from db.queries.items import IS_LISTED, ItemRow, in_order
from db.queries.members import Person, display_name


class SectionCount(NamedTuple):
    """How many listed items a section of a talk has."""

    talk: int
    section: str
    items: int


class Held(NamedTuple):
    """A role that a member holds in a talk."""

    talk: int
    role: str
    person: Person


class Activity(NamedTuple):
    """What a member did in some talks."""

    person: Person
    items: int
    hosted: int
    answers: int


class Said(NamedTuple):
    """A question, or an answer to one: the question's number in its talk, and its text."""

    talk: int
    number: int
    question: str
    said_at: datetime


def section_counts(connection: Connection, first: int, last: int) -> Sequence[SectionCount]:
    """The listed items of the talks `first` to `last`, by talk and section."""
    query = (
        select(Item.talk, Item.section, func.count())
        .where(Item.talk.between(first, last), IS_LISTED)
        .group_by(Item.talk, Item.section)
    )
    return [SectionCount(*row) for row in connection.execute(query)]


def highlights(connection: Connection, first: int, last: int) -> Sequence[ItemRow]:
    """The pinned items of these talks, in the order of pinning."""
    return in_order(connection, Item.talk.between(first, last) & Item.pinned_at.is_not(None), Item.pinned_at)


def roles(connection: Connection, first: int, last: int) -> Sequence[Held]:
    """Who holds which roles in these talks."""
    query = (
        select(RoleHolder.talk, RoleHolder.role, Member.qq, display_name())
        .join(Member, Member.qq == RoleHolder.member)
        .where(RoleHolder.talk.between(first, last))
        .order_by(RoleHolder.talk, RoleHolder.role, RoleHolder.slot)
    )
    return [Held(row[0], row[1], Person(row[2], row[3])) for row in connection.execute(query)]


def activity(connection: Connection, first: int, last: int, host: str) -> Sequence[Activity]:
    """Everybody who brought, hosted or answered in these talks (`host` is the role's key), the busiest first."""
    held = RoleHolder.role == host, Talk.state != TalkState.COLLECTING
    hosting = select(RoleHolder.member, func.count()).join(Talk, Talk.number == RoleHolder.talk)
    counted = (
        select(Item.submitter, func.count()).where(Item.talk.between(first, last), IS_LISTED).group_by(Item.submitter),
        hosting.where(RoleHolder.talk.between(first, last), *held).group_by(RoleHolder.member),
        select(Remark.author, func.count())
        .where(Remark.talk.between(first, last), Remark.kind == RemarkKind.ANSWER)
        .group_by(Remark.author),
    )
    items, hosted, answers = ({row[0]: row[1] for row in connection.execute(query)} for query in counted)
    names = _people(connection, [*items, *hosted, *answers])
    found = [Activity(each, items.get(qq, 0), hosted.get(qq, 0), answers.get(qq, 0)) for qq, each in names.items()]
    return sorted(found, key=lambda each: (-(each.items + 5 * each.hosted + each.answers), each.person.name))


def _people(connection: Connection, qqs: Sequence[int]) -> dict[int, Person]:
    rows = connection.execute(select(Member.qq, display_name()).where(Member.qq.in_(set(qqs))))
    return {row[0]: Person(*row) for row in rows}


def urls(connection: Connection, first: int, last: int) -> Sequence[str]:
    """The links of these talks' items."""
    found = connection.scalars(select(Item.url).where(Item.talk.between(first, last), IS_LISTED))
    return [url for url in found if url is not None]


def count_of(connection: Connection, qq: int) -> int:
    """How many listed items a member submitted."""
    return connection.execute(select(func.count()).where(Item.submitter == qq, IS_LISTED)).scalar_one()


def items_of(connection: Connection, qq: int, limit: int, offset: int) -> Sequence[ItemRow]:
    """The listed items that a member submitted, the newest first."""
    return in_order(connection, Item.submitter == qq, Item.talk.desc(), Item.number.desc(), limit=limit, offset=offset)


def newest_items(connection: Connection, limit: int, section: str | None = None) -> Sequence[ItemRow]:
    """The listed items that came last (of one section)."""
    wanted = Item.section == section if section else Item.id > 0
    return in_order(connection, wanted, Item.id.desc(), limit=limit)


def roles_of(connection: Connection, qq: int, limit: int) -> Sequence[tuple[int, str]]:
    """The talks and keys of the roles that a member holds or held, the newest talks first."""
    query = select(RoleHolder.talk, RoleHolder.role).where(RoleHolder.member == qq)
    rows = connection.execute(query.order_by(RoleHolder.talk.desc(), RoleHolder.role).limit(limit))
    return [(row[0], row[1]) for row in rows]


def answers_of(connection: Connection, qq: int, limit: int) -> Sequence[Said]:
    """The questions that a member answered, the last answer first."""
    query = (
        select(Remark.talk, QuestionNumber.number, Question.text, Remark.said_at)
        .join(Question, Question.id == Remark.question)
        .join(QuestionNumber, (QuestionNumber.question == Question.id) & (QuestionNumber.talk == Remark.talk))
        .where(Remark.author == qq, Remark.kind == RemarkKind.ANSWER, Question.removed_at.is_(None))
    )
    return [Said(*row) for row in connection.execute(query.order_by(Remark.said_at.desc()).limit(limit))]


def questions_of(connection: Connection, qq: int, limit: int) -> Sequence[Said]:
    """The questions that a member asked, the last first, each with its number in the talk that it was asked for."""
    numbers = aliased(QuestionNumber)
    first = select(func.min(numbers.talk)).where(numbers.question == Question.id).scalar_subquery()
    query = (
        select(QuestionNumber.talk, QuestionNumber.number, Question.text, Question.asked_at)
        .join(QuestionNumber, (QuestionNumber.question == Question.id) & (QuestionNumber.talk == first))
        .where(Question.asker == qq, Question.removed_at.is_(None))
    )
    return [Said(*row) for row in connection.execute(query.order_by(Question.asked_at.desc()).limit(limit))]
