"""The one thread that writes: what waits together shares a transaction, and so a commit."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

UseCase = Callable[[Connection], Any]
SOON = 0.005  # seconds that something waits for a transaction to share


class _OneFailed(Exception):
    """One of several use cases in a transaction raised an error, so that the transaction is rolled back."""


@dataclass(frozen=True)
class _Job:
    """A use case, and the future of its outcome, which belongs to an event loop."""

    use_case: UseCase
    outcome: asyncio.Future[Any]

    def tell(self, result: object, error: BaseException | None) -> None:
        """Set the outcome, in its event loop; who does not wait any more is told nothing."""
        if not self.outcome.done() and error is not None:
            self.outcome.set_exception(error)
        elif not self.outcome.done():
            self.outcome.set_result(result)


_Outcome = tuple[_Job, object, BaseException | None]


class Writer:
    """Carries out use cases one after the other in a thread of its own, which begins with the first of them.

    Those that wait together share a transaction; if one of them fails, all are carried out once more, each alone. One
    that loses a race for a unique key is run once more, so that it sees the winner's row: nobody reads the driver's
    wording.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[list[_Job] | None] = SimpleQueue()
        self._along: list[_Job] = []
        self._thread: Thread | None = None
        self._closed = False
        self._asked = self._taken = 0  # counted by the event loop, and by the thread
        self.carried_out = 0

    @property
    def waiting(self) -> int:
        """How many use cases wait."""
        return self._asked - self._taken

    def ask(self, use_case: UseCase, *, along: bool = False) -> asyncio.Future[Any]:
        """Run a use case in a transaction; its outcome comes when that is committed.

        `along`: with the next one that is asked for, or after SOON. Raises RuntimeError once it is closed.
        """
        if self._closed:
            raise RuntimeError("the database is closed")
        loop = asyncio.get_running_loop()
        job = _Job(use_case, loop.create_future())
        self._asked += 1
        self._along.append(job)
        if along:
            loop.call_later(SOON, self._hand_over)
        else:
            self._hand_over()
        return job.outcome

    def close(self) -> None:
        """Carry out what waits, and end the thread."""
        self._hand_over()
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _hand_over(self) -> None:
        if not self._along:
            return
        if self._thread is None:
            self._thread = Thread(target=self._work, name="db-write", daemon=True)
            self._thread.start()
        jobs, self._along = self._along, []
        self._queue.put(jobs)

    def _work(self) -> None:
        while (jobs := self._queue.get()) is not None:
            with suppress(Empty):
                while (more := self._queue.get_nowait()) is not None:
                    jobs += more
                self._queue.put(None)  # the end was among them: it comes after what it found here
            self._taken += len(jobs)
            self._carry_out([job for job in jobs if not job.outcome.cancelled()])

    def _carry_out(self, jobs: Sequence[_Job]) -> None:
        try:
            outcomes = self._together(jobs) if len(jobs) > 1 else None
        except Exception as error:  # the transaction itself could not begin or end: so it is for all of them
            outcomes = [(job, None, error) for job in jobs]
        if outcomes is not None:
            self.carried_out += len(jobs)
            _tell(outcomes)
            return
        for job in jobs:
            outcome = self._alone(job)
            self.carried_out += 1
            _tell([outcome])

    def _together(self, jobs: Sequence[_Job]) -> list[_Outcome] | None:
        """Run all in one transaction; None when one of them failed, and then nothing has happened."""
        try:
            with self._engine.begin() as connection:
                return [(job, _result(connection, job), None) for job in jobs]
        except _OneFailed:
            return None

    def _alone(self, job: _Job) -> _Outcome:
        try:
            try:
                return job, self._transact(job.use_case), None
            except IntegrityError:
                return job, self._transact(job.use_case), None
        except Exception as error:
            return job, None, error

    def _transact(self, use_case: UseCase) -> object:
        with self._engine.begin() as connection:
            return use_case(connection)


def _result(connection: Connection, job: _Job) -> object:
    try:
        return job.use_case(connection)
    except Exception as error:
        raise _OneFailed from error


def _tell(outcomes: Sequence[_Outcome]) -> None:
    """Hand outcomes to their event loops, with one call for all that have the same."""
    for loop in dict.fromkeys(job.outcome.get_loop() for job, _, _ in outcomes):
        own = [each for each in outcomes if each[0].outcome.get_loop() is loop]
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(_set, own)


def _set(outcomes: Sequence[_Outcome]) -> None:
    for job, result, error in outcomes:
        job.tell(result, error)
