"""Remarks of a discussion: answers, and messages filed as quotes. Use cases for the desk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import LineKind, MessagePart, RemarkKind, TalkState
from db.queries import counts, discussion, members, questions, remarks, talks
from db.queries.members import Person
from db.queries.questions import QuestionRow
from db.queries.remarks import LineRow, RemarkRow
from db.queries.talks import TalkRow
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases.admission import must_be_welcome, must_fit
from plugins._talk.usecases.desk import Desk, QuestionRef, Refused
from plugins._talk.usecases.questions import find, talk_of

LONGEST_HEADLINE = 100
ALOUD = "（当场聊过）"
_PREFIX = re.compile(r"^(?:我的回答|回答|答案|答|A|answer)\s*[:：]\s*(?=\S)", re.IGNORECASE)


@dataclass(frozen=True)
class Original:
    """A message to be filed: its id, author, time and content, in lines."""

    message_id: int
    author: Person
    said_at: datetime
    lines: Sequence[LineRow]


@dataclass(frozen=True)
class Filed:
    """The stored remark and its question, if any; `known`: the message had been filed before."""

    remark: RemarkRow
    question: QuestionRow | None
    known: bool = False


def answer(
    desk: Desk,
    ref: QuestionRef,
    text: str,
    pictures: Sequence[str] = (),
    joined: datetime | None = None,
    by: Person | None = None,
) -> Filed:
    """Store an answer to a question: the visitor's, or that of somebody (`by`) for whom they type it.

    `pictures` are file names in the store. Raises Refused.
    """
    limit, text = desk.series.limits.note, _PREFIX.sub("", text)
    if len(text) > limit:
        raise Refused(f"回答太长了（最多 {limit} 字），这条没有存下。可以分成两条发")
    must_be_welcome(desk, text, joined=joined)
    question = find(desk, ref)
    author = members.upsert_member(desk.connection, *by) if by else desk.member
    lines = [*([LineRow(LineKind.TEXT, text)] if text else []), *(LineRow(LineKind.PICTURE, each) for each in pictures)]
    original = Original(desk.visit.message_id, author, desk.visit.said_at, lines)
    return _keep(desk, talk_of(desk, question, ref.talk), RemarkKind.ANSWER, original, question, None)


def talked_over(desk: Desk, ref: QuestionRef, text: str, by: Person | None = None) -> Filed:
    """Note that a question was answered aloud, perhaps with a line about it, so that it is open no longer.

    For hosts, leads of the section for discussion, and who asked. Raises Refused.
    """
    question = find(desk, ref)
    talk = talk_of(desk, question, ref.talk)
    place = desk.series.place_to_talk
    leads = desk.may_decide(talk, place.key) if place else desk.is_host(talk)
    if question.asker.qq != desk.member.qq and not leads:
        who = f"、{place.lead}" if place and place.leads else ""
        raise Refused(f"这个由提问的 {question.asker.name}、{desk.series.in_charge}{who}来标；你的回答可以发 /回答")
    return answer(desk, ref, f"{ALOUD}{text}", by=by)


def quote(
    desk: Desk, original: Original, ref: QuestionRef | None, headline: str, joined: datetime | None = None
) -> Filed:
    """File a message as a quote, under a question or alone; a quote already filed is only moved or given a headline.

    Raises Refused.
    """
    headline = " ".join(headline.split())
    if len(headline) > LONGEST_HEADLINE:
        raise Refused(f"标题最多 {LONGEST_HEADLINE} 字，请短一点")
    texts = (line.body for line in original.lines if line.kind == LineKind.TEXT)
    must_be_welcome(desk, headline, *texts, joined=joined)
    question = find(desk, ref) if ref else None
    talk = talk_of(desk, question, ref.talk if ref else None) if question else _talk_when(desk, original.said_at)
    known = remarks.of_original(desk.connection, desk.visit.group_id, original.message_id)
    if known is not None:
        desk.must_be_open(known.talk)
    if known is None:
        author = members.upsert_member(desk.connection, original.author.qq, original.author.name)
        named = Original(original.message_id, author, original.said_at, original.lines)
        return _keep(desk, talk, RemarkKind.QUOTE, named, question, headline or None)
    if known.kind == RemarkKind.QUOTE and (question or headline):
        place = (question.id, talk.number) if question else (known.question, known.talk)
        remarks.put_under(desk.connection, known.id, place[1], place[0], headline or known.headline)
        known = remarks.by_ids(desk.connection, [known.id])[0]
    discussion.speaks_of(desk.connection, desk.visit.group_id, desk.visit.message_id, remarks=[known.id])
    return Filed(known, _standing(desk, known), known=True)


def _talk_when(desk: Desk, said_at: datetime) -> TalkRow:
    """The talk of a message sent at `said_at`: the last held one if it was live then, else the current one."""
    for last in talks.recent(desk.connection, (TalkState.HELD,), 1):
        if last.ended_at is not None and last.live_from <= said_at <= last.ended_at:
            return last
    return desk.discussing


def _keep(
    desk: Desk, talk: TalkRow, kind: RemarkKind, original: Original, question: QuestionRow | None, headline: str | None
) -> Filed:
    group, caps = desk.visit.group_id, desk.series.caps
    under = question.id if question else None
    there = counts.remarks(desk.connection, talk.number, desk.member.qq, kind, under)
    cap, what = (caps.answers, "回答") if kind is RemarkKind.ANSWER else (caps.quotes, "收录")
    must_fit(desk, talk.number, cap, there, what, f"Q{question.number} " if question else "")
    shown = sum(line.kind == LineKind.PICTURE for line in original.lines)
    if shown:
        taken = counts.pictures(desk.connection, talk.number, desk.member.qq)
        must_fit(desk, talk.number, caps.pictures, taken, "图片", more=shown)
    remark = remarks.add(
        desk.connection,
        talk=talk.number,
        question=under,
        kind=kind,
        headline=headline,
        author=original.author,
        said_at=original.said_at,
        filed_by=desk.member,
        filed_at=desk.visit.said_at,
        message=(group, original.message_id),
        lines=original.lines,
    )
    for message in dict.fromkeys((original.message_id, desk.visit.message_id)):
        discussion.speaks_of(desk.connection, group, message, remarks=[remark.id], part=MessagePart.BROUGHT)
    return Filed(remark, _standing(desk, remark))


def _standing(desk: Desk, remark: RemarkRow) -> QuestionRow | None:
    """The question of a remark as it stands in the remark's talk, else in the last of its talks."""
    if remark.question is None:
        return None
    there = questions.standing_in(desk.connection, remark.question, remark.talk)
    return there or questions.latest(desk.connection, remark.question)


@dataclass(frozen=True)
class TakenBack:
    """The questions and remarks that were removed."""

    questions: Sequence[QuestionRow] = ()
    remarks: Sequence[RemarkRow] = ()


def take_back(desk: Desk, ref: QuestionRef) -> TakenBack:
    """Remove a question, an answer or a quote. For its author, the member who filed it, and hosts. Raises Refused.

    A reply to a message about a remark removes the remark, not its question.
    """
    said: Sequence[int] = ()
    if ref.number is None and ref.message_id is not None:
        said = discussion.of_message(desk.connection, desk.visit.group_id, ref.message_id)[1]
    if said:
        found = remarks.by_ids(desk.connection, said)
        for remark in found:
            _must_own(desk, remark.talk, (remark.author, remark.filed_by))
        remarks.remove(desk.connection, said)
        return TakenBack(remarks=found)
    question = find(desk, ref)
    _must_own(desk, question.talk, (question.asker,))
    questions.remove(desk.connection, question.id, desk.member.qq, desk.visit.said_at)
    return TakenBack([question])


def _must_own(desk: Desk, number: int, owners: Sequence[Person]) -> None:
    desk.must_be_open(number)
    if not desk.is_among(owners) and not desk.is_host(desk.find_talk(number)):
        raise Refused(
            f"这是 {owners[0].name} 的，只有本人、收录的人或 {talk_name(number)} 期的{desk.series.host.name}能撤回"
        )


def recalled(connection: Connection, group_id: int, message_id: int, operator: int, now: datetime) -> TakenBack:
    """Remove the questions, answers and quotes that a recalled message created, except in published talks."""
    asked, said = discussion.of_message(connection, group_id, message_id, MessagePart.BROUGHT)
    there = [question for each in asked if (question := questions.latest(connection, each)).removed_at is None]
    there = [question for question in there if talks.is_open(connection, question.talk)]
    said = [each.id for each in remarks.by_ids(connection, said) if talks.is_open(connection, each.talk)]
    if there:
        members.upsert_member(connection, operator, "")
    for question in there:
        questions.remove(connection, question.id, operator, now)
    found = remarks.by_ids(connection, said)
    if said:
        remarks.remove(connection, said)
    return TakenBack(there, found)
