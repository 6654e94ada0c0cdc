"""Migration after a change of the key rules: stored keys are recomputed from the URLs, which never change."""

from datetime import datetime

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import items, keys
from db.queries.keys import Keyed
from plugins._talk.links.canonical import KEY_VERSION, Link, canonical
from plugins._talk.usecases import merging


def bring_keys_up_to_date(connection: Connection, now: datetime) -> int:
    """Recompute keys older than KEY_VERSION of items, attached links and pages; returns how many of the first two.

    Two items with the same new key are merged in a collecting talk; in any other, one of them gets a unique key.
    """
    stale = keys.take_stale_items(connection, KEY_VERSION)
    for item in stale:
        _renew(connection, item, canonical(item.url), now)
    attachments = keys.stale_attachments(connection, KEY_VERSION)
    for attachment, url in attachments:
        link = canonical(url)
        keys.set_attachment(connection, attachment, link.key if link else url, KEY_VERSION)
    for old, url in keys.stale_pages(connection, KEY_VERSION):
        link = canonical(url)
        keys.move_page(connection, old, link.key if link else url, KEY_VERSION)
    return len(stale) + len(attachments)


def _renew(connection: Connection, item: Keyed, link: Link | None, now: datetime) -> None:
    key = link.key if link else item.url  # a URL that the rules no longer accept is its own key
    if link is None or not keys.is_taken(connection, item, key):
        keys.set_item(connection, item.id, key, KEY_VERSION)
    elif item.talk_state == TalkState.COLLECTING:
        merging.rekey_or_merge(connection, items.by_ids(connection, [item.id])[item.id], link, now)
        keys.set_item(connection, item.id, key, KEY_VERSION)
    else:
        keys.set_item(connection, item.id, f"{key}#{item.number}", KEY_VERSION)
