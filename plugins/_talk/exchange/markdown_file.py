"""The minutes of all talks in one Markdown file, each behind a comment that says whose they are."""

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from db.enums import ENDED
from db.queries import talks
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.minutes import minutes_document
from plugins._talk.series import Series

_MARK = re.compile(r"^<!-- talk \d+ -->$", re.MULTILINE)
_LIKE_A_MARK = re.compile(r"^<!--(-*) talk ", re.MULTILINE)  # within a document; one dash more is written before it
_ESCAPED = re.compile(r"^<!--(-*)- talk ", re.MULTILINE)


def written(connection: Connection, series: Series, now: datetime) -> str:
    """The minutes of all talks that were held, the first first."""
    held = sorted(number for number, state in talks.states(connection) if state in ENDED)
    return "\n".join(_one(connection, series, number, now) for number in held)


def _one(connection: Connection, series: Series, number: int, now: datetime) -> str:
    document = minutes_document(compile_minutes(connection, series, number, now), timeline=False).document
    escaped = _LIKE_A_MARK.sub(r"<!--\1- talk ", document)
    return f"<!-- talk {talk_name(number)} -->\n\n{escaped}"


def documents(text: str) -> Iterator[str]:
    """The documents in such a file; a file without such comments is one document."""
    parts = _MARK.split(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    for part in parts if len(parts) == 1 else parts[1:]:
        yield _ESCAPED.sub(r"<!--\1 talk ", part).strip() + "\n"
