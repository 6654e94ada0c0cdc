"""Reducing untrusted HTML before it is parsed.

A parser that implements the HTML standard can be made to build a tree of millions of nodes from a few kilobytes. So
only the tags that are needed are extracted, in one pass, and the parser gets nothing else.
"""

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

MOST_TAGS = 300
_EMPTY = ("meta", "source")  # void elements
# `>` may occur in quotes, `<` nowhere: an unclosed tag ends where the next begins. Possessive, so no backtracking.
_ATTRIBUTES = r"(?>[^<>\"']+|\"[^\"<]*+\"|'[^'<]*+')*+"


# Comments and elements whose content is not part of the head's markup: a `<title>` in them does not count.
_ASIDE = re.compile(r"<(?:!--|(?P<name>script|style|svg|math|noscript|template|textarea|iframe|xmp)(?=[\s>/]))", re.I)
_END_OF_HEAD = re.compile(r"</head\s*>|<body[\s>]", re.I)


def head_of(markup: str) -> str:
    """The head of a page without comments, scripts, drawings and the like, in one pass."""
    kept: list[str] = []
    place = 0
    while match := _ASIDE.search(markup, place):
        kept.append(markup[place : match.start()])
        closing = _closing((match["name"] or "").lower()).search(markup, match.end())
        place = closing.end() if closing else len(markup)
    kept.append(markup[place:])
    whole = "".join(kept)
    end_of_head = _END_OF_HEAD.search(whole)
    return whole[: end_of_head.start()] if end_of_head else whole


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}[^>]*>" if name else "-->", re.I)


def parsed(markup: str, *names: str) -> "LexborHTMLParser":
    """Parse only the tags with these names (at most MOST_TAGS), each with attributes and the text directly after it."""
    from selectolax.lexbor import LexborHTMLParser  # imported late: 2 MB that a start does not need

    return LexborHTMLParser("".join(_whole(match) for match in islice(_tags(names).finditer(markup), MOST_TAGS)))


def _whole(match: re.Match[str]) -> str:
    name = match["name"].lower()
    rest = "" if name in _EMPTY else f"{match['text'][:5000]}</{name}>"
    return f"<{name}{match['attributes']}>{rest}"


@cache
def _tags(names: tuple[str, ...]) -> re.Pattern[str]:
    """Tags of these names, with the text up to the next one."""
    return re.compile(rf"<(?P<name>{'|'.join(names)})(?=[\s>/])(?P<attributes>{_ATTRIBUTES})>(?P<text>[^<]*+)", re.I)
