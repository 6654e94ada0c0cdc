"""The pictures by which people join."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from db.models import Invitation, Member
from db.queries.members import Person, display_name


class InvitationRow(NamedTuple):
    """A picture in the store, until when it is good, and who brought it when."""

    picture: str
    until: datetime
    by: Person
    uploaded_at: datetime


def latest(connection: Connection) -> InvitationRow | None:
    """The newest picture, good or expired."""
    row = connection.execute(
        select(Invitation.picture, Invitation.until, Member.qq, display_name(), Invitation.uploaded_at)
        .join(Member, Member.qq == Invitation.uploaded_by)
        .order_by(Invitation.id.desc())
        .limit(1)
    ).one_or_none()
    return InvitationRow(row[0], row[1], Person(row[2], row[3]), row[4]) if row else None


def put(connection: Connection, picture: str, until: datetime, by: int, now: datetime) -> None:
    connection.execute(insert(Invitation).values(picture=picture, until=until, uploaded_by=by, uploaded_at=now))
