"""Who does what in a talk."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from db.models import Member, RoleHolder
from db.queries.members import Person, display_name


def holders(connection: Connection, talk: int) -> Mapping[str, Sequence[Person]]:
    """Role → who holds it, first claim first; a role that nobody holds is missing."""
    found: dict[str, list[Person]] = {}
    rows = connection.execute(
        select(RoleHolder.role, Member.qq, display_name())
        .join(Member, Member.qq == RoleHolder.member)
        .where(RoleHolder.talk == talk)
        .order_by(RoleHolder.claimed_at, RoleHolder.slot)
    )
    for role, qq, name in rows:
        found.setdefault(role, []).append(Person(qq, name))
    return found


def taken_slots(connection: Connection, talk: int, role: str) -> Sequence[int]:
    return connection.scalars(select(RoleHolder.slot).where(RoleHolder.talk == talk, RoleHolder.role == role)).all()


def claim(connection: Connection, talk: int, role: str, slot: int, member: int, now: datetime) -> None:
    connection.execute(insert(RoleHolder).values(talk=talk, role=role, slot=slot, member=member, claimed_at=now))


def release(connection: Connection, talk: int, role: str, member: int) -> bool:
    """Give a role back; False when `member` did not hold it."""
    return (
        connection.execute(
            delete(RoleHolder).where(RoleHolder.talk == talk, RoleHolder.role == role, RoleHolder.member == member)
        ).rowcount
        > 0
    )
