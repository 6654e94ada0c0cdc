"""A year's talks in numbers."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import ENDED
from db.queries import catalogue, turns
from db.queries.talks import TalkRow
from plugins._talk.documents.periods import period_of
from plugins._talk.series import Series

MOST_SITES = 12


@dataclass(frozen=True)
class SectionNumbers:
    """A section's listed items in each talk of the year."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Minutes:
    """A section's planned minutes, and those that it took on average in the evenings in which it was on."""

    section: str
    planned: int
    real: float
    evenings: int


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """A year in numbers; `talks` are the talks' numbers, `sites` the hosts of most links with their counts."""

    year: int
    years: tuple[int, ...]
    talks: tuple[int, ...]
    sections: tuple[SectionNumbers, ...]
    contributors: int
    hosts: int
    items: int
    sites: tuple[tuple[str, int], ...]
    minutes: tuple[Minutes, ...]


def statistics(connection: Connection, series: Series, year: int | None, now: datetime) -> Statistics:
    """A year (default: the last with talks) in numbers. Raises LookupError for one without talks."""
    period = period_of(connection, series, year, now)
    numbers = tuple(talk.number for talk in period.talks)
    first, last = (min(numbers), max(numbers)) if numbers else (0, -1)
    counts = {(each.talk, each.section): each.items for each in catalogue.section_counts(connection, first, last)}
    busy = catalogue.activity(connection, first, last, series.host.key)
    return Statistics(
        year=period.year,
        years=period.years,
        talks=numbers,
        sections=tuple(
            SectionNumbers(section.name, tuple(counts.get((number, section.key), 0) for number in numbers))
            for section in series.submitting
        ),
        contributors=sum(1 for each in busy if each.items or each.answers),
        hosts=sum(1 for each in busy if each.hosted),
        items=sum(counts.values()),
        sites=tuple(Counter(map(_site, catalogue.urls(connection, first, last))).most_common(MOST_SITES)),
        minutes=_minutes(connection, series, period.talks),
    )


def _site(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].removeprefix("www.")  # stored addresses have no more before it


def _minutes(connection: Connection, series: Series, held: tuple[TalkRow, ...]) -> tuple[Minutes, ...]:
    taken: dict[str, dict[int, timedelta]] = {}
    over = {talk.number for talk in held if talk.state in ENDED}
    for turn in turns.of_talks(connection, min(over), max(over)) if over else ():
        if turn.section is not None and turn.ended_at is not None and turn.talk in over:
            evenings = taken.setdefault(turn.section, {})
            evenings[turn.talk] = evenings.get(turn.talk, timedelta()) + (turn.ended_at - turn.began_at)
    return tuple(
        Minutes(
            section=section.name,
            planned=section.minutes,
            real=round(sum(each.total_seconds() for each in there.values()) / 60 / len(there), 1) if there else 0.0,
            evenings=len(there),
        )
        for section in series.sections
        for there in [taken.get(section.key, {})]
    )
