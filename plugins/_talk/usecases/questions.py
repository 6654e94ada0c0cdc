"""Questions: asking, voting, and finding the one that a member refers to. Use cases for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import MessagePart, TalkState
from db.queries import counts, discussion, members, questions, remarks, talks
from db.queries.members import Person
from db.queries.questions import QuestionRow
from db.queries.talks import TalkRow
from plugins._talk.lifecycle import number_in_talk, talk_name
from plugins._talk.usecases.admission import must_be_welcome, must_fit
from plugins._talk.usecases.desk import Desk, Refused, Rules, Visit, open_desk


@dataclass(frozen=True)
class QuestionRef:
    """A reference to a question: its number (in a talk), or the id of the message that was replied to."""

    number: int | None = None
    talk: int | None = None
    message_id: int | None = None


@dataclass(frozen=True)
class Asked:
    """An earlier chat message that is now filed as a question: its author, time and message id."""

    author: Person
    asked_at: datetime
    message_id: int


def ask(desk: Desk, text: str, asked: Asked | None = None, joined: datetime | None = None) -> QuestionRow:
    """File a question in the live talk, else the collecting one. With `asked`, that message's author is the asker.

    Raises Refused.
    """
    limit = desk.series.limits.note
    if len(text) > limit:
        raise Refused(f"问题太长了（最多 {limit} 字），请短一点再发一次")
    must_be_welcome(desk, text, joined=joined)
    group, talk = desk.visit.group_id, desk.discussing
    if asked is not None and (known := discussion.of_message(desk.connection, group, asked.message_id)[0]):
        there = questions.latest(desk.connection, known[0])
        raise Refused(f"这个问题已经记下了：{talk_name(there.talk)}Q{there.number} {there.text[:60]}")
    there = counts.questions(desk.connection, talk.number, desk.member.qq)
    must_fit(desk, talk.number, desk.series.caps.questions, there, "问题")
    asker = members.upsert_member(desk.connection, asked.author.qq, asked.author.name) if asked else desk.member
    question = questions.create(desk.connection, text, asker.qq, asked.asked_at if asked else desk.visit.said_at)
    number_in_talk(desk.connection, question, talk.number)
    for message in (desk.visit.message_id, *([asked.message_id] if asked else [])):
        discussion.speaks_of(desk.connection, group, message, [question], part=MessagePart.BROUGHT)
    return questions.latest(desk.connection, question)


def find(desk: Desk, ref: QuestionRef) -> QuestionRow:
    """The question that `ref` means, as it stands in the talk that is meant. Or Refused."""
    found = _by_message(desk, ref) if ref.number is None else _by_number(desk, ref)
    if found.removed_at is not None:
        raise Refused(f"{talk_name(found.talk)}Q{found.number} 已经撤回了")
    return found


def _by_number(desk: Desk, ref: QuestionRef) -> QuestionRow:
    talk = desk.discussing if ref.talk is None else desk.find_talk(ref.talk)
    found = questions.by_number(desk.connection, talk.number, ref.number or 0)
    if found is None:
        before = talks.before(desk.connection, talk.number) if ref.talk is None else None
        hint = f"，上一期的写 {talk_name(before.number)}Q{ref.number}" if before else ""
        raise Refused(f"{talk_name(talk.number)} 期没有 Q{ref.number}，发 /问题 看看{hint}")
    return found


def _by_message(desk: Desk, ref: QuestionRef) -> QuestionRow:
    meant: list[int] = []
    if ref.message_id is not None:
        asked, said = discussion.of_message(desk.connection, desk.visit.group_id, ref.message_id)
        under = [remark.question for remark in remarks.by_ids(desk.connection, said)]
        meant = list(dict.fromkeys([*asked, *(each for each in under if each)]))
    if not meant:
        raise Refused("没看出是哪个问题：请写上编号（如 Q3），或者回复那个问题")
    if len(meant) > 1:
        numbers = " ".join(f"Q{questions.latest(desk.connection, each).number}" for each in meant)
        raise Refused(f"那条消息里有 {numbers}，请写上编号")
    return questions.latest(desk.connection, meant[0])


def talk_of(desk: Desk, question: QuestionRow) -> TalkRow:
    """The talk to which a remark on a question belongs: the live one if it has the question, else the last that has it.

    If that one is published, the question is added to the live talk, else the collecting one.
    """
    if desk.live is not None and questions.stands_in(desk.connection, question.id, desk.live.number):
        return desk.live
    last = questions.latest(desk.connection, question.id)
    talk = talks.by_number(desk.connection, last.talk)
    if talk is not None and talk.state != TalkState.PUBLISHED:
        return talk
    number_in_talk(desk.connection, question.id, desk.discussing.number)
    return desk.discussing


def vote(desk: Desk, ref: QuestionRef) -> tuple[QuestionRow, bool]:
    """Add the visitor's vote for a question; returns the question and whether the vote is new. Raises Refused."""
    question = find(desk, ref)
    desk.must_be_open(question.talk)
    if question.asker.qq == desk.member.qq:
        raise Refused("自己的问题不用投票，等等大家")
    new = questions.vote(desk.connection, question.id, desk.member.qq, desk.visit.said_at)
    return question._replace(votes=question.votes + new), new


def react(connection: Connection, rules: Rules, visit: Visit, *, added: bool) -> QuestionRow | None:
    """Add or remove the visitor's vote for the question of the message `visit.message_id`, for a reaction to it.

    Returns the question; None if the message has no question or several, or a remark, or if the question is the
    visitor's own, removed, or of a published talk.
    """
    asked, said = discussion.of_message(connection, visit.group_id, visit.message_id)
    if len(asked) != 1 or said:
        return None
    desk = open_desk(connection, rules, visit)
    question = questions.latest(connection, asked[0])
    if question.asker.qq == desk.member.qq or question.removed_at is not None or not desk.is_open(question.talk):
        return None
    if added:
        questions.vote(connection, question.id, desk.member.qq, visit.said_at)
    else:
        questions.take_vote_back(connection, question.id, desk.member.qq)
    return question


def listed(desk: Desk) -> tuple[TalkRow, Sequence[QuestionRow]]:
    """The live talk, else the collecting one, and its questions: unanswered ones first, then by votes."""
    return desk.discussing, by_votes(questions.of_talk(desk.connection, desk.discussing.number))


def by_votes(asked: Sequence[QuestionRow]) -> list[QuestionRow]:
    return sorted(asked, key=lambda each: (each.answers > 0, -each.votes, each.number))
