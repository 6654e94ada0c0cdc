"""What the database holds, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.models import Delivery


@dataclass(frozen=True)
class Stored:
    """The size of the database in bytes; deliveries by kind and state."""

    size: int
    deliveries: Mapping[tuple[str, str], int]


def stored(connection: Connection) -> Stored:
    """The numbers of now."""
    rows = connection.execute(
        select(Delivery.kind, Delivery.state, func.count()).group_by(Delivery.kind, Delivery.state)
    )
    return Stored(_size(connection), {(kind, state): count for kind, state, count in rows})


def _size(connection: Connection) -> int:
    if connection.dialect.name != "sqlite":
        return connection.scalars(select(func.pg_database_size(func.current_database()))).one()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
