"""One NoneBot for all tests, with the plugins loaded as bot.py loads them; a fresh service for each test."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from nonebug import NONEBOT_INIT_KWARGS, NONEBOT_START_LIFESPAN
from sqlalchemy import Connection, create_engine, event

from db.engine import Database
from db.opening import open_database
from plugins._talk.series import Series
from plugins._talk.series_file import load_series
from plugins._talk.usecases.desk import Rules
from tests.people import GROUP, XU, Clock

settings.register_profile("plain", deadline=None)  # how long something takes is measured in bench/, not asserted
settings.load_profile("plain")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NONEBOT_INIT_KWARGS] = {
        "_env_file": None,
        "driver": "~fastapi",
        "nickname": {"小助手"},
        "superusers": {str(XU.user_id)},
        "log_level": "WARNING",
    }
    config.stash[NONEBOT_START_LIFESPAN] = False


@pytest.fixture(scope="session")
def series() -> Series:
    return load_series()


@pytest.fixture(scope="session")
def rules(series: Series) -> Rules:
    return Rules.of(series, 4)


@pytest.fixture(scope="session", autouse=True)
async def after_nonebot_init(_nonebot_init: None, rules: Rules, tmp_path_factory: pytest.TempPathFactory) -> None:
    import nonebot
    from nonebot.adapters.onebot.v11 import Adapter

    from plugins._chat.commands.dispatcher import listen
    from plugins._chat.config import Settings
    from plugins._chat.connection import duty
    from plugins._chat.service import Service, open_service
    from plugins._operations.starting import load_plugins

    nonebot.get_driver().register_adapter(Adapter)
    db = open_database(f"sqlite:///{tmp_path_factory.mktemp('load')}/talk.db")
    open_service(Service(rules=rules, db=db, groups=(GROUP,)))
    load_plugins(Settings(root=Path(__file__).parents[1], talk_groups=(GROUP,)))
    listen()
    duty.register()
    db.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all migrations and no rows: running them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "talk.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def db(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    shutil.copy(migrated, tmp_path / "talk.db")
    opened = open_database(f"sqlite:///{tmp_path}/talk.db")
    yield opened
    opened.close()


def _foreign_keys(raw: sqlite3.Connection, _record: object) -> None:
    raw.execute("PRAGMA foreign_keys = ON")


@pytest.fixture(scope="session")
def empty(migrated: Path) -> Iterator[sqlite3.Connection]:
    """The same, to be copied into memory."""
    with closing(sqlite3.connect(migrated, check_same_thread=False)) as raw:
        yield raw


@pytest.fixture
def connection(empty: sqlite3.Connection) -> Iterator[Connection]:
    """An empty database in memory, in one transaction, for use cases as plain functions."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", _foreign_keys)
    with engine.connect() as opened:
        copy = opened.connection.driver_connection
        assert isinstance(copy, sqlite3.Connection)
        empty.backup(copy)
        yield opened
    engine.dispose()
