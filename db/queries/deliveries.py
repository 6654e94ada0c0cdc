"""What the bot owes its groups, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, literal, or_, select, update

from db.enums import DeliveryState
from db.models import Delivery, DeliveryPart
from db.queries.rows import RowOf


class DeliveryRow(NamedTuple):
    """One thing owed to one group, on one occasion."""

    id: int
    talk: int
    kind: str
    group_id: int
    occasion: int
    due: datetime
    until: datetime
    state: str
    tries: int
    next_try_at: datetime | None
    claimed_at: datetime | None
    ended_at: datetime | None
    note: str


class PartRow(NamedTuple):
    """What became of a part that was begun."""

    state: DeliveryState
    note: str
    digest: str
    account: int | None
    begun_at: datetime


_ROW = RowOf(DeliveryRow, Delivery)


def latest(connection: Connection, talk: int, kind: str, group_id: int) -> DeliveryRow | None:
    """The newest occasion of this."""
    mine = (Delivery.talk == talk, Delivery.kind == kind, Delivery.group_id == group_id)
    return _ROW.first(connection, _ROW.select().where(*mine).order_by(Delivery.occasion.desc()).limit(1))


def latest_of_kind(connection: Connection, kind: str, group_id: int, now: datetime) -> DeliveryRow | None:
    """What of this kind fell due in the group last, whatever became of it; else what comes next."""
    mine = (Delivery.kind == kind, Delivery.group_id == group_id)
    for there, order in ((Delivery.due <= now, Delivery.due.desc()), (Delivery.due > now, Delivery.due)):
        query = _ROW.select().where(*mine, there).order_by(order, Delivery.occasion.desc()).limit(1)
        if found := _ROW.first(connection, query):
            return found
    return None


def create(
    connection: Connection, talk: int, kind: str, group_id: int, occasion: int, due: datetime, until: datetime
) -> int:
    """Owe this from `due` to `until`; returns its id."""
    return connection.execute(
        insert(Delivery)
        .values(talk=talk, kind=kind, group_id=group_id, occasion=occasion, due=due, until=until)
        .returning(Delivery.id)
    ).scalar_one()


def owe(connection: Connection, talk: int, kind: str, group_id: int, due: datetime, until: datetime) -> int:
    """Owe this on a new occasion, unless one is still to come; returns its id.

    It is as good as claimed: it belongs to this moment, and no plan moves it.
    """
    known = latest(connection, talk, kind, group_id)
    if known is not None and known.state == DeliveryState.PLANNED:
        return known.id
    new = create(connection, talk, kind, group_id, known.occasion + 1 if known else 0, due, until)
    connection.execute(update(Delivery).where(Delivery.id == new).values(claimed_at=due))
    return new


def shift(connection: Connection, delivery: int, due: datetime, until: datetime) -> None:
    connection.execute(update(Delivery).where(Delivery.id == delivery).values(due=due, until=until))


def drop(connection: Connection, kind: str, now: datetime, talk: int | None = None) -> None:
    """A kind is owed no longer, for this talk or (None) for any: what was planned of it is let go."""
    planned = [Delivery.kind == kind, Delivery.state == DeliveryState.PLANNED]
    connection.execute(
        update(Delivery)
        .where(*planned, *([] if talk is None else [Delivery.talk == talk]))
        .values(state=DeliveryState.SKIPPED, ended_at=now, note="不用发了")
    )


def is_begun(connection: Connection, delivery: int) -> bool:
    """Whether any part of it was on its way."""
    return connection.execute(select(exists().where(DeliveryPart.delivery == delivery))).scalar_one()


def keep_sent_parts(connection: Connection, old: int, new: int) -> None:
    """What of an earlier occasion arrived need not be said again on the next."""
    part = DeliveryPart
    same = (part.position, part.state, part.message_id, part.begun_at, part.ended_at, part.digest, part.account)
    connection.execute(
        insert(part).from_select(
            ["delivery", *(column.key for column in same)],
            select(literal(new), *same).where(part.delivery == old, part.state == DeliveryState.SENT),
        )
    )


def pass_over(connection: Connection, group_id: int, now: datetime) -> None:
    """A group that has just joined is owed nothing of what was due before."""
    connection.execute(
        update(Delivery)
        .where(Delivery.group_id == group_id, Delivery.state == DeliveryState.PLANNED, Delivery.due < now)
        .values(state=DeliveryState.SKIPPED, ended_at=now, note="这个群后来才加入")
    )


def groups_known(connection: Connection) -> set[int]:
    """The groups that were ever owed anything."""
    return set(connection.scalars(select(Delivery.group_id).distinct()))


def _ready(now: datetime) -> ColumnElement[bool]:
    return and_(
        Delivery.state == DeliveryState.PLANNED,
        Delivery.due <= now,
        Delivery.until > now,
        or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now),
    )


def claim_next(connection: Connection, groups: Sequence[int], process: str, now: datetime) -> DeliveryRow | None:
    """Take the delivery that is longest due for one of `groups`; committing this comes before any send."""
    ready = _ROW.select().where(_ready(now), Delivery.group_id.in_(groups))
    found = _ROW.first(connection, ready.order_by(Delivery.due, Delivery.id).limit(1))
    if found is None:
        return None
    connection.execute(
        update(Delivery)
        .where(Delivery.id == found.id)
        .values(state=DeliveryState.SENDING, claimed_at=now, claimed_by=process)
    )
    return found


def unclaim(connection: Connection, delivery: int, next_try_at: datetime | None) -> None:
    """Not all of it left the house: owe it again, from a time on or as soon as it can leave."""
    connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery)
        .values(
            state=DeliveryState.PLANNED,
            claimed_by=None,
            next_try_at=next_try_at,
            tries=Delivery.tries + (0 if next_try_at is None else 1),
        )
    )


def try_now(connection: Connection) -> None:
    """What waited to be tried again need not wait any longer: something is different now."""
    connection.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.PLANNED, Delivery.next_try_at.is_not(None))
        .values(next_try_at=None)
    )


def finish(connection: Connection, delivery: int, state: DeliveryState, now: datetime, note: str = "") -> None:
    """It has come to an end; one that was never claimed counts as claimed now."""
    connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery)
        .values(state=state, claimed_at=func.coalesce(Delivery.claimed_at, now), ended_at=now, note=note)
    )


def begin_part(connection: Connection, delivery: int, position: int, digest: str, account: int, now: datetime) -> None:
    """A part is about to leave; from now on it may have arrived."""
    connection.execute(
        insert(DeliveryPart).values(delivery=delivery, position=position, begun_at=now, digest=digest, account=account)
    )


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


def parts(connection: Connection, delivery: int) -> dict[int, PartRow]:
    """The parts that were begun, by position, with what became of them."""
    rows = connection.execute(
        select(
            DeliveryPart.position,
            DeliveryPart.state,
            DeliveryPart.note,
            DeliveryPart.digest,
            DeliveryPart.account,
            DeliveryPart.begun_at,
        ).where(DeliveryPart.delivery == delivery)
    )
    return {row[0]: PartRow(DeliveryState(row[1]), *row[2:]) for row in rows}


def resume(connection: Connection, at_work: Sequence[str]) -> int:
    """Take up what somebody who is no longer `at_work` had claimed; returns how many there were.

    Their parts stay as they are: one that was being sent may have arrived, and is looked up first.
    """
    return connection.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.claimed_by.not_in(at_work))
        .values(state=DeliveryState.PLANNED, claimed_by=None)
    ).rowcount


def overdue(connection: Connection, now: datetime) -> Sequence[DeliveryRow]:
    """What was not delivered while it was of use."""
    query = _ROW.select().where(Delivery.state == DeliveryState.PLANNED, Delivery.until <= now)
    return _ROW.all(connection, query)


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next planned delivery can be tried; those that can be now wait for a connection, not for a time."""
    when = func.coalesce(Delivery.next_try_at, Delivery.due, type_=Delivery.due.type)
    return connection.execute(
        select(func.min(when)).where(Delivery.state == DeliveryState.PLANNED, when > now)
    ).scalar_one()


def newest(connection: Connection, limit: int) -> Sequence[DeliveryRow]:
    """The deliveries that were planned last, the latest due first."""
    return _ROW.all(connection, _ROW.select().order_by(Delivery.due.desc(), Delivery.id.desc()).limit(limit))
