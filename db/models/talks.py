"""Talks, members and roles."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from db.enums import TalkState
from db.models.base import Base, one_of


class Talk(Base):
    """One talk. Its number identifies it everywhere and never changes.

    `moved_from` is when it would usually have been; `moved_by` NULL that the calendar moved it, not a person.
    `started_at` is where the evening's clock is at zero, `ended_by` NULL that it ended by itself; `video_offset` is
    where in the recording that zero is, in seconds. `summary` is what it was called in one line when it was published.
    `reopened_at` is when somebody opened it again after its end, `place` where it meets if not where the series does,
    `minutes_at` when its minutes were last handed out, `host_seen_at` when one of its hosts spoke while it waited.
    `sequence` counts the changes of its time and place, for calendars.
    """

    __tablename__ = "talks"
    __table_args__ = (
        one_of("state", TalkState),
        CheckConstraint("number >= 0", name="number_natural"),
        CheckConstraint("last_item >= 0", name="last_item_natural"),
        CheckConstraint("moved_at IS NULL OR moved_from IS NOT NULL", name="moved_from_somewhere"),
        CheckConstraint("moved_by IS NULL OR moved_at IS NOT NULL", name="moved_at_a_time"),
        CheckConstraint("last_question >= 0", name="last_question_natural"),
        CheckConstraint("ended_at IS NULL OR state NOT IN ('collecting', 'live')", name="ended_is_over"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_at_a_time"),
        Index(
            "uq_talks_one_live",
            "state",
            unique=True,
            sqlite_where=text("state = 'live'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scheduled_at: Mapped[datetime] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=TalkState.COLLECTING)
    collecting_from: Mapped[datetime]
    moved_from: Mapped[datetime | None]
    moved_why: Mapped[str | None]
    moved_at: Mapped[datetime | None]
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    article: Mapped[str | None]
    video: Mapped[str | None]
    last_item: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    video_offset: Mapped[int | None]
    last_question: Mapped[int] = mapped_column(default=0, server_default="0")
    summary: Mapped[str | None]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    published_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    reopened_at: Mapped[datetime | None]
    place: Mapped[str | None]
    minutes_at: Mapped[datetime | None]
    host_seen_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(server_default="0")


class Member(Base):
    """A QQ account: `card` is what the group calls it (or a stand-in), `nick` what it chose to be called.

    `anonymous`: it wants no name in public, so `card` stays a stand-in. `code` is its public address, random, made by
    the database. A negative number is somebody of an imported talk, whose account is not known.
    """

    __tablename__ = "members"
    __table_args__ = (CheckConstraint("card <> ''", name="has_a_name"), Index("uq_members_code", "code", unique=True))

    qq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    card: Mapped[str]
    nick: Mapped[str | None]
    anonymous: Mapped[bool] = mapped_column(server_default=false())
    code: Mapped[str | None]


class PublishedName(Base):
    """A member's display name when a talk was published, used by its documents from then on."""

    __tablename__ = "published_names"
    __table_args__ = (CheckConstraint("name <> ''", name="name_given"),)

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"), primary_key=True)
    name: Mapped[str]


class RoleHolder(Base):
    """A member's role in a talk. A role has as many slots as people may share it; a slot has one holder."""

    __tablename__ = "role_holders"
    __table_args__ = (
        UniqueConstraint("talk", "role", "member"),
        CheckConstraint("slot >= 0", name="slot_natural"),
        Index("ix_role_holders_member", "member"),
    )

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    claimed_at: Mapped[datetime]


class Departure(Base):
    """A role that became free because its holder left the group."""

    __tablename__ = "departures"

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"), primary_key=True)
    left_at: Mapped[datetime]
