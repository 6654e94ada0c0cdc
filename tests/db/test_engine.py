"""The database as a process opens it: locked, migrated, durable."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.schema import CreateIndex

from db.engine import Database, Unavailable
from db.migrate import configuration, known_versions
from db.models import Base, Member
from db.opening import open_database, upgrade_apart
from db.queries import talks
from db.refusals import CannotOpen
from tests.people import MONDAY


def test_pragmas(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/talk.db")

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert asyncio.run(database.write(pragmas)) == ["wal", 2, 1, 5000]
    database.close()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Everything but the search index, which is a virtual table and its shadows."""
    return kind != "table" or not (name or "").startswith("search_index")


@pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_items_sender")  # it is compared by its text
def test_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/talk.db").close()
    engine = create_engine(f"sqlite:///{tmp_path}/talk.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        assert compare_metadata(context, Base.metadata) == []
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'ix_items_sender'")).scalar_one()
        (said,) = (each for each in Base.metadata.tables["items"].indexes if each.name == "ix_items_sender")
        assert made == str(CreateIndex(said).compile(dialect=engine.dialect))
    engine.dispose()


def test_migrations_are_run_in_a_process_of_their_own(tmp_path: Path) -> None:
    asked = (
        f"import sys; from db.opening import *; url = 'sqlite:///{tmp_path}/talk.db'; upgrade_apart(url);"
        "print(version_of(url), 'alembic' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == [known_versions()[0], "False"]


def test_what_cannot_be_brought_up_there_is_told_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "talk.db").write_bytes(b"no database at all" * 100)
    url = f"sqlite:///{tmp_path}/talk.db"
    upgrade_apart(url)
    with pytest.raises(CannotOpen, match="not a database"):
        open_database(url)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    upgrade_apart(f"sqlite:///{tmp_path}/other.db")
    assert not (tmp_path / "other.db").exists()


def test_an_older_file_is_brought_up_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        connection.execute(text("INSERT INTO members (qq, card) VALUES (1, '林溪')"))
    engine.dispose()
    database = open_database(f"sqlite:///{path}")
    rows = asyncio.run(database.read(lambda each: each.execute(text("SELECT qq, card FROM members")).all()))
    assert [tuple(row) for row in rows] == [(1, "林溪")]
    assert asyncio.run(database.read(lambda each: each.execute(text("SELECT count(*) FROM deliveries")).scalar())) == 0
    database.close()


def test_a_newer_file_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    raw = sqlite3.connect(path)
    raw.executescript("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(CannotOpen, match=r"9999.*比程序新"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE songs (id)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(CannotOpen, match="别的程序"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == before
    (tmp_path / "text.db").write_text("not a database at all, but long enough to look at\n" * 20)
    with pytest.raises(CannotOpen, match="not a database"):
        open_database(f"sqlite:///{tmp_path}/text.db")


@pytest.mark.parametrize("url", ["nonsense", "postgresql://a:b@c:xx/d", "postgresql://localhost/talk", "sqlite://"])
def test_an_address_that_makes_no_sense(url: str) -> None:
    with pytest.raises(CannotOpen, match="DATABASE_URL"):
        open_database(url)


def test_a_second_server_of_the_same_file_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="另一个进程"):
        open_database(f"sqlite:///{tmp_path}/talk.db")


async def test_a_failed_use_case_leaves_nothing(db: Database) -> None:
    def half(connection: Connection) -> None:
        talks.create(connection, 1, MONDAY, MONDAY, None, None)
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        await db.write(half)
    assert await db.read(talks.latest) is None


async def test_use_cases_that_wait_together_share_a_commit_and_fail_alone(db: Database) -> None:
    def use_case(connection: Connection, number: int) -> int:
        talks.create(connection, number, MONDAY + timedelta(days=number), MONDAY, None, None)
        if number == 3:
            raise ValueError("not this one")
        return number

    outcomes = await asyncio.gather(*(db.write(use_case, number) for number in range(6)), return_exceptions=True)
    assert [each if isinstance(each, int) else str(each) for each in outcomes] == [0, 1, 2, "not this one", 4, 5]
    kept = [row.number for row in await db.read(talks.unfinished)]
    assert kept == [0, 1, 2, 4, 5]


async def test_one_that_nobody_waits_for_any_more_stops_no_other(db: Database) -> None:
    def create(connection: Connection, number: int) -> int:
        talks.create(connection, number, MONDAY + timedelta(days=number), MONDAY, None, None)
        return number

    tasks = [asyncio.create_task(db.write(create, number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert (outcomes[0], outcomes[2]) == (0, 2)
    assert await db.write(create, 9) == 9


async def test_one_that_the_database_refuses_takes_no_other_with_it(db: Database) -> None:
    def use_case(connection: Connection, number: int) -> int:
        talks.create(connection, number % 3, MONDAY + timedelta(days=number % 3), MONDAY, None, None)
        return number

    outcomes = await asyncio.gather(*(db.write(use_case, number) for number in range(6)), return_exceptions=True)
    assert outcomes[:3] == [0, 1, 2]
    assert all(isinstance(each, IntegrityError) for each in outcomes[3:])
    assert len(await db.read(talks.unfinished)) == 3


async def test_what_goes_along_shares_the_next_commit_or_is_soon_alone(db: Database) -> None:
    commits: list[int] = []

    def count(_connection: Connection) -> None:
        commits.append(1)

    event.listen(db.writer, "commit", count)

    def create(connection: Connection, number: int) -> int:
        talks.create(connection, number, MONDAY + timedelta(days=number), MONDAY, None, None)
        return number

    assert await asyncio.gather(db.write_along(create, 1), db.write(create, 2)) == [1, 2]
    assert len(commits) == 1
    assert await db.write_along(create, 3) == 3
    assert len(commits) == 2
    assert db.waiting == 0


async def test_what_goes_along_is_done_though_its_caller_is_gone(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "talk.db")
    database = open_database(f"sqlite:///{tmp_path}/talk.db")
    task = asyncio.create_task(
        database.write_along(lambda connection: talks.create(connection, 1, MONDAY, MONDAY, None, None))
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(talks.latest)
    again = open_database(f"sqlite:///{tmp_path}/talk.db")
    assert await again.read(talks.latest) is not None
    again.close()


async def test_a_lost_race_is_run_once_more(db: Database) -> None:
    runs: list[int] = []

    def racing(connection: Connection) -> int:
        runs.append(1)
        if len(runs) == 1:
            raise IntegrityError("insert", {}, Exception("lost"))
        return len(runs)

    assert await db.write(racing) == 2


async def test_a_database_that_cannot_be_written_says_so(db: Database, tmp_path: Path) -> None:
    def full(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.execute(Base.metadata.tables["members"].insert(), [{"qq": n, "card": "x" * 3000} for n in range(50)])

    with pytest.raises(Unavailable, match="full"):
        await db.write(full)
    assert await db.read(lambda each: each.execute(text("SELECT count(*) FROM members")).scalar()) == 0


async def test_a_locked_database_is_waited_for_once_by_all_together(db: Database, tmp_path: Path) -> None:
    await db.write(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 50"))
    began: list[int] = []

    def count(_connection: Connection) -> None:
        began.append(1)

    event.listen(db.writer, "begin", count)
    other = sqlite3.connect(tmp_path / "talk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    waiting = [db.write(talks.latest) for _ in range(20)]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    other.close()
    assert all(isinstance(each, Unavailable) for each in outcomes)
    assert len(began) <= 3
    assert await db.write(talks.latest) is None


async def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(Unavailable, match=r"readonly|read-only"):
        await db.read(lambda each: each.execute(text("DELETE FROM members")))


def test_instants_are_utc_and_must_be_aware(connection: Connection) -> None:
    talks.create(connection, 1, MONDAY.astimezone(), MONDAY, None, None)
    assert connection.execute(text("SELECT scheduled_at FROM talks")).scalar_one() == "2026-11-23 04:00:00.000000"
    found = talks.by_number(connection, 1)
    assert found is not None
    assert found.scheduled_at == MONDAY
    with pytest.raises(StatementError, match="time zone"):
        talks.create(connection, 2, datetime(2026, 11, 23), MONDAY, None, None)  # noqa: DTZ001


WRONG = [
    "UPDATE talks SET state = 'sleeping'",
    "INSERT INTO talks (number, scheduled_at, state, collecting_from, last_item) VALUES (-1, 0, 'held', 0, 0)",
    "UPDATE talks SET state = 'live'; UPDATE talks SET state = 'live' WHERE number = 1",
    "INSERT INTO role_holders VALUES (1, 'host', 0, 1, 0), (1, 'host', 0, 2, 0)",
    "INSERT INTO role_holders VALUES (1, 'news', 0, 1, 0), (1, 'news', 1, 1, 0)",
    "INSERT INTO role_holders VALUES (1, 'host', 0, 99, 0)",
    "INSERT INTO deliveries (talk, kind, group_id, due, until, state) VALUES (1, 'call', 1, 2, 1, 'planned')",
    "INSERT INTO deliveries (talk, kind, group_id, due, until, state) VALUES (1, 'call', 1, 1, 2, 'sent')",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_states_do_not_fit_in(connection: Connection, wrong: str) -> None:
    for number in (1, 2):
        connection.execute(Base.metadata.tables["members"].insert(), {"qq": number, "card": "x"})
        talks.create(connection, number, MONDAY.replace(day=number), MONDAY, None, None)
    with pytest.raises(IntegrityError):
        for statement in wrong.split("; "):
            connection.execute(text(statement))


def test_member_numbers_beyond_32_bits(connection: Connection) -> None:
    connection.execute(Base.metadata.tables[Member.__tablename__].insert(), {"qq": 2**40, "card": "远"})
    assert connection.execute(text("SELECT qq FROM members")).scalar_one() == 2**40
