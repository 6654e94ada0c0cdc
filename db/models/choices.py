"""Picked nominations, repeated nominations, themes of sections, and suggestions for sections."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base

ROUNDS = 4  # so many talks a nomination may stand in


class Pick(Base):
    """An item that is to be presented, chosen by a host or by its section's lead."""

    __tablename__ = "picks"

    item: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    picked_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    picked_at: Mapped[datetime]


class Offer(Base):
    """A nomination that was not chosen and is repeated in the next talk: there it is `item`, here it was `again_of`.

    `round` says in how many talks it has stood with that one; after four it expires.
    """

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("again_of"),
        CheckConstraint(f"round BETWEEN 2 AND {ROUNDS}", name="round_in_four"),
        CheckConstraint("item <> again_of", name="another_item"),
    )

    item: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    again_of: Mapped[int] = mapped_column(ForeignKey("items.id"))
    round: Mapped[int]


class Theme(Base):
    """What a section of a talk is about."""

    __tablename__ = "themes"
    __table_args__ = (CheckConstraint("topic <> ''", name="topic_given"),)

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    set_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    set_at: Mapped[datetime]


class Suggestion(Base):
    """A member's suggestion for a section. It is deleted when its message is recalled.

    `receipt` is the bot's message that said so.
    """

    __tablename__ = "suggestions"
    __table_args__ = (
        UniqueConstraint("group_id", "message_id"),
        CheckConstraint("body <> ''", name="body_given"),
        Index("ix_suggestions_talk", "talk"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"))
    section: Mapped[str]
    body: Mapped[str]
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    said_at: Mapped[datetime]
    group_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    receipt: Mapped[int | None] = mapped_column(BigInteger)
