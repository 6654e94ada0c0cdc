"""Submitting items and minding one's own: use cases over the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import items, members, talks
from db.queries.items import ItemRow
from db.queries.members import Person
from db.words import AttachmentKind, ItemState
from plugins._talk.desk import Desk, ItemRef, Refused
from plugins._talk.links import KEY_VERSION, Link, find_links
from plugins._talk.prose import without_links
from plugins._talk.series import Section
from plugins._talk.share import Share, Shared, headline, split_category
from plugins._talk.talks import talk_name


@dataclass(frozen=True)
class Duplicate:
    """A link that the talk has already, and the item that has it."""

    url: str
    item: ItemRow
    own: bool


@dataclass(frozen=True)
class Submission:
    """What became of one message's shares."""

    talk: int
    section: Section
    accepted: Sequence[ItemRow]
    duplicates: Sequence[Duplicate]
    left_out: int


def submit(
    desk: Desk, section: Section, shared: Shared, author: Person | None = None, pictures: Sequence[str] = ()
) -> Submission:
    """File what a message shares in a section of the collecting talk.

    `author` is who said it first when the visitor passes on somebody else's message: the credit is theirs.
    `pictures` (file names in the store) hang under the first item.
    """
    _fits(desk, *(share.note for share in shared.shares))
    if author is not None:
        author = members.met(desk.connection, author.qq, author.name)
        author = None if author.qq == desk.member.qq else author
    accepted: list[ItemRow] = []
    duplicates: list[Duplicate] = []
    for share in shared.shares:
        known = items.with_key(desk.connection, desk.talk.number, share.link.key) if share.link else None
        if known is not None and share.link is not None:
            duplicates.append(Duplicate(share.link.url, known, known.submitter.qq == desk.member.qq))
        else:
            accepted.append(_file(desk, section, share, shared.category, author))
    for picture in pictures if accepted else ():
        _attach(desk, accepted[0], AttachmentKind.PICTURE, picture)
    told = [item.id for item in [*accepted, *(each.item for each in duplicates)]]
    items.speaks_of(desk.connection, desk.visit.group_id, desk.visit.message_id, told)
    return Submission(desk.talk.number, section, accepted, duplicates, shared.left_out)


def _file(desk: Desk, section: Section, share: Share, category: str | None, author: Person | None) -> ItemRow:
    talk = desk.talk.number
    return items.create(
        desk.connection,
        talk=talk,
        number=talks.take_item_number(desk.connection, talk),
        section=section.key,
        category=category or section.category_of_host(share.link.host if share.link else ""),
        url=share.link.url if share.link else None,
        key=share.link.key if share.link else None,
        key_version=KEY_VERSION,
        title=share.title,
        note=share.note,
        submitter=author or desk.member,
        via=desk.member if author else None,
        now=desk.visit.at,
    )


def _row(desk: Desk, talk: int, number: int) -> ItemRow:
    return desk.find_item(ItemRef(number, talk))


def _fits(desk: Desk, *notes: str) -> None:
    limit = desk.series.limits.note
    if any(len(note) > limit for note in notes):
        raise Refused(f"说明太长了（最多 {limit} 字），这条没有存下。请缩短后再发一次")


def mine(desk: Desk) -> tuple[int, Sequence[ItemRow]]:
    """The visitor's items in the collecting talk, with its number."""
    return desk.talk.number, items.of_member(desk.connection, desk.talk.number, desk.member.qq)


def edit(desk: Desk, ref: ItemRef, text: str) -> ItemRow:
    """Replace an own item's category, words and link by what `text` has of them."""
    item = desk.own_item(ref)
    category, text = split_category(text, desk.series.section(item.section))
    link, words = _one_link(text)
    _fits(desk, words)
    if category is not None:
        items.set_category(desk.connection, item.id, category)
    if link is not None:
        _relink(desk, item, link)
    if words:
        items.set_note(desk.connection, item.id, words)
    return _row(desk, item.talk, item.number)


def _one_link(text: str) -> tuple[Link | None, str]:
    found = find_links(text)
    if len(found) > 1:
        raise Refused("一条只有一个主链接，其余的用 /补充 加在下面")
    return (found[0].link if found else None), without_links(text, found)


def _relink(desk: Desk, item: ItemRow, link: Link) -> None:
    _is_new(desk, item, link)
    items.set_link(desk.connection, item.id, link.url, link.key, KEY_VERSION)


def _is_new(desk: Desk, item: ItemRow, link: Link) -> bool:
    """Whether the item does not have the link yet. Refused where another item of its talk has it."""
    known = items.with_key(desk.connection, item.talk, link.key)
    if known is not None and known.id != item.id:
        raise Refused(f"这个链接 {known.submitter.name} 已经发过了：{talk_name(known.talk)} #{known.number}")
    return known is None


@dataclass(frozen=True)
class Added:
    """What was hung under an item; `became_main` when it had no link and now has."""

    item: ItemRow
    links: int
    pictures: int
    text: bool
    became_main: bool


def add(desk: Desk, ref: ItemRef, text: str, pictures: Sequence[str]) -> Added:
    """Hang links, words and pictures (file names in the store) under an own item.

    The first link given to an item without one becomes its main link. What it has already is not added twice.
    """
    item = desk.own_item(ref)
    found = find_links(text)
    words = without_links(text, found)
    _fits(desk, words)
    links = list({each.link.key: each.link for each in found}.values())
    became_main = bool(links) and item.url is None
    if became_main:
        _relink(desk, item, links.pop(0))
    added = 0
    for link in links:
        if _is_new(desk, item, link):
            _attach(desk, item, AttachmentKind.LINK, link.url, link.key)
            added += 1
    for picture in pictures:
        _attach(desk, item, AttachmentKind.PICTURE, picture)
    if words:
        _attach(desk, item, AttachmentKind.TEXT, words)
    items.speaks_of(desk.connection, desk.visit.group_id, desk.visit.message_id, [item.id])
    return Added(_row(desk, item.talk, item.number), added, len(pictures), bool(words), became_main)


def _attach(desk: Desk, item: ItemRow, kind: AttachmentKind, body: str, key: str | None = None) -> None:
    items.attach(desk.connection, item.id, kind, body, key, desk.member.qq, desk.visit.at)


def withdraw(desk: Desk, refs: Sequence[ItemRef]) -> Sequence[ItemRow]:
    """Take own items out of the agenda, all or none. The rows stay, and so do their numbers."""
    found = list({item.id: item for item in map(desk.own_item, refs)}.values())
    for item in found:
        items.set_state(desk.connection, item.id, ItemState.WITHDRAWN)
    return found


def title_of(item: ItemRow) -> str:
    """What an item is called in one line."""
    return headline(item.title, item.note, item.url)
