"""Picked items of a talk, and nominations that are repeated in the next one."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select, update

from db.models import Attachment, Item, ItemMessage, Offer, Pick, Supporter, Turn
from db.queries.items import IS_LISTED
from db.statements import Prepared

_PICKED = Prepared(select(Pick.item).join(Item, Item.id == Pick.item).where(Item.talk == bindparam("talk"), IS_LISTED))
_ROUNDS = Prepared(
    select(Offer.item, Offer.round).join(Item, Item.id == Offer.item).where(Item.talk == bindparam("talk"), IS_LISTED)
)
_PASSED_ON = Prepared(
    select(Offer.again_of).join(Item, Item.id == Offer.again_of).where(Item.talk == bindparam("talk"))
)


def picked(connection: Connection, talk: int) -> Set[int]:
    """The listed items of a talk that were chosen, by id."""
    return {row[0] for row in _PICKED.all(connection, talk=talk)}


def pick(connection: Connection, item: int, by: int, now: datetime) -> None:
    connection.execute(insert(Pick).values(item=item, picked_by=by, picked_at=now))


def unpick(connection: Connection, item: int) -> bool:
    """Unpick an item; False if it was not picked."""
    return connection.execute(delete(Pick).where(Pick.item == item)).rowcount > 0


def rounds(connection: Connection, talk: int) -> Mapping[int, int]:
    """In how many talks the nominations of this one have stood with it, by item; a new one is missing."""
    return {row[0]: row[1] for row in _ROUNDS.all(connection, talk=talk)}


def passed_on(connection: Connection, talk: int) -> Set[int]:
    """The items of a talk that are repeated in a later one."""
    return {row[0] for row in _PASSED_ON.all(connection, talk=talk)}


def again(connection: Connection, item: int) -> int | None:
    """The id of the item that repeats this nomination, if there is one."""
    return connection.scalars(select(Offer.item).where(Offer.again_of == item)).one_or_none()


def waiting(connection: Connection, talk: int, sections: Sequence[str]) -> Sequence[tuple[int, int]]:
    """The nominations of a talk that nobody chose: items without link in these sections, and in how many talks.

    One that was on in the evening was chosen there.
    """
    rows = connection.execute(
        select(Item.id, func.coalesce(Offer.round, 1))
        .outerjoin(Offer, Offer.item == Item.id)
        .where(
            Item.talk == talk,
            IS_LISTED,
            Item.url.is_(None),
            Item.section.in_(sections),
            Item.id.not_in(select(Pick.item)),
            Item.id.not_in(select(Offer.again_of)),
            Item.id.not_in(select(Turn.item).where(Turn.item.is_not(None))),
        )
        .order_by(Item.number)
    )
    return [(row[0], row[1]) for row in rows]


def offer(connection: Connection, old: int, talk: int, number: int, turn: int, now: datetime) -> int:
    """Let a nomination stand in another talk under a number of its own, votes and all; returns the new item's id.

    What was said of it in the chat means the new one from now on.
    """
    same = (Item.section, Item.category, Item.key_version, Item.title, Item.title_source, Item.note)
    people = (Item.submitter, Item.via, Item.state)
    columns = [column.key for column in (*same, *people)]
    connection.execute(
        insert(Item).from_select(
            ["talk", "number", "created_at", *columns],
            select(literal(talk), literal(number), literal(now, Item.created_at.type), *same, *people).where(
                Item.id == old
            ),
        )
    )
    new = connection.scalars(select(Item.id).where(Item.talk == talk, Item.number == number)).one()
    connection.execute(insert(Offer).values(item=new, again_of=old, round=turn))
    _copy(connection, old, new)
    connection.execute(update(ItemMessage).where(ItemMessage.item == old).values(item=new))
    return new


def _copy(connection: Connection, old: int, new: int) -> None:
    """Copy the attachments and supporters of a nomination to its repetition."""
    for table, names in (
        (Supporter, ("member", "note", "main", "created_at")),
        (Attachment, ("kind", "body", "key", "key_version", "added_by", "group_id", "message_id", "created_at")),
    ):
        columns = [table.__table__.c[name] for name in names]
        connection.execute(
            insert(table).from_select(["item", *names], select(literal(new), *columns).where(table.item == old))
        )
