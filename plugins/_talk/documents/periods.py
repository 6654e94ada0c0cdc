"""The talks of a year."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from db.queries.talks import TalkRow


@dataclass(frozen=True)
class Period:
    """A year with its talks, in order; `years` are all that there are, the last first."""

    year: int
    years: tuple[int, ...]
    talks: tuple[TalkRow, ...]


def year_of(year: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a year begins and ends in a zone."""
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
