"""Statements that the driver runs itself do what SQLAlchemy's own way does; savepoints undo what was done in them."""

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, create_engine, insert, literal, select, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from db import queries, statements
from db.engine import Database
from db.enums import TalkState
from db.models import Item, Member, Talk
from db.queries.rows import Rows
from db.statements import Prepared, savepoint

MONDAY = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def connection(db: Database) -> Iterator[Connection]:
    """A connection that begins its transactions as the bot's do."""
    with db.writer.connect() as opened:
        yield opened


def prepared() -> Iterator[Prepared]:
    """Every statement in `db.queries`."""
    for module in pkgutil.iter_modules(queries.__path__, "db.queries."):
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, Prepared | Rows):
                yield each if isinstance(each, Prepared) else each.query


@pytest.mark.parametrize("dialect", [SQLiteDialect_pysqlite(), PGDialect_psycopg()], ids=lambda each: each.name)
def test_every_statement_compiles_for_both_databases(dialect: SQLiteDialect_pysqlite | PGDialect_psycopg) -> None:
    texts = [each.sql(dialect) for each in prepared()]
    assert len(texts) > 20


def test_rows_are_what_sqlalchemy_reads(connection: Connection) -> None:
    query = select(Talk).where(
        Talk.state.in_([literal(TalkState.COLLECTING), literal(TalkState.LIVE)]), Talk.number >= bindparam("least")
    )
    names = ("number", "scheduled_at", "state", "collecting_from", "last_item", "last_question", "place")
    create = Prepared(insert(Talk), *names)
    values = {"state": TalkState.LIVE, "collecting_from": MONDAY, "last_item": 0, "last_question": 0, "place": None}
    assert create.run(connection, number=1, scheduled_at=MONDAY, **values) == 1
    found = Prepared(query).all(connection, least=1)
    assert found == [tuple(row) for row in connection.execute(select(*query.selected_columns), {"least": 1})]
    row = Prepared(query).first(connection, least=0)
    assert row is not None
    assert row[:2] == (1, MONDAY.astimezone(UTC))
    assert row[1].tzinfo is UTC
    assert Prepared(query).first(connection, least=2) is None
    assert Prepared(query).value(connection, least=2) is None
    assert Prepared(query).value(connection, least=1) == 1


def test_defaults_in_python_are_not_left_out_in_silence(connection: Connection) -> None:
    with pytest.raises(TypeError, match="defaults"):
        Prepared(insert(Item), "talk", "number").run(connection, talk=1, number=1)


def test_a_text_that_depends_on_values_is_not_prepared(connection: Connection) -> None:
    with pytest.raises(TypeError, match="depends on values"):
        Prepared(select(Member.qq).where(Member.qq.in_([1, 2]))).all(connection)


def test_a_value_that_is_missing_is_an_error(connection: Connection) -> None:
    with pytest.raises(KeyError):
        Prepared(insert(Member), "qq", "card").run(connection, qq=1)


def test_what_the_database_refuses_is_sqlalchemys_error_without_values(connection: Connection) -> None:
    meet = Prepared(insert(Member), "qq", "card")
    meet.run(connection, qq=1, card="林溪")
    with pytest.raises(IntegrityError) as caught:
        meet.run(connection, qq=1, card="林溪")
    assert isinstance(caught.value.orig, sqlite3.IntegrityError)
    assert "林溪" not in str(caught.value)
    late = Prepared(text("SELECT json(:said)"))  # SQLite tells it when the row is read
    for read in (late.all, late.first):
        with pytest.raises(OperationalError):
            read(connection, said="{")


def _names(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute(select(Member.card).order_by(Member.qq))]


def test_a_savepoint_undoes_its_own_and_nothing_else(connection: Connection) -> None:
    meet = Prepared(insert(Member), "qq", "card")

    def fails(name: str) -> None:
        with savepoint(connection):
            meet.run(connection, qq=3, card=name)
            with savepoint(connection):
                meet.run(connection, qq=4, card="丁")
            raise ValueError(name)

    with savepoint(connection):
        meet.run(connection, qq=1, card="甲")
        with pytest.raises(ValueError, match="丙"):
            fails("丙")
        with savepoint(connection):
            meet.run(connection, qq=2, card="乙")
    assert _names(connection) == ["甲", "乙"]
    connection.rollback()
    assert _names(connection) == []


def test_the_first_thing_in_a_connection_may_be_a_savepoint(connection: Connection) -> None:
    with savepoint(connection):
        Prepared(insert(Member), "qq", "card").run(connection, qq=1, card="甲")
    connection.rollback()
    assert _names(connection) == []


def test_an_error_that_ends_the_whole_transaction_is_the_one_that_is_told(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/talk.db")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (said TEXT)")
        with pytest.raises(DBAPIError, match="full"), savepoint(connection):
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.exec_driver_sql("INSERT INTO t SELECT hex(randomblob(9000)) FROM (VALUES (1), (2), (3))")
    engine.dispose()


def test_a_refusal_is_not_taken_for_undone_when_it_was_not(connection: Connection) -> None:
    with pytest.raises(DBAPIError, match="no such savepoint"), savepoint(connection):
        statements.run_text(connection, "ROLLBACK")
        raise ValueError("refused")
