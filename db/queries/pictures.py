"""Pictures that members sent in, and the rows that refer to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, text, update

from db.models import Attachment, Instant, Invitation, Picture, RemarkLine

UNUSED_KEPT = timedelta(days=1)  # what was fetched for a command that was refused, and what lost its last reference


class PictureRow(NamedTuple):
    """A picture's media type and content."""

    type: str
    content: bytes


_PUT = text(
    "INSERT INTO pictures (name, type, unused_since, content) VALUES (:name, :type, :now, :content)"
    " ON CONFLICT (name) DO UPDATE SET unused_since = excluded.unused_since"
).columns()


def put(connection: Connection, name: str, media_type: str, content: bytes, now: datetime) -> None:
    """Store a picture; one that is there counts as unused from now on, unless something shows it."""
    now_stored = Instant().process_bind_param(now, connection.dialect)
    connection.execute(_PUT, {"name": name, "type": media_type, "content": content, "now": now_stored})


def get(connection: Connection, name: str) -> PictureRow | None:
    row = connection.execute(select(Picture.type, Picture.content).where(Picture.name == name)).one_or_none()
    return PictureRow(*row) if row else None


def _is_shown() -> ColumnElement[bool]:
    return or_(
        exists().where(Attachment.picture == Picture.name),
        exists().where(RemarkLine.picture == Picture.name),
        exists().where(Invitation.picture == Picture.name),
    )


def delete_unused(connection: Connection, names: Sequence[str]) -> None:
    """Delete those of these pictures that no row refers to any more."""
    if names:
        connection.execute(delete(Picture).where(Picture.name.in_(names), ~_is_shown()))


def sweep(connection: Connection, now: datetime) -> None:
    """Delete the pictures that no row has referred to for a day."""
    connection.execute(update(Picture).where(Picture.unused_since.is_not(None), _is_shown()).values(unused_since=None))
    connection.execute(update(Picture).where(Picture.unused_since.is_(None), ~_is_shown()).values(unused_since=now))
    connection.execute(delete(Picture).where(Picture.unused_since <= now - UNUSED_KEPT))
