"""The one way into the database: a plain function over a connection, run in one hop to a thread."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError

from db.errors import is_temporary
from db.statements import savepoint

P = ParamSpec("P")
T = TypeVar("T")


class Lock(Protocol):
    """Something that keeps other processes out while the database is open."""

    def release(self) -> None: ...


class Unavailable(Exception):
    """A transaction could not be carried out for something that passes, and left nothing behind."""


class _RefusedOne(Exception):
    """One of several use cases in a transaction raised a database error, so the state of the transaction is unknown."""


@dataclass(frozen=True)
class _Job:
    """A queued use case, and the future of its outcome."""

    use_case: Callable[[Connection], Any]
    outcome: Future[Any]


class Database:
    """One writer thread and a few reader threads over one database.

    `write` commits before it returns, or raises and leaves nothing half done: Unavailable where waiting can mend it,
    else the driver's error, which is a fault of the program. Use cases that wait together share
    a commit, each in a savepoint of its own. One that loses a race for a unique key is run once more, so that it
    sees the winner's row: nobody reads the driver's wording. So a use case must touch nothing but its connection.
    """

    def __init__(self, writer: Engine, reader: Engine, lock: Lock | None = None) -> None:
        self.writer = writer
        self._reader = reader
        self._lock = lock
        self._waiting: deque[_Job] = deque()
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="db-write")
        self._read_threads = ThreadPoolExecutor(2, thread_name_prefix="db-read")

    @property
    def shared(self) -> bool:
        """Whether other processes may serve the same database: SQLite's file is this process's own."""
        return self.writer.dialect.name != "sqlite"

    @property
    def waiting(self) -> int:
        """How many use cases wait for the writer."""
        return len(self._waiting)

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
            with savepoint(connection):
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
        """Finish the queued transactions, close the connections and release the lock."""
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        self._reader.dispose()
        self.writer.dispose()
        if self._lock is not None:
            self._lock.release()


async def _told(outcome: Future[T]) -> T:
    try:
        return await asyncio.wrap_future(outcome)
    except TimeoutError as error:
        raise Unavailable(str(error)) from error
    except DBAPIError as error:
        if not is_temporary(error):
            raise
        raise Unavailable(str(error.orig)) from error


def _transact(
    engine: Engine, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with engine.begin() as connection:
        return function(connection, *args, **kwargs)
