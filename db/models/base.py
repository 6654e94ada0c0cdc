"""The declarative base, and column types and constraints that several tables use."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, DateTime, Dialect, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

FAR = datetime(9000, 1, 1, tzinfo=UTC)  # arithmetic with anything later runs out of the calendar


class Instant(TypeDecorator[datetime]):
    """A moment in time: aware in Python, UTC in the database. What is later than `FAR` is read as that."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """Read what the driver gives in one call: an agenda has a hundred of them."""
        read = self.impl_instance.result_processor(dialect, coltype)

        def instant(value: Any) -> datetime | None:
            moment: datetime | None = value if read is None else read(value)
            if moment is None:
                return None
            return min(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC), FAR)

        return instant


# A row is a picture, by its name, or has a body.
PICTURE_OR_BODY = "(kind = 'picture') = (picture IS NOT NULL) AND (kind = 'picture') = (body IS NULL)"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A check constraint: the column holds one of these values."""
    listed = ", ".join(f"'{word.value}'" for word in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {str: Text, datetime: Instant}
