"""Correcting who is credited for an item, a question, an answer or a quote. Use cases for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import discussion, items, members, questions, remarks
from db.queries.members import Person
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases.desk import Desk, ItemRef, QuestionRef, Refused
from plugins._talk.usecases.either import Ref, meant
from plugins._talk.usecases.questions import find


@dataclass(frozen=True)
class Credited:
    """What is credited to whom now; `before` was credited for it until now."""

    what: str
    before: Person
    person: Person


def credit(desk: Desk, ref: Ref, person: Person | None, name: str) -> Credited:
    """Credit a `person`, or the only member with this `name`, with an item, a question, or the remark replied to.

    For hosts, and leads in their section. Raises Refused.
    """
    person = members.upsert_member(desk.connection, *person) if person else _called(desk, name)
    found = meant(desk, ref)
    if isinstance(found, ItemRef):
        item = desk.charge(found)
        items.set_submitter(desk.connection, item.id, person.qq)
        return Credited(f"{talk_name(item.talk)}#{item.number} {title_of(item)}", item.submitter, person)
    said: Sequence[int] = ()
    if found.message_id is not None:
        said = discussion.of_message(desk.connection, desk.visit.group_id, found.message_id)[1]
    return _of_remark(desk, said[-1], person) if said else _of_question(desk, found, person)


def _called(desk: Desk, name: str) -> Person:
    there = members.called(desk.connection, name.lstrip("@").strip())
    if len(there) != 1:
        why = "有好几位" if there else "没有找到"
        raise Refused(f"{why}叫「{name[:24]}」的，@ 一下那位再发")
    return there[0]


def _must_decide(desk: Desk, number: int) -> None:
    desk.must_be_open(number)
    place, talk = desk.series.place_to_talk, desk.find_talk(number)
    if not (desk.may_decide(talk, place.key) if place else desk.is_host(talk)):
        desk.must_host(talk)


def _of_remark(desk: Desk, remark: int, person: Person) -> Credited:
    found = remarks.by_ids(desk.connection, [remark])[0]
    _must_decide(desk, found.talk)
    remarks.set_author(desk.connection, remark, person.qq)
    question = questions.latest(desk.connection, found.question) if found.question else None
    where = f"{talk_name(found.talk)}Q{question.number} 的回答" if question else f"{talk_name(found.talk)} 期收录的发言"
    return Credited(where, found.author, person)


def _of_question(desk: Desk, ref: QuestionRef, person: Person) -> Credited:
    found = find(desk, ref)
    _must_decide(desk, found.talk)
    questions.set_asker(desk.connection, found.id, person.qq)
    return Credited(f"{talk_name(found.talk)}Q{found.number} {found.text[:60]}", found.asker, person)
