"""The roles of a talk and their holders."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from db.models import Departure, Member, RoleHolder
from db.queries.members import Person, display_name
from db.statements import Prepared

_HOLDERS = Prepared(
    select(RoleHolder.role, Member.qq, display_name())
    .join(Member, Member.qq == RoleHolder.member)
    .where(RoleHolder.talk == bindparam("talk"))
    .order_by(RoleHolder.claimed_at, RoleHolder.slot)
)


def holders(connection: Connection, talk: int) -> Mapping[str, Sequence[Person]]:
    """Role → who holds it, first claim first; a role that nobody holds is missing."""
    found: dict[str, list[Person]] = {}
    for role, qq, name in _HOLDERS.all(connection, talk=talk):
        found.setdefault(role, []).append(Person(qq, name))
    return found


def held_by(connection: Connection, qq: int, talks: Sequence[int]) -> Sequence[tuple[int, str]]:
    """What a member holds in these talks: (talk, role)."""
    rows = connection.execute(
        select(RoleHolder.talk, RoleHolder.role)
        .where(RoleHolder.member == qq, RoleHolder.talk.in_(talks))
        .order_by(RoleHolder.talk, RoleHolder.claimed_at)
    )
    return [(row[0], row[1]) for row in rows]


def taken_slots(connection: Connection, talk: int, role: str) -> Sequence[int]:
    return connection.scalars(select(RoleHolder.slot).where(RoleHolder.talk == talk, RoleHolder.role == role)).all()


def claim(connection: Connection, talk: int, role: str, slot: int, member: int, now: datetime) -> None:
    connection.execute(delete(Departure).where(Departure.talk == talk, Departure.role == role))
    connection.execute(insert(RoleHolder).values(talk=talk, role=role, slot=slot, member=member, claimed_at=now))


def release(connection: Connection, talk: int, role: str, member: int) -> bool:
    """Give a role back; False when `member` did not hold it."""
    return (
        connection.execute(
            delete(RoleHolder).where(RoleHolder.talk == talk, RoleHolder.role == role, RoleHolder.member == member)
        ).rowcount
        > 0
    )


def hand_over(connection: Connection, talk: int, role: str, giver: int, taker: int, now: datetime) -> None:
    """Replace one holder of a role by another member."""
    connection.execute(
        update(RoleHolder)
        .where(RoleHolder.talk == talk, RoleHolder.role == role, RoleHolder.member == giver)
        .values(member=taker, claimed_at=now)
    )


def depart(connection: Connection, talk: int, member: int, now: datetime) -> Sequence[str]:
    """Free the roles of a member who left the group, and record the departure; returns the roles."""
    freed = connection.scalars(
        delete(RoleHolder).where(RoleHolder.talk == talk, RoleHolder.member == member).returning(RoleHolder.role)
    ).all()
    for role in sorted(freed):
        same = (Departure.talk == talk, Departure.role == role, Departure.member == member)
        connection.execute(delete(Departure).where(*same))
        connection.execute(insert(Departure).values(talk=talk, role=role, member=member, left_at=now))
    return sorted(freed)


def departed(connection: Connection, talk: int) -> Sequence[tuple[str, Person]]:
    """Roles that became free because their holder left, and that nobody has taken since."""
    taken = select(RoleHolder.role).where(RoleHolder.talk == talk)
    rows = connection.execute(
        select(Departure.role, Member.qq, display_name())
        .join(Member, Member.qq == Departure.member)
        .where(Departure.talk == talk, Departure.role.not_in(taken))
        .order_by(Departure.left_at, Departure.role)
    )
    return [(role, Person(qq, name)) for role, qq, name in rows]
