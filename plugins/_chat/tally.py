"""Counts of what was asked and how it ended, for the metrics. In memory: Prometheus expects counters to begin anew."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

BUCKETS: Sequence[float] = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds; then infinity


class Ending(StrEnum):
    """How a command ended."""

    DONE = "done"
    REFUSED = "refused"  # the answer says why
    REPEATED = "repeated"  # the same message again: nothing to do
    UNAVAILABLE = "unavailable"  # the database could not be written
    FAILED = "failed"  # a fault of the program


@dataclass
class Tally:
    """Commands by name and ending; answers by how long they took, in BUCKETS."""

    commands: Counter[tuple[str, Ending]] = field(default_factory=Counter[tuple[str, Ending]])
    seconds: float = 0.0
    answers: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))

    def count(self, command: str, ending: Ending) -> None:
        self.commands[command, ending] += 1

    def took(self, seconds: float) -> None:
        """Count an answer that was sent so many seconds after the message was heard."""
        self.seconds += seconds
        self.answers[bisect_left(BUCKETS, seconds)] += 1
