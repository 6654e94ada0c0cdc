"""The one way into the database: a plain function over a connection, run in one hop to a thread."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

from db.errors import is_temporary
from db.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")


class Lock(Protocol):
    """Something that keeps other processes out while the database is open."""

    def release(self) -> None: ...


class Unavailable(Exception):
    """A transaction could not be carried out for something that passes, and left nothing behind."""


class Database:
    """One writer thread and a few reader threads over one database.

    `write` commits before it returns, or raises and leaves nothing half done: Unavailable where waiting can mend it,
    else the driver's error, which is a fault of the program. A use case may be run twice, and in one transaction with
    others (`Writer`): it must touch nothing but its connection.
    """

    def __init__(self, writer: Engine, reader: Engine, lock: Lock | None = None) -> None:
        self.writer = writer
        self._reader = reader
        self._lock = lock
        self._queue = Writer(writer)
        self._read_threads = ThreadPoolExecutor(2, thread_name_prefix="db-read")

    @property
    def shared(self) -> bool:
        """Whether other processes may serve the same database: SQLite's file is this process's own."""
        return self.writer.dialect.name != "sqlite"

    @property
    def waiting(self) -> int:
        """How many use cases wait for the writer."""
        return self._queue.waiting

    @property
    def version(self) -> int:
        """A number that grows with everything that this process writes, before the writer learns of it."""
        return self._queue.carried_out

    async def write(self, use_case: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(connection, …)` in a transaction on the writer thread; returns its result, committed."""
        return await _told(self._queue.ask(lambda connection: use_case(connection, *args, **kwargs)))

    async def write_along(
        self, use_case: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `write`, for what can wait some milliseconds: it shares the next transaction, if one begins meanwhile.

        It is carried out even if the caller is cancelled.
        """
        outcome = self._queue.ask(lambda connection: use_case(connection, *args, **kwargs), along=True)
        return await _told(asyncio.shield(outcome))

    async def read(self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(connection, …)` on a reader thread, beside the writer."""

        def transact() -> T:
            with self._reader.begin() as connection:
                return query(connection, *args, **kwargs)

        return await _told(asyncio.wrap_future(self._read_threads.submit(transact)))

    def close(self) -> None:
        """Finish the queued transactions, close the connections and release the lock."""
        self._queue.close()
        self._read_threads.shutdown()
        self._reader.dispose()
        self.writer.dispose()
        if self._lock is not None:
            self._lock.release()


async def _told(outcome: Awaitable[T]) -> T:
    try:
        return await outcome
    except TimeoutError as error:
        raise Unavailable(str(error)) from error
    except DBAPIError as error:
        if not is_temporary(error):
            raise
        raise Unavailable(str(error.orig)) from error
