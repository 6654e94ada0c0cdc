"""No QQ number in a document: where a text has the number of a member, their name stands instead."""

import re
from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import Connection

from db.queries import members
from plugins._talk.documents.leaves import leaves, rebuilt

T = TypeVar("T")
# Not a part of an address, of an identifier or of a longer number; but `QQ12345` is one.
_NUMBER = re.compile(r"(?:(?<![A-Za-z0-9_./=#&%+-])|(?<=[Qq]))@?(?P<qq>\d{5,11})(?![A-Za-z0-9_/%-])")

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

    return rebuilt(document, lambda leaf: _NUMBER.sub(named, leaf) if isinstance(leaf, str) else leaf)
