"""Pictures that members sent in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.image_type import EXTENSIONS, MAX_BYTES
from db.models.base import Base


class Picture(Base):
    """A picture, named by the digest of its content. What shows it refers to it by foreign key.

    `unused_since` is when it was stored or last found with nothing that shows it; NULL while something does. The
    content is the last column, so that SQLite reads the others without it.
    """

    __tablename__ = "pictures"
    __table_args__ = (
        CheckConstraint(f"type IN ({', '.join(map(repr, EXTENSIONS))})", name="type_known"),
        CheckConstraint(f"length(content) BETWEEN 1 AND {MAX_BYTES}", name="content_size"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)  # 32 hexadecimal digits of the SHA-256, and the extension
    type: Mapped[str]
    unused_since: Mapped[datetime | None]
    content: Mapped[bytes] = mapped_column(LargeBinary)
