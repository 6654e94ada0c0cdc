"""Enumerations, as they are stored."""

from enum import StrEnum


class TalkState(StrEnum):
    """The state of a talk. Only an admin's /reopen moves it up this list."""

    COLLECTING = "collecting"
    LIVE = "live"
    HELD = "held"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


ENDED = (TalkState.HELD, TalkState.PUBLISHED)


class ItemState(StrEnum):
    """An item is never deleted: its number stays taken."""

    LISTED = "listed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class TitleSource(StrEnum):
    """Where the title that an item carries itself came from; what its page is called is kept with the page."""

    EDITOR = "editor"
    CARD = "card"
    SHARE = "share"


class PageState(StrEnum):
    """The state of fetching a page."""

    WANTED = "wanted"
    READ = "read"
    CLOSED = "closed"


class RemarkKind(StrEnum):
    """What a remark in the discussion is: somebody's answer, or what somebody filed of the chat."""

    ANSWER = "answer"
    QUOTE = "quote"


class LineKind(StrEnum):
    """What a line of a remark is."""

    TEXT = "text"
    PICTURE = "picture"


class MessagePart(StrEnum):
    """How a message relates to an item or a remark: it created it, seconded it, or mentions it."""

    BROUGHT = "brought"
    SECONDED = "seconded"
    SPEAKS = "speaks"


class AttachmentKind(StrEnum):
    """What was added to an item after it was submitted."""

    LINK = "link"
    TEXT = "text"
    PICTURE = "picture"


class DeliveryState(StrEnum):
    """The state of a delivery, and of each of its parts."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
