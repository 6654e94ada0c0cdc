"""What members did: one of them in all talks, and everybody in a year."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import catalogue, members
from db.queries.members import Person
from plugins._talk.documents.listing import ITEMS_A_PAGE, ItemLine, Paging, item_line, paging_of
from plugins._talk.documents.periods import chosen_year, talks_of, years_of
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.series import Series

MOST_SAID = 40  # roles, answers and questions on a member's page
MOST_PEOPLE = 200  # on the page of a year


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a member brought, hosted and answered; `roles` are talks with the names of roles."""

    person: Person
    roles: tuple[tuple[int, str], ...]
    count: int
    items: tuple[ItemLine, ...]
    answers: tuple[catalogue.Said, ...]
    questions: tuple[catalogue.Said, ...]
    paging: Paging


@dataclass(frozen=True)
class People:
    """Everybody who did something in the talks of a year, the busiest first; `left_out` so many more."""

    year: int
    years: tuple[int, ...]
    people: tuple[catalogue.Activity, ...]
    left_out: int


def profile(connection: Connection, series: Series, code: str, page: int) -> Profile:
    """What a member did. Raises LookupError for an unknown code, or a page that there is not."""
    person = members.by_code(connection, code)
    if person is None:
        raise LookupError(code)
    count = catalogue.count_of(connection, person.qq)
    paging = paging_of(count, ITEMS_A_PAGE, page)
    rows = catalogue.items_of(connection, person.qq, ITEMS_A_PAGE, (page - 1) * ITEMS_A_PAGE)
    names = {role.key: role.name for role in series.all_roles}
    roles = catalogue.roles_of(connection, person.qq, MOST_SAID)
    found = Profile(
        person=person,
        roles=tuple((talk, names.get(role, role)) for talk, role in roles),
        count=count,
        items=tuple(item_line(row, series) for row in rows),
        answers=tuple(catalogue.answers_of(connection, person.qq, MOST_SAID)),
        questions=tuple(catalogue.questions_of(connection, person.qq, MOST_SAID)),
        paging=paging,
    )
    return without_numbers(connection, found)


def people(connection: Connection, series: Series, year: int | None, now: datetime) -> People:
    """Who did something in a year (default: the last with talks). Raises LookupError for a year without."""
    years = years_of(connection, series)
    chosen = chosen_year(years, year, now)
    held = talks_of(connection, series, chosen)
    if not held:
        return People(chosen, years, (), 0)
    numbers = [talk.number for talk in held]
    found = catalogue.activity(connection, min(numbers), max(numbers), series.host.key)
    return without_numbers(
        connection, People(chosen, years, tuple(found[:MOST_PEOPLE]), max(0, len(found) - MOST_PEOPLE))
    )
