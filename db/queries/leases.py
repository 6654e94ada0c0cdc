"""Which processes can speak where: of several that share a database, one is on duty for each group."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.models import Lease


def keep(connection: Connection, process: str, groups: Collection[int], now: datetime, gone: datetime) -> set[int]:
    """Say that `process` can speak in these groups; those not seen since `gone` are forgotten.

    Returns the groups that it is on duty for: those where nobody else was before it.
    """
    connection.execute(delete(Lease).where(Lease.seen_at < gone))
    connection.execute(delete(Lease).where(Lease.process == process, Lease.group_id.not_in(groups)))
    mine = set(connection.scalars(select(Lease.group_id).where(Lease.process == process)))
    connection.execute(update(Lease).where(Lease.process == process).values(seen_at=now))
    for group in set(groups) - mine:
        connection.execute(insert(Lease).values(process=process, group_id=group, since=now, seen_at=now))
    first: dict[int, str] = {}
    for group_id, other in connection.execute(
        select(Lease.group_id, Lease.process).order_by(Lease.since, Lease.process)
    ):
        first.setdefault(group_id, other)
    return {group for group, other in first.items() if other == process}


def at_work(connection: Connection, since: datetime) -> Sequence[str]:
    """The processes that were seen since then."""
    return connection.scalars(select(Lease.process).where(Lease.seen_at >= since).distinct()).all()


def leave(connection: Connection, process: str) -> None:
    """Go off duty at once."""
    connection.execute(delete(Lease).where(Lease.process == process))
