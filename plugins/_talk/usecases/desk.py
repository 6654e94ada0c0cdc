"""The desk: the context in which one member's command runs as one transaction.

`serve` makes sure that a message is handled once, opens the desk (stores the member, brings the talks up to date) and
runs a use case with it: a plain function `(desk, …) -> result`. The desk also answers what the visitor may do.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from db.enums import ItemState, TalkState
from db.queries import carryovers, discussion, items, members, roles, sections, stand_ins, talks
from db.queries.items import ItemRow
from db.queries.members import Person
from db.queries.talks import TalkRow
from db.statements import savepoint
from plugins._talk.calendar.days_off import Holidays, days_off
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import bring_up_to_date, talk_name
from plugins._talk.series import Series
from plugins._talk.usecases.recording import recorded

P = ParamSpec("P")
T = TypeVar("T")


class Refused(Exception):
    """The command is refused; the message is the reply, in Chinese, and a reply to it means the items `about`."""

    def __init__(self, said: str, about: Sequence[int] = ()) -> None:
        super().__init__(said)
        self.about = about


class AlreadyHandled(Exception):
    """The result for a message that was handled before, so that there is no second item or reply."""


class _Rehearsed(Exception):
    """Ends a rehearsal, so that it is rolled back."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A message and its sender (the visitor). `group_id` 0 is a private chat; `trusted`: a group admin or superuser.

    `card` is the sender's display name. `seq` is the message's sequence number in the group, if known; `account` the
    bot account that received it. Of several commands in the message all but the last have a `part` from 1 on. `record`
    is the command as /undo tells it, None if that does not take it back.
    """

    group_id: int
    message_id: int
    qq: int
    card: str
    trusted: bool
    said_at: datetime
    seq: int | None = None
    account: int | None = None
    part: int = 0
    record: str | None = None


@dataclass(frozen=True)
class Rules:
    """Configuration shared by all visits: the series, the number of its first talk, and the holiday lookup."""

    series: Series
    first_number: int
    holidays: Holidays

    @classmethod
    def of(cls, series: Series, first_number: int) -> Self:
        """The rules of a series, with the holidays that count for it."""
        return cls(series, first_number, days_off(series))


@dataclass(frozen=True)
class ItemRef:
    """A reference to an item: its number (in a talk), or the id of the message that was replied to."""

    number: int | None = None
    talk: int | None = None
    message_id: int | None = None


@dataclass(frozen=True)
class QuestionRef:
    """A reference to a question: its number (in a talk), or the id of the message that was replied to."""

    number: int | None = None
    talk: int | None = None
    message_id: int | None = None


@dataclass(frozen=True)
class EitherRef:
    """A number without a sign, or a reply: an item or a question, whichever there is."""

    number: int | None = None
    talk: int | None = None
    message_id: int | None = None


@dataclass(frozen=True)
class Desk:
    """One visit in one transaction; `talk` is the collecting talk, `live` the live one, if any."""

    connection: Connection
    rules: Rules
    visit: Visit
    member: Person
    talk: TalkRow
    live: TalkRow | None

    @property
    def series(self) -> Series:
        return self.rules.series

    def is_host(self, talk: TalkRow) -> bool:
        """Whether the visitor has host rights in a talk: its hosts and editors, who stands in, admins, superusers."""
        if self.visit.trusted:
            return True
        holders = roles.holders(self.connection, talk.number)
        if any(self.is_among(holders.get(role.key, ())) for role in self.series.leaders):
            return True
        deputy = stand_ins.of_talk(self.connection, talk.number) if talk.state == TalkState.LIVE else None
        return deputy is not None and deputy.in_charge and deputy.member.qq == self.member.qq

    def is_among(self, people: Iterable[Person]) -> bool:
        """Whether the visitor is one of these people, compared by QQ number."""
        return any(self.member.qq == person.qq for person in people)

    def in_charge(self) -> TalkRow | None:
        """The talk in which the visitor has host rights: the live one, else the collecting one, else None."""
        return next((talk for talk in (self.live, self.talk) if talk is not None and self.is_host(talk)), None)

    def may_edit(self, item: ItemRow) -> bool:
        """Whether the visitor has host rights over an item: hosts of its talk, leads of its section."""
        talk = talks.by_number(self.connection, item.talk)
        return talk is not None and self.may_decide(talk, item.section)

    def may_decide(self, talk: TalkRow, section: str) -> bool:
        """Whether the visitor has host rights over a section of a talk: its hosts, the section's leads."""
        return self.is_host(talk) or self.is_among(roles.holders(self.connection, talk.number).get(section, ()))

    @cached_property
    def nearby(self) -> tuple[TalkRow, ...]:
        """The talks that a number without a talk may mean: the live one, for everybody.

        From a talk's end until it is published, or the next call for volunteers goes out, that one and the collecting
        one; else the collecting one.
        """
        if self.live is not None:
            return (self.live,)
        held = talks.recent(self.connection, [TalkState.HELD], 1)
        calls_at = self.series.reminders.call.around(self.talk.scheduled_at, self.series.zone)
        after = [each for each in held if each.number < self.talk.number and self.visit.said_at < calls_at]
        return (*after, self.talk)

    def charge(self, ref: ItemRef, state: ItemState = ItemState.LISTED, *, own: bool = False) -> ItemRow:
        """The item that a host's command refers to; with `own` its submitter may use it as well.

        Raises Refused when the item is in another state, its talk is published, or the visitor has no rights over it.
        """
        item = self._meant(ref, state)
        self.must_be_open(item.talk)
        if not self.may_edit(item) and not (own and self.owns(item)):
            section = self.series.section(item.section)
            raise Refused(f"这个要由 {talk_name(item.talk)} 期的{self.series.in_charge}、{section.lead}或群管理来做")
        if item.state != state:
            raise Refused(
                f"{talk_name(item.talk)}#{item.number} 还在议程里，不用恢复"
                if item.state == ItemState.LISTED
                else self._gone(item)
            )
        return item

    @property
    def helps_to_run(self) -> bool:
        """Whether the visitor has host rights in one of the talks that people are in, or in a section of it."""
        there = {talk.number: talk for talk in (*self.nearby, self.talk)}.values()
        return any(self.is_host(talk) or self._leads(talk) for talk in there)

    def _leads(self, talk: TalkRow) -> bool:
        holders = roles.holders(self.connection, talk.number)
        return any(self.is_among(holders.get(section.key, ())) for section in self.series.sections)

    def owns(self, item: ItemRow) -> bool:
        """Whether the visitor submitted the item or passed it on."""
        return self.is_among([item.submitter, *([item.via] if item.via else [])])

    def is_open(self, number: int) -> bool:
        """Whether a talk's content may still change: a published one stays as it is."""
        return talks.is_open(self.connection, number)

    def must_be_open(self, number: int) -> None:
        """Refuse to change anything in a published talk."""
        if not self.is_open(number):
            name = talk_name(number)
            raise Refused(f"{name} 期已经发布，内容不再改动。非改不可的话，请群管理先发 /重开 {name}")

    def must_host(self, talk: TalkRow) -> None:
        """Refuse whoever has no host rights in this talk."""
        if not self.is_host(talk):
            raise Refused(f"这个要由 {talk_name(talk.number)} 期的{self.series.in_charge}或群管理来做")

    @property
    def discussing(self) -> TalkRow:
        """The talk to which new discussion belongs: the live one, else the collecting one."""
        return self.live or self.talk

    def find_talk(self, number: int | None) -> TalkRow:
        """The talk with this number, or (None) the collecting one. Raises Refused for an unknown number."""
        if number is None:
            return self.talk
        found = talks.by_number(self.connection, number)
        if found is None:
            raise Refused(f"还没有 {talk_name(number)} 期。现在是 {talk_name(self.talk.number)} 期，发 /本期 看看")
        return found

    def find_item(self, ref: ItemRef) -> ItemRow:
        """The listed item that `ref` refers to. Raises Refused when there is none, or several."""
        item = self._meant(ref)
        if item.state != ItemState.LISTED:
            raise Refused(self._gone(item))
        return item

    def _meant(self, ref: ItemRef, state: ItemState = ItemState.LISTED) -> ItemRow:
        return self._by_message(ref) if ref.number is None else self._by_number(ref, state)

    def _by_number(self, ref: ItemRef, state: ItemState) -> ItemRow:
        there = self.nearby if ref.talk is None else (self.find_talk(ref.talk),)
        found = [(talk, item) for talk in there if (item := self.numbered(talk.number, ref.number or 0))]
        found = [each for each in found if each[1].state == state] or found  # a withdrawn one is not meant
        if len({item.id for _, item in found}) > 1:
            each = "\n".join(f"{talk_name(talk.number)}#{ref.number} {title_of(item)}" for talk, item in found)
            raise Refused(f"#{ref.number} 有两条，写上期号再发一次：\n{each}")
        if not found:
            names = "、".join(talk_name(talk.number) for talk in there)
            raise Refused(f"{names} 期没有 #{ref.number}。发 /我的 看自己的条目和编号")
        return found[0][1]

    def numbered(self, talk: int, number: int) -> ItemRow | None:
        """The item that has, or had before it was carried over, this number in a talk."""
        found = items.by_number(self.connection, talk, number)
        if found is None and (moved_on := carryovers.where(self.connection, talk, number)):
            return items.by_ids(self.connection, [moved_on])[moved_on]
        return found

    def _by_message(self, ref: ItemRef) -> ItemRow:
        found: Sequence[ItemRow] = ()
        if ref.message_id is not None:
            found = items.of_message(self.connection, self.visit.group_id, ref.message_id)
        if not found:
            raise Refused("没看出是哪一条：写上编号（如 #7），或者回复那条收录消息")
        if len(found) > 1:
            numbers = " ".join(f"#{each.number}" for each in found)
            raise Refused(f"那条消息里有 {numbers}，请写上编号", about=[each.id for each in found])
        return found[0]

    def _gone(self, item: ItemRow) -> str:
        name = f"{talk_name(item.talk)}#{item.number}"
        why = f"（{item.removed_why}）" if item.removed_why else ""
        if item.state == ItemState.REJECTED:
            by = f"{item.removed_by.name} 已经把它驳回了" if item.removed_by else "没有收录"
            return f"{name} {by}{why}，{self.series.host.name}可以 /恢复 #{item.number}"
        return f"{name} 已经撤回了{why}，编号不会再用"

    def open_item(self, ref: ItemRef) -> ItemRow:
        """Like find_item, but only one whose talk is not published."""
        item = self.find_item(ref)
        self.must_be_open(item.talk)
        return item

    def own_item(self, ref: ItemRef, *, passed_on: bool = False) -> ItemRow:
        """Like open_item, but only the visitor's own; with `passed_on` also an item that the visitor passed on."""
        item = self.open_item(ref)
        is_via = item.via is not None and self.member.qq == item.via.qq
        if self.member.qq != item.submitter.qq and not (passed_on and is_via):
            hint = "，你转来的可以 /撤回" if is_via else ""
            raise Refused(f"{talk_name(item.talk)}#{item.number} 是 {item.submitter.name} 的，只有本人能撤回{hint}")
        return item

    def editable_item(self, ref: ItemRef, *, passed_on: bool = False) -> ItemRow:
        """Like own_item, or one over which the visitor has host rights."""
        item = self.open_item(ref)
        owns = self.owns(item) if passed_on else self.member.qq == item.submitter.qq
        if not owns and not self.may_edit(item):
            lead = self.series.section(item.section).lead
            raise Refused(
                f"{talk_name(item.talk)}#{item.number} 是 {item.submitter.name} 的，"
                f"由本人、{self.series.in_charge}或{lead}来改；想补充就发 /回答 或 /建议"
            )
        return item


def open_desk(connection: Connection, rules: Rules, visit: Visit) -> Desk:
    """Open the desk: bring the talks up to date, insert or update the member. A host who is back needs no stand-in."""
    collecting, live = bring_up_to_date(connection, rules.series, rules.first_number, visit.said_at, rules.holidays)
    member = members.upsert_member(connection, visit.qq, visit.card)
    desk = Desk(connection, rules, visit, member, collecting, live)
    if live is not None and desk.is_among(roles.holders(connection, live.number).get(rules.series.host.key, ())):
        stand_ins.end(connection, live.number, visit.said_at)
    return desk


def serve(
    connection: Connection,
    rules: Rules,
    visit: Visit,
    use_case: Callable[Concatenate[Desk, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T | Refused | AlreadyHandled:
    """Open the desk and run one use case, in the caller's transaction; each message is handled once.

    On Refused, the use case's savepoint is rolled back and the exception returned; the message counts as handled. When
    another bot account has handled the same message, its id on this account is stored as an alias.
    """
    message = (visit.group_id, visit.message_id)
    if not members.handle(connection, *message, visit.qq, visit.said_at, visit.seq, visit.account, visit.part):
        twin = members.twin(connection, *message, visit.seq)
        if twin is not None:
            items.alias_message(connection, visit.group_id, twin, visit.message_id)
            discussion.alias_message(connection, visit.group_id, twin, visit.message_id)
        return AlreadyHandled()
    desk = open_desk(connection, rules, visit)
    try:
        record = visit.record if visit.record and desk.helps_to_run else None
        with savepoint(connection), recorded(connection, desk.member.qq, record, visit.said_at):
            return use_case(desk, *args, **kwargs)
    except Refused as refusal:
        return refusal


def rehearse(
    connection: Connection,
    rules: Rules,
    visit: Visit,
    use_case: Callable[Concatenate[Desk, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Refused | AlreadyHandled | None:
    """Run a use case and roll it back; returns its refusal, AlreadyHandled, or None if it would succeed."""
    found: object = None
    with suppress(_Rehearsed), savepoint(connection):
        found = serve(connection, rules, visit, use_case, *args, **kwargs)
        if not isinstance(found, AlreadyHandled):
            raise _Rehearsed
    return found if isinstance(found, Refused | AlreadyHandled) else None


def speaks_of(
    connection: Connection,
    group_id: int,
    message_id: int,
    about: Sequence[int],
    asked: Sequence[int],
    said: Sequence[int],
    wished: Sequence[int] = (),
    stands_in: int | None = None,
) -> None:
    """Link a message to items (`about`), questions, remarks and suggestions (ids), so that replies refer to them.

    `stands_in`: it is the answer to who would stand in for the host of this talk.
    """
    items.speaks_of(connection, group_id, message_id, about)
    discussion.speaks_of(connection, group_id, message_id, asked, said)
    for wish in wished:
        sections.answered(connection, wish, message_id)
    if stands_in is not None:
        stand_ins.answered(connection, stands_in, message_id)


def only_seen(_desk: Desk) -> None:
    """The use case of a command that needs no data: it only marks the message as handled."""
