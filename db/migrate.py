"""Bringing a database file up to this code's schema."""

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
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "head")
