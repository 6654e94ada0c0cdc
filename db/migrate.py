"""Bringing a database up to this code's schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")


class Newer(RuntimeError):
    """The database was made by a newer program."""


def configuration(connection: Connection | None = None, pictures: Path | None = None) -> "Config":
    """Alembic's configuration without an ini file.

    `connection` is what its env.py will use, `pictures` the folder in which older versions kept pictures.
    """
    from alembic.config import Config  # imported when there is something to migrate: it takes 80 ms and 11 MB

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["pictures"] = pictures
    return config


def known_versions() -> Sequence[str]:
    """The schema versions that this code knows, its own first: the file of a migration begins with its number."""
    return sorted((each.name[:4] for each in (MIGRATIONS / "versions").glob("[0-9]*.py")), reverse=True)


def version(connection: Connection) -> str | None:
    """The database's schema version; None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine, pictures: Path | None = None) -> None:
    """Apply the migrations that are missing, all or none; `pictures` is the folder of those of older versions.

    Raises RuntimeError, and writes nothing, when the file is newer than this code (Newer) or is somebody else's.
    """
    known = known_versions()
    with engine.connect() as connection:
        current = version(connection)
        if current == known[0]:
            return
        if current is not None and current not in known:
            raise Newer(f"数据库版本与程序不一致：数据库是 {current}，比程序新，请先更新程序；数据库没有被改动")
        if current is None and inspect(connection).get_table_names():
            raise RuntimeError("这个文件里有别的程序的表，不是本机器人的数据库；没有改动它")
    from alembic import command

    with engine.connect() as connection:
        _check_foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                command.upgrade(configuration(connection, pictures), "head")
                _verify_foreign_keys(connection)
        finally:
            _check_foreign_keys(connection, "ON")


def _check_foreign_keys(connection: Connection, word: str) -> None:
    """Foreign keys are off during the rebuild of a table, which is how SQLite changes one."""
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys = {word}")  # heard outside transactions only


def _verify_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"升级会弄断 {len(broken)} 处引用，数据库没有被改动；请把日志反馈给作者")
