"""Attachments of items: further links, texts and pictures."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from db.enums import AttachmentKind
from db.models import Attachment, Item, Member
from db.queries import pictures
from db.queries.items import IS_LISTED
from db.queries.members import Person
from db.queries.rows import RowOf, person
from db.queries.talks import OPEN


class AttachmentRow(NamedTuple):
    """A further link, text or picture of the item with this id; `body` is the address, the text or the name."""

    item: int
    kind: str
    body: str
    by: Person


_ROW = RowOf(AttachmentRow, Attachment, body=func.coalesce(Attachment.body, Attachment.picture), by=person())
_OF_TALK = _ROW.prepare(
    _ROW.select()
    .join(Item, Item.id == Attachment.item)
    .join(Member, Member.qq == Attachment.added_by)
    .where(Item.talk == bindparam("talk"), IS_LISTED)
    .order_by(Attachment.id)
)


def add(
    connection: Connection,
    item: int,
    kind: AttachmentKind,
    body: str,
    key: str | None,
    key_version: int | None,
    added_by: int,
    message: tuple[int, int],
    now: datetime,
) -> None:
    """Attach something to an item; `message` is the (group, id) of the message that contained it."""
    group_id, message_id = message
    connection.execute(
        insert(Attachment).values(
            item=item,
            kind=kind,
            body=None if kind is AttachmentKind.PICTURE else body,
            picture=body if kind is AttachmentKind.PICTURE else None,
            key=key,
            key_version=key_version,
            added_by=added_by,
            group_id=group_id,
            message_id=message_id,
            created_at=now,
        )
    )


def of_talk(connection: Connection, talk: int) -> Sequence[AttachmentRow]:
    """The attachments of a talk's listed items, in the order they were added."""
    return _OF_TALK.all(connection, talk=talk)


def take_back(connection: Connection, group_id: int, message_id: int) -> None:
    """Delete the attachments that a message added, pictures included, unless the talk is published."""
    open_items = select(Item.id).where(Item.talk.in_(OPEN))
    gone = connection.scalars(
        delete(Attachment)
        .where(Attachment.group_id == group_id, Attachment.message_id == message_id, Attachment.item.in_(open_items))
        .returning(Attachment.picture)
    ).all()
    pictures.delete_unused(connection, [name for name in gone if name])
