"""Parsing times of day as people write them: `20:30`, `晚上8点半`, `8:30pm`, `20点3刻`."""

import re
from datetime import time, timedelta
from typing import NamedTuple

_DIGITS = {each: place for place, each in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
NUMBER = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_PARTS = "凌晨|清晨|早上|早晨|早|上午|中午|正午|午后|下午|傍晚|晚上|晚间|晚|夜里|半夜|深夜|午夜"
_HALF = r"(?:\s*(?P<half_day>[ap]\.?m\.?)(?![a-z]))"
_END = r"(?![\d:：/.-]|[a-z])"
_TIMES = tuple(
    re.compile(rf"(?P<part>{_PARTS})?\s*{each}", re.IGNORECASE)
    for each in (
        rf"(?P<hour>\d{{1,2}})\s*[:：]\s*(?P<minute>\d{{2}})(?:[:：]00)?(?:{_HALF}|{_END})",
        rf"(?P<hour>{NUMBER})\s*[点點时]\s*(?:钟|整|(?P<half>半)|(?P<quarter>[一二两三1-3])\s*刻|(?P<minute>{NUMBER})\s*分?"
        rf"(?!\d))?{_HALF}?",
        rf"(?P<hour>\d{{1,2}}){_HALF}",
    )
)
_COUNTED = "[个位人场名件条篇天周号年月次届份节门]"  # after a number: something is counted, which is no time
# The rest of a time that was parsed only in part, a second time, or a time in words that are not parsed.
_LEFT_OVER = re.compile(
    r"[\s,，、~～到至或+＋-]*(?:"
    + "|".join(
        (
            r"[ap]\.?m\b|[刻半点點时分](?!析|享|工|组|别)|差\S{1,4}[点點刻]",
            rf"(?:{_PARTS})?\s*{NUMBER}\s*(?:[:：]|[点點时刻]|[ap]m\b)",
            rf"(?:{_PARTS})\s*{NUMBER}(?!\s*{_COUNTED})",
            rf"\d{{1,4}}(?:\s*[.．:：]\s*\d{{0,2}})?\s*(?:h\b|[ap]\.?m\b|$|[,，。;；]|\s(?!\s*{_COUNTED}))",
            rf"(?:推迟|延后|延迟|提前|往[前后]|晚|早)?\s*(?:{NUMBER}|半)\s*个?半?\s*(?:小时|钟头|分钟)",
            r"(?:at\s+)?(?:noon|midnight|morning|afternoon|evening|night)\b",
        )
    )
    + ")",
    re.IGNORECASE,
)
_PART = re.compile(rf"\s*(?P<part>{_PARTS})(?=\s|$)")
NIGHT_ENDS = 5  # hour: `晚上` with an hour before this means after midnight


class NoDate(Exception):
    """No date was found ("" as message), or one that does not exist; then the message is the text that was read."""


class Unclear(NoDate):
    """The text is ambiguous or no valid time; the message, in Chinese, says so and what to write instead."""


class ClockTime(NamedTuple):
    """A time of day; `days` is 1 when it is after midnight, in the night that follows the day that is named.

    `bare`: nothing says whether morning or evening is meant.
    """

    clock: time
    days: int
    bare: bool

    @property
    def shift(self) -> timedelta:
        return timedelta(days=self.days)


def read_time(text: str) -> tuple[ClockTime | None, str]:
    """Parse a time at the beginning of `text`; returns it (None if there is none) and the rest. Raises Unclear."""
    for pattern in _TIMES:
        if match := pattern.match(text):
            found = match.groupdict()
            minute = number(found["minute"]) if found.get("minute") else 30 if found.get("half") else 0
            if found.get("quarter"):
                minute = 15 * number(found["quarter"])
            hour, half_day = number(found["hour"]), (found.get("half_day") or "").lower().replace(".", "")
            meant = _meant(found["part"] or "", hour, half_day)
            if meant is None or minute > 59:
                raise Unclear(f"「{match[0].strip()}」是几点？写成 24 小时制最清楚，例：20:30")
            bare = not found["part"] and not half_day and hour < 24
            return ClockTime(time(meant % 24, minute), meant // 24, bare), text[match.end() :]
    return None, text


def read_part(rest: str, usual: time) -> str:
    """Parse a part of the day alone (`周日晚上`); returns the text after it. Raises Unclear if `usual` is not in it."""
    match = _PART.match(rest)
    if match is None:
        return rest
    if _meant(match["part"], usual.hour, "") != usual.hour:
        raise Unclear(f"「{match['part']}」是几点？写成 24 小时制最清楚，例：20:30")
    return rest[match.end() :]


def must_be_whole(rest: str) -> None:
    """Raise Unclear when the text after a date begins with a time, or part of one, that was not parsed."""
    if _LEFT_OVER.match(rest):
        raise Unclear(f"没看懂「{rest.strip()[:12]}」是几点。写成 24 小时制最清楚，例：20:30")


def _meant(part: str, hour: int, half_day: str) -> int | None:
    """The hour that is meant, 24 and more for hours after midnight; None for an impossible one (`上午 20 点`)."""
    if half_day:
        if part or hour > 12:
            return None
        return hour % 12 + (12 if half_day == "pm" else 0)
    if hour > 24:
        return None
    match part:
        case "":
            return hour
        case "凌晨" | "清晨":
            return hour % 12 if hour == 12 or hour < 7 else None
        case "早上" | "早晨" | "早":
            return hour if 3 <= hour < 12 else None
        case "上午":
            return hour if 3 <= hour <= 12 else None
        case "中午" | "正午":
            return hour + 12 if hour in (1, 2) else hour if 10 <= hour <= 14 else None
        case "下午" | "午后":
            return hour + 12 if 1 <= hour < 12 else hour if 12 <= hour < 20 else None
        case "傍晚":
            return hour + 12 if 4 <= hour <= 8 else hour if 16 <= hour <= 20 else None
        case _:  # evening and night, also after midnight
            if hour in (0, 12, 24):
                return 24
            return hour + 24 if hour < NIGHT_ENDS else hour + 12 if hour < 12 else hour if hour >= 17 else None


def number(digits: str) -> int:
    """The value of `12`, `十二`, `二十三` (a match of NUMBER). Raises Unclear for digits that form no number."""
    if digits.isdecimal():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    if not ten:
        if len(digits) > 1:
            raise Unclear(f"没看懂数字「{digits}」，写成阿拉伯数字吧")
        return _DIGITS[digits]
    if len(tens) > 1 or len(ones) > 1:
        raise Unclear(f"没看懂数字「{digits}」，写成阿拉伯数字吧")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
