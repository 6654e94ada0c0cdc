"""How many items of an agenda fit in its picture, for input of any size.

Heights are overestimated, in points as in the Typst template, so that nothing is drawn beyond the limit and discarded.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

MOST_ITEMS = 60
MOST_QUESTIONS = 10  # of a section
MOST_WISHES = 5  # of a section
MOST_NAMED = 5  # of those who seconded an item
COLUMN = 440.0  # points: the width of an item's text


def fair_shares(counts: Sequence[int], most: int) -> list[int]:
    """Cut `counts` to a sum of at most `most`, by limiting each to the same maximum."""
    cut = max(counts, default=0)
    while sum(min(each, cut) for each in counts) > most:
        cut -= 1
    return [min(each, cut) for each in counts]


def shown_items(sections: Sequence[Sequence[Mapping[str, Any]]], budget: float) -> list[int]:
    """How many items of each section (in the template's format) to show so that all fit in `budget` points.

    At least one of each section is shown, even beyond the budget.
    """
    counts, most = [len(items) for items in sections], MOST_ITEMS
    while True:
        shares = fair_shares(counts, most)
        height = sum(height_of(item) for items, share in zip(sections, shares, strict=True) for item in items[:share])
        if height <= budget or most <= len(sections):
            return shares
        most = max(len(sections), int(most * 0.85))


def height_of(item: Mapping[str, Any]) -> float:
    """About how high an item is, in points."""
    below = (("source", 14.5), ("note", 15.0), ("credit", 14.0))
    height = 13 + lines(str(item["title"]), 17.0) * 17.0 * 1.4
    return height + sum(9 + lines(str(item[name]), size) * size * 1.35 for name, size in below if item[name])


def lines(text: str, size: float) -> int:
    """How many lines a text takes at this size, at most."""
    return ceil(sum(map(_units, text)) * size / COLUMN) or 1


def _units(character: str) -> float:
    """The estimated width of a character in em: ASCII, CJK, and the rest, which is overestimated most."""
    if character.isascii():
        return 0.6
    return 1.05 if "\u2e80" <= character <= "\ua4cf" or character >= "\uf900" else 1.5
