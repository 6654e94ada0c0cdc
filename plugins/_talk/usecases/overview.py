"""An overview of a talk: its date, roles and item counts."""

from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import items, roles
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.series import Section, Series
from plugins._talk.usecases.desk import Desk


@dataclass(frozen=True)
class RoleLine:
    """A role and who holds it; `free` counts its open places."""

    name: str
    holders: tuple[Person, ...]
    free: int


@dataclass(frozen=True)
class TalkCard:
    """A talk at a glance."""

    talk: TalkRow
    roles: tuple[RoleLine, ...]
    counts: tuple[tuple[Section, int], ...]


def role_lines(connection: Connection, series: Series, talk: int) -> tuple[RoleLine, ...]:
    holders = roles.holders(connection, talk)
    return tuple(
        RoleLine(role.name, tuple(held), role.capacity - len(held))
        for role in series.all_roles
        for held in [holders.get(role.key, ())]
    )


def show_talk(desk: Desk, number: int | None) -> TalkCard:
    """A talk's date, people and counts; without a number the one that collects."""
    talk = desk.find_talk(number)
    counts = items.counts(desk.connection, talk.number)
    return TalkCard(
        talk,
        role_lines(desk.connection, desk.series, talk.number),
        tuple((section, counts.get(section.key, 0)) for section in desk.series.sections if section.submissions),
    )
