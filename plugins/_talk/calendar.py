"""When talks are: pure functions of the series' rules and the public holidays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from chinese_calendar import Holiday, get_holiday_detail  # pyright: ignore[reportUnknownVariableType]

from plugins._talk.series import Series

WEEKDAYS = "一二三四五六日"
Holidays = Callable[[date], str | None]


@dataclass(frozen=True)
class Slot:
    """A talk's place in time; `usual` and `why` tell of the holiday that moved it, if one did."""

    starts_at: datetime
    usual: datetime | None = None
    why: str | None = None


def named_holiday(day: date) -> str | None:
    """The public holiday that `day` belongs to, else None (ordinary weekends and make-up workdays too).

    Source: chinesecalendar, from the State Council's notices. A year that it does not know has none.
    """
    try:
        off, name = cast(tuple[bool, str | None], get_holiday_detail(day))
    except NotImplementedError:
        return None
    return cast(str, vars(Holiday(name))["chinese"]) if off and name else None


def next_slot(series: Series, after: datetime, holidays: Holidays = named_holiday) -> Slot:
    """The first meeting after `after`, a week later as often as its day is a named public holiday."""
    local = after.astimezone(series.zone)
    day = local.date() + timedelta(days=(series.meeting.iso_weekday - local.isoweekday()) % 7)
    usual = datetime.combine(day, series.meeting.time, series.zone)
    if usual <= after:
        usual += timedelta(days=7)
    first_why = why = holidays(usual.date())
    starts_at = usual
    while why:
        starts_at += timedelta(days=7)
        why = holidays(starts_at.date())
    return Slot(starts_at, usual, first_why) if first_why else Slot(starts_at)


def say_when(moment: datetime, series: Series) -> str:
    """`2026-11-28 周六 21:00`, in the talk's zone."""
    return say_local(moment.astimezone(series.zone))


def say_local(local: datetime) -> str:
    """The same for a moment that is in its zone already."""
    return f"{local:%Y-%m-%d} 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"
