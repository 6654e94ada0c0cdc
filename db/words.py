"""The field's fixed words, as they are stored."""

from enum import StrEnum


class TalkState(StrEnum):
    """Where a talk is in its life; it only ever moves down this list."""

    COLLECTING = "collecting"
    LIVE = "live"
    HELD = "held"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """An item is never deleted: its number stays taken."""

    LISTED = "listed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class TitleSource(StrEnum):
    """Where an item's title came from."""

    CARD = "card"


class AttachmentKind(StrEnum):
    """What was added to an item after it was submitted."""

    LINK = "link"
    TEXT = "text"
    PICTURE = "picture"


class DeliveryState(StrEnum):
    """A delivery's (and each of its parts') way to the group."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
