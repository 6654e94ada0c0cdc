"""Stored keys whose rules have changed since."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Text, cast, delete, literal, select, update

from db.enums import ItemState
from db.models import Attachment, Item, Page, Talk


class Keyed(NamedTuple):
    """An item with a link, as far as its key goes."""

    id: int
    talk: int
    number: int
    url: str
    state: str
    talk_state: str


def take_stale_items(connection: Connection, version: int) -> Sequence[Keyed]:
    """Items whose keys are from older rules, in the order they came; their old keys stand in nobody's way any more."""
    stale = (Item.key_version < version, Item.url.is_not(None))
    rows = connection.execute(
        select(Item.id, Item.talk, Item.number, Item.url, Item.state, Talk.state)
        .join(Talk, Talk.number == Item.talk)
        .where(*stale)
        .order_by(Item.talk, Item.number)
    ).all()
    if rows:
        connection.execute(update(Item).where(*stale).values(key=literal("stale:").concat(cast(Item.id, Text))))
    return [Keyed(*row) for row in rows]


def is_taken(connection: Connection, item: Keyed, key: str) -> bool:
    """Whether another listed item of the talk has this key, so that a listed one cannot."""
    if item.state != ItemState.LISTED:
        return False
    other = select(Item.id).where(
        Item.talk == item.talk, Item.key == key, Item.state == ItemState.LISTED, Item.id != item.id
    )
    return connection.execute(other.limit(1)).one_or_none() is not None


def set_item(connection: Connection, item: int, key: str, version: int) -> None:
    connection.execute(update(Item).where(Item.id == item).values(key=key, key_version=version))


def stale_attachments(connection: Connection, version: int) -> Sequence[tuple[int, str]]:
    rows = connection.execute(
        select(Attachment.id, Attachment.body).where(Attachment.key.is_not(None), Attachment.key_version < version)
    )
    return [(attachment, url or "") for attachment, url in rows]


def set_attachment(connection: Connection, attachment: int, key: str, version: int) -> None:
    connection.execute(update(Attachment).where(Attachment.id == attachment).values(key=key, key_version=version))


def stale_pages(connection: Connection, version: int) -> Sequence[tuple[str, str]]:
    rows = connection.execute(select(Page.key, Page.url).where(Page.key_version < version))
    return [(row[0], row[1]) for row in rows]


def move_page(connection: Connection, old: str, key: str, version: int) -> None:
    """Keep what is known of a page under another key, unless something is known under that one."""
    taken = key != old and connection.execute(select(Page.key).where(Page.key == key)).one_or_none() is not None
    if taken:
        connection.execute(delete(Page).where(Page.key == old))
    else:
        connection.execute(update(Page).where(Page.key == old).values(key=key, key_version=version))
