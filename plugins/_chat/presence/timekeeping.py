"""Whether the machine's clock can be believed: held against elapsed time and against the times of the group's messages.

The group's times come from QQ's servers. A clock that differs from what is expected by more than ten minutes is not
believed: nothing is begun, ended or posted by it, and commands count for the time that is expected.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=10)
LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)  # what is told to be earlier is no time of a message


def wall_clock() -> datetime:
    return datetime.now(UTC)


def elapsed() -> float:
    """Seconds that go on whatever happens to the clock; on Linux also while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass
class Timekeeping:
    """The clock, and the time that is expected: a moment that was believed, and what has elapsed since."""

    clock: Callable[[], datetime]
    elapsed: Callable[[], float]
    told_wrong: bool = False  # that the clock is not believed was reported, and not yet that it is right again

    def __post_init__(self) -> None:
        self._believe(self.clock())

    def now(self) -> datetime:
        """The clock's time, or while it is not believed the time that is expected."""
        shown, expected = self.clock(), self._expected()
        return shown if abs(shown - expected) <= TOLERANCE else expected

    def is_right(self) -> bool:
        """Whether the clock shows about what is expected; small corrections of it are followed."""
        shown = self.clock()
        if abs(shown - self._expected()) > TOLERANCE:
            return False
        self._believe(shown)
        return True

    def observe(self, said_at: datetime) -> None:
        """Somebody has just said something, at this time by QQ's clock."""
        if said_at > LONG_AGO:
            shown = self.clock()
            self._believe(shown if abs(shown - said_at) <= TOLERANCE else said_at)

    def observe_earlier(self, said_at: datetime) -> None:
        """Something was said at this time by QQ's clock, whenever that was: it is later than that now."""
        if said_at > self._expected() + TOLERANCE:
            self.observe(said_at)

    def difference(self) -> timedelta:
        """How far the clock is ahead of what is expected."""
        return self.clock() - self._expected()

    def _believe(self, moment: datetime) -> None:
        self._moment, self._believed_at = moment, self.elapsed()

    def _expected(self) -> datetime:
        return self._moment + timedelta(seconds=self.elapsed() - self._believed_at)
