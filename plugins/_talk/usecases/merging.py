"""Storing page details under the links' keys, and replacing short links by their targets, which can merge items."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from db.enums import ItemState, TalkState, TitleSource
from db.queries import items, pages, supporters, talks
from db.queries.items import ItemRow
from plugins._talk.lifecycle import talk_name
from plugins._talk.links import advertising
from plugins._talk.links.canonical import KEY_VERSION, Link, canonical
from plugins._talk.links.sites import is_short
from plugins._talk.series import Advertising
from plugins._talk.web.details import PageDetails


def keep(connection: Connection, policy: Advertising, key: str, found: PageDetails, now: datetime) -> None:
    """Store the details of the page with this key; a resolved short link re-keys, merges or rejects its items."""
    heading = found.heading
    if found.leads_to is not None:
        pages.found(connection, key, None, None, None, None, found.leads_to.url)
        why = advertising.refusal(policy, found.leads_to, 0, None)
        for item in items.with_same_key(connection, key):
            if why is not None:
                items.remove(connection, item.id, ItemState.REJECTED, None, why, now)
            rekey_or_merge(connection, item, found.leads_to, now)
    elif heading is not None:
        pages.found(connection, key, heading.title, heading.authors, heading.site, found.excerpt)


def resolve_short(connection: Connection, link: Link) -> Link:
    """The target of a short link, if known; any other link unchanged."""
    url = pages.leads_to(connection, link.key) if is_short(link.host) else None
    return (canonical(url) if url else None) or link


def rekey_or_merge(connection: Connection, item: ItemRow, link: Link, now: datetime) -> None:
    """Set an item's link; if another item of its talk has the same key, merge the two.

    In a talk that is over they are not merged: this item gets a unique key instead.
    """
    same = items.with_key(connection, item.talk, link.key)
    talk = talks.by_number(connection, item.talk)
    over = talk is None or talk.state not in (TalkState.COLLECTING, TalkState.LIVE)
    if same is None or same.id == item.id or item.state != ItemState.LISTED:
        pages.want(connection, link.key, link.url, KEY_VERSION, now)
        items.lead_to(connection, item.id, link.url, link.key, KEY_VERSION)
    elif over:
        items.lead_to(connection, item.id, link.url, f"{link.key}#{item.number}", KEY_VERSION)
    else:
        first, second = sorted((same, item), key=lambda each: each.number)
        _merge(connection, first, second, link, now)


def _merge(connection: Connection, first: ItemRow, second: ItemRow, link: Link, now: datetime) -> None:
    """Withdraw the later item and transfer its note, title, pin, supporters and attachments to the first."""
    why = f"和 {talk_name(first.talk)}#{first.number} 是同一个链接"
    items.remove(connection, second.id, ItemState.WITHDRAWN, None, why, now, same_as=first.id)
    items.lead_to(connection, first.id, link.url, link.key, KEY_VERSION)
    if second.submitter.qq != first.submitter.qq:
        supporters.add(connection, first.id, second.submitter.qq, second.note, second.created_at, main=True)
    elif second.note and second.note != first.note:
        items.set_note(connection, first.id, "\n".join(filter(None, [first.note, second.note])))
    if second.title_source and second.title and not first.title_source:
        items.set_heading(
            connection, first.id, second.title, second.authors, second.site, TitleSource(second.title_source)
        )
    if second.pinned_at and not first.pinned_at:
        items.pin(connection, first.id, second.tag, second.pinned_at)
    supporters.merge_supporters(connection, second.id, first.id, first.submitter.qq)


def known_before(connection: Connection, listed: Sequence[ItemRow]) -> dict[int, ItemRow]:
    """For those of these items whose link an earlier talk had: the earlier item, by item id."""
    found = {item.id: items.earlier(connection, item.talk, item.key) for item in listed if item.key}
    return {number: row for number, row in found.items() if row is not None}
