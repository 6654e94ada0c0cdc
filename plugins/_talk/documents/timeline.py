"""The planned and the actual times of a talk's sections. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from plugins._talk.documents.running_order import Evening

OVERRUN = timedelta(minutes=1)  # a section counts as overrun from this much over its planned time


@dataclass(frozen=True)
class Span:
    """A named period of time."""

    name: str
    begins: datetime
    ends: datetime

    @property
    def length(self) -> timedelta:
        return self.ends - self.begins


@dataclass(frozen=True)
class Timeline:
    """Planned and actual periods, in the series' zone; both empty when no turns were recorded."""

    planned: tuple[Span, ...] = ()
    real: tuple[Span, ...] = ()

    def took(self, name: str) -> timedelta:
        """How long a section was on, all in all."""
        return sum((each.length for each in self.real if each.name == name), timedelta())

    @property
    def over(self) -> tuple[tuple[str, timedelta], ...]:
        """The sections that took longer than planned, and by how much."""
        spans = ((plan.name, self.took(plan.name) - plan.length) for plan in self.planned if plan.length)
        return tuple((name, span) for name, span in spans if span >= OVERRUN)


def timeline(evening: Evening, ended: datetime) -> Timeline:
    """An evening's timeline up to its end (or to now, while it is live)."""
    if not evening.ran:
        return Timeline()
    zone = evening.agenda.scheduled_at.tzinfo
    on = {turn.section for turn in evening.turns}
    planned = [
        Span(section.name, section.begins, section.ends or section.begins)
        for section in evening.agenda.sections
        if section in evening.agenda.shown or section.key in on
    ]
    names = {section.key: section.name for section in evening.agenda.sections}
    real: list[Span] = []
    for key, group in groupby(evening.turns, lambda turn: turn.section):
        turns = list(group)
        if key is None or key in names:
            name = "开场" if key is None else names[key]
            real.append(Span(name, turns[0].began_at.astimezone(zone), (turns[-1].ended_at or ended).astimezone(zone)))
    return Timeline(tuple(planned), tuple(real))


def bounds(shown: Timeline) -> tuple[datetime, datetime]:
    """The first and the last moment of a timeline that is not empty."""
    spans: Sequence[Span] = (*shown.planned, *shown.real)
    return min(each.begins for each in spans), max(each.ends for each in spans)
