"""What the bot owes its groups, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

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


def record_part(
    connection: Connection,
    delivery: int,
    position: int,
    form: str,
    state: DeliveryState,
    message_id: int | None,
    now: datetime,
    note: str,
) -> None:
    connection.execute(
        insert(DeliveryPart).values(
            delivery=delivery,
            position=position,
            form=form,
            state=state,
            message_id=message_id,
            ended_at=now,
            note=note,
        )
    )


def parts_done(connection: Connection, delivery: int) -> Sequence[tuple[int, DeliveryState]]:
    """The parts that were tried already, by position, with what became of them."""
    rows = connection.execute(
        select(DeliveryPart.position, DeliveryPart.state).where(DeliveryPart.delivery == delivery)
    )
    return [(row.position, DeliveryState(row.state)) for row in rows]


def leave_unknown(connection: Connection, now: datetime) -> int:
    """After a crash: what was being sent may have arrived, so it is never sent again by itself."""
    return connection.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING)
        .values(state=DeliveryState.UNKNOWN, ended_at=now, note="the process ended while sending")
    ).rowcount


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
