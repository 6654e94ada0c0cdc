"""When talks are: pure functions of the series' rules, the public holidays and the talk before."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from plugins._talk.calendar.days_off import Day, Holidays
from plugins._talk.calendar.recurrence import meeting_after
from plugins._talk.series import Series

WEEKDAYS = "一二三四五六日"
WEEK = timedelta(days=7)
REST = timedelta(days=3)  # a regular meeting day this soon after a talk is skipped: the talk replaces it


@dataclass(frozen=True)
class Slot:
    """A talk's date (aware); if it was moved, `usual` is its regular date and `why` the reason, such as a holiday."""

    scheduled_at: datetime
    usual: datetime | None = None
    why: str | None = None


def next_slot(series: Series, after: datetime, holidays: Holidays) -> Slot:
    """The first meeting after `after` (aware), moved past holidays by the series' policy."""
    usual = scheduled_at = meeting_after(series, after)
    why = _in_the_way(series, holidays(usual.date()))
    while _in_the_way(series, holidays(scheduled_at.date())):
        scheduled_at = _later(series, scheduled_at)
    return Slot(scheduled_at, usual, why) if why else Slot(scheduled_at)


def _later(series: Series, scheduled_at: datetime) -> datetime:
    """Where a talk goes that a holiday is in the way of: the next day, or a week later or a meeting day before that."""
    if series.holidays.policy == "next_day":
        return scheduled_at + timedelta(days=1)
    return min(meeting_after(series, scheduled_at), scheduled_at + WEEK)


def _in_the_way(series: Series, day: Day) -> str | None:
    """Why there is no talk on such a day, if so."""
    if series.holidays.policy == "ignore":
        return None
    return day.holiday or ("调休上班日" if day.makeup and series.holidays.makeup_days == "move" else None)


def slot_after(series: Series, previous: Slot, holidays: Holidays) -> Slot:
    """The meeting after a talk: later than the talk's regular date, and at least a rest after the talk's day."""
    local = previous.scheduled_at.astimezone(series.zone)
    taken = previous.usual or previous.scheduled_at
    rest = min(REST, (meeting_after(series, taken) - taken) - timedelta(days=1))  # Tuesdays and Thursdays: one day
    rested = datetime.combine(local.date() + rest, time(), series.zone) - timedelta(seconds=1)
    return next_slot(series, max(previous.scheduled_at, taken, rested), holidays)


def say_when(moment: datetime, series: Series) -> str:
    """`2026-11-28 周六 21:00`, in the talk's zone."""
    return say_local(moment.astimezone(series.zone))


def say_local(local: datetime) -> str:
    """The same for a moment that is in its zone already."""
    return f"{local:%Y-%m-%d} 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"
