"""Parsing dates and times as people write them: `下周日 20:30`, `12-05`, `明晚 8 点半`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from plugins._talk.calendar.clock_times import (
    NIGHT_ENDS,
    NUMBER,
    ClockTime,
    NoDate,
    Unclear,
    must_be_whole,
    number,
    read_part,
    read_time,
)

# For a series that begins at noon or later, a bare time before 9:00 is ambiguous, and one that would be close to the
# usual time were it twelve hours later.
NOON, MORNING, EVENING, CLOSE = 12, 9, 18, 2  # hours
_SHIFTS = {"大后": 3, "后": 2, "明": 1, "今": 0, "次": 1}
_END = r"(?![\d:：/.-]|[a-z])"

_DAYS = (
    re.compile(rf"(?P<year>\d{{4}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*[日号]?{_END}"),
    re.compile(rf"(?P<month>\d{{1,2}})\s*[-/.]\s*(?P<day>\d{{1,2}})\s*[日号]?{_END}"),
    re.compile(rf"(?P<month>{NUMBER})\s*月\s*(?P<day>{NUMBER})\s*[日号]?"),
    re.compile(rf"(?P<day>{NUMBER})\s*[日号]"),
    re.compile(r"(?P<shift>大后|后|明|今|次)(?:天|日|(?=[早晚]))"),
    re.compile(r"(?P<weeks>下+个?|[本这]个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])"),
    re.compile(rf"(?P<count>{NUMBER})\s*(?P<unit>天|周|个?星期|个?礼拜)(?:之|以)?后"),
    re.compile(r"(?P<same>下+个?(?:周|星期|礼拜)(?![一二三四五六日天]))"),
)
_GAP = re.compile(r"(?:[\s,，、的在到]|改到|挪到|推迟到|顺延到|T(?=\d)|at\s)*")
_BRACKETS = re.compile(r"\s*[（(]([^（()）]{1,12})[)）]")


@dataclass(frozen=True)
class Meant:
    """A parsed moment (aware) and the text after it. `year_said`: the year was written."""

    moment: datetime
    rest: str
    year_said: bool


def read_moment(text: str, now: datetime, usual: datetime) -> Meant:
    """Parse a date and optionally a time at the beginning of `text`.

    Missing parts come from `usual` (aware, in the zone to use): the time of day, and the weekday of "next week".
    A date without a year is the next one from today on. Weeks begin on Monday.

    Raises NoDate, or Unclear for an ambiguous time; when `usual` is in the evening, that includes a time before 9:00
    without am, pm or a part of the day.
    """
    today = now.astimezone(usual.tzinfo)
    clock, rest = read_time(_skip(text))  # `20:30 下周日` is as good as `下周日 20:30`
    match, rest = _day(rest)
    try:
        day = _which(match, today.date(), usual)
    except (ValueError, OverflowError):
        raise NoDate(match[0]) from None
    rest = _same_day(rest, day, today.date(), usual)
    said = match.groupdict()
    named_only = bool(said.get("weekday")) and not said.get("weeks")  # `周二`, said on a Tuesday night
    if clock is None:
        clock, rest = read_time(_skip(rest))
    must_be_whole(rest)
    if clock is None or clock.bare:
        rest = read_part(rest, usual.time())
    if clock is not None:
        _must_be_clear(clock, usual)
    moment = datetime.combine(day, clock.clock if clock else usual.time(), usual.tzinfo)
    moment += clock.shift if clock else timedelta()
    if moment <= now and named_only:
        moment += timedelta(days=7)
    return Meant(moment, rest.strip(" ,，、。：:（("), bool(said.get("year")))


def _must_be_clear(clock: ClockTime, usual: datetime) -> None:
    said = clock.clock
    if not clock.bare or usual.hour < NOON or said.hour >= NOON:
        return
    if said.hour >= MORNING and abs(said.hour + 12 - usual.hour) > CLOSE:
        return
    if not said.hour:
        raise Unclear(f"{said:%H:%M} 是半夜吗？半夜就写 凌晨0:{said:%M}，晚上就写 20:30 这样")
    later, early = said.replace(hour=said.hour + 12), "凌晨" if said.hour < NIGHT_ENDS else "早上"
    late = "下午" if later.hour < EVENING else "晚上"
    raise Unclear(
        f"{said:%H:%M} 是{early}还是{late}？{late}就写 {later:%H:%M}，{early}就写 {early}{said.hour}:{said:%M}"
    )


def _skip(text: str) -> str:
    match = _GAP.match(text)
    return text[match.end() :] if match else text


def _day(text: str) -> tuple[re.Match[str], str]:
    text = _skip(text)
    for pattern in _DAYS:
        if match := pattern.match(text):
            return match, text[match.end() :]
    raise NoDate("")


def _same_day(rest: str, day: date, today: date, usual: datetime) -> str:
    """Skip the same day in other words: `12-05（周六）`. Raises Unclear for another day with a time or in brackets."""
    brackets = _BRACKETS.match(rest)
    said, after = (brackets[1], rest[brackets.end() :]) if brackets else (rest, rest)
    try:
        match, left = _day(said)
        other = _which(match, today, usual)
        if match.groupdict().get("weekday") and not match["weeks"] and day.isoweekday() == other.isoweekday():
            other = day
        after = after if brackets else left
        if other != day and brackets is None and read_time(_skip(after))[0] is None:
            return rest  # it is about the reason
    except (NoDate, ValueError, OverflowError):
        return rest
    if other != day:
        raise Unclear(
            f"「{match[0].strip()}」和 {day:%m-%d}（周{'一二三四五六日'[day.weekday()]}）对不上，只写一个日期吧"
        )
    return after


def _which(match: re.Match[str], today: date, usual: datetime) -> date:
    said = {name: each for name, each in match.groupdict().items() if each}
    if "shift" in said:
        return today + timedelta(days=_SHIFTS[said["shift"]])
    if "same" in said:
        return _weekday(today, said["same"].count("下"), usual.isoweekday())
    if "weekday" in said:
        weekday = "一二三四五六日".find(said["weekday"].replace("天", "日")) + 1 or int(said["weekday"])
        if "weeks" in said:
            return _weekday(today, said["weeks"].count("下"), weekday)
        return today + timedelta(days=(weekday - today.isoweekday()) % 7)
    if "unit" in said:
        return today + timedelta(days=number(said["count"]) * (1 if said["unit"] == "天" else 7))
    if "year" in said:
        return date(int(said["year"]), int(said["month"]), int(said["day"]))
    return _coming(today, number(said["month"]) if "month" in said else None, number(said["day"]))


def _weekday(today: date, weeks: int, number: int) -> date:
    """A day of this week, or of the one so many weeks on."""
    return today + timedelta(days=7 * weeks + number - today.isoweekday())


def _coming(today: date, month: int | None, day: int) -> date:
    """The next date with this day, and month if one is given, within about a year. Raises ValueError for none."""
    first = today.year * 12 + today.month - 1
    for months in range(first, first + 13):
        year, place = divmod(months, 12)
        if (
            month in (None, place + 1)
            and 1 <= day <= monthrange(year, place + 1)[1]
            and date(year, place + 1, day) >= today
        ):
            return date(year, place + 1, day)
    raise ValueError(day)
