"""Who stands in for a talk's host."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, or_, update

from db.models import Member, StandIn
from db.queries.members import Person
from db.queries.rows import RowOf, person


class StandInRow(NamedTuple):
    """Who would run a talk; they do once somebody agreed, until it ended."""

    talk: int
    agreed_at: datetime | None
    ended_at: datetime | None
    group_id: int
    message_id: int
    member: Person

    @property
    def in_charge(self) -> bool:
        return self.agreed_at is not None and self.ended_at is None


_ROW = RowOf(StandInRow, StandIn, member=person())
_STAND_INS = _ROW.select().join(Member, Member.qq == StandIn.member)
_OF_TALK = _ROW.prepare(_STAND_INS.where(StandIn.talk == bindparam("talk")))


def of_talk(connection: Connection, talk: int) -> StandInRow | None:
    return _OF_TALK.first(connection, talk=talk)


def of_message(connection: Connection, group_id: int, message_id: int) -> StandInRow | None:
    """The one whose claim, or the bot's answer to it, a message is."""
    is_it = or_(StandIn.message_id == message_id, StandIn.receipt == message_id)
    return _ROW.first(connection, _STAND_INS.where(StandIn.group_id == group_id, is_it))


def claim(connection: Connection, talk: int, member: int, message: tuple[int, int], now: datetime) -> None:
    """Let a member be the one who would run a talk, in place of another; `message` is the (group, id) of the claim."""
    connection.execute(delete(StandIn).where(StandIn.talk == talk))
    row = {"talk": talk, "member": member, "claimed_at": now, "group_id": message[0], "message_id": message[1]}
    connection.execute(insert(StandIn).values(**row))


def answered(connection: Connection, talk: int, message_id: int) -> None:
    """Keep the bot's answer to the claim."""
    connection.execute(update(StandIn).where(StandIn.talk == talk).values(receipt=message_id))


def agree(connection: Connection, talk: int, by: int, now: datetime) -> None:
    """A second member agrees: from now on the stand-in runs the talk."""
    connection.execute(update(StandIn).where(StandIn.talk == talk).values(agreed_by=by, agreed_at=now))


def end(connection: Connection, talk: int, now: datetime) -> None:
    """The host is back."""
    connection.execute(update(StandIn).where(StandIn.talk == talk, StandIn.ended_at.is_(None)).values(ended_at=now))
