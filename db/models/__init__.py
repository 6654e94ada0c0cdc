"""The tables. Their constraints, not the code's care, keep wrong states out.

Of indexes over some rows only SQLite's condition is named here: naming PostgreSQL's would load its dialect at every
start (30 ms, 3 MB), and what is there is made by the migrations, which name both.
"""

from db.models.base import Base, Instant
from db.models.chats import ChatMark, HandledMessage, HandledPart, Invitation
from db.models.choices import Offer, Pick, Suggestion, Theme
from db.models.deliveries import Alarm, Delivery, DeliveryPart, Lease, Trouble
from db.models.discussion import DiscussionMessage, Question, QuestionNumber, Remark, RemarkLine, Vote
from db.models.evening import Carryover, StandIn, Turn
from db.models.items import Attachment, Item, ItemMessage, Page, SearchStale, SearchText, Supporter
from db.models.pictures import Picture
from db.models.records import Change, FinalMinutes
from db.models.talks import Departure, Member, PublishedName, RoleHolder, Talk

__all__ = [
    "Alarm",
    "Attachment",
    "Base",
    "Carryover",
    "Change",
    "ChatMark",
    "Delivery",
    "DeliveryPart",
    "Departure",
    "DiscussionMessage",
    "FinalMinutes",
    "HandledMessage",
    "HandledPart",
    "Instant",
    "Invitation",
    "Item",
    "ItemMessage",
    "Lease",
    "Member",
    "Offer",
    "Page",
    "Pick",
    "Picture",
    "PublishedName",
    "Question",
    "QuestionNumber",
    "Remark",
    "RemarkLine",
    "RoleHolder",
    "SearchStale",
    "SearchText",
    "StandIn",
    "Suggestion",
    "Supporter",
    "Talk",
    "Theme",
    "Trouble",
    "Turn",
    "Vote",
]
