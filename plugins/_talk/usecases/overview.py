"""An overview of a talk: its date, roles and item counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import ENDED
from db.queries import items, roles, talks
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.running_order import Stop
from plugins._talk.series import Section, Series
from plugins._talk.usecases.desk import Desk, Refused


@dataclass(frozen=True)
class RoleLine:
    """A role and who holds it; `free` counts its open places."""

    name: str
    holders: tuple[Person, ...]
    free: int


@dataclass(frozen=True)
class OnNow:
    """What is on in a live talk, until when (None: no limit), and what comes next."""

    stop: Stop
    until: datetime | None
    ahead: Stop | None


@dataclass(frozen=True, kw_only=True)
class TalkCard:
    """A talk at a glance: what is `on` now, and the talks before and after it, as far as they matter."""

    talk: TalkRow
    roles: tuple[RoleLine, ...]
    counts: tuple[tuple[Section, int], ...]
    on: OnNow | None = None
    last: TalkRow | None = None
    coming: TalkRow | None = None


def role_lines(connection: Connection, series: Series, talk: int) -> tuple[RoleLine, ...]:
    holders = roles.holders(connection, talk)
    return tuple(
        RoleLine(role.name, tuple(held), role.capacity - len(held))
        for role in series.all_roles
        for held in [holders.get(role.key, ())]
    )


def show_talk(desk: Desk, number: int | None, *, previous: bool = False) -> TalkCard:
    """A talk's date, people and counts: the one with this number, the `previous` one, else what is on or comes.

    Without a number also what was last, and while a talk is live what comes after it. Raises Refused.
    """
    if number is not None:
        return _card(desk, desk.find_talk(number))
    before = next(iter(talks.recent(desk.connection, ENDED, 1)), None)
    if previous:
        if before is None:
            raise Refused("还没有办过的期。发 /本期 看下一期")
        return _card(desk, before)
    if desk.live is not None:
        return _card(desk, desk.live, on=_on_now(desk, desk.live), coming=desk.talk)
    return _card(desk, desk.talk, last=before)


def _card(
    desk: Desk, talk: TalkRow, on: OnNow | None = None, last: TalkRow | None = None, coming: TalkRow | None = None
) -> TalkCard:
    counts = items.counts(desk.connection, talk.number)
    return TalkCard(
        talk=talk,
        roles=role_lines(desk.connection, desk.series, talk.number),
        counts=tuple((section, counts.get(section.key, 0)) for section in desk.series.submitting),
        on=on,
        last=last,
        coming=coming,
    )


def _on_now(desk: Desk, talk: TalkRow) -> OnNow | None:
    evening = evening_of(desk.connection, desk.series, talk.number)
    if evening.current is None:
        return None
    return OnNow(evening.current, talk.floor.until if talk.floor else None, evening.ahead)


def in_charge(desk: Desk) -> tuple[bool, bool]:
    """Whether the visitor has host rights in a talk that people are in, and whether those of an admin."""
    return any(desk.is_host(talk) for talk in (*desk.nearby, desk.talk)), desk.visit.trusted
