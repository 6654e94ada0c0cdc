"""The tables. Their constraints, not the code's care, keep wrong states out."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.words import AttachmentKind, DeliveryState, ItemState, MessagePart, PageState, TalkState, TitleSource


class Instant(TypeDecorator[datetime]):
    """A moment in time: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {str: Text, datetime: Instant}


class Talk(Base):
    """One evening. Its number is its name everywhere and never changes.

    `moved_from` is when it would usually have been; `moved_by` NULL that the calendar moved it, not a person.
    """

    __tablename__ = "talks"
    __table_args__ = (
        _one_of("state", TalkState),
        CheckConstraint("number >= 0", name="number_natural"),
        CheckConstraint("last_item >= 0", name="last_item_natural"),
        CheckConstraint("moved_at IS NULL OR moved_from IS NOT NULL", name="moved_from_somewhere"),
        CheckConstraint("moved_by IS NULL OR moved_at IS NOT NULL", name="moved_at_a_time"),
        Index(
            "uq_talks_one_live",
            "state",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=TalkState.COLLECTING)
    opened_at: Mapped[datetime]
    moved_from: Mapped[datetime | None]
    moved_why: Mapped[str | None]
    moved_at: Mapped[datetime | None]
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    article: Mapped[str | None]
    video: Mapped[str | None]
    last_item: Mapped[int] = mapped_column(default=0)


class Member(Base):
    """A QQ account: `card` is what the group calls it, `nick` what it chose to be called."""

    __tablename__ = "members"

    qq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    card: Mapped[str]
    nick: Mapped[str | None]


class HandledMessage(Base):
    """A message that was acted on; the same (group, message) twice is one message. Group 0 is private.

    `seq` is the group's own number of it where QQ's side tells it: each account has message ids of its own.
    """

    __tablename__ = "messages"
    __table_args__ = (Index("uq_messages_seq", "group_id", "seq", unique=True),)

    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sender: Mapped[int] = mapped_column(BigInteger)
    handled_at: Mapped[datetime]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    account: Mapped[int | None] = mapped_column(BigInteger)


class ChatMark(Base):
    """How far a group's chat has been heard; what was said later is read back from its history.

    What was said up to the message that the bot met first is not its business.
    """

    __tablename__ = "chat_marks"

    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    said_at: Mapped[datetime]
    met_id: Mapped[int | None] = mapped_column(BigInteger)
    met_at: Mapped[datetime]


class Item(Base):
    """Something submitted to a section of a talk. One that is no longer listed keeps its row, with who and why.

    `removed_by` NULL with a reason is the series' own policy. `same_as` is the item that turned out to be the same.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("talk", "number"),
        _one_of("state", ItemState),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(url IS NULL) = (key IS NULL)", name="url_has_key"),
        CheckConstraint("url IS NOT NULL OR title IS NOT NULL OR note <> ''", name="says_something"),
        CheckConstraint("(title IS NULL) = (title_source IS NULL)", name="title_has_source"),
        _one_of("title_source", TitleSource),
        CheckConstraint("(state = 'listed') = (removed_at IS NULL)", name="removed_at_a_time"),
        CheckConstraint("tag IS NULL OR pinned_at IS NOT NULL", name="tag_is_pinned"),
        CheckConstraint("same_as IS NULL OR (state <> 'listed' AND same_as <> id)", name="same_as_another"),
        Index(
            "uq_items_one_per_link",
            "talk",
            "key",
            unique=True,
            sqlite_where=text("state = 'listed'"),
            postgresql_where=text("state = 'listed'"),
        ),
        Index("ix_items_submitter", "submitter"),
        Index("ix_items_key", "key"),
        Index("ix_items_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"))
    number: Mapped[int]
    section: Mapped[str]
    category: Mapped[str | None]
    url: Mapped[str | None]
    key: Mapped[str | None]
    key_version: Mapped[int]
    title: Mapped[str | None]
    title_source: Mapped[str | None]
    authors: Mapped[str | None]
    site: Mapped[str | None]
    note: Mapped[str]
    submitter: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    via: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    state: Mapped[str] = mapped_column(default=ItemState.LISTED)
    created_at: Mapped[datetime]
    pinned_at: Mapped[datetime | None]
    tag: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    removed_why: Mapped[str | None]
    same_as: Mapped[int | None] = mapped_column(ForeignKey("items.id"))


class Supporter(Base):
    """Who sent in an item that was there already, and what they said of it.

    `main` that it was the item's own link, and not one that hangs under it.
    """

    __tablename__ = "supporters"
    __table_args__ = (Index("ix_supporters_member", "member"),)

    item: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"), primary_key=True)
    note: Mapped[str]
    main: Mapped[bool]
    created_at: Mapped[datetime]


class Page(Base):
    """What the bot knows of a link's page, for all items with that key. `leads_to` is where a short link ends."""

    __tablename__ = "pages"
    __table_args__ = (
        _one_of("state", PageState),
        CheckConstraint("(state = 'wanted') = (next_try_at IS NOT NULL)", name="wanted_at_a_time"),
        CheckConstraint("tries >= 0", name="tries_natural"),
        Index("ix_pages_next_try_at", "next_try_at"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    key_version: Mapped[int]
    url: Mapped[str]
    state: Mapped[str] = mapped_column(default=PageState.WANTED)
    title: Mapped[str | None]
    authors: Mapped[str | None]
    site: Mapped[str | None]
    excerpt: Mapped[str | None]
    leads_to: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    why: Mapped[str | None]


class Attachment(Base):
    """A further link, text or picture under an item."""

    __tablename__ = "attachments"
    __table_args__ = (
        _one_of("kind", AttachmentKind),
        CheckConstraint("body <> ''", name="body_given"),
        CheckConstraint("(kind = 'link') = (key IS NOT NULL)", name="link_has_key"),
        Index("ix_attachments_item", "item"),
        Index("ix_attachments_key", "key"),
        Index("ix_attachments_message", "group_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[int] = mapped_column(ForeignKey("items.id"))
    kind: Mapped[str]
    body: Mapped[str]  # the address, the text, or the picture's file name
    key: Mapped[str | None]
    key_version: Mapped[int | None]
    added_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    group_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class ItemMessage(Base):
    """The messages that have to do with an item: a reply to one means it, a recall may take it back.

    `member` is who is credited for what the message brought or seconded.
    """

    __tablename__ = "item_messages"
    __table_args__ = (_one_of("part", MessagePart),)

    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    item: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    part: Mapped[str] = mapped_column(default=MessagePart.SPEAKS, server_default=MessagePart.SPEAKS.value)
    member: Mapped[int | None] = mapped_column(BigInteger)


class SearchText(Base):
    """What an item is found by, as it stands in the search index: taking it out of there needs it word for word."""

    __tablename__ = "search_texts"

    item: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    title: Mapped[str]
    words: Mapped[str]
    people: Mapped[str]


class SearchStale(Base):
    """Items that changed since the search index last saw them; the database's own triggers fill this."""

    __tablename__ = "search_stale"

    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class RoleHolder(Base):
    """Who does what. A role has as many slots as people may share it, and a slot has one holder."""

    __tablename__ = "role_holders"
    __table_args__ = (
        UniqueConstraint("talk", "role", "member"),
        CheckConstraint("slot >= 0", name="slot_natural"),
    )

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    claimed_at: Mapped[datetime]


class Delivery(Base):
    """What the bot owes one group about one talk: once, within its window.

    `occasion` counts how often it became owed anew: the talk was moved, or somebody asked for it again.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("talk", "kind", "group_id", "occasion"),
        _one_of("state", DeliveryState),
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
    __table_args__ = (_one_of("state", DeliveryState),)

    delivery: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(default=DeliveryState.SENDING)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    digest: Mapped[str] = mapped_column(default="", server_default="")
    account: Mapped[int | None] = mapped_column(BigInteger)


class Departure(Base):
    """A role that became free because its holder left the group."""

    __tablename__ = "departures"

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"), primary_key=True)
    left_at: Mapped[datetime]


class Alarm(Base):
    """What those who run the bot must hear of, once for each key."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    said: Mapped[str]
    raised_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Watch(Base):
    """A process that can speak in a group at present. Of several, the one that was there first is on duty."""

    __tablename__ = "watches"

    process: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
