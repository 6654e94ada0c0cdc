"""A kind of delivery: when it is due for a talk, and when it expires."""

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
    """One kind of delivery; `called` is its name in chat.

    `due` returns when it is due for a talk (None: not for this one); `compose` returns its parts, which are sent in
    order (no parts: the delivery is skipped). Its window ends when the next kind's window begins, or earlier at
    `useful_until`; the windows of `apart` kinds and of the others do not affect each other. After a talk was moved, a
    kind that was already sent is due again if its new due time is at least `again` after that sending. `fleeting` and
    `event` kinds are due once for each due time; a `fleeting` one also expires without an alarm and cannot be resent
    by hand. A `prompt` kind answers a member's command, so it is exempt from pacing.
    One that is not `resendable` cannot be sent again by hand either.
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
    resendable: bool = True


def reminder(pick: Callable[[Reminders], Moment]) -> Callable[[Series, TalkRow], datetime]:
    """A `due` function: the moment of the series' reminders that `pick` selects."""
    return lambda series, talk: pick(series.reminders).around(talk.scheduled_at, series.zone)


def never(_series: Series, _talk: TalkRow) -> None:
    """The `due` of a kind that is never scheduled, only created when an event happens."""


@dataclass(frozen=True)
class Window:
    """The time in which a delivery may be sent: from `due` until `until` (aware)."""

    due: datetime
    until: datetime


def windows(kinds: Sequence[Kind], series: Series, talk: TalkRow, following: TalkRow) -> Mapping[str, Window]:
    """Each kind's window for a talk, by name: it ends when the next one begins, the last at the next talk's first."""
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
