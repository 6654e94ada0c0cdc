"""The day and the time that a person means: `下周日 20:30`, `12-05`, `明晚 8 点半`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_DIGITS = {each: place for place, each in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
_NUMBER = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_SHIFTS = {"大后": 3, "后": 2, "明": 1, "今": 0, "次": 1}
_END = r"(?![\d:：/.-]|[a-z])"

_DAYS = (
    re.compile(rf"(?P<year>\d{{4}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*[日号]?{_END}"),
    re.compile(rf"(?P<month>\d{{1,2}})\s*[-/.]\s*(?P<day>\d{{1,2}})\s*[日号]?{_END}"),
    re.compile(rf"(?P<month>{_NUMBER})\s*月\s*(?P<day>{_NUMBER})\s*[日号]?"),
    re.compile(rf"(?P<day>{_NUMBER})\s*[日号]"),
    re.compile(r"(?P<shift>大后|后|明|今|次)(?:天|日|(?=[早晚]))"),
    re.compile(r"(?P<weeks>下+个?|[本这]个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])"),
    re.compile(rf"(?P<count>{_NUMBER})\s*(?P<unit>天|周|个?星期|个?礼拜)(?:之|以)?后"),
    re.compile(r"(?P<same>下+个?(?:周|星期|礼拜)(?![一二三四五六日天]))"),
)
_PART = r"(?P<part>凌晨|早上|早|上午|中午|下午|傍晚|晚上|晚)?"
_TIMES = (
    re.compile(rf"{_PART}\s*(?P<hour>\d{{1,2}})\s*[:：]\s*(?P<minute>\d{{2}}){_END}"),
    re.compile(
        rf"{_PART}\s*(?P<hour>{_NUMBER})\s*[点點时]\s*(?:钟|整|(?P<half>半)|(?P<quarter>[一三])刻"
        rf"|(?P<minute>{_NUMBER})\s*分?)?"
    ),
)
_GAP = re.compile(r"(?:[\s,，、的在到]|改到|挪到|推迟到|顺延到)*")
_EVENING = re.compile(r"\s*(?:早上|上午|中午|下午|傍晚|晚上|晚)(?=\s|$)")


class NoDate(Exception):
    """No date stands where one should, or one that does not exist; the message is what was read of it."""


@dataclass(frozen=True)
class Meant:
    """The moment that a person means, and what they said behind it. `year_said` that they wrote the year."""

    moment: datetime
    rest: str
    year_said: bool


def read_moment(words: str, now: datetime, usual: datetime) -> Meant:
    """Read a date and perhaps a time at the beginning of `words`.

    What is not said is taken from `usual` (aware, in the zone that people mean): the time of day, and the weekday of
    "next week". A day without a year is the next one of that name. Weeks begin on Monday. Raises NoDate.
    """
    today = now.astimezone(usual.tzinfo)
    clock, rest = _time(words)  # `20:30 下周日` is as good as `下周日 20:30`
    match, rest = _day(rest)
    try:
        day = _which(match, today.date(), usual)
    except (ValueError, OverflowError):
        raise NoDate(match[0]) from None
    said = match.groupdict()
    named_only = bool(said.get("weekday")) and not said.get("weeks")  # `周二`, said on a Tuesday night
    if clock is None:
        clock, rest = _time(rest)
    if clock is None and (evening := _EVENING.match(rest)):
        rest = rest[evening.end() :]
    moment = datetime.combine(day, clock or usual.time(), usual.tzinfo)
    if moment <= now and named_only:
        moment += timedelta(days=7)
    return Meant(moment, rest.strip(" ,，、。：:（("), bool(said.get("year")))


def _skip(words: str) -> str:
    match = _GAP.match(words)
    return words[match.end() :] if match else words


def _day(words: str) -> tuple[re.Match[str], str]:
    words = _skip(words)
    for pattern in _DAYS:
        if match := pattern.match(words):
            return match, words[match.end() :]
    raise NoDate("")


def _which(match: re.Match[str], here: date, usual: datetime) -> date:
    said = {name: each for name, each in match.groupdict().items() if each}
    if "shift" in said:
        return here + timedelta(days=_SHIFTS[said["shift"]])
    if "same" in said:
        return _weekday(here, said["same"].count("下"), usual.isoweekday())
    if "weekday" in said:
        number = "一二三四五六日".find(said["weekday"].replace("天", "日")) + 1 or int(said["weekday"])
        if "weeks" in said:
            return _weekday(here, said["weeks"].count("下"), number)
        return here + timedelta(days=(number - here.isoweekday()) % 7)
    if "unit" in said:
        return here + timedelta(days=_number(said["count"]) * (1 if said["unit"] == "天" else 7))
    if "year" in said:
        return date(int(said["year"]), int(said["month"]), int(said["day"]))
    return _coming(here, _number(said["month"]) if "month" in said else None, _number(said["day"]))


def _weekday(here: date, weeks: int, number: int) -> date:
    """A day of this week, or of the one so many weeks on."""
    return here + timedelta(days=7 * weeks + number - here.isoweekday())


def _coming(here: date, month: int | None, day: int) -> date:
    """The next date with this day, and month if one is given, within about a year. Raises ValueError for none."""
    first = here.year * 12 + here.month - 1
    for months in range(first, first + 13):
        year, place = divmod(months, 12)
        if (
            month in (None, place + 1)
            and 1 <= day <= monthrange(year, place + 1)[1]
            and date(year, place + 1, day) >= here
        ):
            return date(year, place + 1, day)
    raise ValueError(day)


def _time(words: str) -> tuple[time | None, str]:
    words = _skip(words)
    for pattern in _TIMES:
        if match := pattern.match(words):
            hour = _number(match["hour"])
            found = match.groupdict()
            minute = _number(found["minute"]) if found.get("minute") else 30 if found.get("half") else 0
            if found.get("quarter"):
                minute = 15 * _number(found["quarter"])
            if match["part"] in ("下午", "傍晚", "晚上", "晚") and hour < 12:
                hour += 12
            try:
                return time(hour, minute), words[match.end() :]
            except ValueError:
                raise NoDate(match[0]) from None
    return None, words


def _number(digits: str) -> int:
    """`12`, `十二`, `二十三`."""
    if digits.isdecimal():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    if not ten:
        if len(digits) > 1:
            raise NoDate(digits)
        return _DIGITS[digits]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
