"""Commands of hosts, and of leads within their section, that edit the agenda. Use cases for the desk."""

from collections.abc import Sequence

from sqlalchemy import Connection

from db.enums import ItemState, TitleSource
from db.queries import items
from db.queries.items import ItemRow
from plugins._talk.documents.item_titles import title_of
from plugins._talk.links.canonical import KEY_VERSION
from plugins._talk.series import Section
from plugins._talk.usecases.admission import must_be_welcome
from plugins._talk.usecases.desk import Desk, ItemRef, Refused, Rules, Visit, open_desk

OFF = ("取消", "off")
LONGEST_TITLE = 300
LONGEST_TAG = 40


def move(desk: Desk, ref: ItemRef, argument: str) -> ItemRow:
    """Move an item to `[section] [category]`; its talk and number stay."""
    item = desk.charge(ref)
    first, *rest = argument.split()
    section = desk.series.section_called(first)
    if section is None:
        section, rest = desk.series.section(item.section), [first, *rest]
    category = section.category_called(" ".join(rest)) if rest else None
    if rest and category is None:
        raise Refused(f"没有「{' '.join(rest)[:20]}」这个版块或分类。可以移到：{_places(desk, section)}")
    if category is None:
        category = section.category_of(item.url or "")
    items.move(desk.connection, item.id, section.key, category)
    return desk.find_item(ItemRef(item.number, item.talk))


def _places(desk: Desk, section: Section) -> str:
    within = [category.name for category in section.categories]
    return "、".join([*within, *(each.short for each in desk.series.sections if each.submissions and each != section)])


def retitle(desk: Desk, ref: ItemRef, title: str) -> ItemRow:
    """Set an item's title, which takes precedence over its note and its page's title. Raises Refused."""
    item = desk.charge(ref)
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE:
        raise Refused(f"标题最多 {LONGEST_TITLE} 字，请短一点")
    must_be_welcome(desk, title)
    items.set_title(desk.connection, item.id, title, TitleSource.EDITOR)
    return desk.find_item(ItemRef(item.number, item.talk))


def reject(desk: Desk, ref: ItemRef, why: str) -> ItemRow:
    """Take an item out of the agenda. Its row stays, with who and why."""
    item = desk.charge(ref)
    items.remove(desk.connection, item.id, ItemState.REJECTED, desk.member.qq, why[:200], desk.visit.said_at)
    return item


def restore(desk: Desk, ref: ItemRef) -> ItemRow:
    """List an item again that was rejected by a host or by the advertising rules. Raises Refused."""
    item = desk.charge(ref, ItemState.REJECTED)
    same = items.with_key(desk.connection, item.talk, item.key) if item.key else None
    if same is not None:
        raise Refused(f"这个链接已经有 #{same.number} 了：{title_of(same)}")
    items.restore(desk.connection, item, KEY_VERSION, desk.visit.said_at)
    return desk.find_item(ItemRef(item.number, item.talk))


def pin(desk: Desk, ref: ItemRef, tag: str) -> tuple[ItemRow, bool]:
    """Add an item to the talk's highlights under a tag (default: its title), or remove it with `取消`.

    Returns the item and whether it is in the highlights now. Raises Refused.
    """
    item = desk.charge(ref)
    tag = " ".join(tag.split())
    if tag.casefold() in OFF:
        items.unpin(desk.connection, item.id)
        return item, False
    if len(tag) > LONGEST_TAG:
        raise Refused(f"提要里每条最多 {LONGEST_TAG} 字，请短一点")
    must_be_welcome(desk, tag)
    items.pin(desk.connection, item.id, tag or None, desk.visit.said_at)
    return desk.find_item(ItemRef(item.number, item.talk)), True


def react(connection: Connection, rules: Rules, visit: Visit, *, added: bool) -> Sequence[ItemRow]:
    """Pin the item of the message `visit.message_id` when a reaction is added, or unpin it when it is removed.

    Returns the items that the message refers to and the visitor may edit; if there are several, none is changed.
    """
    desk = open_desk(connection, rules, visit)
    meant = [
        item
        for item in items.of_message(connection, visit.group_id, visit.message_id)
        if item.state == ItemState.LISTED and desk.may_edit(item) and desk.is_open(item.talk)
    ]
    if len(meant) == 1 and added:
        items.pin(connection, meant[0].id, meant[0].tag, visit.said_at)
    elif len(meant) == 1:
        items.unpin(connection, meant[0].id)
    return meant
