"""What the bot owes its groups: when each kind is due for a talk, and until when it is of use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import deliveries, talks
from db.queries.deliveries import DeliveryRow
from db.queries.talks import TalkRow
from db.words import DeliveryState, TalkState
from plugins._talk.calendar import next_slot
from plugins._talk.desk import House
from plugins._talk.render.chat import Node
from plugins._talk.render.rich import Rich
from plugins._talk.series import Moment, Reminders, Series
from plugins._talk.talks import bring_up_to_date


@dataclass(frozen=True)
class Forward:
    """A merged forward."""

    nodes: Sequence[Node]


Part = Rich | Forward
OVER = (TalkState.HELD, TalkState.PUBLISHED)
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


def reminder(pick: Callable[[Reminders], Moment]) -> Callable[[Series, TalkRow], datetime]:
    """Due at a moment that the series' reminders name."""
    return lambda series, talk: pick(series.reminders).around(talk.starts_at, series.zone)


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


def plan(connection: Connection, house: House, kinds: Sequence[Kind], groups: Sequence[int], now: datetime) -> datetime:
    """Bring talks and deliveries up to date; returns the next moment at which something falls due.

    What was due before a talk was opened is not owed, nor to a group what was due before it joined: a new
    database begins with a clean slate, and so does a new group.
    """
    collecting, live = bring_up_to_date(connection, house.series, house.first_number, now, house.holidays)
    known = deliveries.groups_known(connection)
    for talk in [*talks.recent(connection, OVER, 1), *([live] if live else []), collecting]:
        following = talks.by_number(connection, talk.number + 1) or _expected(house, talk)
        for kind, window in windows(kinds, house.series, talk, following).items():
            if window.due >= talk.opened_at and window.until > now:
                for group in groups:
                    deliveries.plan(connection, talk.number, kind, group, window.due, window.until)
    for group in set(groups) - known:
        deliveries.pass_over(connection, group, now)
    deliveries.expire(connection, now)
    turns = [collecting.starts_at, *([live.starts_at + house.series.meeting.length] if live else [])]
    upcoming = deliveries.next_due(connection, now)
    return min([*turns, *([upcoming] if upcoming else [])])


def _expected(house: House, talk: TalkRow) -> TalkRow:
    slot = next_slot(house.series, talk.starts_at, house.holidays)
    return talk._replace(number=talk.number + 1, starts_at=slot.starts_at, moved_from=slot.usual, moved_why=slot.why)


class CannotCompose(Exception):
    """A delivery's words could not be found; the claim is undone with the transaction."""

    def __init__(self, row: DeliveryRow) -> None:
        super().__init__(f"{row.kind} of talk {row.talk} could not be composed")
        self.row = row


@dataclass(frozen=True)
class Owed:
    """A claimed delivery: what it says as things stand now, and what became of parts that were begun before."""

    row: DeliveryRow
    parts: Sequence[Part]
    begun: Mapping[int, DeliveryState]


def claim(
    connection: Connection, house: House, kinds: Mapping[str, Kind], groups: Sequence[int], now: datetime
) -> Owed | None:
    """Claim what is longest due for one of `groups`, and compose it. One with nothing to say is skipped.

    Raises CannotCompose.
    """
    while row := deliveries.claim_next(connection, groups, now):
        talk = talks.by_number(connection, row.talk)
        kind = kinds.get(row.kind)
        try:
            parts = kind.compose(connection, house.series, talk) if kind and talk else ()
        except Exception as error:
            raise CannotCompose(row) from error
        if parts:
            return Owed(row, parts, deliveries.parts(connection, row.id))
        deliveries.finish(connection, row.id, DeliveryState.SKIPPED, now, "nothing to say")
    return None
