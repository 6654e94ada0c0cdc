"""Regular dates: every week, every second one, several days, and days of the month."""

from datetime import date, datetime, timedelta

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.calendar.days_off import days_off
from plugins._talk.calendar.recurrence import meeting_after
from plugins._talk.calendar.slots import next_slot, slot_after
from plugins._talk.series import HolidayRules, Meeting, Series
from plugins._talk.series_file import load_series

SERIES = load_series()


def meeting(**fields: object) -> Series:
    rules = Meeting.model_validate({"time": "19:30", "hours": 2, **fields})
    return SERIES.model_copy(update={"meeting": rules})


def dates(series: Series, since: str, count: int) -> list[str]:
    """The dates of the talks that follow each other."""
    holidays = days_off(series)
    slot = next_slot(series, datetime.fromisoformat(f"{since} 12:00").replace(tzinfo=series.zone), holidays)
    found = [slot]
    while len(found) < count:
        found.append(slot_after(series, found[-1], holidays))
    assert all(f"{each.scheduled_at:%H:%M}" == "19:30" for each in found)
    return [f"{each.scheduled_at:%m-%d}" for each in found]


@pytest.mark.parametrize(
    ("fields", "since", "there"),
    [
        ({"weekday": "wed"}, "2026-11-25", "11-25 12-02 12-09"),
        ({"weekday": "Wednesday"}, "2026-11-26", "12-02 12-09 12-16"),
        ({"weekday": "wed", "every": 2, "since": "2026-12-02"}, "2026-12-03", "12-16 12-30 01-13"),
        (
            {"weekday": "wed", "every": 2, "since": "2026-11-30"},
            "2026-12-03",
            "12-16 12-30 01-13",
        ),  # its Monday
        ({"weekday": "wed", "every": 2, "since": "2026-12-09"}, "2026-11-01", "12-09 12-23 01-06"),  # not before it
        ({"weekday": ["tue", "thu"]}, "2026-11-25", "11-26 12-01 12-03 12-08"),
        ({"weekday": ["mon", "tue"]}, "2026-11-25", "11-30 12-01 12-07 12-08"),
        ({"weekday": "third thu"}, "2026-11-20", "12-17 01-21 02-18"),
        ({"weekday": "last fri"}, "2026-11-20", "11-27 12-25 01-29"),
        ({"weekday": ["first sun", "third sun"]}, "2026-11-02", "11-15 12-06 12-20"),
        ({"weekday": "third thu", "every": 2, "since": "2026-11-01"}, "2026-11-20", "01-21 03-18"),
    ],
)
def test_the_dates_of_a_series(fields: dict[str, object], since: str, there: str) -> None:
    assert " ".join(dates(meeting(**fields), since, len(there.split()))) == there


def test_a_holiday_moves_a_talk_by_a_week_or_to_the_meeting_day_before_that() -> None:
    """2026-10-01 to 10-07 are free."""
    assert dates(meeting(weekday="wed", every=2, since="2026-10-07"), "2026-09-25", 2) == ["10-14", "10-21"]
    assert dates(meeting(weekday=["tue", "thu"]), "2026-09-30", 2) == ["10-08", "10-13"]
    assert dates(meeting(weekday="first thu"), "2026-09-30", 2) == ["10-08", "11-05"]


WEEKDAYS = st.one_of(
    st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=7),
    st.lists(st.sampled_from(["first mon", "third thu", "last fri", "second sun"]), min_size=1, max_size=4),
)


@given(WEEKDAYS, st.integers(1, 6), st.dates(date(2024, 1, 1), date(2026, 6, 1)), st.integers(0, 400))
def test_talks_follow_each_other_on_meeting_days(weekdays: list[str], every: int, since: date, later: int) -> None:
    series = meeting(weekday=weekdays, every=every, since=since).model_copy(
        update={"holidays": HolidayRules(country="")}
    )
    after = datetime.combine(since + timedelta(days=later), datetime.min.time(), series.zone)
    first = meeting_after(series, after)
    assert first > after
    assert first.weekday() in {each.day for each in series.meeting.weekday}
    assert meeting_after(series, first - timedelta(minutes=1)) == first
    following = slot_after(series, next_slot(series, after, days_off(series)), days_off(series)).scheduled_at
    assert following == meeting_after(series, first)


@pytest.mark.parametrize(
    "fields",
    [
        {"weekday": "someday"},
        {"weekday": "fifth mon"},
        {"weekday": []},
        {"weekday": "sat", "every": 2},
        {"weekday": ["sat", "third thu"]},
        {"weekday": "sat", "every": 0},
    ],
)
def test_dates_that_make_no_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Meeting"):
        meeting(**fields)


@given(WEEKDAYS, st.integers(1, 6), st.dates(date(2025, 1, 1), date(2026, 6, 1)), st.integers(-400, 800))
def test_counted_from_near_by_as_from_the_first_week(weekdays: list[str], every: int, since: date, later: int) -> None:
    series = meeting(weekday=weekdays, every=every, since=since)
    rules = series.meeting
    begins = since.replace(day=1) if rules.is_monthly else since - timedelta(days=since.weekday())
    days = rrule.rrule(
        rrule.MONTHLY if rules.is_monthly else rrule.WEEKLY,
        dtstart=datetime.combine(begins, datetime.min.time()),
        interval=every,
        byweekday=[rrule.weekday(each.day, each.nth) for each in rules.weekday],
    )
    after = datetime.combine(since + timedelta(days=later), datetime.max.time())
    first = days.after(after)
    assert first is not None
    assert meeting_after(series, after.replace(tzinfo=series.zone)).date() == first.date()
