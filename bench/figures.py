"""What was measured: the values of all rounds, and what they are to reach."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure. Its value is the median of its rounds: a ratio ("×") to what it is measured `against`, or in `unit`.

    `at` says of which side of `reach` it is to be: "most" or "least"; `detail` are the values behind a ratio.
    """

    name: str
    against: str
    values: Sequence[float]
    reach: float
    at: Literal["most", "least"] = "most"
    unit: str = "×"
    detail: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool:
        return self.value <= self.reach if self.at == "most" else self.value >= self.reach

    @property
    def is_ratio(self) -> bool:
        return self.unit == "×"

    def told(self, value: float) -> str:
        """A value with its unit, at a sensible precision."""
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
        return f"{value:.{digits}f}{'×' if self.is_ratio else f' {self.unit}'}"

    @property
    def span(self) -> str:
        """The least and the most of the rounds; "" where there was one."""
        least, most = min(self.values), max(self.values)
        return f"{self.told(least)} – {self.told(most)}" if len(self.values) > 1 else ""

    @property
    def goal(self) -> str:
        return f"{'≤' if self.at == 'most' else '≥'} {self.told(self.reach)}"

    def __str__(self) -> str:
        mark = "ok   " if self.is_met else "SHORT"
        return f"{mark} {self.name}: {self.told(self.value)} ({self.span or 'one round'}), {self.goal}; {self.detail}"


def compared(
    *,
    name: str,
    against: str,
    rounds: Sequence[tuple[float, float]],
    unit: str,
    reach: float,
    at: Literal["most", "least"] = "most",
) -> Figure:
    """The ratio of two things measured in turns: each round has ours and theirs, in `unit`."""
    ours, theirs = [each[0] for each in rounds], [each[1] for each in rounds]
    detail = both(ours, theirs, unit)
    return Figure(name=name, against=against, values=ratios(ours, theirs), reach=reach, at=at, detail=detail)


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> list[float]:
    """Round by round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def both(ours: Iterable[float], theirs: Iterable[float], unit: str) -> str:
    """The medians behind a ratio."""
    one, other = statistics.median(ours), statistics.median(theirs)
    return f"{one:.4g} {unit} against {other:.4g} {unit}"
