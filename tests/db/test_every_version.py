"""A database of each earlier schema version, filled as it then could be, is brought up with everything in it.

Its folder of pictures is lost, which the texts must say.
"""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, func, inspect, select, table

from db.migrate import configuration, known_versions
from db.opening import open_database
from db.queries import deliveries, questions, roles, search, talks
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.series_file import load_series

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
_, *BLOCKS = re.split(r"^-- (?=\d{4}$)", Path(__file__).with_name("filled.sql").read_text("utf-8"), flags=re.MULTILINE)
ROWS = {block[:4]: block[4:] for block in BLOCKS}
EARLIER = sorted(known_versions())[:-1]


def fill(path: Path, until: str) -> dict[str, int]:
    """Make a database of version `until` with the rows of it and of those before; returns the rows by table."""
    path.parent.mkdir(exist_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for version in EARLIER[: EARLIER.index(until) + 1]:
            command.upgrade(configuration(connection), version)
            for statement in ROWS[version].split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        counted = count(connection)
    engine.dispose()
    return counted


def count(connection: Connection) -> dict[str, int]:
    """How many rows each table has; the search index has other tables of its own."""
    tables = [each for each in inspect(connection).get_table_names() if not each.startswith(("search", "alembic"))]
    return {each: connection.execute(select(func.count()).select_from(table(each))).scalar_one() for each in tables}


def test_every_earlier_version_has_rows() -> None:
    assert set(ROWS) == set(EARLIER)


RENAMED = {"watches": "leases", "carries": "carryovers", "standings": "question_numbers"}
# Who was at work before the upgrade is not at work after it; a QR code whose picture is lost invites nobody.
NOT_KEPT = {"watches", "invitations"}


@pytest.mark.parametrize("version", EARLIER)
def test_is_brought_up_whole(version: str, tmp_path: Path) -> None:
    before = fill(tmp_path / "talk.db", version)
    database = open_database(f"sqlite:///{tmp_path}/talk.db", tmp_path / "pictures")

    def look(connection: Connection) -> None:
        after = count(connection)
        for name, rows in before.items():
            if name not in NOT_KEPT:
                assert after[RENAMED.get(name, name)] == rows, name
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        series = load_series()
        moved = talks.by_number(connection, 4)
        assert moved
        assert (moved.scheduled_at, moved.state) == (datetime(2026, 11, 29, 12, 30, tzinfo=UTC), "held")
        assert set(roles.holders(connection, 4)) == {"host", "editor"}
        shown = [item for section in compile_agenda(connection, series, 4).sections for item in section.items]
        assert sorted(item.number for item in shown) == [1, 2]
        (first,) = (item for item in shown if item.number == 1)
        assert [each.text for each in first.texts] == ["第三节值得一读", "（图片已丢失）"]
        assert compile_minutes(connection, series, 4, NOW).agenda.number == 4
        if version >= "0002":
            assert deliveries.next_due(connection, NOW) == datetime(2026, 12, 2, 12, tzinfo=UTC)
        if version >= "0005":
            assert [each.number for each in questions.of_talk(connection, 4)] == [1, 2]
            assert [each.number for each in questions.of_talk(connection, 5)] == [1]

    async def all_of_it() -> int:
        await database.read(look)
        await database.write(search.refresh)
        return (await database.read(search.find, ["好文"], 10))[0]

    assert asyncio.run(all_of_it()) == 1
    database.close()
