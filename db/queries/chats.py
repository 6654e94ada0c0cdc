"""How far each group's messages have been processed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, insert, select, update

from db.models import ChatMark, HandledMessage

NOTHING_BEFORE = 0  # no message has this id


class Mark(NamedTuple):
    """The last message that is known to have been heard (None: the group was silent), and when it was said.

    `met_id` and `met_at` are the same of the first mark; `met_id` is None until the history was read once, and
    `NOTHING_BEFORE` where it was empty then.
    """

    message_id: int | None
    said_at: datetime
    met_id: int | None
    met_at: datetime


def set_first_mark(connection: Connection, group_id: int, message_id: int | None, said_at: datetime) -> None:
    """Create a group's mark at this message."""
    connection.execute(
        insert(ChatMark).values(
            group_id=group_id, message_id=message_id, said_at=said_at, met_id=message_id, met_at=said_at
        )
    )


def begin(connection: Connection, group_id: int, now: datetime) -> tuple[Mark, bool]:
    """The group's mark, and whether it is new: then it is the last message that was acted on, else this moment."""
    known = mark(connection, group_id)
    if known is not None:
        return known, False
    first = last_handled(connection, group_id) or Mark(None, now, None, now)
    set_first_mark(connection, group_id, first.message_id, first.said_at)
    return first, True


def begin_after(connection: Connection, group_id: int, message_id: int | None, said_at: datetime) -> Mark:
    """Set the first mark behind this message, the last before the bot came (None: the history was empty).

    From now on the mark's times are those of QQ's clock.
    """
    first = Mark(message_id, said_at, NOTHING_BEFORE if message_id is None else message_id, said_at)
    connection.execute(update(ChatMark).where(ChatMark.group_id == group_id).values(**first._asdict()))
    return first


def move_mark(connection: Connection, group_id: int, message_id: int, said_at: datetime) -> None:
    """Move the mark forward to this message; an earlier message changes nothing."""
    connection.execute(
        update(ChatMark)
        .where(ChatMark.group_id == group_id, ChatMark.said_at <= said_at)
        .values(message_id=message_id, said_at=said_at)
    )


def mark(connection: Connection, group_id: int) -> Mark | None:
    """The group's mark; None for a group that never had one."""
    row = connection.execute(
        select(ChatMark.message_id, ChatMark.said_at, ChatMark.met_id, ChatMark.met_at).where(
            ChatMark.group_id == group_id
        )
    ).one_or_none()
    return Mark(*row) if row else None


def last_handled(connection: Connection, group_id: int) -> Mark | None:
    """The last handled message of a group, as a mark for databases from before there were marks."""
    row = connection.execute(
        select(HandledMessage.message_id, HandledMessage.handled_at)
        .where(HandledMessage.group_id == group_id)
        .order_by(HandledMessage.handled_at.desc())
        .limit(1)
    ).one_or_none()
    return Mark(row[0], row[1], row[0], row[1]) if row else None


def commanded_since(connection: Connection, members: Collection[int], moment: datetime) -> bool:
    """Whether one of these members gave a command after this moment."""
    there = HandledMessage.sender.in_(members) & (HandledMessage.handled_at > moment)
    return connection.execute(select(exists().where(there))).scalar_one()


def handled(connection: Connection, group_id: int, messages: Collection[int]) -> dict[int, int | None]:
    """Which of these messages were acted on, each with the group's own number of it, as far as it is known."""
    rows = connection.execute(
        select(HandledMessage.message_id, HandledMessage.seq).where(
            HandledMessage.group_id == group_id, HandledMessage.message_id.in_(messages)
        )
    )
    return {row[0]: row[1] for row in rows}


def first_met(connection: Connection) -> datetime | None:
    """When the first group was met."""
    return connection.scalars(select(func.min(ChatMark.met_at))).one()
