"""The sandbox's clock: the real one, set forward as far as somebody wants, and never back."""

from datetime import UTC, datetime, timedelta

from plugins._chat.presence.timekeeping import elapsed


class SandboxClock:
    """The time in the sandbox's group, for the bot and for everything that is said there."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def timestamp(self) -> float:
        return self.now().timestamp()

    def elapsed(self) -> float:
        """Monotonic seconds in which the time that was skipped has passed, too."""
        return elapsed() + self._ahead.total_seconds()

    def forward_to(self, moment: datetime) -> bool:
        """Set it forward; False for a moment that has passed."""
        if moment <= self.now():
            return False
        self._ahead += moment - self.now()
        return True
