"""Opening the database, and the one way in: a plain function over a connection, run in one hop to a thread."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from db.migrate import upgrade

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000


class CannotOpen(Exception):
    """The database cannot be served; the message says why in one line."""


class Unavailable(Exception):
    """A transaction could not be carried out (locked, read-only, disk full …) and left nothing behind."""


class _RefusedOne(Exception):
    """The database refused one of several use cases; what it did to the transaction is not known."""


@dataclass(frozen=True)
class _Job:
    """A use case that waits for the writer, and where its outcome goes."""

    use_case: Callable[[Connection], Any]
    outcome: Future[Any]


class Database:
    """One writer thread and a few reader threads over one database.

    `write` commits before it returns, or raises and leaves nothing half done. Use cases that wait together share
    a commit, each in a savepoint of its own. One that loses a race for a unique key is run once more, so that it
    sees the winner's row: nobody reads the driver's wording. So a use case must touch nothing but its connection.
    """

    def __init__(self, writer: Engine, reader: Engine, lock: FileLock) -> None:
        self.writer = writer
        self._reader = reader
        self._lock = lock
        self._waiting: deque[_Job] = deque()
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="db-write")
        self._read_threads = ThreadPoolExecutor(2, thread_name_prefix="db-read")

    async def write(self, use_case: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(connection, …)` in a transaction on the writer thread; returns its result, committed."""
        job = _Job(lambda connection: use_case(connection, *args, **kwargs), Future())
        self._waiting.append(job)
        self._write_thread.submit(self._write_waiting)
        return await _told(job.outcome)

    def _write_waiting(self) -> None:
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        jobs = [job for job in taken if job.outcome.set_running_or_notify_cancel()]
        try:
            outcomes = self._write_together(jobs) if len(jobs) > 1 else None
        except Exception as error:  # the transaction itself could not begin or end: so it is for all of them
            outcomes = [partial(job.outcome.set_exception, error) for job in jobs]
        for tell in outcomes or []:
            tell()
        if outcomes is None:
            for job in jobs:
                self._write_alone(job)

    def _write_together(self, jobs: Sequence[_Job]) -> list[Callable[[], None]] | None:
        """Run all in one transaction; None when the database refused one of them, and then nothing has happened."""
        try:
            with self.writer.begin() as connection:
                return [self._write_among_others(connection, job) for job in jobs]
        except _RefusedOne:
            return None

    def _write_among_others(self, connection: Connection, job: _Job) -> Callable[[], None]:
        try:
            with connection.begin_nested():
                return partial(job.outcome.set_result, job.use_case(connection))
        except DBAPIError as error:
            raise _RefusedOne from error
        except Exception as error:
            return partial(job.outcome.set_exception, error)

    def _write_alone(self, job: _Job) -> None:
        try:
            try:
                result = _transact(self.writer, job.use_case)
            except IntegrityError:
                result = _transact(self.writer, job.use_case)
        except Exception as error:
            job.outcome.set_exception(error)
        else:
            job.outcome.set_result(result)

    async def read(self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(connection, …)` on a reader thread, beside the writer."""
        return await _told(self._read_threads.submit(_transact, self._reader, query, *args, **kwargs))

    def close(self) -> None:
        """Finish what is waiting, give the file back."""
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        self._reader.dispose()
        self.writer.dispose()
        self._lock.release()


async def _told(outcome: Future[T]) -> T:
    try:
        return await asyncio.wrap_future(outcome)
    except DBAPIError as error:
        raise Unavailable(str(error.orig)) from error


def _transact(
    engine: Engine, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with engine.begin() as connection:
        return function(connection, *args, **kwargs)


def open_database(url: str) -> Database:
    """Lock, migrate and open the SQLite file that `url` names.

    Raises CannotOpen when another process serves it, when it is newer than this code (it is left untouched),
    or when it cannot be opened or is not ours.
    """
    path = _file_of(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock")
        lock.acquire(blocking=False)
    except Timeout:
        raise CannotOpen(f"另一个进程正在使用 {path}，同一个数据库只能由一个机器人使用；请先停掉它") from None
    except OSError as error:
        raise CannotOpen(f"打不开 {path}：{error.strerror or error}") from error
    writer = _engine(path, begin="BEGIN IMMEDIATE")
    try:
        upgrade(writer)
        _use_wal(writer)
    except (DBAPIError, sqlite3.Error, RuntimeError) as error:
        writer.dispose()
        lock.release()
        raise CannotOpen(f"{path}：{error.orig if isinstance(error, DBAPIError) else error}") from error
    return Database(writer, _engine(path, begin="BEGIN", query_only=True), lock)


def _use_wal(engine: Engine) -> None:
    """Let readers run beside the writer, from now on; SQLite wants this said outside any transaction."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _file_of(url: str) -> Path:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise CannotOpen("DATABASE_URL 不是数据库地址，例：sqlite:///data/talk.db") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise CannotOpen("DATABASE_URL 目前只支持 SQLite 文件，例：sqlite:///data/talk.db")
    return Path(parsed.database)


def _engine(path: Path, begin: str, *, query_only: bool = False) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

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
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine
