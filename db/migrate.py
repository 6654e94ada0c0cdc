"""Bringing a database up to this code's schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

MIGRATIONS = Path(__file__).with_name("migrations")


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; `connection` is what its env.py will use."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def is_current(connection: Connection) -> bool:
    """Whether the database has this code's schema."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing, all or none.

    Raises RuntimeError, and writes nothing, when the file is newer than this code or is somebody else's.
    """
    script = ScriptDirectory.from_config(configuration())
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return
        known = {revision.revision for revision in script.walk_revisions()}
        if current is not None and current not in known:
            raise RuntimeError(f"数据库的版本（{current}）比程序新，请先更新程序；数据库没有被改动")
        if current is None and inspect(connection).get_table_names():
            raise RuntimeError("这个文件里有别的程序的表，不是本机器人的数据库；没有改动它")
    with engine.connect() as connection:
        _mind_references(connection, "OFF")
        try:
            with connection.begin():
                command.upgrade(configuration(connection), "head")
                _all_references_hold(connection)
        finally:
            _mind_references(connection, "ON")


def _mind_references(connection: Connection, word: str) -> None:
    """SQLite builds a table anew to change it: while it is gone, nobody may look after what refers to it."""
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys = {word}")  # heard outside transactions only


def _all_references_hold(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"升级会弄断 {len(broken)} 处引用，数据库没有被改动；请把日志反馈给作者")
