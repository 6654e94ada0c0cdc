"""Public holidays: the days that China really had, other countries, own dates, and what is not known yet."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plugins._talk.calendar.days_off import Day, days_off, first_unknown, looked_up
from plugins._talk.calendar.public_holidays import Year
from plugins._talk.series import HolidayRules
from plugins._talk.series_file import load_series

SERIES = load_series()
ROOT = Path(__file__).parents[2]
# What the State Council announced, year by year, as chinesecalendar 1.11 has it: free days | weekend days worked.
ANNOUNCED = {
    2023: """01-01 01-02 01-21 01-22 01-23 01-24 01-25 01-26 01-27 04-05 04-29 04-30 05-01 05-02 05-03 06-22 06-23 06-24
        09-29 09-30 10-01 10-02 10-03 10-04 10-05 10-06 12-30 12-31 | 01-28 01-29 04-23 05-06 06-25 10-07 10-08""",
    2024: """01-01 02-10 02-11 02-12 02-13 02-14 02-15 02-16 02-17 04-04 04-05 04-06 05-01 05-02 05-03 05-04 05-05 06-10
        09-15 09-16 09-17 10-01 10-02 10-03 10-04 10-05 10-06 10-07 |
        02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12""",
    2025: """01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04 05-05 05-31
        06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08 | 01-26 02-08 04-27 09-28 10-11""",
    2026: """01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 05-02 05-03
        05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07 |
        01-04 02-14 02-28 05-09 09-20 10-10""",
}
LONG_WEEKEND = {date(2024, 6, 8), date(2024, 6, 9)}  # before the free Monday; the announcement calls it joined to it


def every_day(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=each) for each in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def test_the_library_is_not_loaded_for_it() -> None:
    asked = (
        "import sys; from datetime import date; from plugins._talk.calendar.days_off import days_off;"
        "from plugins._talk.series_file import load_series;"
        "print(days_off(load_series())(date(2026, 10, 1)).holiday, 'holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["国庆节", "False"]


def test_where_no_process_can_be_started_it_is_loaded_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = public_holidays_of("CN", 2026)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert public_holidays_of("CN", 2026) == apart


def public_holidays_of(country: str, year: int) -> dict[str, Year]:
    return looked_up(country, (year, year + 1))


@pytest.mark.parametrize("year", ANNOUNCED)
def test_the_days_that_were_announced(year: int) -> None:
    free, worked = (set(each.split()) for each in ANNOUNCED[year].split("|"))
    what = days_off(SERIES)
    for day in every_day(year):
        is_ = what(day)
        assert is_.known
        assert is_.makeup == (f"{day:%m-%d}" in worked), day
        assert (is_.holiday is not None) == (f"{day:%m-%d}" in free or day in LONG_WEEKEND), day


@pytest.mark.parametrize(
    ("day", "is_"),
    [
        (date(2023, 6, 24), Day("端午节")),
        (date(2026, 10, 3), Day("国庆节")),
        (date(2026, 2, 21), Day("春节")),  # a Saturday within it
        (date(2026, 2, 20), Day("春节")),  # free in exchange for another day: called after the holiday all the same
        (date(2026, 2, 14), Day(makeup=True)),
        (date(2026, 11, 28), Day()),  # an ordinary Saturday
        (date(2026, 11, 27), Day()),  # an ordinary Friday
    ],
)
def test_what_days_are_called(day: date, is_: Day) -> None:
    assert days_off(SERIES)(day) == is_


def test_of_a_year_that_is_not_announced_the_statutory_days_are_known() -> None:
    what = days_off(SERIES)
    assert what(date(2035, 5, 1)) == Day("劳动节", known=False)
    assert what(date(2035, 5, 19)) == Day(known=False)
    assert first_unknown(what, date(2034, 12, 1), 56) is not None
    assert first_unknown(what, date(2025, 12, 1), 56) is None


def test_another_country_has_its_own_and_elsewhere_there_are_none_by_default() -> None:
    abroad = SERIES.model_copy(update={"zone": ZoneInfo("Europe/Berlin")})
    assert {days_off(abroad)(day) for day in every_day(2026)} == {Day()}
    german = abroad.model_copy(update={"holidays": HolidayRules(country="DE")})
    assert days_off(german)(date(2026, 10, 3)).holiday
    assert days_off(german)(date(2026, 10, 1)) == Day()
    assert all(days_off(german)(day).known for day in every_day(2030))
    none = SERIES.model_copy(update={"holidays": HolidayRules(country="")})
    assert days_off(none)(date(2026, 10, 1)) == Day()


def test_own_dates_come_first() -> None:
    own = HolidayRules(days={date(2026, 11, 28): "校庆"}, workdays=frozenset({date(2026, 10, 3)}))
    what = days_off(SERIES.model_copy(update={"holidays": own}))
    assert what(date(2026, 11, 28)) == Day("校庆")
    assert what(date(2026, 10, 3)) == Day(makeup=True)
    assert what(date(2026, 10, 2)) == Day("国庆节")
