"""Which days are public holidays, or worked in exchange for one: the series' own dates, then the `holidays` library.

Of the two libraries that know China, `chinesecalendar` ends with 2026. `holidays` knows the statutory days of later
years already, and other countries; of a block of free days it leaves out the weekend days, so those that touch a
holiday are taken to belong to it. For 2023-2026 that gives the same days, but for one weekend before a free Monday
(tests/talk/test_days_off.py).
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from plugins._talk.series import Series

DAY = timedelta(days=1)
SATURDAY = 5
LANGUAGE = "zh_CN"
EXCHANGED = "休息日"  # how the library calls a day that is free in exchange for a weekend day


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
    from holidays import country_holidays  # 80 ms and 15 MB, only where a country's holidays count

    found = country_holidays(country)
    if LANGUAGE in found.supported_languages:
        found = country_holidays(country, language=LANGUAGE)
    if country == "CN":
        return lambda day: _in_china(found, day)
    return lambda day: Day(found.get(day))


def _in_china(found: Any, day: date) -> Day:
    named = day in found  # fills in the year as well
    workdays: set[date] = found.weekend_workdays
    if day in workdays and not named:
        return Day(makeup=True)
    known = any(each.year == day.year for each in workdays)  # every year has some, once they are published
    name = next(filter(None, (_block(found, workdays, day, step) for step in (-DAY, DAY))), None)
    return Day(name, known=known)


def _block(found: Any, workdays: set[date], day: date, step: timedelta) -> str | None:
    """The name of the first holiday on the way through free days that follow each other, from `day` on."""
    while day in found or (day.weekday() >= SATURDAY and day not in workdays):
        name = str(found.get(day, EXCHANGED)).partition("；")[0].removesuffix("（补假）")
        if not name.startswith(EXCHANGED):
            return name
        day += step
    return None
