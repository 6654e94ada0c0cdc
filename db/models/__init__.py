"""The tables. Their constraints, not the code's care, keep wrong states out."""

from db.models.base import Base, Instant
from db.models.chats import ChatMark, HandledMessage, Invitation
from db.models.choices import Offer, Pick, Suggestion, Theme
from db.models.deliveries import Alarm, Delivery, DeliveryPart, Watch
from db.models.discussion import DiscussionMessage, Question, Remark, RemarkLine, Standing, Vote
from db.models.evening import Carry, Turn
from db.models.items import Attachment, Item, ItemMessage, Page, SearchStale, SearchText, Supporter
from db.models.talks import Departure, Member, PublishedName, RoleHolder, Talk

__all__ = [
    "Alarm",
    "Attachment",
    "Base",
    "Carry",
    "ChatMark",
    "Delivery",
    "DeliveryPart",
    "Departure",
    "DiscussionMessage",
    "HandledMessage",
    "Instant",
    "Invitation",
    "Item",
    "ItemMessage",
    "Member",
    "Offer",
    "Page",
    "Pick",
    "PublishedName",
    "Question",
    "Remark",
    "RemarkLine",
    "RoleHolder",
    "SearchStale",
    "SearchText",
    "Standing",
    "Suggestion",
    "Supporter",
    "Talk",
    "Theme",
    "Turn",
    "Vote",
    "Watch",
]
