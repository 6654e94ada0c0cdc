"""Rate limit for commands that only look something up: one token bucket per person and one per group."""

from dataclasses import dataclass, field
from enum import Enum

from plugins._talk.series import LookUps

MOST_PEOPLE = 2_000


class Verdict(Enum):
    """Whether a look-up is answered now."""

    ANSWER = "it is answered"
    SAY_WHY = "it is not, and the person is told why, once"
    SILENCE = "it is not, and they were told"


@dataclass
class Bucket:
    """A token bucket that refills over time; `told`: its owner was told that it is empty."""

    full: int
    level: float
    filled_at: float
    told: bool = False

    def fill(self, seconds: float, now: float) -> None:
        self.level = min(self.full, self.level + (now - self.filled_at) * self.full / seconds)
        self.filled_at = now
        self.told = self.told and self.level < self.full / 2

    def take(self) -> bool:
        """Take one token; False if there is none."""
        if self.level < 1:
            return False
        self.level -= 1
        return True


@dataclass
class RateLimit:
    """Token buckets by person and by group; `now` is in monotonic seconds."""

    _people: dict[tuple[int, int], Bucket] = field(default_factory=dict[tuple[int, int], Bucket])
    _groups: dict[int, Bucket] = field(default_factory=dict[int, Bucket])

    def take(self, rules: LookUps, group_id: int, qq: int, now: float) -> Verdict:
        """Count one look-up of a member in a group (0: in private), and decide whether it is answered."""
        if len(self._people) > MOST_PEOPLE:
            self._people = {key: each for key, each in self._people.items() if now - each.filled_at < rules.seconds}
        own = self._people.setdefault((group_id, qq), Bucket(rules.each, rules.each, now))
        buckets = [own]
        if group_id:
            buckets.append(self._groups.setdefault(group_id, Bucket(rules.group, rules.group, now)))
        for bucket in buckets:
            bucket.fill(rules.seconds, now)
        empty = next((bucket for bucket in buckets if bucket.level < 1), None)
        if empty is None:
            for bucket in buckets:
                bucket.level -= 1
            return Verdict.ANSWER
        told, empty.told = empty.told, True
        return Verdict.SILENCE if told else Verdict.SAY_WHY
