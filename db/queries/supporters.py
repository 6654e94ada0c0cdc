"""Supporters of items, and handing an item over to one when its submitter withdraws."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Connection, bindparam, delete, select, text, update

from db.enums import MessagePart
from db.models import Attachment, Instant, Item, ItemMessage, Member, Supporter
from db.queries.items import IS_LISTED
from db.queries.members import Person, display_name
from db.statements import Prepared


class SupporterRow(NamedTuple):
    """Who seconded the item with this id, and what they said of it."""

    item: int
    person: Person
    note: str


_SECOND = Prepared(
    text(
        "INSERT INTO supporters (item, member, note, main, created_at) VALUES (:item, :member, :note, :main, :now)"
        " ON CONFLICT (item, member) DO UPDATE SET main = excluded.main OR supporters.main,"
        " note = CASE WHEN excluded.note <> '' THEN excluded.note ELSE supporters.note END"
    ).bindparams(bindparam("now", type_=Instant), bindparam("main", type_=Boolean))
)
_OF_TALK = Prepared(
    select(Supporter.item, Member.qq, display_name(), Supporter.note)
    .join(Member, Member.qq == Supporter.member)
    .join(Item, Item.id == Supporter.item)
    .where(Item.talk == bindparam("talk"), IS_LISTED)
    .order_by(Supporter.created_at, Supporter.member)
)


def add(connection: Connection, item: int, member: int, note: str, now: datetime, *, main: bool) -> None:
    """Remember that a member sent in an item that was there; what they say of it later replaces what they said.

    `main` that what they sent is the item's own link.
    """
    _SECOND.run(connection, item=item, member=member, note=note, now=now, main=main)


def of_talk(connection: Connection, talk: int) -> Sequence[SupporterRow]:
    """Who seconded the listed items of a talk, in the order they came."""
    rows = _OF_TALK.all(connection, talk=talk)
    return [SupporterRow(item, Person(qq, name), note) for item, qq, name, note in rows]


def first(connection: Connection, item: int) -> SupporterRow | None:
    """Who was the first to send in an item's own link after its submitter."""
    row = connection.execute(
        select(Member.qq, display_name(), Supporter.note)
        .join(Supporter, Supporter.member == Member.qq)
        .where(Supporter.item == item, Supporter.main)
        .order_by(Supporter.created_at, Supporter.member)
        .limit(1)
    ).one_or_none()
    return SupporterRow(item, Person(row[0], row[1]), row[2]) if row else None


def hand_over(connection: Connection, item: int, heir: SupporterRow) -> None:
    """Make a supporter the submitter of an item, with the supporter's note."""
    connection.execute(update(Item).where(Item.id == item).values(submitter=heir.person.qq, via=None, note=heir.note))
    connection.execute(delete(Supporter).where(Supporter.item == item, Supporter.member == heir.person.qq))
    # the messages follow: a recall by the old owner takes nothing from the new one
    of_item = update(ItemMessage).where(ItemMessage.item == item)
    connection.execute(of_item.where(ItemMessage.part == MessagePart.BROUGHT).values(part=MessagePart.SPEAKS))
    connection.execute(
        of_item.where(ItemMessage.part == MessagePart.SECONDED, ItemMessage.member == heir.person.qq).values(
            part=MessagePart.BROUGHT
        )
    )


def take_back(connection: Connection, group_id: int, message_id: int) -> None:
    """Delete the support that a recalled message gave, except in published talks."""
    connection.execute(
        text(
            "DELETE FROM supporters WHERE EXISTS (SELECT 1 FROM item_messages m WHERE m.group_id = :group_id"
            " AND m.message_id = :message_id AND m.part = 'seconded' AND m.item = supporters.item"
            " AND m.member = supporters.member) AND item IN (SELECT i.id FROM items i JOIN talks t ON t.number = i.talk"
            " WHERE t.state <> 'published')"
        ),
        {"group_id": group_id, "message_id": message_id},
    )


def merge_supporters(connection: Connection, item: int, into: int, but: int) -> None:
    """Move supporters, messages and attachments from `item` to `into`; `but` is the submitter of `into`."""
    values = {"item": item, "into": into, "but": but}
    connection.execute(
        text(
            "INSERT INTO supporters (item, member, note, main, created_at) SELECT :into, member, note, main, created_at"
            " FROM supporters WHERE item = :item AND member <> :but ON CONFLICT DO NOTHING"
        ),
        values,
    )
    connection.execute(
        text(
            "INSERT INTO item_messages (group_id, message_id, item, part, member) SELECT group_id, message_id, :into,"
            " CASE WHEN part = 'brought' AND member <> :but THEN 'seconded' WHEN part = 'brought' THEN 'speaks'"
            " ELSE part END, member FROM item_messages WHERE item = :item"
            " ON CONFLICT DO NOTHING"
        ),
        values,
    )
    connection.execute(delete(Supporter).where(Supporter.item == item))
    connection.execute(update(Attachment).where(Attachment.item == item).values(item=into))
