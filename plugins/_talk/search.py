"""Looking through all talks: a use case over the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import items, search
from db.queries.items import ItemRow
from plugins._talk.desk import Desk

SHOWN = 5
MOST_WORDS = 8
LONGEST_WORD = 40


@dataclass(frozen=True)
class Results:
    """How many items there are, and the best of them."""

    count: int
    best: Sequence[ItemRow]


def look_for(desk: Desk, words: str) -> Results:
    """The listed items of all talks that have all these words."""
    search.refresh(desk.connection)
    asked = [word[:LONGEST_WORD] for word in words.split()[:MOST_WORDS]]
    count, best = search.find(desk.connection, asked, SHOWN)
    rows = items.by_ids(desk.connection, best)
    return Results(count, [rows[each] for each in best])
