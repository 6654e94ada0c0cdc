"""The years in which there are talks, and the talks of a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from db.queries import talks
from db.queries.talks import TalkRow
from plugins._talk.series import Series


@dataclass(frozen=True)
class Period:
    """A year with its talks, in order; `years` are all that there are, the last first."""

    year: int
    years: tuple[int, ...]
    talks: tuple[TalkRow, ...]


def _year_of(year: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a year begins and ends in a zone."""
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def period_of(connection: Connection, series: Series, year: int | None, now: datetime) -> Period:
    """A year (default: the last with talks), its talks, and the other years. Raises LookupError for one without."""
    years = years_of(connection, series)
    chosen = chosen_year(years, year, now)
    return Period(chosen, years, tuple(talks_of(connection, series, chosen)))


def chosen_year(years: Sequence[int], year: int | None, now: datetime) -> int:
    """The year that is asked for, or the last with talks. Raises LookupError for one without."""
    if year is not None and year not in years:
        raise LookupError(year)
    return year or max((each for each in years if each <= now.year), default=now.year)


def years_of(connection: Connection, series: Series) -> tuple[int, ...]:
    """All years from the first talk's to the last's, the last first."""
    ends = talks.first_and_last(connection)
    if ends is None:
        return ()
    first, last = (each.astimezone(series.zone).year for each in ends)
    return tuple(range(last, first - 1, -1))


def talks_of(connection: Connection, series: Series, year: int) -> Sequence[TalkRow]:
    """The talks of a year, in order."""
    return talks.between(connection, *_year_of(year, series.zone))
