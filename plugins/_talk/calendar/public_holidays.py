"""`python public_holidays.py CN 2026 2027`: the public holidays of a country in these years, as JSON.

The `holidays` library knows all countries and all calendars, and keeps 18 MB of them in memory: `days_off` runs this
in a process of its own. Of a block of free days the library leaves out the weekend days, so those that touch a holiday
are taken to belong to it.
"""

import json
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypedDict

DAY = timedelta(days=1)
SATURDAY = 5
LANGUAGE = "zh_CN"
EXCHANGED = "休息日"  # how the library calls a day that is free in exchange for a weekend day


class Year(TypedDict):
    """A year's days that are not ordinary, by ISO date: a holiday's name, or None for a weekend day that is worked.

    `known`: whether the days that are exchanged are published yet.
    """

    known: bool
    days: dict[str, str | None]


def of_years(country: str, years: Iterable[int]) -> dict[str, Year]:
    """The public holidays of a country, by year."""
    from holidays import country_holidays

    found = country_holidays(country)
    if LANGUAGE in found.supported_languages:
        found = country_holidays(country, language=LANGUAGE)
    return {str(year): _year(found, year, in_china=country == "CN") for year in years}


def _year(found: Any, year: int, *, in_china: bool) -> Year:
    first = date(year, 1, 1)
    all_days = [first + DAY * each for each in range((date(year, 12, 31) - first).days + 1)]
    if not in_china:
        return Year(known=True, days={str(day): str(found[day]) for day in all_days if day in found})
    days = {str(day): what for day in all_days if (what := _in_china(found, day)) != ""}
    workdays: set[date] = found.weekend_workdays
    return Year(known=any(each.year == year for each in workdays), days=days)  # every year has some, once published


def _in_china(found: Any, day: date) -> str | None:
    """The holiday that a day belongs to, None for a weekend day that is worked, "" for an ordinary one."""
    is_named = day in found  # fills in the year as well
    workdays: set[date] = found.weekend_workdays
    if day in workdays and not is_named:
        return None
    return next(filter(None, (_block(found, workdays, day, step) for step in (-DAY, DAY))), "")


def _block(found: Any, workdays: set[date], day: date, step: timedelta) -> str | None:
    """The name of the first holiday on the way through free days that follow each other, from `day` on."""
    while day in found or (day.weekday() >= SATURDAY and day not in workdays):
        name = str(found.get(day, EXCHANGED)).partition("；")[0].removesuffix("（补假）")
        if not name.startswith(EXCHANGED):
            return name
        day += step
    return None


if __name__ == "__main__":
    json.dump(of_years(sys.argv[1], map(int, sys.argv[2:])), sys.stdout)
