"""No QQ number in a document: where a text has the number of a member, their name stands instead."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import Connection

from db.queries import members
from plugins._talk.documents.leaves import leaves, rebuilt
from plugins._talk.links.canonical import find_addresses

T = TypeVar("T")
# Not a part of a word, a decimal or a longer number; but `QQ12345` is one.
_NUMBER = re.compile(r"(?:(?<![A-Za-z0-9])(?<!\d\.)|(?<=[Qq]))@?(?P<qq>\d{5,11})(?![A-Za-z0-9])")
_DIGITS = re.compile(r"\d{5,}")  # where such a number may begin: quick to find


def without_numbers(connection: Connection, document: T) -> T:
    """The document, or the text, with members' names in place of their QQ numbers."""
    text = "\n".join([leaf for leaf in leaves(document) if isinstance(leaf, str)])
    places = (match.start() for match in _DIGITS.finditer(text))
    found = {int(match["qq"]) for place in places if (match := _NUMBER.match(text, place))}
    names: Mapping[int, str] = members.names_of(connection, found) if found else {}
    if not names:
        return document

    def named(match: re.Match[str]) -> str:
        name = names.get(int(match["qq"]))
        return match[0] if name is None else f"@{name}"

    return rebuilt(document, lambda leaf: _outside_addresses(leaf, named) if isinstance(leaf, str) else leaf)


def _outside_addresses(text: str, named: Callable[[re.Match[str]], str]) -> str:
    """The text with its numbers named, where it is no address: one that leads somewhere else is no use."""
    if _DIGITS.search(text) is None:
        return text
    parts, end = list[str](), 0
    for found in find_addresses(text):
        parts += [_NUMBER.sub(named, text[end : found.start]), text[found.start : found.end]]
        end = found.end
    return "".join([*parts, _NUMBER.sub(named, text[end:])])
