"""Questions, answers, quotes and votes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.enums import LineKind, MessagePart, RemarkKind
from db.models.base import PICTURE_OR_BODY, Base, one_of


class Question(Base):
    """A question. One that was taken back keeps its row and its numbers, without its words."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("(removed_at IS NULL) = (text <> '')", name="asks_something"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_by_somebody"),
        Index("ix_questions_asker", "asker"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    asker: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    asked_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))


class QuestionNumber(Base):
    """A question's number in a talk: in the one it was asked for, and in each that it was still open for."""

    __tablename__ = "question_numbers"
    __table_args__ = (UniqueConstraint("question", "talk"), CheckConstraint("number > 0", name="number_positive"))

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[int] = mapped_column(ForeignKey("questions.id"))


class Vote(Base):
    """A member's vote for a question."""

    __tablename__ = "votes"

    question: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"), primary_key=True)
    voted_at: Mapped[datetime]


class Remark(Base):
    """Something that was said in a talk's discussion: an answer, or a message that somebody filed as a quote.

    It is the message that it names. One that is taken back leaves nothing behind.
    """

    __tablename__ = "remarks"
    __table_args__ = (
        one_of("kind", RemarkKind),
        CheckConstraint("kind = 'quote' OR question IS NOT NULL", name="answers_a_question"),
        CheckConstraint("kind = 'quote' OR headline IS NULL", name="headline_of_a_quote"),
        UniqueConstraint("group_id", "message_id"),
        Index("ix_remarks_talk", "talk"),
        Index("ix_remarks_author", "author"),
        Index("ix_remarks_question", "question"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"))
    question: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    kind: Mapped[str]
    headline: Mapped[str | None]
    author: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    said_at: Mapped[datetime]
    filed_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    filed_at: Mapped[datetime]
    group_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)


class RemarkLine(Base):
    """A text or picture of a remark, in order; of a merged forward, with who said it there and when."""

    __tablename__ = "remark_lines"
    __table_args__ = (
        one_of("kind", LineKind),
        CheckConstraint("body <> ''", name="body_given"),
        CheckConstraint(PICTURE_OR_BODY, name="picture_or_body"),
        Index("ix_remark_lines_picture", "picture"),
    )

    remark: Mapped[int] = mapped_column(ForeignKey("remarks.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[str | None]  # the text
    picture: Mapped[str | None] = mapped_column(ForeignKey("pictures.name"))
    speaker: Mapped[str | None]
    said_at: Mapped[datetime | None]


class DiscussionMessage(Base):
    """The messages that have to do with a question or a remark: a reply to one means it, a recall may take it back."""

    __tablename__ = "discussion_messages"
    __table_args__ = (
        one_of("part", MessagePart),
        CheckConstraint("(question IS NULL) <> (remark IS NULL)", name="one_thing"),
        UniqueConstraint("group_id", "message_id", "question"),
        UniqueConstraint("group_id", "message_id", "remark"),
        Index("ix_discussion_messages_remark", "remark"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    question: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    remark: Mapped[int | None] = mapped_column(ForeignKey("remarks.id", ondelete="CASCADE"))
    part: Mapped[str]
