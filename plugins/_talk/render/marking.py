"""Where the words of a search stand in a text. Pure functions."""

import unicodedata
from collections.abc import Sequence


def marked(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in parts, each with whether it is one of the words; width and case make no difference."""
    folded, origin = _folded(text)
    hits = [False] * len(text)
    for word in filter(None, (_folded(each)[0] for each in words)):
        place = folded.find(word)
        while place >= 0:
            for index in range(place, place + len(word)):
                hits[origin[index]] = True
            place = folded.find(word, place + 1)
    parts: list[tuple[str, bool]] = []
    for character, hit in zip(text, hits, strict=True):
        if parts and parts[-1][1] == hit:
            parts[-1] = (parts[-1][0] + character, hit)
        else:
            parts.append((character, hit))
    return parts


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as the search index folds it, and for each character of that, where it comes from."""
    folded, origin = "", list[int]()
    for place, character in enumerate(text):
        each = unicodedata.normalize("NFKC", character).casefold()
        folded += each
        origin += [place] * len(each)
    return folded, origin
