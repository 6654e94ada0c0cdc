"""Pages of links: what is known of them, and which are still to be fetched."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from db.enums import PageState
from db.models import Instant, Page
from db.queries.rows import RowOf
from db.statements import Prepared


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


_ROW = RowOf(PageRow, Page)
_BY_KEY = _ROW.prepare(_ROW.select().where(Page.key == bindparam("key")))
_LEADS_TO = Prepared(select(Page.leads_to).where(Page.key == bindparam("key")))
_WANT = Prepared(
    text(
        "INSERT INTO pages (key, key_version, url, state, tries, next_try_at)"
        " VALUES (:key, :key_version, :url, 'wanted', 0, :now) ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("now", type_=Instant))
)


def want(connection: Connection, key: str, url: str, key_version: int, now: datetime) -> PageRow | None:
    """Queue a page for fetching, unless it is known; returns what is known of it then."""
    is_new = _WANT.run(connection, key=key, url=url, key_version=key_version, now=now)
    return None if is_new else by_key(connection, key)


def by_key(connection: Connection, key: str) -> PageRow | None:
    return _BY_KEY.first(connection, key=key)


def leads_to(connection: Connection, key: str) -> str | None:
    """Where a short link leads, if that was found out."""
    return _LEADS_TO.value(connection, key=key)


def due(connection: Connection, now: datetime, limit: int) -> Sequence[PageRow]:
    """The pages to be fetched now, longest waiting first."""
    wanted = _ROW.select().where(Page.next_try_at <= now).order_by(Page.next_try_at, Page.key).limit(limit)
    return _ROW.all(connection, wanted)


def found(
    connection: Connection,
    key: str,
    title: str | None,
    authors: str | None,
    site: str | None,
    excerpt: str | None,
    leads_to: str | None = None,
) -> None:
    """Store the result of fetching a page."""
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
    """Schedule another try of a page that could not be fetched."""
    connection.execute(
        update(Page).where(Page.key == key).values(tries=Page.tries + 1, next_try_at=next_try_at, why=why)
    )


def close(connection: Connection, key: str, why: str) -> None:
    """Give a page up: it does not exist, or must not be fetched."""
    connection.execute(
        update(Page)
        .where(Page.key == key)
        .values(state=PageState.CLOSED, tries=Page.tries + 1, next_try_at=None, why=why)
    )
