"""Keeps what a command changes, so that /undo can take it back."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import ENDED
from db.queries import changes, talks

KEPT = timedelta(days=1)


@contextmanager
def recorded(connection: Connection, member: int, said: str | None, now: datetime) -> Generator[None]:
    """Record what is changed meanwhile under what was `said`, the command as it was typed (None: record nothing)."""
    if said is None:
        yield
        return
    before = changes.snapshot(connection, _concerned(connection))
    yield
    images = changes.difference(before, changes.snapshot(connection, _concerned(connection)))
    if images:
        changes.forget(connection, now - KEPT)
        places = changes.places(connection, images)
        sections = {section for _, section in places}
        changes.keep(
            connection,
            talk=min(talk for talk, _ in places),
            section=sections.pop() if len(sections) == 1 else None,
            member=member,
            command=said.split()[0].lstrip("/"),
            said=said,
            now=now,
            images=images,
        )


def _concerned(connection: Connection) -> Sequence[int]:
    """The talks that a command may change: those that are not over, and the last that was held."""
    return [talk.number for talk in [*talks.recent(connection, ENDED, 1), *talks.unfinished(connection)]]
