"""Items, and the messages that have to do with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    bindparam,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from db.enums import ItemState, MessagePart, TitleSource
from db.models import Attachment, Item, ItemMessage, Member, Page, Supporter
from db.queries import pages
from db.queries.members import Person
from db.queries.rows import RowOf, person
from db.queries.talks import OPEN
from db.statements import Prepared

_Via, _Remover, _Noter = aliased(Member), aliased(Member), aliased(Member)


class ItemRow(NamedTuple):
    """An item with its people's names; `title` is its own, with its source, or what its page is called."""

    id: int
    talk: int
    number: int
    section: str
    category: str | None
    url: str | None
    key: str | None
    title: str | None
    title_source: str | None
    authors: str | None
    site: str | None
    excerpt: str | None
    note: str
    state: str
    created_at: datetime
    pinned_at: datetime | None
    tag: str | None
    removed_why: str | None
    same_as: int | None
    rank: int | None
    moved_by: int | None
    moved_from: str | None
    submitter: Person
    via: Person | None
    removed_by: Person | None
    note_by: Person | None


_ROW = RowOf(
    ItemRow,
    Item,
    title=func.coalesce(Item.title, Page.title),
    authors=func.coalesce(Item.authors, Page.authors),
    site=func.coalesce(Item.site, Page.site),
    excerpt=Page.excerpt,
    submitter=person(),
    via=person(_Via),
    removed_by=person(_Remover),
    note_by=person(_Noter),
)
_ITEMS = (
    _ROW.select()
    .join(Member, Member.qq == Item.submitter)
    .outerjoin(_Via, _Via.qq == Item.via)
    .outerjoin(_Remover, _Remover.qq == Item.removed_by)
    .outerjoin(_Noter, _Noter.qq == Item.note_by)
    .outerjoin(Page, Page.key == Item.key)
)
# The state stands in the statement itself, so that SQLite may use the index over listed items.
IS_LISTED = Item.state == literal_column(f"'{ItemState.LISTED.value}'", Text)
_IN_TALK = _ITEMS.where(Item.talk == bindparam("talk"), IS_LISTED)
_LISTED = _ROW.prepare(_IN_TALK.order_by(Item.number))
_OF_MEMBER = _ROW.prepare(
    _IN_TALK.where((Item.submitter == bindparam("qq")) | (Item.via == bindparam("qq"))).order_by(Item.number)
)
_BY_ID = _ITEMS.where(Item.id.in_(bindparam("ids", expanding=True)))
_BY_NUMBER = _ROW.prepare(_ITEMS.where(Item.talk == bindparam("talk"), Item.number == bindparam("number")))
_OF_MESSAGE = (
    _ITEMS.join(ItemMessage, ItemMessage.item == Item.id)
    .where(ItemMessage.group_id == bindparam("group_id"), ItemMessage.message_id == bindparam("message_id"))
    .order_by(Item.number)
)
_SPOKEN_OF = _ROW.prepare(_OF_MESSAGE)
_SPOKEN_OF_AS = _ROW.prepare(_OF_MESSAGE.where(ItemMessage.part == bindparam("part")))
# Two look-ups, each by an index: the item's own link, then what hangs under items.
_WITH_KEY = _ROW.prepare(_IN_TALK.where(Item.key == bindparam("key")).limit(1))
_WITH_FURTHER_KEY = _ROW.prepare(
    _IN_TALK.join(Attachment, Attachment.item == Item.id).where(Attachment.key == bindparam("key")).limit(1)
)
_REJECTED = _ROW.prepare(
    _ITEMS.where(Item.talk == bindparam("talk"), Item.state == ItemState.REJECTED, Item.key == bindparam("key"))
    .order_by(Item.number.desc())
    .limit(1)
)
_EARLIER_WITH = select(Item.id, Item.talk).where(Item.talk < bindparam("talk"), IS_LISTED)
_EARLIER = union_all(
    _EARLIER_WITH.where(Item.key == bindparam("key")),
    _EARLIER_WITH.join(Attachment, Attachment.item == Item.id).where(Attachment.key == bindparam("key")),
).subquery()
_LAST_EARLIER = _ROW.prepare(
    _ITEMS.where(Item.id == select(_EARLIER.c.id).order_by(_EARLIER.c.talk.desc()).limit(1).scalar_subquery())
)
_SENDER = func.coalesce(Item.via, Item.submitter)
_SENT = select(func.count()).where(bindparam("qq") == _SENDER, Item.created_at > bindparam("since"))
_SECONDED = select(func.count()).where(Supporter.member == bindparam("qq"), Supporter.created_at > bindparam("since"))
_SENT_SINCE = Prepared(select(_SENT.scalar_subquery() + _SECONDED.scalar_subquery()))
_IS_KNOWN = Prepared(
    select(exists().where(Item.key == bindparam("key")) | exists().where(Attachment.key == bindparam("key")))
)
_CREATE = Prepared(
    insert(Item).returning(Item.id),
    *("talk", "number", "section", "category", "url", "key", "key_version", "title", "title_source", "authors"),
    *("site", "note", "submitter", "via", "state", "created_at", "removed_at", "removed_why"),
)
_SPEAKS_OF = Prepared(insert(ItemMessage), "group_id", "message_id", "item", "part", "member")


def listed(connection: Connection, talk: int) -> Sequence[ItemRow]:
    """The items that stand in a talk's agenda, in the order they came."""
    return _LISTED.all(connection, talk=talk)


def by_number(connection: Connection, talk: int, number: int) -> ItemRow | None:
    return _BY_NUMBER.first(connection, talk=talk, number=number)


def in_order(
    connection: Connection, wanted: ColumnElement[bool], *order: Any, limit: int | None = None, offset: int = 0
) -> Sequence[ItemRow]:
    """The listed items, of all talks, that a condition fits, in an order."""
    return _ROW.all(connection, _ITEMS.where(wanted, IS_LISTED).order_by(*order).limit(limit).offset(offset))


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, ItemRow]:
    """These items as they are now."""
    return {row.id: row for row in _ROW.all(connection, _BY_ID.params(ids=list(ids)))} if ids else {}


def with_same_key(connection: Connection, key: str) -> Sequence[ItemRow]:
    """All listed items of this link, in all talks, oldest first."""
    return _ROW.all(connection, _ITEMS.where(Item.key == key, IS_LISTED).order_by(Item.talk, Item.number))


def of_message(
    connection: Connection, group_id: int, message_id: int, part: MessagePart | None = None
) -> Sequence[ItemRow]:
    """The items that a message in the group has to do with (or only those in which it has this part)."""
    if part is None:
        return _SPOKEN_OF.all(connection, group_id=group_id, message_id=message_id)
    return _SPOKEN_OF_AS.all(connection, group_id=group_id, message_id=message_id, part=part)


def of_member(connection: Connection, talk: int, qq: int) -> Sequence[ItemRow]:
    """The listed items that a member submitted or passed on."""
    return _OF_MEMBER.all(connection, talk=talk, qq=qq)


def with_key(connection: Connection, talk: int, key: str) -> ItemRow | None:
    """The listed item of this talk that has the link already, as its main or as a further one."""
    found = _WITH_KEY.first(connection, talk=talk, key=key)
    return found or _WITH_FURTHER_KEY.first(connection, talk=talk, key=key)


def is_known(connection: Connection, key: str) -> bool:
    """Whether any item ever had this link, in whatever talk and state."""
    return bool(_IS_KNOWN.value(connection, key=key))


def rejected(connection: Connection, talk: int, key: str) -> ItemRow | None:
    """The item of this talk with the link that was turned down."""
    return _REJECTED.first(connection, talk=talk, key=key)


def earlier(connection: Connection, talk: int, key: str) -> ItemRow | None:
    """The listed item of the last talk before this one that had the link."""
    return _LAST_EARLIER.first(connection, talk=talk, key=key)


def sent_since(connection: Connection, qq: int, since: datetime) -> int:
    """How many items a member sent in after this moment, those that were there already included."""
    return int(_SENT_SINCE.value(connection, qq=qq, since=since))


def counts(connection: Connection, talk: int) -> dict[str, int]:
    """How many items stand in each section."""
    rows = connection.execute(
        select(Item.section, func.count()).where(Item.talk == talk, IS_LISTED).group_by(Item.section)
    )
    return {row[0]: row[1] for row in rows}


def sections_open(connection: Connection) -> dict[str, int]:
    """How many items stand in each section of the talks that are not published."""
    rows = connection.execute(
        select(Item.section, func.count()).where(Item.talk.in_(OPEN), IS_LISTED).group_by(Item.section)
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
    title_source: TitleSource | None,
    authors: str | None,
    site: str | None,
    note: str,
    submitter: Person,
    via: Person | None,
    now: datetime,
    rejected_why: str | None = None,
) -> ItemRow:
    """Insert an item and return it; its page is wanted from now on. With `rejected_why` it is turned down at once."""
    state = ItemState.LISTED if rejected_why is None else ItemState.REJECTED
    item = _CREATE.value(
        connection,
        talk=talk,
        number=number,
        section=section,
        category=category,
        url=url,
        key=key,
        key_version=key_version,
        title=title,
        title_source=title_source,
        authors=authors,
        site=site,
        note=note,
        submitter=submitter.qq,
        via=via.qq if via else None,
        state=state,
        created_at=now,
        removed_at=None if rejected_why is None else now,
        removed_why=rejected_why,
    )
    page = None
    if url is not None and key is not None and rejected_why is None:
        page = pages.want(connection, key, url, key_version, now)
    return ItemRow(
        id=item,
        talk=talk,
        number=number,
        section=section,
        category=category,
        url=url,
        key=key,
        title=title or (page.title if page else None),
        title_source=title_source,
        authors=authors or (page.authors if page else None),
        site=site or (page.site if page else None),
        excerpt=page.excerpt if page else None,
        note=note,
        state=state,
        created_at=now,
        pinned_at=None,
        tag=None,
        removed_why=rejected_why,
        same_as=None,
        rank=None,
        moved_by=None,
        moved_from=None,
        submitter=submitter,
        via=via,
        removed_by=None,
        note_by=None,
    )


def set_link(connection: Connection, item: int, url: str, key: str, key_version: int, now: datetime) -> None:
    """Give an item another main link; what the old one was called by a card or an editor no longer holds."""
    pages.want(connection, key, url, key_version, now)
    connection.execute(
        update(Item)
        .where(Item.id == item)
        .values(url=url, key=key, key_version=key_version, title=None, title_source=None, authors=None, site=None)
    )


def lead_to(connection: Connection, item: int, url: str, key: str, key_version: int) -> None:
    """A short link is known by what it leads to; nothing else about the item changes."""
    connection.execute(update(Item).where(Item.id == item).values(url=url, key=key, key_version=key_version))


def set_title(connection: Connection, item: int, title: str | None, source: TitleSource | None) -> None:
    connection.execute(update(Item).where(Item.id == item).values(title=title, title_source=source))


def set_heading(
    connection: Connection,
    item: int,
    title: str,
    authors: str | None,
    site: str | None,
    source: TitleSource = TitleSource.SHARE,
) -> None:
    """What the sender's share text says, or whatever else an item is called by itself."""
    connection.execute(
        update(Item).where(Item.id == item).values(title=title, title_source=source, authors=authors, site=site)
    )


def set_category(connection: Connection, item: int, category: str | None) -> None:
    connection.execute(update(Item).where(Item.id == item).values(category=category))


def move(connection: Connection, item: ItemRow, section: str, category: str | None, by: int) -> None:
    """Put an item into another section, where it has no place yet; `by` is kept, who may move it back."""
    values = {"section": section, "category": category, "rank": None, "moved_by": by, "moved_from": item.section}
    connection.execute(update(Item).where(Item.id == item.id).values(**values))


def set_submitter(connection: Connection, item: int, submitter: int) -> None:
    """Credit another member with an item; nobody has passed it on then."""
    connection.execute(update(Item).where(Item.id == item).values(submitter=submitter, via=None))


def set_ranks(connection: Connection, talk: int, section: str, ids: Sequence[int]) -> None:
    """Let these items come first in their section of a talk, in this order; the others follow as they came."""
    connection.execute(update(Item).where(Item.talk == talk, Item.section == section).values(rank=None))
    for rank, item in enumerate(ids, 1):
        connection.execute(update(Item).where(Item.id == item).values(rank=rank))


def pin(connection: Connection, item: int, tag: str | None, now: datetime) -> None:
    """Put an item into the talk's highlights; one that is there already keeps its place."""
    connection.execute(
        update(Item).where(Item.id == item).values(pinned_at=func.coalesce(Item.pinned_at, now), tag=tag)
    )


def unpin(connection: Connection, item: int) -> None:
    connection.execute(update(Item).where(Item.id == item).values(pinned_at=None, tag=None))


def set_note(connection: Connection, item: int, note: str, by: int | None = None) -> None:
    """Set an item's note; `by` is who wrote it if not the submitter."""
    connection.execute(update(Item).where(Item.id == item).values(note=note, note_by=by))


def remove(
    connection: Connection,
    item: int,
    state: ItemState,
    by: int | None,
    why: str | None,
    now: datetime,
    same_as: int | None = None,
) -> None:
    """Take an item out of the agenda: its row stays, with who and why."""
    connection.execute(
        update(Item)
        .where(Item.id == item)
        .values(state=state, removed_at=now, removed_by=by, removed_why=why, same_as=same_as)
    )


def restore(connection: Connection, item: ItemRow, key_version: int, now: datetime) -> None:
    """Put an item into the agenda again; its page is wanted if it never was."""
    if item.url is not None and item.key is not None:
        pages.want(connection, item.key, item.url, key_version, now)
    connection.execute(
        update(Item)
        .where(Item.id == item.id)
        .values(state=ItemState.LISTED, removed_at=None, removed_by=None, removed_why=None, same_as=None)
    )


def speaks_of(
    connection: Connection,
    group_id: int,
    message_id: int,
    items: Sequence[int],
    part: MessagePart = MessagePart.SPEAKS,
    member: int | None = None,
) -> None:
    """From now on a reply to this message means these items; one named twice counts once.

    `member` is who is credited for what the message brought or seconded.
    """
    for item in dict.fromkeys(items):
        _SPEAKS_OF.run(connection, group_id=group_id, message_id=message_id, item=item, part=part, member=member)


def alias_message(connection: Connection, group_id: int, message_id: int, other_id: int) -> None:
    """Another account knows this message by another id: that one means the same items."""
    same = (literal(other_id), ItemMessage.item, ItemMessage.part, ItemMessage.member)
    known = select(ItemMessage.item).where(ItemMessage.group_id == group_id, ItemMessage.message_id == other_id)
    connection.execute(
        insert(ItemMessage).from_select(
            ["group_id", "message_id", "item", "part", "member"],
            select(ItemMessage.group_id, *same).where(
                ItemMessage.group_id == group_id,
                ItemMessage.message_id == message_id,
                ItemMessage.item.not_in(known),
            ),
        )
    )
