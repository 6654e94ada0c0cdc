"""When talks are, from 2023 through a year that the holiday data does not know."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.calendar import next_slot, public_day, say_when
from plugins._talk.series import Series, load_series

SERIES = load_series()


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2023, 6, 24), "端午"),
        (date(2026, 10, 3), "国庆节"),
        (date(2026, 2, 14), None),  # a make-up workday
        (date(2026, 10, 10), None),  # a make-up workday
        (date(2026, 11, 28), None),  # an ordinary Saturday
        (date(2029, 10, 6), None),  # a year that the data does not know
    ],
)
def test_named_holidays(day: date, name: str | None) -> None:
    assert public_day(day).holiday == name


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SERIES.zone)


@pytest.mark.parametrize(
    ("after", "starts", "usual"),
    [
        ("2026-11-23 12:00", "2026-11-28 周六 21:00", None),
        ("2026-11-28 20:59", "2026-11-28 周六 21:00", None),
        ("2026-11-28 21:00", "2026-12-05 周六 21:00", None),
        ("2026-09-27 12:00", "2026-10-10 周六 21:00", "2026-10-03 周六 21:00"),
        ("2023-06-18 00:00", "2023-07-01 周六 21:00", "2023-06-24 周六 21:00"),
        ("2026-02-15 00:00", "2026-02-28 周六 21:00", "2026-02-21 周六 21:00"),
    ],
)
def test_next_slot(after: str, starts: str, usual: str | None) -> None:
    slot = next_slot(SERIES, moment(after))
    assert say_when(slot.starts_at, SERIES) == starts
    assert (slot.usual and say_when(slot.usual, SERIES)) == usual
    assert (slot.why is None) == (usual is None)


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026, 2027])
def test_every_day_of_a_year(series: Series, year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=series.zone)
        starts = next_slot(series, noon).starts_at
        assert starts > noon
        assert (starts.isoweekday(), f"{starts:%H:%M}") == (6, "21:00")
        assert public_day(starts.date()).holiday is None
        skipped = starts - timedelta(days=7)
        assert skipped <= noon or public_day(skipped.date()).holiday is not None
        day += timedelta(days=1)


@given(st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 1)))  # noqa: DTZ001
def test_talks_follow_each_other(naive: datetime) -> None:
    first = next_slot(SERIES, naive.replace(tzinfo=SERIES.zone)).starts_at
    assert next_slot(SERIES, first).starts_at >= first + timedelta(days=7)
