"""Messages (and parts of them) that were handled, how far each group's history was read, and invitations."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
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


class HandledPart(Base):
    """A command of a message with several, other than the last: that one marks the whole message as handled."""

    __tablename__ = "message_parts"
    __table_args__ = (
        CheckConstraint("part > 0", name="part_positive"),
        Index("uq_message_parts_seq", "group_id", "seq", "part", unique=True),
    )

    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    handled_at: Mapped[datetime]


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


class Invitation(Base):
    """A picture with the QR code by which people join, good `until` then; the newest is the one that counts."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint("until > uploaded_at", name="good_for_a_while"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    picture: Mapped[str] = mapped_column(ForeignKey("pictures.name"))
    until: Mapped[datetime]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    uploaded_at: Mapped[datetime]
