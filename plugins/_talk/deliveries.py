"""What the bot owes its groups: when each kind is due for a talk, and until when it is of use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import deliveries, talks
from db.queries.talks import TalkRow
from db.words import TalkState
from plugins._talk.calendar import next_slot
from plugins._talk.desk import House
from plugins._talk.render.chat import Node
from plugins._talk.render.rich import Rich
from plugins._talk.series import Series
from plugins._talk.talks import bring_up_to_date


@dataclass(frozen=True)
class Forward:
    """A merged forward."""

    nodes: Sequence[Node]


Part = Rich | Forward
Compose = Callable[[Connection, Series, TalkRow], Sequence[Part]]


@dataclass(frozen=True)
class Kind:
    """One kind of delivery.

    `due` says when it is owed for a talk (None: not for this one); `compose` what it says, in parts that are
    sent in order (none: nothing to say, so it is skipped); `useful_until` ends its window before the next
    kind's begins.
    """

    name: str
    due: Callable[[Series, TalkRow], datetime | None]
    compose: Compose
    useful_until: Callable[[Series, TalkRow], datetime] | None = None


@dataclass(frozen=True)
class Window:
    """Owed from `due`, of use until `until`."""

    due: datetime
    until: datetime


def windows(kinds: Sequence[Kind], series: Series, talk: TalkRow, following: TalkRow) -> Mapping[str, Window]:
    """Each kind's window for a talk: it ends where the next kind's begins, the last one's with the following talk's."""
    dues = _dues(kinds, series, talk)
    last = min(_dues(kinds, series, following), default=(None, following.starts_at), key=lambda due: due[1])[1]
    found: dict[str, Window] = {}
    for index, (kind, due) in enumerate(dues):
        until = dues[index + 1][1] if index + 1 < len(dues) else last
        if kind.useful_until is not None:
            until = min(until, kind.useful_until(series, talk))
        if due < until:
            found[kind.name] = Window(due, until)
    return found


def _dues(kinds: Sequence[Kind], series: Series, talk: TalkRow) -> list[tuple[Kind, datetime]]:
    dues = [(kind, due) for kind in kinds if (due := kind.due(series, talk)) is not None]
    return sorted(dues, key=lambda each: each[1])


def plan(
    connection: Connection, house: House, kinds: Sequence[Kind], groups: Sequence[int], now: datetime
) -> datetime | None:
    """Bring talks and deliveries up to date; returns the next moment at which something falls due.

    What was due before a talk was opened is not owed: a new database begins with a clean slate.
    """
    collecting, live = bring_up_to_date(connection, house.series, house.first_number, now, house.holidays)
    over = talks.recent(connection, [TalkState.HELD, TalkState.PUBLISHED], 1)
    for talk in [*over, *([live] if live else []), collecting]:
        following = talks.by_number(connection, talk.number + 1) or _expected(house, talk)
        for kind, window in windows(kinds, house.series, talk, following).items():
            if window.due >= talk.opened_at and window.until > now:
                for group in groups:
                    deliveries.plan(connection, talk.number, kind, group, window.due, window.until)
    deliveries.expire(connection, now)
    turns = [collecting.starts_at, *([live.starts_at + house.series.meeting.length] if live else [])]
    upcoming = deliveries.next_due(connection, now)
    return min([*turns, *([upcoming] if upcoming else [])])


def _expected(house: House, talk: TalkRow) -> TalkRow:
    slot = next_slot(house.series, talk.starts_at, house.holidays)
    return talk._replace(number=talk.number + 1, starts_at=slot.starts_at, moved_from=slot.usual, moved_why=slot.why)


def compose(connection: Connection, series: Series, kind: Kind, number: int) -> Sequence[Part]:
    """What a delivery says about talk `number`, as things stand now."""
    talk = talks.by_number(connection, number)
    return kind.compose(connection, series, talk) if talk else ()
