"""Submitted items, their supporters, attachments, pages and search texts."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.enums import AttachmentKind, ItemState, MessagePart, PageState, TitleSource
from db.models.base import PICTURE_OR_BODY, Base, one_of


class Item(Base):
    """Something submitted to a section of a talk. One that is no longer listed keeps its row, with who and why.

    `removed_by` NULL with a reason is the series' own policy. `same_as` is the item that turned out to be the same.
    `rank` is its place among those that a host ordered, `note_by` who wrote its note if not the submitter, `moved_by`
    who last moved it to another section, and `moved_from` out of which.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("talk", "number"),
        one_of("state", ItemState),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(url IS NULL) = (key IS NULL)", name="url_has_key"),
        CheckConstraint("url IS NOT NULL OR title IS NOT NULL OR note <> ''", name="says_something"),
        CheckConstraint("(title IS NULL) = (title_source IS NULL)", name="title_has_source"),
        one_of("title_source", TitleSource),
        CheckConstraint("(state = 'listed') = (removed_at IS NULL)", name="removed_at_a_time"),
        CheckConstraint("tag IS NULL OR pinned_at IS NOT NULL", name="tag_is_pinned"),
        CheckConstraint("same_as IS NULL OR (state <> 'listed' AND same_as <> id)", name="same_as_another"),
        Index(
            "uq_items_one_per_link",
            "talk",
            "key",
            unique=True,
            sqlite_where=text("state = 'listed'"),
        ),
        Index("ix_items_submitter", "submitter"),
        Index("ix_items_of_member", "submitter", "talk", "number", sqlite_where=text("state = 'listed'")),
        Index("ix_items_key", "key"),
        Index("ix_items_sender", text("coalesce(via, submitter)"), "created_at"),
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
    rank: Mapped[int | None]
    note_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
    moved_from: Mapped[str | None]


class Supporter(Base):
    """Who sent in an item that was there already, and what they said of it.

    `main` that it was the item's own link, and not one that hangs under it.
    """

    __tablename__ = "supporters"
    __table_args__ = (Index("ix_supporters_member", "member", "created_at"),)

    item: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"), primary_key=True)
    note: Mapped[str]
    main: Mapped[bool]
    created_at: Mapped[datetime]


class Page(Base):
    """What is known about a link's page, for all items with that key. `leads_to` is the target of a short link."""

    __tablename__ = "pages"
    __table_args__ = (
        one_of("state", PageState),
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
        one_of("kind", AttachmentKind),
        CheckConstraint("body <> ''", name="body_given"),
        CheckConstraint("(kind = 'link') = (key IS NOT NULL)", name="link_has_key"),
        CheckConstraint(PICTURE_OR_BODY, name="picture_or_body"),
        Index("ix_attachments_picture", "picture"),
        Index("ix_attachments_item", "item"),
        Index("ix_attachments_key", "key"),
        Index("ix_attachments_message", "group_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[int] = mapped_column(ForeignKey("items.id"))
    kind: Mapped[str]
    body: Mapped[str | None]  # the address or the text
    picture: Mapped[str | None] = mapped_column(ForeignKey("pictures.name"))
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
    __table_args__ = (one_of("part", MessagePart),)

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
