"""The turns of a live talk, items that were carried over to the next one, and who stands in for its host."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class Turn(Base):
    """What was on from `began_at` to `ended_at` (NULL: it still is): the opening, a section, an item, a question.

    `until` is when its time is up (NULL: no limit), as it was last decided at `set_at`; `granted` are the seconds
    that a host added.
    """

    __tablename__ = "turns"
    __table_args__ = (
        CheckConstraint("(position = 0) = (section IS NULL)", name="opening_first"),
        CheckConstraint("item IS NULL OR section IS NOT NULL", name="item_in_section"),
        CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ends_after_it_began"),
        CheckConstraint("item IS NULL OR question IS NULL", name="one_thing"),
        CheckConstraint("position >= 0", name="position_natural"),
        CheckConstraint("granted >= 0", name="granted_natural"),
        Index(
            "uq_turns_one_at_a_time",
            "talk",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index("ix_turns_item", "item"),
        Index("ix_turns_question", "question"),
    )

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    section: Mapped[str | None]
    item: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    began_at: Mapped[datetime]
    set_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    granted: Mapped[int] = mapped_column(default=0, server_default="0")
    question: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))


class Carryover(Base):
    """What an item was called in a talk that did not get to it; it has a number in another talk now."""

    __tablename__ = "carryovers"
    __table_args__ = (Index("ix_carryovers_item", "item"),)

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[int] = mapped_column(ForeignKey("items.id"))
    carried_at: Mapped[datetime]
    carried_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))


class StandIn(Base):
    """Who would run a talk whose host is silent; they do from `agreed_at`, when a second member agreed, to `ended_at`.

    `message_id` is the message that says so, `receipt` the bot's answer to it.
    """

    __tablename__ = "stand_ins"
    __table_args__ = (
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        CheckConstraint("agreed_by <> member", name="agreed_by_another"),
    )

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    claimed_at: Mapped[datetime]
    group_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    receipt: Mapped[int | None] = mapped_column(BigInteger)
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
