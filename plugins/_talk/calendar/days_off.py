"""Which days are public holidays, or worked in exchange for one: the series' own dates, then the `holidays` library.

Of the two libraries that know China, `chinesecalendar` ends with 2026. `holidays` knows the statutory days of later
years already, and other countries. For 2023-2026 both give the same days, but for one weekend before a free Monday
(tests/talk/test_days_off.py).
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple, cast

from plugins._talk.calendar import public_holidays
from plugins._talk.calendar.public_holidays import Year
from plugins._talk.series import Series

DAY = timedelta(days=1)
SECONDS = 30  # until the look-up is given up: a small machine takes three


class Day(NamedTuple):
    """A day's type: part of a named public holiday, a weekend day that is worked instead (`makeup`), or neither.

    `known` is False in a year whose exchanged days are not published yet.
    """

    holiday: str | None = None
    makeup: bool = False
    known: bool = True


Holidays = Callable[[date], Day]


def days_off(series: Series) -> Holidays:
    """What a day is for this series."""
    rules, country = series.holidays, series.country
    known = _public(country) if country else _ordinary

    def what(day: date) -> Day:
        if day in rules.workdays:
            return Day(makeup=True)
        own = rules.days.get(day)
        return Day(own) if own else known(day)

    return what


def first_unknown(holidays: Holidays, since: date, days: int) -> date | None:
    """The first of the next `days` days of which it is not known what it is."""
    return next((day for day in (since + DAY * each for each in range(days)) if not holidays(day).known), None)


def _ordinary(_day: date) -> Day:
    return Day()


@cache
def _public(country: str) -> Holidays:
    years: dict[int, Year] = {}

    def what(day: date) -> Day:
        if day.year not in years:
            found = looked_up(country, (day.year, min(day.year + 1, date.max.year)))
            years.update((int(year), each) for year, each in found.items())
        year = years[day.year]
        name = year["days"].get(day.isoformat(), "")
        return Day(makeup=True) if name is None else Day(name or None, known=year["known"])

    return what


def looked_up(country: str, years: Sequence[int]) -> dict[str, Year]:
    """A country's public holidays by year: from a process of its own, or from this one where that cannot be."""
    command = [sys.executable, "-P", public_holidays.__file__, country, *map(str, years)]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)  # noqa: S603 our own words
        return cast(dict[str, Year], json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return public_holidays.of_years(country, years)
