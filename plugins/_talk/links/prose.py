"""The words of a chat text without its links."""

import re
from collections.abc import Sequence
from unicodedata import category

from plugins._talk.links.canonical import FoundLink, find_links

# Punctuation left over at the edges of a removed link. A full stop may begin a word: `.NET`.
_HANGING_BEFORE = re.compile(r"(?:[\s:：,，、;；|·—\-–>=)\]}）】》」”’]|[.。!！?？](?![0-9A-Za-z]))+")
_HANGING_AFTER = " \n\t:：,，、;；|·—-–>=([{<（【《「“‘"


def around_links(text: str, found: Sequence[FoundLink]) -> list[str]:
    """The texts before, between and after the links, without leftover punctuation; one more than there are links."""
    starts = [0, *(each.end for each in found)]
    ends = [*(each.start for each in found), len(text)]
    return [_words(text[start:end]) for start, end in zip(starts, ends, strict=True)]


def without_links(text: str, found: Sequence[FoundLink]) -> str:
    """The text without its links and the punctuation around them."""
    return tidy(joined(around_links(text, found), text, found)) if found else tidy(text)


def bare_of_links(text: str) -> str:
    """A text without its links; lines that had nothing else are removed."""
    kept: list[str] = []
    for line in text.split("\n"):
        found = find_links(line)
        rest = "".join(around_links(line, found)) if found else line
        if not found or rest.strip(" <>()（）"):
            kept.append(rest)
    return "\n".join(kept)


def joined(pieces: Sequence[str], text: str, found: Sequence[FoundLink]) -> str:
    """Join the pieces of `around_links`: with a newline where the text has one beside the link, else a space."""
    said = pieces[0]
    for piece, each in zip(pieces[1:], found, strict=True):
        before, after = text[: each.start].rstrip(" ("), text[each.end :].lstrip(" )")
        new_line = before.endswith("\n") or after.startswith("\n")
        said += ("\n" if new_line else " ") + piece
    return said


def _words(piece: str) -> str:
    """A piece of text without leftover punctuation at its ends; "" when it has no letter, digit or emoji."""
    piece = piece.rstrip(_HANGING_AFTER)
    if match := _HANGING_BEFORE.match(piece):
        piece = piece[match.end() :]
    return piece.strip() if any(_in_a_word(each) for each in piece) else ""


def _in_a_word(character: str) -> bool:
    """Letters, Chinese characters, numbers, emoji."""
    kind = category(character)
    return kind[0] in "LN" or kind == "So"


def tidy(text: str) -> str:
    """Collapse spaces, strip lines, and drop empty ones."""
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
