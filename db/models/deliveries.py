"""Deliveries to groups, alarms for superusers, and leases of processes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.enums import DeliveryState
from db.models.base import Base, one_of


class Delivery(Base):
    """One kind of post about one talk to one group, sent once within its window.

    `occasion` counts how often it became owed anew: the talk was moved, or somebody asked for it again.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("talk", "kind", "group_id", "occasion"),
        one_of("state", DeliveryState),
        CheckConstraint("due < until", name="window_open"),
        CheckConstraint("state IN ('planned', 'skipped') OR claimed_at IS NOT NULL", name="claimed_first"),
        CheckConstraint("state <> 'sending' OR claimed_by IS NOT NULL", name="claimed_by_somebody"),
        Index("ix_deliveries_state_due", "state", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"))
    kind: Mapped[str]
    group_id: Mapped[int] = mapped_column(BigInteger)
    occasion: Mapped[int] = mapped_column(default=0, server_default="0")
    due: Mapped[datetime]
    until: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=DeliveryState.PLANNED)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")


class DeliveryPart(Base):
    """One message of a delivery, in order, with its own outcome.

    `account` sent it; `digest` is by what it is known again in the group's history.
    """

    __tablename__ = "delivery_parts"
    __table_args__ = (one_of("state", DeliveryState),)

    delivery: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(default=DeliveryState.SENDING)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    digest: Mapped[str] = mapped_column(default="", server_default="")
    account: Mapped[int | None] = mapped_column(BigInteger)


class Alarm(Base):
    """A notification for the superusers, sent once for each key."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    said: Mapped[str]
    raised_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Trouble(Base):
    """Something that the superusers were told is wrong, until it is well."""

    __tablename__ = "troubles"

    code: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Lease(Base):
    """A process that can speak in a group at present. Of several, the one that was there first is on duty."""

    __tablename__ = "leases"

    process: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
