"""What is known of links' pages, and which are still to be read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from db.enums import PageState
from db.models import Instant, Page


class PageRow(NamedTuple):
    """A page as it is known."""

    key: str
    url: str
    state: str
    title: str | None
    authors: str | None
    site: str | None
    excerpt: str | None
    tries: int


_PAGES = select(Page.key, Page.url, Page.state, Page.title, Page.authors, Page.site, Page.excerpt, Page.tries)
_BY_KEY = _PAGES.where(Page.key == bindparam("key"))
_LEADS_TO = select(Page.leads_to).where(Page.key == bindparam("key"))
_WANT = text(
    "INSERT INTO pages (key, key_version, url, state, tries, next_try_at)"
    " VALUES (:key, :key_version, :url, 'wanted', 0, :now) ON CONFLICT DO NOTHING"
).bindparams(bindparam("now", type_=Instant))


def want(connection: Connection, key: str, url: str, key_version: int, now: datetime) -> PageRow | None:
    """Ask for a page to be read, unless it was asked for before; returns what is known of it then."""
    asked = connection.execute(_WANT, {"key": key, "url": url, "key_version": key_version, "now": now})
    return None if asked.rowcount else by_key(connection, key)


def by_key(connection: Connection, key: str) -> PageRow | None:
    row = connection.execute(_BY_KEY, {"key": key}).one_or_none()
    return PageRow(*row) if row else None


def leads_to(connection: Connection, key: str) -> str | None:
    """Where a short link leads, if that was found out."""
    return connection.execute(_LEADS_TO, {"key": key}).scalar_one_or_none()


def due(connection: Connection, now: datetime, limit: int) -> Sequence[PageRow]:
    """The pages that are to be read now, longest waiting first."""
    wanted = _PAGES.where(Page.next_try_at <= now).order_by(Page.next_try_at, Page.key).limit(limit)
    return [PageRow(*row) for row in connection.execute(wanted)]


def found(
    connection: Connection,
    key: str,
    title: str | None,
    authors: str | None,
    site: str | None,
    excerpt: str | None,
    leads_to: str | None = None,
) -> None:
    """A page was read."""
    connection.execute(
        update(Page)
        .where(Page.key == key)
        .values(
            state=PageState.READ,
            title=title,
            authors=authors,
            site=site,
            excerpt=excerpt,
            leads_to=leads_to,
            tries=Page.tries + 1,
            next_try_at=None,
            why=None,
        )
    )


def later(connection: Connection, key: str, next_try_at: datetime, why: str) -> None:
    """A page could not be read just now."""
    connection.execute(
        update(Page).where(Page.key == key).values(tries=Page.tries + 1, next_try_at=next_try_at, why=why)
    )


def close(connection: Connection, key: str, why: str) -> None:
    """A page does not want to be read, or there is none: it is not asked again."""
    connection.execute(
        update(Page)
        .where(Page.key == key)
        .values(state=PageState.CLOSED, tries=Page.tries + 1, next_try_at=None, why=why)
    )
