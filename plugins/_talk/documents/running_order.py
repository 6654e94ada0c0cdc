"""The running order of a talk and its clock: the current turn, its time limit, and the next one. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from db.queries.turns import TurnRow
from plugins._talk.documents.agenda import Agenda, AgendaItem, AgendaSection
from plugins._talk.documents.discussion import Thread
from plugins._talk.foreign_text import shortened

# A section whose items would get less time than this is one stop: a command per item would be too frequent.
SHORTEST = timedelta(minutes=2)
VISIT = timedelta(seconds=15)  # what was on for less was passed over
CALLED = 30  # characters of a question


@dataclass(frozen=True)
class Stop:
    """A step of the running order: an item, a question, or a section as a whole."""

    section: AgendaSection
    item: AgendaItem | None
    question: Thread | None = None

    @property
    def name(self) -> str:
        """`本周新闻 · MOSS-RLHF`"""
        called = self.item.called if self.item else shortened(self.question.question, CALLED) if self.question else ""
        return f"{self.section.name} · {called}" if called else self.section.name

    @property
    def numbered(self) -> str:
        """`本周新闻 · #7 MOSS-RLHF`"""
        if self.item is not None:
            return f"{self.section.name} · #{self.item.number} {self.item.called}"
        if self.question is not None:
            return f"{self.section.name} · Q{self.question.number} {shortened(self.question.question, CALLED)}"
        return self.section.name


@dataclass(frozen=True)
class Evening:
    """A talk's agenda and its turns so far; `gone` has the names, by id, of items no longer on the agenda."""

    agenda: Agenda
    turns: Sequence[TurnRow]
    gone: Mapping[int, str] = field(default_factory=dict[int, str])

    @property
    def stops(self) -> list[Stop]:
        """All that is to be on, in order."""
        return list(chain.from_iterable(self._stops_of(section) for section in self.agenda.shown))

    def _stops_of(self, section: AgendaSection) -> list[Stop]:
        """A section's stops; where a host ordered its items, those that had their turn come first."""
        stops = _stops(section)
        if all(item.rank is None for item in section.items):
            return stops
        turns = [turn.item for turn in self.turns]
        return sorted(
            stops,
            key=lambda stop: turns.index(stop.item.id) if stop.item and stop.item.id in turns else len(turns),
        )

    @property
    def current(self) -> Stop | None:
        """The stop of the latest turn; None before and during the opening, and when its section no longer exists."""
        return self.stop_of(self.turns[-1]) if self.turns else None

    def stop_of(self, turn: TurnRow) -> Stop | None:
        """The stop of a turn; the section alone if its item or question is gone; None for the opening."""
        section = next((each for each in self.agenda.sections if each.key == turn.section), None)
        if section is None:
            return None
        threads = self.agenda.discussion.threads if turn.question is not None else ()
        question = next((thread for thread in threads if thread.id == turn.question), None)
        return Stop(section, next((item for item in section.items if item.id == turn.item), None), question)

    def name_of(self, turn: TurnRow) -> str | None:
        """A turn's display name, also when its item was carried over or withdrawn since; None for the opening."""
        stop = self.stop_of(turn)
        if stop is None:
            return None
        gone = self.gone.get(turn.item) if turn.item is not None and stop.item is None else None
        return f"{stop.section.name} · {gone}" if gone else stop.name

    @property
    def ahead(self) -> Stop | None:
        """The next stop: the first one after the current that had no turn yet, or None."""
        stops = self.stops
        return next((stop for stop in stops[self._place(stops) + 1 :] if not self._seen(stop)), None)

    def _place(self, stops: Sequence[Stop]) -> int:
        last = next((turn for turn in reversed(self.turns) if turn.question is None), None)
        if last is None or last.section is None:
            return -1
        current, section = self.stop_of(last), last.section
        if current in stops:
            return stops.index(current)
        mine = [place for place, stop in enumerate(stops) if stop.section.key == section]
        seen = [place for place in mine if self._seen(stops[place])]
        order = [each.key for each in self.agenda.sections]
        before = [place for place, stop in enumerate(stops) if order.index(stop.section.key) < order.index(section)]
        return max([-1, *before, *seen])

    def _seen(self, stop: Stop) -> bool:
        return any(
            turn.section == stop.section.key and (stop.item is None or turn.item in (None, stop.item.id))
            for turn in self.turns
            if turn.question is None
        )

    @property
    def visits(self) -> list[TurnRow]:
        """The turns that lasted, and the one that is on."""
        return [turn for turn in self.turns if turn.ended_at is None or turn.ended_at - turn.began_at >= VISIT]

    def is_again(self, turn: TurnRow) -> bool:
        """Whether the same item or question was on before this turn."""
        if turn.item is None and turn.question is None:
            return False
        return any(
            (each.item, each.question) == (turn.item, turn.question)
            for each in self.visits
            if each.position < turn.position
        )

    def is_covered(self, item: AgendaItem, section: AgendaSection) -> bool:
        """Whether an item had a turn: its own or, if it was to be presented, one of its section as a whole."""
        as_a_whole = (None,) if item in section.presented else ()
        on = (turn for turn in self.visits if turn.section == section.key and turn.question is None)
        return any(turn.item in (item.id, *as_a_whole) for turn in on)

    @property
    def covered(self) -> list[AgendaItem]:
        return [item for each in self.agenda.sections for item in each.items if self.is_covered(item, each)]

    @property
    def missed(self) -> list[AgendaItem]:
        """The items to be presented that were not covered, without those already nominated in a later talk."""
        waiting = ((each, item) for each in self.agenda.sections for item in each.presented if not item.passed_on)
        return [item for section, item in waiting if not self.is_covered(item, section)]

    @property
    def ran(self) -> bool:
        """Whether there were turns after the opening; if not, it is unknown which items were covered."""
        return len(self.turns) > 1

    def used(self, section: str, now: datetime) -> timedelta:
        """How long a section has been on."""
        mine = (turn for turn in self.turns if turn.section == section)
        return sum(((turn.ended_at or now) - turn.began_at for turn in mine), timedelta())

    def section_until(self, section: AgendaSection, now: datetime) -> datetime | None:
        """When a section's time is up if it continues from `now`: before `now` if overrun, None if unlimited."""
        if section.minutes == 0:
            return None
        granted = sum(turn.granted for turn in self.turns if turn.section == section.key)
        return now + timedelta(minutes=section.minutes, seconds=granted) - self.used(section.key, now)

    def until(self, stop: Stop, now: datetime) -> datetime | None:
        """When the time of a stop that begins at `now` is up, or None without limit.

        An item gets an equal share of its section's remaining time, or all of it if the share is under SHORTEST.
        """
        end = self.section_until(stop.section, now)
        if end is None or stop.item is None:
            return end
        there = dict.fromkeys((*stop.section.presented, stop.item))
        waiting = [each for each in there if each == stop.item or not self.is_covered(each, stop.section)]
        share = (end - now) / len(waiting)
        return now + share if share >= SHORTEST else end


def _stops(section: AgendaSection) -> list[Stop]:
    items = section.presented
    if not items or (section.minutes and timedelta(minutes=section.minutes) / len(items) < SHORTEST):
        return [Stop(section, None)]
    return [Stop(section, item) for item in items]


def minutes(span: timedelta) -> int:
    """A span rounded to whole minutes: at least 1 for a positive span, else 0."""
    seconds = span.total_seconds()
    return max(1, round(seconds / 60)) if seconds > 0 else 0
