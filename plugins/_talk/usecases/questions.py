"""Questions: asking, voting, and finding the one that a member refers to. Use cases for the desk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import MessagePart, TalkState
from db.queries import counts, discussion, members, questions, remarks, talks
from db.queries.members import Person
from db.queries.questions import QuestionRow
from db.queries.remarks import LineRow, RemarkRow
from db.queries.talks import TalkRow
from plugins._talk.lifecycle import number_in_talk, talk_name
from plugins._talk.usecases.admission import must_be_welcome, must_fit
from plugins._talk.usecases.desk import Desk, QuestionRef, Refused, Rules, Visit, open_desk

_PREFIX = re.compile(r"^(?:提问|问题|问|Q|question)\s*[:：]\s*(?=\S)", re.IGNORECASE)


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
    limit, text = desk.series.limits.note, _PREFIX.sub("", text)
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
    there = desk.nearby if ref.talk is None else (desk.find_talk(ref.talk),)
    found = [each for talk in there if (each := questions.by_number(desk.connection, talk.number, ref.number or 0))]
    found = [each for each in found if each.removed_at is None] or found  # a withdrawn one is not meant
    if len({each.id for each in found}) > 1:
        each = "\n".join(f"{talk_name(each.talk)}Q{each.number} {each.text[:60] or '（已撤回）'}" for each in found)
        raise Refused(f"Q{ref.number} 有两个，写上期号再发一次：\n{each}")
    if not found:
        names = "、".join(talk_name(talk.number) for talk in there)
        before = talks.before(desk.connection, there[0].number) if ref.talk is None else None
        hint = f"，上一期的写 {talk_name(before.number)}Q{ref.number}" if before else ""
        raise Refused(f"{names} 期没有 Q{ref.number}，发 /问题 看看{hint}")
    return found[-1]


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


def talk_of(desk: Desk, question: QuestionRow, named: int | None = None) -> TalkRow:
    """The talk to which a remark on a question belongs: the one that was `named` (as in `004Q5`).

    Else the live one if it has the question, else the one in which it was found; if that one is published, the question
    is added to the live talk, else the collecting one. Raises Refused for a published talk that was named.
    """
    if named is not None:
        if not desk.is_open(named):
            last = questions.latest(desk.connection, question.id)
            again = "；想接着聊就发 /提问 再问一次"
            hint = f"；它现在是 {talk_name(last.talk)}Q{last.number}" if last.talk != named else again
            raise Refused(f"{talk_name(named)} 期已经发布，内容不再改动{hint}")
        return desk.find_talk(named)
    if desk.live is not None and questions.stands_in(desk.connection, question.id, desk.live.number):
        return desk.live
    talk = talks.by_number(desk.connection, question.talk)
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


@dataclass(frozen=True)
class Listed:
    """A talk's questions, open ones first, then by votes; and the first answer to each that has one, by its id."""

    talk: TalkRow
    questions: Sequence[QuestionRow]
    answers: Mapping[int, tuple[RemarkRow, Sequence[LineRow]]]


def listed(desk: Desk, number: int | None = None) -> Listed:
    """The questions of a talk: by default of the live one, else the collecting one. Raises Refused."""
    talk = desk.discussing if number is None else desk.find_talk(number)
    asked = by_votes(questions.of_talk(desk.connection, talk.number))
    return Listed(talk, asked, first_answers(desk, talk.number))


def by_votes(asked: Sequence[QuestionRow]) -> list[QuestionRow]:
    return sorted(asked, key=lambda each: (not each.is_open, -each.votes, each.number))


def one_of(desk: Desk, ref: QuestionRef) -> tuple[QuestionRow, Sequence[tuple[RemarkRow, Sequence[LineRow]]]]:
    """A question with everything that was said to it, in whatever talk. Raises Refused."""
    question = find(desk, ref)
    said = remarks.under(desk.connection, question.id)
    lines = remarks.lines(desk.connection, [each.id for each in said])
    return question, [(each, lines.get(each.id, [])) for each in said]


def first_answers(desk: Desk, talk: int) -> dict[int, tuple[RemarkRow, Sequence[LineRow]]]:
    """The first answer to each question of a talk that has one, by the question's id."""
    found: dict[int, tuple[RemarkRow, Sequence[LineRow]]] = {}
    said = remarks.to_questions_of(desk.connection, talk)
    lines = remarks.lines(desk.connection, [each.id for each in said])
    for remark in said:
        if remark.question is not None:
            found.setdefault(remark.question, (remark, lines.get(remark.id, [])))
    return found
