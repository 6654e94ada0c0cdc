"""Message ids: reused ones, and those of the bot's own messages."""

from sqlalchemy import Connection, exists, or_, select, update

from db.enums import MessagePart
from db.models import (
    Attachment,
    Delivery,
    DeliveryPart,
    DiscussionMessage,
    HandledMessage,
    HandledPart,
    ItemMessage,
    Remark,
    StandIn,
    Suggestion,
)

RETIRED = -(2**62)  # no implementation's ids come near this


def retire(connection: Connection, group_id: int, message_id: int, seq: int) -> None:
    """An id is used again: what was kept under it keeps its number `seq`, under an id that nothing will ever name."""
    values = {"message_id": RETIRED - seq}
    for table in (HandledMessage, HandledPart, ItemMessage, DiscussionMessage, Attachment, Remark, Suggestion, StandIn):
        same = (table.group_id == group_id, table.message_id == message_id)
        connection.execute(update(table).where(*same).values(**values))


def is_retired(message_id: int) -> bool:
    return message_id <= RETIRED


def is_own(connection: Connection, group_id: int, message_id: int) -> bool:
    """Whether a message is known to be the bot's: a part of a delivery, or an answer about something."""
    delivered = exists().where(
        DeliveryPart.message_id == message_id,
        DeliveryPart.delivery == Delivery.id,
        Delivery.group_id == group_id,
    )
    speaks = [
        exists().where(table.group_id == group_id, table.message_id == message_id, table.part == MessagePart.SPEAKS)
        for table in (ItemMessage, DiscussionMessage)
    ]
    receipts = [
        exists().where(table.group_id == group_id, table.receipt == message_id) for table in (Suggestion, StandIn)
    ]
    said = exists().where(HandledMessage.group_id == group_id, HandledMessage.message_id == message_id)
    return bool(connection.execute(select(or_(delivered, *receipts, or_(*speaks) & ~said))).scalar_one())
