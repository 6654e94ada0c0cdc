"""What is known of pages, put to use: kept under their keys, and short links become what they lead to."""

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
from plugins._talk.web.lookup import PageDetails


def keep(connection: Connection, policy: Advertising, key: str, found: PageDetails, now: datetime) -> None:
    """Keep what was found out about the page with this key."""
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
    """What a short link leads to, as far as that is known; any other link as it is."""
    url = pages.leads_to(connection, link.key) if is_short(link.host) else None
    return (canonical(url) if url else None) or link


def rekey_or_merge(connection: Connection, item: ItemRow, link: Link, now: datetime) -> None:
    """An item's link turns out to be this one; where its talk has that already, the two become one.

    In a talk that is over nothing is taken from anybody: the later one keeps a key of its own.
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
    """The later item goes, and what it had goes to the first: words, title, pin, supporters, what hangs under it."""
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
    """Which of these items an earlier talk had, by their ids."""
    found = {item.id: items.earlier(connection, item.talk, item.key) for item in listed if item.key}
    return {number: row for number, row in found.items() if row is not None}
