"""Opening the database: a SQLite file that is this process's own, or a PostgreSQL that several may share."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from db.engine import Database
from db.migrate import Newer, known_versions, upgrade, version
from db.refusals import CannotOpen
from db.statements import run_text

try:
    import fcntl
except ImportError:  # Windows: there the lock file beside it stays while it is held
    fcntl = None

ROOT = Path(__file__).parents[1]
BUSY_TIMEOUT_MS = 5_000
WRITER = 7_461_206  # the advisory lock of whoever writes; any number does


def open_database(url: str, pictures: Path | None = None) -> Database:
    """Migrate and open the database that `url` names; `pictures` is the folder in which older versions kept pictures.

    Raises CannotOpen when another process serves the same SQLite file, when the database is newer than this code (it
    is left untouched), or when it cannot be opened or is not ours.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_file(Path(parsed.database or ""), pictures)
    writer = _shared(parsed)
    try:
        upgrade(writer, pictures)
    except (DBAPIError, RuntimeError, OSError) as error:
        writer.dispose()
        raise CannotOpen(f"DATABASE_URL={parsed}：{_first_line(error)}", newer=isinstance(error, Newer)) from error
    return Database(writer, _shared(parsed, read_only=True))


def upgrade_apart(url: str, pictures: Path | None = None) -> None:
    """Bring an older or new database up in a process of its own, which takes along what only migrations need (18 MB).

    Where that cannot be, or fails, `open_database` does it, and meets what is wrong.
    """
    try:
        if version_of(url) == known_versions()[0]:
            return
    except CannotOpen:
        return
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from db.opening import main; main()"
    asked = json.dumps([url, None if pictures is None else str(pictures)])  # an address may have a password in it
    with suppress(OSError):
        command = [sys.executable, "-c", code]
        subprocess.run(command, input=asked.encode(), stderr=subprocess.DEVNULL, check=False)  # noqa: S603 our own words


def main() -> None:
    """Open and close the database that standard input names, as JSON with the folder of pictures."""
    url, pictures = json.load(sys.stdin)
    open_database(url, None if pictures is None else Path(pictures)).close()


def look_into(url: str) -> Engine:
    """An engine that only reads, beside whoever serves the database. Raises CannotOpen."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _shared(parsed, read_only=True)
    path = Path(parsed.database or "")
    if not path.exists():
        raise CannotOpen(f"还没有数据库 {path}：先启动一次机器人")
    return _engine(path, begin="BEGIN", query_only=True)


def open_nowhere() -> Database:
    """A database in memory with nothing in it, for who loads the program without running it."""
    engine = create_engine("sqlite://")
    return Database(engine, engine)


def version_of(url: str) -> str | None:
    """The schema version of a database; None where there is none yet. Raises CannotOpen."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not _has_content(Path(parsed.database or "")):
        return None
    engine = look_into(url)
    try:
        with engine.connect() as connection:
            return version(connection)
    except (DBAPIError, sqlite3.Error) as error:
        raise CannotOpen(f"DATABASE_URL={parsed}：数据库打不开（{_first_line(error)}）") from error
    finally:
        engine.dispose()


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


@contextmanager
def lock_file(path: Path) -> Generator[None]:
    """Keep every other process from a SQLite file. Raises CannotOpen when one has it, or OSError."""
    try:
        lock = _Lock(path)
    except (Timeout, BlockingIOError):
        raise CannotOpen(f"另一个进程正在使用 {path}，同一个数据库只能由一个机器人使用；请先停掉它") from None
    try:
        yield
    finally:
        lock.release()


def parse_url(url: str) -> URL:
    """The address of a SQLite file or a PostgreSQL. Raises CannotOpen."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise CannotOpen("DATABASE_URL 不是数据库地址，例：sqlite:///data/talk.db") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed
        case "postgresql" if find_spec("psycopg") is None:
            raise CannotOpen("连 PostgreSQL 要先装 psycopg：pip install --require-hashes -r requirements-postgres.lock")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            raise CannotOpen("DATABASE_URL 支持 SQLite 文件（sqlite:///data/talk.db）和 PostgreSQL（postgresql://…）")


def _first_line(error: Exception) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    return said.partition("\n")[0]


# SQLite


def _open_file(path: Path, pictures: Path | None) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path = path.resolve()
        lock = _Lock(path)
    except (Timeout, BlockingIOError):
        raise CannotOpen(f"另一个进程正在使用 {path}，同一个数据库只能由一个机器人使用；请先停掉它") from None
    except OSError as error:
        raise CannotOpen(f"打不开 {path}：{error.strerror or error}") from error
    writer = _engine(path, begin="BEGIN IMMEDIATE")
    try:
        _check_pages(writer)
        upgrade(writer, pictures)
        _use_wal(writer)
    except (DBAPIError, sqlite3.Error, RuntimeError) as error:
        writer.dispose()
        lock.release()
        raise CannotOpen(f"{path}：{_first_line(error)}", newer=isinstance(error, Newer)) from error
    return Database(writer, _engine(path, begin="BEGIN", query_only=True), lock)


class _Lock:
    """A SQLite file is one process's own: by a lock file beside it, and where the system has it, by the file itself.

    The second holds by whatever path the file is reached (symbolic and hard links), and when the lock file is removed.
    It is a lock of another kind than SQLite's own, so the two do not meet; only on closing it would take those along,
    so it is released after the engines are. Raises Timeout, BlockingIOError or OSError.
    """

    def __init__(self, path: Path) -> None:
        self._beside = FileLock(f"{path}.lock")
        self._beside.acquire(blocking=False)
        self._file: int | None = None
        if fcntl is not None:
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self.release()
                raise

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._beside.release()


def _check_pages(engine: Engine) -> None:
    """Raise RuntimeError where pages of the file are damaged: better at the start than in the middle of an evening."""
    connection = engine.raw_connection()
    try:
        found = connection.cursor().execute("PRAGMA quick_check(1)").fetchone()
    finally:
        connection.close()
    if found is None or found[0] != "ok":
        raise RuntimeError("文件损坏，请换上备份的那一份再启动；没有改动它")


def _use_wal(engine: Engine) -> None:
    """Let readers run beside the writer, from now on; SQLite wants this said outside any transaction."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _engine(path: Path, begin: str, *, query_only: bool = False) -> Engine:
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where sqlite3 guesses
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def begun(connection: Connection) -> None:
        run_text(connection, begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


# PostgreSQL


def _shared(url: URL, *, read_only: bool = False) -> Engine:
    """An engine for a PostgreSQL. Its writers, of all processes, take turns, as SQLite's do: each sees what is."""
    options = f"-c lock_timeout={BUSY_TIMEOUT_MS} -c statement_timeout={4 * BUSY_TIMEOUT_MS}"
    if read_only:
        options += " -c default_transaction_read_only=on"
    try:
        engine = create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,  # no row of people's in the log
            connect_args={"connect_timeout": 5, "options": options},
        )
    except (ImportError, ArgumentError) as error:
        raise CannotOpen(f"DATABASE_URL：{error}") from error

    def begun(connection: Connection) -> None:
        run_text(connection, f"SELECT pg_advisory_xact_lock({WRITER})")

    if not read_only:
        event.listen(engine, "begin", begun)
    return engine
