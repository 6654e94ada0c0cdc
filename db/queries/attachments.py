"""What hangs under items: further links, texts and pictures."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from db.enums import AttachmentKind
from db.models import Attachment, Item
from db.queries import pictures
from db.queries.items import IS_LISTED
from db.queries.talks import OPEN


class AttachmentRow(NamedTuple):
    """A further link, text or picture of the item with this id."""

    item: int
    kind: str
    body: str


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
    """Hang something under an item; `message` is the (group, id) that brought it."""
    group_id, message_id = message
    connection.execute(
        insert(Attachment).values(
            item=item,
            kind=kind,
            body=body,
            key=key,
            key_version=key_version,
            added_by=added_by,
            group_id=group_id,
            message_id=message_id,
            created_at=now,
        )
    )


def of_talk(connection: Connection, talk: int) -> Sequence[AttachmentRow]:
    """What hangs under the listed items of a talk, in the order it came."""
    rows = connection.execute(
        select(Attachment.item, Attachment.kind, Attachment.body)
        .join(Item, Item.id == Attachment.item)
        .where(Item.talk == talk, IS_LISTED)
        .order_by(Attachment.id)
    )
    return [AttachmentRow(*row) for row in rows]


def take_back(connection: Connection, group_id: int, message_id: int) -> Sequence[str]:
    """Take away what a message had hung under an item, unless its talk is published.

    Returns the pictures that nothing shows any more.
    """
    open_items = select(Item.id).where(Item.talk.in_(OPEN))
    gone = connection.execute(
        delete(Attachment)
        .where(Attachment.group_id == group_id, Attachment.message_id == message_id, Attachment.item.in_(open_items))
        .returning(Attachment.kind, Attachment.body)
    ).all()
    return pictures.unshown(connection, [body for kind, body in gone if kind == AttachmentKind.PICTURE])
