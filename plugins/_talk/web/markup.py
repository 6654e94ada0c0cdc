"""Foreign markup, cut down before it is parsed.

A parser that follows HTML's rules to the letter can be made to build a tree of millions of nodes from a few kilobytes.
So only the few kinds of tags that are looked for are cut out, in one pass, and the parser sees nothing else.
"""

import re
from functools import cache
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

MOST_TAGS = 300
_EMPTY = ("meta", "source")  # tags that never hold anything
# `>` may stand in quotes, `<` nowhere: a tag that is not closed ends where the next begins. Nothing is tried twice.
_ATTRIBUTES = r"(?>[^<>\"']+|\"[^\"<]*+\"|'[^'<]*+')*+"


# What a browser does not read a page's head from: its text may say `<title>` and mean nothing by it.
_ASIDE = re.compile(r"<(?:!--|(?P<name>script|style|svg|math|noscript|template|textarea|iframe|xmp)(?=[\s>/]))", re.I)
_END_OF_HEAD = re.compile(r"</head\s*>|<body[\s>]", re.I)


def head_of(markup: str) -> str:
    """A page's head as far as it is markup, in one pass: without comments, scripts, drawings and the like."""
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


def parsed(markup: str, *names: str) -> LexborHTMLParser:
    """A tree of only these tags, each with its attributes and the text that follows it at once."""
    return LexborHTMLParser("".join(_whole(match) for match in islice(_tags(names).finditer(markup), MOST_TAGS)))


def _whole(match: re.Match[str]) -> str:
    name = match["name"].lower()
    rest = "" if name in _EMPTY else f"{match['text'][:5000]}</{name}>"
    return f"<{name}{match['attributes']}>{rest}"


@cache
def _tags(names: tuple[str, ...]) -> re.Pattern[str]:
    """Tags of these names, with the text up to the next one."""
    return re.compile(rf"<(?P<name>{'|'.join(names)})(?=[\s>/])(?P<attributes>{_ATTRIBUTES})>(?P<text>[^<]*+)", re.I)
