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
