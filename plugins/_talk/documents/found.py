"""What a search found, and what a section has across talks."""

from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import items, members, search
from db.queries.members import Person
from db.queries.search import Within
from plugins._talk.documents.listing import ITEMS_A_PAGE, ItemLine, Paging, item_line, paging_of
from plugins._talk.documents.periods import talks_of, years_of
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.series import Series


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found: so many items (`more`: even more), of which this is a page."""

    words: tuple[str, ...]
    section: str
    category: str
    person: Person | None
    year: int | None
    years: tuple[int, ...]
    count: int
    more: bool
    items: tuple[ItemLine, ...]
    paging: Paging


def item_list(connection: Connection, series: Series, words: str, within: Within, year: int | None, page: int) -> Found:
    """The items that have all these words. Raises LookupError for a page that there is not."""
    years = years_of(connection, series)
    if year is not None:
        held = talks_of(connection, series, year) if year in years else ()
        within = within._replace(talks=[talk.number for talk in held])
    said = tuple(words.split())
    start = (page - 1) * ITEMS_A_PAGE
    count, ids = search.find(connection, said, ITEMS_A_PAGE, start, within)
    counted = min(count, search.MOST_COUNTED)
    rows = items.by_ids(connection, ids)
    person = Person(within.person, members.name_of(connection, within.person)) if within.person is not None else None
    return Found(
        words=said,
        section=within.section or "",
        category=within.category or "",
        person=person,
        year=year,
        years=years,
        count=counted,
        more=count > search.MOST_COUNTED,
        items=without_numbers(connection, tuple(item_line(rows[each], series) for each in ids)),
        paging=paging_of(counted, ITEMS_A_PAGE, page),
    )
