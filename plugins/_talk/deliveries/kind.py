"""A kind of delivery: when it is due for a talk, and until when it is of use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries.talks import TalkRow
from plugins._talk.deliveries.parts import Part
from plugins._talk.series import Moment, Reminders, Series

Compose = Callable[[Connection, Series, TalkRow], Sequence[Part]]
Due = Callable[[Series, TalkRow], datetime | None]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of delivery, `called` so among people.

    `due` says when it is owed for a talk (None: not for this one); `compose` what it says, in parts that are
    sent in order (none: nothing to say, so it is skipped). Its window ends where the next kind's begins, or before
    that at `useful_until`; one that stands `apart` minds no other's window, and nobody minds its. When a talk was
    moved, a kind that was sent is owed anew if its new time is at least `again` after that. A `fleeting` one is true at
    its moment only: owed once for each moment, let go in silence, and never said again by hand; one of an `event` is
    owed once for each moment too. A `prompt` one answers somebody's command, so it is not held back for pace.
    """

    name: str
    called: str
    due: Due
    compose: Compose
    useful_until: Callable[[Series, TalkRow], datetime] | None = None
    apart: bool = False
    again: timedelta = timedelta(days=3)
    fleeting: bool = False
    event: bool = False
    prompt: bool = False


def reminder(pick: Callable[[Reminders], Moment]) -> Callable[[Series, TalkRow], datetime]:
    """Due at a moment that the series' reminders name."""
    return lambda series, talk: pick(series.reminders).around(talk.scheduled_at, series.zone)


def never(_series: Series, _talk: TalkRow) -> None:
    """The time of a kind that is owed only when something happens."""


@dataclass(frozen=True)
class Window:
    """Owed from `due`, of use until `until`."""

    due: datetime
    until: datetime


def windows(kinds: Sequence[Kind], series: Series, talk: TalkRow, following: TalkRow) -> Mapping[str, Window]:
    """Each kind's window for a talk: it ends where the next kind's begins, the last one's with the following talk's."""
    dues = _dues(kinds, series, talk)
    begins = [due for kind, due in dues if not kind.apart]
    begins.append(
        min((due for kind, due in _dues(kinds, series, following) if not kind.apart), default=following.scheduled_at)
    )
    found: dict[str, Window] = {}
    for kind, due in dues:
        until = begins[-1] if kind.apart else next((each for each in begins if each > due), begins[-1])
        if kind.useful_until is not None:
            last = kind.useful_until(series, talk)
            until = last if kind.apart else min(until, last)
        if due < until:
            found[kind.name] = Window(due, until)
    return found


def _dues(kinds: Sequence[Kind], series: Series, talk: TalkRow) -> list[tuple[Kind, datetime]]:
    dues = [(kind, due) for kind in kinds if (due := kind.due(series, talk)) is not None]
    return sorted(dues, key=lambda each: each[1])
