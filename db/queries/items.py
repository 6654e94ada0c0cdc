"""Items, what hangs under them, and the messages that speak of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from db.models import Attachment, Item, ItemMessage, Member
from db.queries.members import Person, display_name
from db.words import AttachmentKind, ItemState, TitleSource

_Via = aliased(Member)


class ItemRow(NamedTuple):
    """An item with its people's names."""

    id: int
    talk: int
    number: int
    section: str
    category: str | None
    url: str | None
    title: str | None
    note: str
    state: str
    created_at: datetime
    submitter: Person
    via: Person | None


class AttachmentRow(NamedTuple):
    """A further link, text or picture of the item with this id."""

    item: int
    kind: str
    body: str


_ITEMS: Select[*tuple[Any, ...]] = (
    select(
        Item.id,
        Item.talk,
        Item.number,
        Item.section,
        Item.category,
        Item.url,
        Item.title,
        Item.note,
        Item.state,
        Item.created_at,
        Item.submitter,
        display_name(),
        Item.via,
        display_name(_Via),
    )
    .join(Member, Member.qq == Item.submitter)
    .outerjoin(_Via, _Via.qq == Item.via)
)
# The state stands in the statement itself, so that SQLite may use the index over listed items.
_IS_LISTED = Item.state == literal(ItemState.LISTED.value, literal_execute=True)
_IN_TALK = _ITEMS.where(Item.talk == bindparam("talk"), _IS_LISTED)
_LISTED = _IN_TALK.order_by(Item.number)
_BY_NUMBER = _ITEMS.where(Item.talk == bindparam("talk"), Item.number == bindparam("number"))
# Two look-ups, each by an index: the item's own link, then what hangs under items.
_WITH_KEY = _IN_TALK.where(Item.key == bindparam("key")).limit(1)
_WITH_FURTHER_KEY = (
    _IN_TALK.join(Attachment, Attachment.item == Item.id).where(Attachment.key == bindparam("key")).limit(1)
)
_CREATE = insert(Item).returning(Item.id)
_SPEAKS_OF = insert(ItemMessage)


def _rows(
    connection: Connection, query: Select[*tuple[Any, ...]], values: Mapping[str, object] | None = None
) -> Sequence[ItemRow]:
    rows: list[ItemRow] = []
    for *own, submitter, submitter_name, via, via_name in connection.execute(query, values):
        author, sender = Person(submitter, submitter_name), None if via is None else Person(via, via_name)
        rows.append(ItemRow._make([*own, author, sender]))
    return rows


def listed(connection: Connection, talk: int) -> Sequence[ItemRow]:
    """The items that stand in a talk's agenda, in the order they came."""
    return _rows(connection, _LISTED, {"talk": talk})


def by_number(connection: Connection, talk: int, number: int) -> ItemRow | None:
    return next(iter(_rows(connection, _BY_NUMBER, {"talk": talk, "number": number})), None)


def of_message(connection: Connection, group_id: int, message_id: int) -> Sequence[ItemRow]:
    """The items that a message in the group speaks of."""
    return _rows(
        connection,
        _ITEMS.join(ItemMessage, ItemMessage.item == Item.id)
        .where(ItemMessage.group_id == group_id, ItemMessage.message_id == message_id)
        .order_by(Item.number),
    )


def of_member(connection: Connection, talk: int, qq: int) -> Sequence[ItemRow]:
    """The listed items that a member submitted or passed on."""
    return _rows(
        connection,
        _LISTED.where((Item.submitter == bindparam("qq")) | (Item.via == bindparam("qq"))),
        {"talk": talk, "qq": qq},
    )


def with_key(connection: Connection, talk: int, key: str) -> ItemRow | None:
    """The listed item of this talk that has the link already, as its main or as a further one."""
    values = {"talk": talk, "key": key}
    rows = _rows(connection, _WITH_KEY, values) or _rows(connection, _WITH_FURTHER_KEY, values)
    return rows[0] if rows else None


def counts(connection: Connection, talk: int) -> dict[str, int]:
    """How many items stand in each section."""
    rows = connection.execute(
        select(Item.section, func.count()).where(Item.talk == talk, _IS_LISTED).group_by(Item.section)
    )
    return {row[0]: row[1] for row in rows}


def create(
    connection: Connection,
    *,
    talk: int,
    number: int,
    section: str,
    category: str | None,
    url: str | None,
    key: str | None,
    key_version: int,
    title: str | None,
    note: str,
    submitter: Person,
    via: Person | None,
    now: datetime,
) -> ItemRow:
    """Insert an item and return it."""
    item = connection.execute(
        _CREATE,
        {
            "talk": talk,
            "number": number,
            "section": section,
            "category": category,
            "url": url,
            "key": key,
            "key_version": key_version,
            "title": title,
            "title_source": TitleSource.CARD if title is not None else None,
            "note": note,
            "submitter": submitter.qq,
            "via": via.qq if via else None,
            "created_at": now,
        },
    ).scalar_one()
    return ItemRow(item, talk, number, section, category, url, title, note, ItemState.LISTED, now, submitter, via)


def set_link(connection: Connection, item: int, url: str, key: str, key_version: int) -> None:
    """Give an item another main link; what a card called the old one no longer holds."""
    connection.execute(
        update(Item)
        .where(Item.id == item)
        .values(url=url, key=key, key_version=key_version, title=None, title_source=None)
    )


def set_category(connection: Connection, item: int, category: str) -> None:
    connection.execute(update(Item).where(Item.id == item).values(category=category))


def set_note(connection: Connection, item: int, note: str) -> None:
    connection.execute(update(Item).where(Item.id == item).values(note=note))


def set_state(connection: Connection, item: int, state: ItemState) -> None:
    connection.execute(update(Item).where(Item.id == item).values(state=state))


def attach(
    connection: Connection,
    item: int,
    kind: AttachmentKind,
    body: str,
    key: str | None,
    added_by: int,
    now: datetime,
) -> None:
    connection.execute(
        insert(Attachment).values(item=item, kind=kind, body=body, key=key, added_by=added_by, created_at=now)
    )


def attachments(connection: Connection, talk: int) -> Sequence[AttachmentRow]:
    """What hangs under the listed items of a talk, in the order it came."""
    rows = connection.execute(
        select(Attachment.item, Attachment.kind, Attachment.body)
        .join(Item, Item.id == Attachment.item)
        .where(Item.talk == talk, _IS_LISTED)
        .order_by(Attachment.id)
    )
    return [AttachmentRow(*row) for row in rows]


def speaks_of(connection: Connection, group_id: int, message_id: int, items: Sequence[int]) -> None:
    """From now on a reply to this message means these items; one named twice counts once."""
    if items:
        connection.execute(
            _SPEAKS_OF,
            [{"group_id": group_id, "message_id": message_id, "item": item} for item in dict.fromkeys(items)],
        )
