"""What was heard in the groups."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


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
