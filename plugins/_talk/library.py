"""What is known of pages, put to use: kept under their keys, and short links become what they lead to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from db.queries import items, pages
from db.queries.items import ItemRow
from db.words import ItemState
from plugins._talk.links import KEY_VERSION, Link
from plugins._talk.talks import talk_name
from plugins._talk.titles import Found


def keep(connection: Connection, key: str, found: Found, now: datetime) -> None:
    """Keep what was found out about the page with this key."""
    heading = found.heading
    if found.leads_to is not None:
        pages.found(connection, key, None, None, None, None, found.leads_to.url)
        for item in items.with_same_key(connection, key):
            become(connection, item, found.leads_to, now)
    elif heading is not None:
        pages.found(connection, key, heading.title, heading.authors, heading.site, found.excerpt)


def become(connection: Connection, item: ItemRow, link: Link, now: datetime) -> None:
    """An item's link turns out to be this one; where its talk has that already, the two become one."""
    same = items.with_key(connection, item.talk, link.key)
    if same is None or same.id == item.id:
        pages.want(connection, link.key, link.url, KEY_VERSION, now)
        items.lead_to(connection, item.id, link.url, link.key, KEY_VERSION)
        return
    first, second = sorted((same, item), key=lambda each: each.number)
    why = f"和 {talk_name(first.talk)}#{first.number} 是同一个链接"
    items.remove(connection, second.id, ItemState.WITHDRAWN, None, why, now, same_as=first.id)
    if first.id == item.id:
        items.lead_to(connection, first.id, link.url, link.key, KEY_VERSION)
    if second.submitter.qq != first.submitter.qq:
        items.second(connection, first.id, second.submitter.qq, second.note, second.created_at)
    items.make_one(connection, second.id, first.id, first.submitter.qq)


def known_before(connection: Connection, listed: Sequence[ItemRow]) -> dict[int, ItemRow]:
    """Which of these items an earlier talk had, by their ids."""
    found = {item.id: items.earlier(connection, item.talk, item.key) for item in listed if item.key}
    return {number: row for number, row in found.items() if row is not None}
