"""Which of the database's errors pass, and which are faults of the program."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from db.engine import Database, Unavailable
from db.errors import is_temporary
from db.queries import attachments
from tests.people import GROUP, LINXI, MONDAY


def error_of(tmp_path: Path, prepare: Callable[[sqlite3.Connection], object], statement: str) -> DBAPIError:
    """What SQLite says of a statement."""
    engine = create_engine(f"sqlite:///{tmp_path}/some.db", connect_args={"timeout": 0})
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE some (number INTEGER NOT NULL UNIQUE)"))
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        kept = prepare(raw)
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text(statement))
        connection.rollback()
        if isinstance(kept, sqlite3.Connection):
            kept.close()
    engine.dispose()
    return caught.value


def locked(raw: sqlite3.Connection) -> sqlite3.Connection:
    """Somebody else is writing."""
    (path,) = (row[2] for row in raw.execute("PRAGMA database_list"))
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    return other


def full(raw: sqlite3.Connection) -> None:
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages}")


def read_only(raw: sqlite3.Connection) -> None:
    raw.execute("PRAGMA query_only = 1")


MANY = "INSERT INTO some WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT i FROM n"


@pytest.mark.parametrize(
    ("prepare", "statement"),
    [
        (locked, "INSERT INTO some VALUES (1)"),
        (read_only, "INSERT INTO some VALUES (1)"),
        (full, MANY),
    ],
)
def test_what_passes(tmp_path: Path, prepare: Callable[[sqlite3.Connection], object], statement: str) -> None:
    assert is_temporary(error_of(tmp_path, prepare, statement))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO some VALUES (NULL)",
        "INSERT INTO some VALUES (1), (1)",
        "INSERT INTO elsewhere VALUES (1)",
        "SELECT nothing FROM some",
        "SELEKT 1",
    ],
)
def test_what_is_a_fault(tmp_path: Path, statement: str) -> None:
    assert not is_temporary(error_of(tmp_path, lambda _raw: None, statement))


async def test_a_fault_is_raised_as_what_it_is(db: Database) -> None:
    def refer_to_nothing(connection: Connection) -> None:
        attachments.add(
            connection, 1, attachments.AttachmentKind.TEXT, "x", None, None, LINXI.user_id, (GROUP, 1), MONDAY
        )

    with pytest.raises(DBAPIError, match="FOREIGN KEY"):
        await db.write(refer_to_nothing)
    await db.write(lambda connection: connection.execute(text("PRAGMA query_only = 1")))
    with pytest.raises(Unavailable, match="readonly"):
        await db.write(lambda connection: connection.execute(text("DELETE FROM items")))
