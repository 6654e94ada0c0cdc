"""The field's fixed words, as they are stored."""

from enum import StrEnum


class TalkState(StrEnum):
    """Where a talk is in its life; it only ever moves down this list."""

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
    """How far the bot has come with reading a page."""

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
    """What a message has to do with an item or a remark: it brought it, seconded it, or only speaks of it."""

    BROUGHT = "brought"
    SECONDED = "seconded"
    SPEAKS = "speaks"


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
