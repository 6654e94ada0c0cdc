"""The same migrations and the same search on PostgreSQL, whose index is its own."""

import os
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine

from db.migrate import upgrade
from db.queries import members, talks
from tests.db import test_search as scenarios
from tests.db.postgres import programs, running
from tests.process.bot_process import free_port

pytestmark = pytest.mark.skipif(
    programs() is None and not os.environ.get("CI"), reason="no PostgreSQL on this machine: its search was not tried"
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running(free_port()) as started:
        upgrade(started)
        yield started


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as opened:
        for person in (scenarios.LINXI, scenarios.AKAI):
            members.met(opened, *person)
        talks.create(opened, 4, scenarios.NOW, scenarios.NOW, None, None)
        yield opened
        opened.rollback()


@pytest.mark.parametrize(
    "scenario",
    [
        scenarios.test_two_chinese_characters_are_found_wherever_they_stand,
        scenarios.test_titles_count_more_than_notes,
        scenarios.test_people_are_found_by_any_part_of_their_names,
        scenarios.test_what_changes_is_found_as_it_is_now,
    ],
)
def test_search_on_postgresql(connection: Connection, scenario: Callable[[Connection], None]) -> None:
    scenario(connection)
