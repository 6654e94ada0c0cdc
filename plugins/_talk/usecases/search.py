"""Full-text search over all talks: the index is refreshed at the desk and read outside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import items, search
from db.queries.items import ItemRow
from plugins._talk.usecases.desk import Desk

SHOWN = 5


@dataclass(frozen=True)
class Results:
    """How many items there are, and the best of them. `more`: there are more than `count`."""

    count: int
    best: Sequence[ItemRow]
    more: bool = False


def freshen(desk: Desk) -> None:
    """Bring the search index up to date with the items."""
    search.refresh(desk.connection)


def look_for(connection: Connection, argument: str) -> Results:
    """The listed items of all talks that have all these words."""
    count, best = search.find(connection, argument.split(), SHOWN)
    rows = items.by_ids(connection, best)
    return Results(min(count, search.MOST_COUNTED), [rows[each] for each in best], more=count > search.MOST_COUNTED)
