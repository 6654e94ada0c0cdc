"""The same migrations, the same search and the same use cases on PostgreSQL; and several processes that share one."""

import asyncio
import inspect
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from db.archive import back_up, look_into_archive, restore
from db.migrate import upgrade
from db.models import Base
from db.opening import open_database
from db.queries import alarms, deliveries, leases, members, talks
from db.refusals import CannotOpen
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import plan
from plugins._talk.series import Series
from plugins._talk.usecases import roles
from plugins._talk.usecases.desk import Refused, Rules, Visit, serve
from tests.db import test_search as scenarios
from tests.db.postgres import programs, running
from tests.people import GROUP, Clock
from tests.process.bot_process import free_port
from tests.talk import (
    test_across_talks,
    test_authority,
    test_choices,
    test_deliveries,
    test_evening,
    test_rescheduling,
    test_roles,
    test_submissions,
)
from tests.talk.desks import Lobby

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
pytestmark = pytest.mark.skipif(
    programs() is None and not os.environ.get("CI"), reason="no PostgreSQL on this machine: it was not tried"
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running(free_port()) as started:
        upgrade(started)
        yield started


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as opened:
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
    for person in (scenarios.LINXI, scenarios.AKAI):
        members.upsert_member(connection, *person)
    talks.create(connection, 4, scenarios.NOW, scenarios.NOW)
    scenario(connection)


def _of(module: ModuleType) -> list[Callable[..., None]]:
    """The tests of a module that need a connection, a clock and what goes with them, and are no tables."""
    there = {"lobby", "connection", "house", "clock", "series"}
    return [
        each
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_") and not inspect.iscoroutinefunction(each)
        if set(inspect.signature(each).parameters) <= there and not hasattr(each, "hypothesis")
    ]


USE_CASES = (
    test_across_talks,
    test_authority,
    test_choices,
    test_roles,
    test_rescheduling,
    test_deliveries,
    test_submissions,
    test_evening,
)


@pytest.mark.parametrize("scenario", [each for module in USE_CASES for each in _of(module)])
def test_use_cases_on_postgresql(
    scenario: Callable[..., None], connection: Connection, rules: Rules, clock: Clock, series: Series
) -> None:
    given: dict[str, Any] = {"connection": connection, "house": rules, "clock": clock, "series": series}
    given["lobby"] = Lobby(connection, rules, clock)
    scenario(**{name: given[name] for name in inspect.signature(scenario).parameters})


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    """A database of its own, empty."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
        opened.exec_driver_sql("CREATE DATABASE shared")
    yield engine.url.set(database="shared").render_as_string(hide_password=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
        opened.exec_driver_sql("DROP DATABASE shared WITH (FORCE)")


async def test_processes_that_share_a_database_take_turns(url: str, rules: Rules, clock: Clock) -> None:
    both = await asyncio.gather(asyncio.to_thread(open_database, url), asyncio.to_thread(open_database, url))
    assert all(each.shared for each in both)

    async def claim(number: int) -> str:
        visit = Visit(group_id=GROUP, message_id=number, qq=number, card=f"n{number}", trusted=False, said_at=clock())
        found = await both[number % 2].write(serve, rules, visit, roles.claim, "编辑")
        return "refused" if isinstance(found, Refused) else "claimed"

    outcomes = await asyncio.gather(*(claim(number) for number in range(1, 21)))
    assert sorted(outcomes) == ["claimed"] * 2 + ["refused"] * 18
    for each in both:
        await each.write(plan, rules, list(kinds.values()), [GROUP], clock())
    clock.forward(days=3)
    claims = await asyncio.gather(
        *(each.write(deliveries.claim_next, [GROUP], str(place), clock()) for place, each in enumerate(both))
    )
    assert sum(claim is not None for claim in claims) == 1
    raised = await asyncio.gather(*(each.write(alarms.raise_once, "key", "said", clock()) for each in both))
    assert sorted(raised) == [False, True]
    for each in both:
        each.close()


def test_the_indexes_over_some_rows_are_the_same_on_both(url: str) -> None:
    database = open_database(url)
    with database.writer.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%% WHERE %%'"
        )
        there = {row[0]: re.sub(r"[()]|::text", "", row[1].partition(" WHERE ")[2]) for row in rows}
    database.close()
    indexes = [index for table in Base.metadata.tables.values() for index in table.indexes]
    conditions = {index.name: index.dialect_options["sqlite"]["where"] for index in indexes}
    assert there == {name: str(each) for name, each in conditions.items() if each is not None}
    assert len(there) == 4


def test_of_several_processes_the_first_is_on_duty(connection: Connection, clock: Clock) -> None:
    def keep(process: str, *groups: int) -> set[int]:
        return leases.keep(connection, process, groups, clock(), clock.at.replace(hour=clock.at.hour - 1))

    assert keep("b", 1, 2) == {1, 2}
    clock.forward(seconds=5)
    assert keep("a", 1, 2) == set()
    assert keep("b", 1) == {1}  # it can speak in the second group no more
    assert keep("a", 1, 2) == {2}
    clock.forward(seconds=5)
    assert keep("b", 1, 2) == {1}
    leases.leave(connection, "b")
    assert keep("a", 1, 2) == {1, 2}
    clock.forward(hours=2)
    assert keep("c", 1) == {1}  # nobody was seen for long


async def test_a_database_that_is_gone_says_so_and_comes_back(url: str, engine: Engine) -> None:
    database = open_database(url)
    await database.write(talks.latest)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
        opened.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shared'")
    assert await database.write(talks.latest) is None
    assert await database.read(talks.latest) is None
    database.close()


@pytest.mark.skipif(
    shutil.which("pg_dump") is None and not os.environ.get("CI"),
    reason="no pg_dump on this machine: no PostgreSQL was backed up",
)
def test_a_backup_there_and_back(tmp_path: Path) -> None:
    with running(free_port()) as engine:
        url = engine.url.render_as_string(hide_password=False)
        open_database(url).close()
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO members (qq, card) VALUES (1, '小林')")
        made = back_up(url, tmp_path / "a.zip", {}, "1.0.0", NOW)
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO members (qq, card) VALUES (2, '阿凯')")
            leases.keep(connection, "a process", [GROUP], NOW, NOW)
        with pytest.raises(CannotOpen, match="还有机器人在用"):
            restore(url, look_into_archive(made.path), tmp_path, NOW + timedelta(seconds=5))
        kept = restore(url, look_into_archive(made.path), tmp_path, NOW + timedelta(minutes=5))
        assert kept is not None
        assert kept.stat().st_size
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT qq FROM members").scalars().all() == [1]
        open_database(url).close()
