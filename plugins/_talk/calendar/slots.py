"""When talks are: pure functions of the series' rules, the public holidays and the talk before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, cast

from chinese_calendar import Holiday, get_holiday_detail  # pyright: ignore[reportUnknownVariableType]

from plugins._talk.series import Series

WEEKDAYS = "一二三四五六日"
REST = timedelta(days=3)  # a regular meeting day this soon after a talk is skipped: the talk replaces it


class Day(NamedTuple):
    """A day's type: part of a named public holiday, a weekend day that is worked instead (`makeup`), or neither.

    `known` is False in a year whose holidays are not published yet.
    """

    holiday: str | None = None
    makeup: bool = False
    known: bool = True


Holidays = Callable[[date], Day]


@dataclass(frozen=True)
class Slot:
    """A talk's date (aware); if it was moved, `usual` is its regular date and `why` the reason, such as a holiday."""

    scheduled_at: datetime
    usual: datetime | None = None
    why: str | None = None


def public_day(day: date) -> Day:
    """The type of `day` in China, from chinesecalendar, which follows the State Council's notices."""
    try:
        off, name = cast(tuple[bool, str | None], get_holiday_detail(day))
    except NotImplementedError:
        return Day(known=False)
    if name is None:
        return Day()
    return Day(cast(str, vars(Holiday(name))["chinese"])) if off else Day(makeup=True)


def next_slot(series: Series, after: datetime, holidays: Holidays = public_day) -> Slot:
    """The first meeting after `after` (aware), moved past holidays by the series' policy."""
    local = after.astimezone(series.zone)
    day = local.date() + timedelta(days=(series.meeting.iso_weekday - local.isoweekday()) % 7)
    usual = datetime.combine(day, series.meeting.time, series.zone)
    if usual <= after:
        usual += timedelta(days=7)
    step = timedelta(days=1 if series.holidays.policy == "next_day" else 7)
    why = _in_the_way(series, holidays(usual.date()))
    scheduled_at = usual
    while _in_the_way(series, holidays(scheduled_at.date())):
        scheduled_at += step
    return Slot(scheduled_at, usual, why) if why else Slot(scheduled_at)


def _in_the_way(series: Series, day: Day) -> str | None:
    """Why there is no talk on such a day, if so."""
    if series.holidays.policy == "ignore":
        return None
    return day.holiday or ("调休上班日" if day.makeup and series.holidays.makeup_days == "move" else None)


def slot_after(series: Series, previous: Slot, holidays: Holidays = public_day) -> Slot:
    """The meeting after a talk: later than the talk's regular date, and at least REST after the talk's day."""
    local = previous.scheduled_at.astimezone(series.zone)
    rested = datetime.combine(local.date() + REST, time(), series.zone) - timedelta(seconds=1)
    taken = previous.usual or previous.scheduled_at
    return next_slot(series, max(previous.scheduled_at, taken, rested), holidays)


def say_when(moment: datetime, series: Series) -> str:
    """`2026-11-28 周六 21:00`, in the talk's zone."""
    return say_local(moment.astimezone(series.zone))


def say_local(local: datetime) -> str:
    """The same for a moment that is in its zone already."""
    return f"{local:%Y-%m-%d} 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"
