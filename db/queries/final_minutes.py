"""Minutes that an editor finished by hand."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from db.models import FinalMinutes


class FinalRow(NamedTuple):
    """The Markdown that is a talk's minutes, and since when."""

    body: str
    uploaded_at: datetime


def of_talk(connection: Connection, talk: int) -> FinalRow | None:
    query = select(FinalMinutes.body, FinalMinutes.uploaded_at).where(FinalMinutes.talk == talk)
    row = connection.execute(query).one_or_none()
    return FinalRow(*row) if row else None


def put(connection: Connection, talk: int, body: str, by: int, now: datetime) -> None:
    """Let this be a talk's minutes, in place of others."""
    forget(connection, talk)
    connection.execute(insert(FinalMinutes).values(talk=talk, body=body, uploaded_by=by, uploaded_at=now))


def forget(connection: Connection, talk: int) -> bool:
    """Return to the compiled minutes; False if they were the compiled ones."""
    return connection.execute(delete(FinalMinutes).where(FinalMinutes.talk == talk)).rowcount > 0
