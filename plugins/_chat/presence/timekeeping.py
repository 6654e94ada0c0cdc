"""Checks the system clock against elapsed time and the timestamps of group messages.

Message timestamps come from QQ's servers. A clock that differs from the expected time by more than ten minutes is
considered wrong: it starts, ends and posts nothing, and commands count for the expected time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=10)
LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)  # earlier timestamps are invalid


def wall_clock() -> datetime:
    return datetime.now(UTC)


def elapsed() -> float:
    """Monotonic seconds, unaffected by clock changes; on Linux they include system sleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass
class Timekeeping:
    """The clock, and the expected time: the last trusted time plus the time elapsed since."""

    clock: Callable[[], datetime]
    elapsed: Callable[[], float]
    told_wrong: bool = False  # the wrong clock was reported, its recovery not yet

    def __post_init__(self) -> None:
        self._believe(self.clock())

    def now(self) -> datetime:
        """The clock's time, or the expected time while the clock is wrong."""
        shown, expected = self.clock(), self._expected()
        return shown if abs(shown - expected) <= TOLERANCE else expected

    def is_right(self) -> bool:
        """Whether the clock is close to the expected time; small corrections of it are accepted."""
        shown = self.clock()
        if abs(shown - self._expected()) > TOLERANCE:
            return False
        self._believe(shown)
        return True

    def observe(self, said_at: datetime) -> None:
        """Record the QQ timestamp of a message that was sent just now."""
        if said_at > LONG_AGO:
            shown = self.clock()
            self._believe(shown if abs(shown - said_at) <= TOLERANCE else said_at)

    def observe_earlier(self, said_at: datetime) -> None:
        """Record the QQ timestamp of an earlier message: the current time must be later."""
        if said_at > self._expected() + TOLERANCE:
            self.observe(said_at)

    def difference(self) -> timedelta:
        """How far the clock is ahead of the expected time."""
        return self.clock() - self._expected()

    def _believe(self, moment: datetime) -> None:
        self._moment, self._believed_at = moment, self.elapsed()

    def _expected(self) -> datetime:
        return self._moment + timedelta(seconds=self.elapsed() - self._believed_at)
