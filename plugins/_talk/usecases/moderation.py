"""Commands of hosts, and of leads within their section, that edit the agenda. Use cases for the desk."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from db.enums import ItemState, TitleSource
from db.queries import items, nominations
from db.queries.items import ItemRow
from plugins._talk.documents.item_titles import title_of
from plugins._talk.links.canonical import KEY_VERSION
from plugins._talk.series import Section, Series
from plugins._talk.usecases.admission import must_be_welcome
from plugins._talk.usecases.desk import Desk, ItemRef, Refused, Rules, Visit, open_desk
from plugins._talk.usecases.recording import recorded

OFF = ("取消", "off")
_TO = re.compile(r"^(?:移|换|改|挪|放)?(?:到|去|至|成|为)\s*")
LONGEST_TITLE = 300
LONGEST_TAG = 40


def move(desk: Desk, refs: Sequence[ItemRef], argument: str) -> list[ItemRow]:
    """Move items to `[section] [category]`; their talk and numbers stay.

    Their submitters may do so as well, and who moved an item out of a section may move it back. Raises Refused.
    """
    moved: list[ItemRow] = []
    for ref in refs:
        item = _movable(desk, ref, argument)
        section, category = destination(desk.series, item, argument)
        if section.key == item.section:
            items.set_category(desk.connection, item.id, category)
        else:
            nominations.unpick(desk.connection, item.id)
            items.move(desk.connection, item, section.key, category, desk.member.qq)
        moved.append(desk.find_item(ItemRef(item.number, item.talk)))
    return moved


def _movable(desk: Desk, ref: ItemRef, argument: str) -> ItemRow:
    """The item to be moved. Raises Refused for those who may not move it."""
    item = desk.open_item(ref)
    back = item.moved_by == desk.member.qq and destination(desk.series, item, argument)[0].key == item.moved_from
    return item if back else desk.charge(ItemRef(item.number, item.talk), own=True)


def destination(series: Series, item: ItemRow, argument: str) -> tuple[Section, str | None]:
    """The section and category that `argument` names, for an item. Raises Refused.

    A category that the item's own section lacks means the first section that has it.
    """
    said = _TO.sub("", " ".join(argument.split()))
    first, _, rest = said.partition(" ")
    section = series.section_called(first)
    if section is None:
        own = series.section(item.section)
        section, rest = next((each for each in (own, *series.submitting) if each.category_called(said)), own), said
    category = section.category_called(rest) if rest else None
    if rest and category is None:
        raise Refused(f"没有「{rest[:20]}」这个版块或分类。可以移到：{_places(series, section)}")
    return section, category or section.category_of(item.url or "")


def _places(series: Series, section: Section) -> str:
    within = [category.name for category in section.categories]
    return "、".join([*within, *(each.short for each in series.submitting if each != section)])


def retitle(desk: Desk, ref: ItemRef, title: str) -> ItemRow:
    """Set an item's title, which takes precedence over its note and its page's title. For its submitter, too.

    Raises Refused.
    """
    item = desk.charge(ref, own=True)
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE:
        raise Refused(f"标题最多 {LONGEST_TITLE} 字，请短一点")
    must_be_welcome(desk, title)
    items.set_title(desk.connection, item.id, title, TitleSource.EDITOR)
    return desk.find_item(ItemRef(item.number, item.talk))


def reject(desk: Desk, refs: Sequence[ItemRef], why: str) -> list[ItemRow]:
    """Take items out of the agenda. Their rows stay, with who and why. Raises Refused."""
    rejected = [desk.charge(ref) for ref in refs]
    for item in rejected:
        items.remove(desk.connection, item.id, ItemState.REJECTED, desk.member.qq, why[:200], desk.visit.said_at)
    return rejected


def restore(desk: Desk, refs: Sequence[ItemRef]) -> list[ItemRow]:
    """List items again that were rejected by a host or by the advertising rules. Raises Refused."""
    restored: list[ItemRow] = []
    for ref in refs:
        item = desk.charge(ref, ItemState.REJECTED)
        same = items.with_key(desk.connection, item.talk, item.key) if item.key else None
        if same is not None:
            raise Refused(f"这个链接已经有 #{same.number} 了：{title_of(same)}")
        items.restore(desk.connection, item, KEY_VERSION, desk.visit.said_at)
        restored.append(desk.find_item(ItemRef(item.number, item.talk)))
    return restored


def pin(desk: Desk, refs: Sequence[ItemRef], tag: str) -> tuple[list[ItemRow], bool]:
    """Add items to the talk's highlights, one of them under a tag (default: its title), or remove them with `取消`.

    Returns the items and whether they are in the highlights now. Raises Refused.
    """
    chosen = [desk.charge(ref) for ref in refs]
    tag = " ".join(tag.split())
    if tag.casefold() in OFF:
        for item in chosen:
            items.unpin(desk.connection, item.id)
        return chosen, False
    if tag and len(chosen) > 1:
        raise Refused(
            f"几条一起列入提要时不写说法；要写就一条一条发，例：/提要 #{chosen[0].number} {tag[:LONGEST_TAG]}"
        )
    if len(tag) > LONGEST_TAG:
        raise Refused(f"提要里每条最多 {LONGEST_TAG} 字，请短一点")
    must_be_welcome(desk, tag)
    for item in chosen:
        items.pin(desk.connection, item.id, tag or None, desk.visit.said_at)
    return [desk.find_item(ItemRef(item.number, item.talk)) for item in chosen], True


def order(desk: Desk, refs: Sequence[ItemRef]) -> list[ItemRow]:
    """Let items come first in their sections, in this order; during the evening: next. Raises Refused."""
    chosen = list({item.id: item for item in (desk.charge(ref) for ref in refs)}.values())
    if len({item.talk for item in chosen}) > 1:
        raise Refused("这几条不在同一期里，分开排吧")
    for section in dict.fromkeys(item.section for item in chosen):
        ids = [item.id for item in chosen if item.section == section]
        items.set_ranks(desk.connection, chosen[0].talk, section, ids)
    return chosen


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
    with recorded(connection, desk.member.qq, visit.record, visit.said_at):
        if len(meant) == 1 and added:
            items.pin(connection, meant[0].id, meant[0].tag, visit.said_at)
        elif len(meant) == 1:
            items.unpin(connection, meant[0].id)
    return meant
