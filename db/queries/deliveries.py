"""What the bot owes its groups, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from db.models import Delivery, DeliveryPart
from db.words import DeliveryState


class DeliveryRow(NamedTuple):
    """One thing owed to one group."""

    id: int
    talk: int
    kind: str
    group_id: int
    due: datetime
    until: datetime


_COLUMNS = (Delivery.id, Delivery.talk, Delivery.kind, Delivery.group_id, Delivery.due, Delivery.until)


def plan(connection: Connection, talk: int, kind: str, group_id: int, due: datetime, until: datetime) -> None:
    """Owe this from `due` to `until`; one that is planned already moves there, one that was begun stays."""
    same = (Delivery.talk == talk, Delivery.kind == kind, Delivery.group_id == group_id)
    known = connection.execute(
        select(Delivery.id, Delivery.state, Delivery.due, Delivery.until).where(*same)
    ).one_or_none()
    if known is None:
        connection.execute(insert(Delivery).values(talk=talk, kind=kind, group_id=group_id, due=due, until=until))
    elif known.state == DeliveryState.PLANNED and (known.due, known.until) != (due, until):
        connection.execute(update(Delivery).where(Delivery.id == known.id).values(due=due, until=until))


def pass_over(connection: Connection, group_id: int, now: datetime) -> None:
    """A group that has just joined is owed nothing of what was due before."""
    connection.execute(
        update(Delivery)
        .where(Delivery.group_id == group_id, Delivery.state == DeliveryState.PLANNED, Delivery.due < now)
        .values(state=DeliveryState.SKIPPED, ended_at=now, note="due before the group joined")
    )


def groups_known(connection: Connection) -> set[int]:
    """The groups that were ever owed anything."""
    return set(connection.scalars(select(Delivery.group_id).distinct()))


def claim_next(connection: Connection, groups: Sequence[int], now: datetime) -> DeliveryRow | None:
    """Take the delivery that is longest due for one of `groups`; committing this comes before any send."""
    found = connection.execute(
        select(*_COLUMNS)
        .where(
            Delivery.state == DeliveryState.PLANNED,
            Delivery.group_id.in_(groups),
            Delivery.due <= now,
            Delivery.until > now,
        )
        .order_by(Delivery.due, Delivery.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    connection.execute(
        update(Delivery).where(Delivery.id == found.id).values(state=DeliveryState.SENDING, claimed_at=now)
    )
    return DeliveryRow(*found)


def unclaim(connection: Connection, delivery: int) -> None:
    """Nothing left the house: owe it again."""
    connection.execute(
        update(Delivery).where(Delivery.id == delivery).values(state=DeliveryState.PLANNED, claimed_at=None)
    )


def finish(connection: Connection, delivery: int, state: DeliveryState, now: datetime, note: str = "") -> None:
    connection.execute(update(Delivery).where(Delivery.id == delivery).values(state=state, ended_at=now, note=note))


def begin_part(connection: Connection, delivery: int, position: int, now: datetime) -> None:
    """A part is about to leave; from now on it may have arrived."""
    connection.execute(insert(DeliveryPart).values(delivery=delivery, position=position, begun_at=now))


def end_part(
    connection: Connection,
    delivery: int,
    position: int,
    state: DeliveryState,
    message_id: int | None,
    now: datetime,
    note: str,
) -> None:
    connection.execute(
        update(DeliveryPart)
        .where(DeliveryPart.delivery == delivery, DeliveryPart.position == position)
        .values(state=state, message_id=message_id, ended_at=now, note=note)
    )


def forget_part(connection: Connection, delivery: int, position: int) -> None:
    """A part never left the house."""
    connection.execute(delete(DeliveryPart).where(DeliveryPart.delivery == delivery, DeliveryPart.position == position))


def parts(connection: Connection, delivery: int) -> dict[int, DeliveryState]:
    """The parts that were begun, by position, with what became of them."""
    rows = connection.execute(
        select(DeliveryPart.position, DeliveryPart.state).where(DeliveryPart.delivery == delivery)
    )
    return {row.position: DeliveryState(row.state) for row in rows}


def resume(connection: Connection, now: datetime) -> int:
    """Take up what an end of the process or of the database's patience interrupted; returns how many.

    A part that was being sent may have arrived: it is unknown, and never sent again by itself. What had not left
    is still owed.
    """
    connection.execute(
        update(DeliveryPart)
        .where(DeliveryPart.state == DeliveryState.SENDING)
        .values(state=DeliveryState.UNKNOWN, ended_at=now, note="interrupted while sending")
    )
    return connection.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING)
        .values(state=DeliveryState.PLANNED, claimed_at=None)
    ).rowcount


def give_up(connection: Connection, delivery: int, now: datetime, note: str) -> None:
    """What cannot even be composed does not stand in the others' way."""
    connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery)
        .values(state=DeliveryState.FAILED, claimed_at=now, ended_at=now, note=note)
    )


def expire(connection: Connection, now: datetime) -> int:
    """Let go of what could not be delivered while it was of use."""
    return connection.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.PLANNED, Delivery.until <= now)
        .values(state=DeliveryState.SKIPPED, ended_at=now, note="its window is over")
    ).rowcount


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next planned delivery falls due; those due already wait for a connection, not for a time."""
    return connection.execute(
        select(func.min(Delivery.due)).where(Delivery.state == DeliveryState.PLANNED, Delivery.due > now)
    ).scalar_one()
