"""Items that were carried over to another talk, and their old numbers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from db.models import Carryover, Item


def carry(
    connection: Connection, item: int, old: tuple[int, int], new: tuple[int, int], by: int, now: datetime
) -> None:
    """Move an item from one (talk, number) to another, with everything that refers to it."""
    talk, number = old
    connection.execute(insert(Carryover).values(talk=talk, number=number, item=item, carried_at=now, carried_by=by))
    none = {"pinned_at": None, "tag": None, "rank": None}
    connection.execute(update(Item).where(Item.id == item).values(talk=new[0], number=new[1], **none))


def where(connection: Connection, talk: int, number: int) -> int | None:
    """The id of the item that had this number in this talk before it was carried over."""
    return connection.execute(
        select(Carryover.item).where(Carryover.talk == talk, Carryover.number == number)
    ).scalar_one_or_none()


def from_talk(connection: Connection, talk: int) -> Sequence[int]:
    """The ids of the items that were carried over from a talk, in the order of their old numbers."""
    return list(connection.scalars(select(Carryover.item).where(Carryover.talk == talk).order_by(Carryover.number)))
