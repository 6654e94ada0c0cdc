"""Scripts of what is said in a group by whom, and where the clock is set forward.

`who: words` is said; `|` goes on with the line above. `= -1d 20:00` sets the clock to so many days from the talk's day,
`= -31m` to so many minutes from its start. `> who: 2` passes the last two messages of members on, merged. A `~` before
a line marks what belongs to the show alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

_CLOCK = re.compile(r"=\s*(?P<count>[+-]?\d+)(?P<unit>[dm])(?:\s+(?P<hour>\d\d):(?P<minute>\d\d))?")


@dataclass(frozen=True)
class Says:
    """Somebody says something."""

    who: str
    words: str


@dataclass(frozen=True)
class Passes:
    """Somebody passes on the last messages as a merged forward."""

    who: str
    count: int


@dataclass(frozen=True)
class Forward:
    """The clock is set forward: to a time of a day counted from the talk's, or so long from its start."""

    days: int | None
    hour: int
    minute: int
    minutes: int

    def moment(self, scheduled_at: datetime) -> datetime:
        """When that is, for a talk in its zone."""
        if self.days is None:
            return scheduled_at + timedelta(minutes=self.minutes)
        day = scheduled_at + timedelta(days=self.days)
        return day.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)


Line = Says | Passes | Forward


def read(text: str, *, show: bool = True) -> list[Line]:
    """The lines of a script; without the `show`, only what is said. Raises ValueError for one that is none."""
    return [_line(row) for row in _rows(text.splitlines()) if show or row[0] not in "~=>"]


def _rows(lines: Iterable[str]) -> list[str]:
    rows: list[str] = []
    for line in lines:
        if line.startswith("|"):
            rows[-1] += f"\n{line[1:]}"
        elif line.strip() and not line.startswith("#"):
            rows.append(line)
    return rows


def _line(row: str) -> Line:
    row = row.removeprefix("~")
    if (clock := _CLOCK.fullmatch(row)) is not None:
        count = int(clock["count"])
        if clock["unit"] == "m":
            return Forward(None, 0, 0, count)
        return Forward(count, int(clock["hour"]), int(clock["minute"]), 0)
    who, colon, words = row.removeprefix(">").strip().partition(": ")
    if not colon:
        raise ValueError(row)
    return Passes(who, int(words)) if row.startswith(">") else Says(who, words)
