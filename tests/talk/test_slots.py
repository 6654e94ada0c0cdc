"""When talks are, from 2023 through a year that the holiday data does not know."""

from datetime import date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.calendar import slots
from plugins._talk.calendar.days_off import days_off
from plugins._talk.calendar.slots import REST, Slot, say_when
from plugins._talk.series import HolidayRules, Series
from plugins._talk.series_file import load_series

SERIES = load_series()
public_day = days_off(SERIES)
Policy = Literal["next_week", "next_day", "ignore"]


def under(policy: Policy, makeup_days: Literal["hold", "move"] = "hold") -> Series:
    return SERIES.model_copy(update={"holidays": HolidayRules(policy=policy, makeup_days=makeup_days)})


def next_slot(series: Series, after: datetime) -> Slot:
    return slots.next_slot(series, after, public_day)


def slot_after(series: Series, previous: Slot) -> Slot:
    return slots.slot_after(series, previous, public_day)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SERIES.zone)


@pytest.mark.parametrize(
    ("policy", "after", "starts", "usual"),
    [
        ("next_week", "2026-11-23 12:00", "2026-11-28 周六 21:00", None),
        ("next_week", "2026-11-28 20:59", "2026-11-28 周六 21:00", None),
        ("next_week", "2026-11-28 21:00", "2026-12-05 周六 21:00", None),
        ("next_week", "2026-09-27 12:00", "2026-10-10 周六 21:00", "2026-10-03 周六 21:00"),
        ("next_week", "2023-06-18 00:00", "2023-07-01 周六 21:00", "2023-06-24 周六 21:00"),
        ("next_week", "2026-02-15 00:00", "2026-02-28 周六 21:00", "2026-02-21 周六 21:00"),
        ("next_day", "2023-06-18 00:00", "2023-06-25 周日 21:00", "2023-06-24 周六 21:00"),
        ("next_day", "2026-09-27 12:00", "2026-10-08 周四 21:00", "2026-10-03 周六 21:00"),
        ("ignore", "2023-06-18 00:00", "2023-06-24 周六 21:00", None),
    ],
)
def test_next_slot(policy: Policy, after: str, starts: str, usual: str | None) -> None:
    slot = next_slot(under(policy), moment(after))
    assert say_when(slot.scheduled_at, SERIES) == starts
    assert (slot.usual and say_when(slot.usual, SERIES)) == usual
    assert (slot.why is None) == (usual is None)


@pytest.mark.parametrize("day", ["2026-02-14", "2026-02-28", "2026-05-09", "2026-10-10"])
def test_make_up_saturdays_are_talk_days_unless_the_series_says_otherwise(day: str) -> None:
    evening = moment(f"{day} 21:00")
    assert next_slot(SERIES, evening - timedelta(days=1)) == Slot(evening)
    moved = next_slot(under("next_week", "move"), evening - timedelta(days=1))
    assert (moved.usual, moved.why) == (evening, "调休上班日")
    assert moved.scheduled_at > evening


@pytest.mark.parametrize("policy", ["next_week", "next_day", "ignore"])
@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026, 2027])
def test_every_day_of_a_year(policy: Policy, year: int) -> None:
    series = under(policy)
    day = date(year, 1, 1)
    while day.year == year:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=series.zone)
        slot = next_slot(series, noon)
        usual = slot.usual or slot.scheduled_at
        assert (usual.isoweekday(), f"{usual:%H:%M}") == (6, "21:00")
        assert timedelta() < usual - noon <= timedelta(days=7)
        if policy == "ignore":
            assert slot == Slot(usual)
        else:
            assert public_day(slot.scheduled_at.date()).holiday is None
            assert (slot.usual is None) == (public_day(usual.date()).holiday is None)
            step = timedelta(days=7 if policy == "next_week" else 1)
            between = range(1, (slot.scheduled_at - usual) // step)
            assert all(public_day((usual + each * step).date()).holiday for each in between)
        day += timedelta(days=1)


def test_all_talks_from_2023_through_2027_follow_each_other() -> None:
    slot, numbers = next_slot(SERIES, moment("2023-01-01 00:00")), 0
    while slot.scheduled_at.year < 2028:
        following = slot_after(SERIES, slot)
        weeks = (following.scheduled_at - slot.scheduled_at) / timedelta(days=7)
        skipped = [slot.scheduled_at + timedelta(days=7) * each for each in range(1, round(weeks))]
        assert weeks == round(weeks)
        assert all(public_day(each.date()).holiday for each in skipped)
        slot, numbers = following, numbers + 1
    assert 230 < numbers < 261


@pytest.mark.parametrize(
    ("held", "usual", "following"),
    [
        ("2026-11-28 21:00", None, "2026-12-05 周六 21:00"),
        ("2026-11-29 20:30", "2026-11-28 21:00", "2026-12-05 周六 21:00"),  # a day late
        (
            "2026-12-04 21:00",
            "2026-11-28 21:00",
            "2026-12-12 周六 21:00",
        ),  # the day before the next: that one is its own
        ("2026-11-27 21:00", "2026-11-28 21:00", "2026-12-05 周六 21:00"),  # a day early
        ("2026-11-24 21:00", "2026-11-28 21:00", "2026-12-05 周六 21:00"),  # early: its place is taken all the same
    ],
)
def test_a_moved_talk_takes_one_place_and_no_more(held: str, usual: str | None, following: str) -> None:
    previous = Slot(moment(held), moment(usual) if usual else None)
    assert say_when(slot_after(SERIES, previous).scheduled_at, SERIES) == following


@given(st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 1)))  # noqa: DTZ001
def test_talks_follow_each_other(naive: datetime) -> None:
    first = next_slot(SERIES, naive.replace(tzinfo=SERIES.zone))
    assert slot_after(SERIES, first).scheduled_at >= first.scheduled_at + timedelta(days=7)
    override = Slot(naive.replace(tzinfo=SERIES.zone), first.scheduled_at)
    following = slot_after(SERIES, override).scheduled_at
    assert following > first.scheduled_at
    assert following.date() >= override.scheduled_at.date() + REST
