"""Lists of talks and of items, across talks: what a line of them tells, and their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import catalogue, talks
from db.queries.items import ItemRow
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.documents.item_titles import title_of, whole_title
from plugins._talk.documents.minutes import Earlier, Video, earlier_than_the_bot, video_of
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.lifecycle import place_of
from plugins._talk.series import Series

TALKS_A_PAGE = 20
ITEMS_A_PAGE = 40


@dataclass(frozen=True)
class Paging:
    """Which page of how many this is, counted from 1."""

    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class TalkLine:
    """A talk in a list; `title` is its article's once it is published, `counts` are the items of its sections.

    `told_at` is when its time was last decided.
    """

    number: int
    scheduled_at: datetime
    ended_at: datetime | None
    told_at: datetime
    place: str
    sequence: int
    state: str
    title: str
    highlights: tuple[str, ...]
    hosts: tuple[Person, ...]
    counts: tuple[tuple[str, int], ...]
    article: str | None
    video: Video | None


@dataclass(frozen=True)
class Talks:
    """A page of all talks, the newest first; on the last also those from before the bot's time."""

    talks: tuple[TalkLine, ...]
    paging: Paging
    past: tuple[Earlier, ...]


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """An item in a list across talks."""

    talk: int
    number: int
    section: str
    category: str | None
    title: str
    url: str | None
    note: str
    submitter: Person
    said_at: datetime


def talk_list(connection: Connection, series: Series, page: int) -> Talks:
    """A page of the list of talks. Raises LookupError for a page that there is not."""
    paging = paging_of(talks.count(connection), TALKS_A_PAGE, page)
    rows = talks.newest(connection, TALKS_A_PAGE, (page - 1) * TALKS_A_PAGE)
    past = earlier_than_the_bot(connection, series) if paging.page == paging.pages else ()
    return without_numbers(connection, Talks(talk_lines(connection, series, rows), paging, past))


def newest_talks(connection: Connection, series: Series, most: int) -> tuple[TalkLine, ...]:
    """The newest talks, for calendars and feeds."""
    return without_numbers(connection, talk_lines(connection, series, talks.newest(connection, most)))


def published_talks(connection: Connection, series: Series, most: int) -> tuple[TalkLine, ...]:
    """The talks that were published last, for a feed."""
    rows = talks.recent(connection, [TalkState.PUBLISHED], most)[::-1]
    return without_numbers(connection, talk_lines(connection, series, rows))


def newest_items(connection: Connection, series: Series, most: int, section: str | None) -> tuple[ItemLine, ...]:
    """The items that came last (in one section), for a feed."""
    rows = catalogue.newest_items(connection, most, section)
    return without_numbers(connection, tuple(item_line(row, series) for row in rows))


def paging_of(count: int, size: int, page: int) -> Paging:
    """Which page of how many a list of so many is. Raises LookupError for one that there is not."""
    pages = max(1, -(-count // size))
    if not 1 <= page <= pages:
        raise LookupError(page)
    return Paging(page, pages)


def talk_lines(connection: Connection, series: Series, rows: Sequence[TalkRow]) -> tuple[TalkLine, ...]:
    """The lines of these talks, in their order."""
    if not rows:
        return ()
    first, last = min(row.number for row in rows), max(row.number for row in rows)
    counts: dict[int, dict[str, int]] = {}
    for each in catalogue.section_counts(connection, first, last):
        counts.setdefault(each.talk, {})[each.section] = each.items
    pinned: dict[int, list[str]] = {}
    for item in catalogue.highlights(connection, first, last):
        pinned.setdefault(item.talk, []).append(item.tag or title_of(item))
    hosts: dict[int, list[Person]] = {}
    for held in catalogue.roles(connection, first, last):
        if held.role == series.host.key:
            hosts.setdefault(held.talk, []).append(held.person)
    return tuple(
        TalkLine(
            number=row.number,
            scheduled_at=row.scheduled_at.astimezone(series.zone),
            ended_at=row.ended_at.astimezone(series.zone) if row.ended_at else None,
            told_at=row.moved_at or row.collecting_from,
            place=place_of(row, series),
            sequence=row.sequence,
            state=row.state,
            title=row.summary or "",
            highlights=tuple(pinned.get(row.number, ())),
            hosts=tuple(hosts.get(row.number, ())),
            counts=_named(counts.get(row.number, {}), series),
            article=row.article,
            video=video_of(row),
        )
        for row in rows
    )


def _named(counts: Mapping[str, int], series: Series) -> tuple[tuple[str, int], ...]:
    order = [section.key for section in series.sections]
    keys = sorted(counts, key=lambda key: order.index(key) if key in order else len(order))
    return tuple((series.section(key).name, counts[key]) for key in keys)


def item_line(row: ItemRow, series: Series) -> ItemLine:
    """The line of an item."""
    title = whole_title(row)
    first, _, rest = row.note.partition("\n")
    return ItemLine(
        talk=row.talk,
        number=row.number,
        section=series.section(row.section).name,
        category=row.category,
        title=title,
        url=row.url,
        note=rest if first == title else row.note,
        submitter=row.submitter,
        said_at=row.created_at.astimezone(series.zone),
    )
