"""Minutes that an editor finished by hand, and what may be taken back."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class FinalMinutes(Base):
    """The Markdown that is a talk's minutes in place of the compiled ones."""

    __tablename__ = "final_minutes"
    __table_args__ = (CheckConstraint("body <> ''", name="body_given"),)

    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"), primary_key=True)
    body: Mapped[str]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    uploaded_at: Mapped[datetime]


class Change(Base):
    """What a command changed: the rows before and after it, as JSON, so that it can be taken back."""

    __tablename__ = "changes"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_somebody"),
        Index("ix_changes_done_at", "done_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk: Mapped[int] = mapped_column(ForeignKey("talks.number"))
    section: Mapped[str | None]
    member: Mapped[int] = mapped_column(ForeignKey("members.qq"))
    command: Mapped[str]
    said: Mapped[str]
    done_at: Mapped[datetime]
    images: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("members.qq"))
