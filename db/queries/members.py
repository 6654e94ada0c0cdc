"""Members and the messages of theirs that were acted on."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    bindparam,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)

from db.enums import ItemState
from db.models import HandledMessage, HandledPart, Instant, Item, Member, RoleHolder, Talk
from db.names import ANYBODY, stand_in
from db.queries import message_ids
from db.statements import Prepared


class Person(NamedTuple):
    """A member and the name that everybody reads. Who somebody is, the QQ number says, whatever they are called."""

    qq: int
    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and self.qq == other.qq

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.qq)


def display_name(member: type[Member] = Member) -> ColumnElement[str]:
    """What everybody reads: the name a member chose, else their card, which may be a stand-in."""
    return func.coalesce(member.nick, member.card)


_DIGITS = re.compile(r"\d{5,12}")
_KNOWN = Prepared(select(Member.card, Member.nick, Member.anonymous).where(Member.qq == bindparam("qq")))
_MEET = Prepared(insert(Member), "qq", "card")
_CALL = Prepared(update(Member).where(Member.qq == bindparam("of")).values(card=bindparam("card")))
_HANDLED = Prepared(
    text(
        "INSERT INTO messages (group_id, message_id, sender, handled_at, seq, account)"
        " VALUES (:group_id, :message_id, :sender, :now, :seq, :account) ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("now", type_=Instant))
)


def upsert_member(connection: Connection, qq: int, card: str) -> Person:
    """Remember that `qq` is now called `card` in the group; answers with the display name.

    A card that says nothing, or the QQ number, is none.
    """
    card = "" if str(qq) in card or says_a_number(connection, card) else card
    known = _KNOWN.first(connection, qq=qq)
    if known is None:
        card = card or stand_in(qq)
        _MEET.run(connection, qq=qq, card=card)
        return Person(qq, card)
    known_card, nick, anonymous = known
    if anonymous:
        return Person(qq, nick or known_card)
    if card and card != known_card:
        _CALL.run(connection, of=qq, card=card)
    return Person(qq, nick or card or known_card)


def add_without_account(connection: Connection, name: str, *, page: bool) -> Person:
    """Insert a person without a known account, under a negative number; `page`: whether they get a public address."""
    qq = min(0, connection.execute(select(func.min(Member.qq))).scalar_one() or 0) - 1
    _MEET.run(connection, qq=qq, card=name)
    if not page:
        connection.execute(update(Member).where(Member.qq == qq).values(code=None))
    return Person(qq, name)


def says_a_number(connection: Connection, name: str) -> bool:
    """Whether a name has the QQ number of a member in it: names are shown everywhere."""
    numbers = [int(each) for each in _DIGITS.findall(name)]
    return bool(numbers) and bool(names_of(connection, numbers))


def name_of(connection: Connection, qq: int) -> str:
    """A member's display name."""
    return connection.execute(select(display_name()).where(Member.qq == qq)).scalar_one()


def names_of(connection: Connection, people: Collection[int]) -> Mapping[int, str]:
    """The display names of those of these QQ numbers that are known."""
    rows = connection.execute(select(Member.qq, display_name()).where(Member.qq.in_(people)))
    return {row[0]: row[1] for row in rows}


def called(connection: Connection, name: str) -> Sequence[Person]:
    """The members with this display name."""
    rows = connection.execute(select(Member.qq, display_name()).where(display_name() == name).order_by(Member.qq))
    return [Person(*row) for row in rows]


def name_taken(connection: Connection, name: str, by_other_than: int) -> bool:
    """Whether another member has this display name; somebody of an imported talk may be that member."""
    query = select(Member.qq).where(display_name() == name, Member.qq != by_other_than, Member.qq > 0).limit(1)
    return connection.execute(query).one_or_none() is not None


def set_nick(connection: Connection, qq: int, nick: str | None) -> None:
    """Choose a display name, or (None) go back to the card; who was anonymous is not any more."""
    code = func.coalesce(Member.code, _random_code(connection))
    connection.execute(update(Member).where(Member.qq == qq).values(nick=nick, anonymous=False, code=code))


def _random_code(connection: Connection) -> ColumnElement[str]:
    """A random public address, as the database makes one for each new member."""
    if connection.dialect.name == "sqlite":
        return literal_column("lower(hex(randomblob(5)))", String)
    return literal_column("left(replace(gen_random_uuid()::text, '-', ''), 10)", String)


def make_anonymous(connection: Connection, qq: int) -> str:
    """Let a stand-in be a member's name from now on, and the address of their page be forgotten; returns it."""
    mark = func.substr(_random_code(connection), 1, 5)  # drawn by lot: a digest of the number could be tried out
    card = literal(ANYBODY).concat(mark)
    connection.execute(update(Member).where(Member.qq == qq).values(nick=None, card=card, anonymous=True, code=None))
    return name_of(connection, qq)


def by_code(connection: Connection, code: str) -> Person | None:
    """The member with this public address."""
    row = connection.execute(select(Member.qq, display_name()).where(Member.code == code)).one_or_none()
    return Person(*row) if row else None


def codes_of(connection: Connection, people: Collection[int]) -> Mapping[int, str]:
    """The public addresses of members, by QQ number; who is anonymous has none."""
    query = select(Member.qq, Member.code).where(Member.qq.in_(people), Member.code.is_not(None))
    return {row[0]: row[1] or "" for row in connection.execute(query)} if people else {}


def handle(
    connection: Connection,
    group_id: int,
    message_id: int,
    sender: int,
    now: datetime,
    seq: int | None = None,
    account: int | None = None,
    part: int = 0,
) -> bool:
    """Mark a message, or a `part` of it that comes before the last, as handled; False when it was before.

    A part was also when its whole message was, which the last part says.
    """
    if part:
        return _handle_part(connection, group_id, message_id, part, now, seq)
    return _handle_whole(connection, group_id, message_id, sender, now, seq, account)


def _handle_part(
    connection: Connection, group_id: int, message_id: int, part: int, now: datetime, seq: int | None
) -> bool:
    whole, parts = HandledMessage, HandledPart
    for table, also in ((whole, ()), (parts, (parts.part == part,))):
        same = table.message_id == message_id if seq is None else or_(table.message_id == message_id, table.seq == seq)
        if connection.execute(select(exists().where(table.group_id == group_id, same, *also))).scalar_one():
            return False
    row = {"group_id": group_id, "message_id": message_id, "part": part, "seq": seq, "handled_at": now}
    connection.execute(insert(HandledPart).values(**row))
    return True


def _handle_whole(
    connection: Connection,
    group_id: int,
    message_id: int,
    sender: int,
    now: datetime,
    seq: int | None,
    account: int | None,
) -> bool:
    """Mark a message as handled; False when it was before, under this id or, for another account, another.

    An account that gives several messages the same `seq` does not mean the group's own number. An id that comes again
    with another number is another message: the old one gives it up.
    """
    row = {"group_id": group_id, "message_id": message_id, "sender": sender, "now": now, "account": account}
    if _HANDLED.run(connection, **row, seq=seq) == 1:
        return True
    if seq is None:
        return False
    in_group = HandledMessage.group_id == group_id
    numbered = connection.execute(
        select(HandledMessage.account, HandledMessage.message_id).where(in_group, HandledMessage.seq == seq)
    ).one_or_none()
    if numbered is not None:
        again = numbered.account == account and not message_ids.is_retired(numbered.message_id)
        return again and _HANDLED.run(connection, **row, seq=None) == 1
    old = connection.scalars(
        select(HandledMessage.seq).where(in_group, HandledMessage.message_id == message_id)
    ).one_or_none()
    if old is None:
        return False
    message_ids.retire(connection, group_id, message_id, old)
    return _HANDLED.run(connection, **row, seq=seq) == 1


def twin(connection: Connection, group_id: int, message_id: int, seq: int | None) -> int | None:
    """The id of the same message for another account of the bot."""
    if seq is None:
        return None
    return connection.execute(
        select(HandledMessage.message_id).where(
            HandledMessage.group_id == group_id,
            HandledMessage.seq == seq,
            HandledMessage.message_id != message_id,
            HandledMessage.message_id > message_ids.RETIRED,
        )
    ).scalar_one_or_none()


def rested_contributors(connection: Connection, talks: Sequence[int], host_role: str, limit: int) -> Sequence[Person]:
    """Who submitted to one of `talks` and has hosted none since the first: longest without first, then busiest."""
    last_hosted = (
        select(func.max(Talk.number))
        .join(RoleHolder, RoleHolder.talk == Talk.number)
        .where(RoleHolder.member == Member.qq, RoleHolder.role == host_role)
        .scalar_subquery()
    )
    hosted = exists().where(RoleHolder.member == Member.qq, RoleHolder.role == host_role, RoleHolder.talk >= min(talks))
    rows = connection.execute(
        select(Member.qq, display_name())
        .join(Item, Item.submitter == Member.qq)
        .where(Item.talk.in_(talks), Item.state == ItemState.LISTED, ~hosted, Member.qq > 0)
        .group_by(Member.qq)
        .order_by(func.coalesce(last_hosted, -1), func.count(Item.id).desc(), Member.qq)
        .limit(limit)
    )
    return [Person(*row) for row in rows]
