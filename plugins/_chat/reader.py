"""Reads the pages of links in the background: the database lists the wanted pages and stores the results."""

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from nonebot import logger

from db.engine import Database, Unavailable
from db.queries import pages
from db.queries.pages import PageRow
from plugins._talk.hosts import host_of
from plugins._talk.series import Advertising
from plugins._talk.usecases import merging
from plugins._talk.web.details import Closed, Later, Lookup

DELAYS = tuple(timedelta(minutes=each) for each in (1, 10, 60, 360))  # after the first, second … failure
MOST_TAKEN = 50
REST = 60.0  # seconds before a page is retried whose failure could not be stored
PATIENCE = 30.0  # seconds to wait for the target of a short link


class Reader:
    """Reads the wanted pages. Every outcome is committed, so a restart continues. Disabled without `lookup`.

    `policy` lists the sites that a short link may not lead to; `monotonic` (seconds) is used for delays.
    """

    def __init__(
        self, lookup: Lookup | None, policy: Advertising, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._lookup = lookup
        self._policy = policy
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._monotonic = monotonic
        self._resting: dict[str, float] = {}
        self._looking: asyncio.Task[None] | None = None
        self._look_again = False

    def wake(self, db: Database, now: datetime) -> None:
        """Start reading every due page."""
        if self._lookup is None:
            return
        self._look_again = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(self._lookup, db, now))

    async def read(self, db: Database, now: datetime, keys: Collection[str], patience: float) -> None:
        """Start reading every due page, and wait at most `patience` seconds for those in `keys`.

        Slower reads continue in the background.
        """
        self.wake(db, now)
        if self._looking is None or not keys:
            return
        await asyncio.shield(self._looking)
        awaited = [self._tasks[key] for key in keys if key in self._tasks]
        if awaited:
            await asyncio.wait(awaited, timeout=patience)

    async def _look(self, lookup: Lookup, db: Database, now: datetime) -> None:
        """Query the due pages and start reading them; repeat if `wake` was called meanwhile."""
        while self._look_again:
            self._look_again = False
            try:
                wanted = await db.read(pages.due, now, MOST_TAKEN)
            except Exception as error:
                trace = None if isinstance(error, Unavailable) else error
                logger.opt(exception=trace).warning(f"which pages are wanted could not be looked up: {error}")
                return
            for page in wanted:
                if page.key not in self._tasks and not self._rests(page.key):
                    self._tasks[page.key] = asyncio.create_task(self._read(lookup, db, page, now))

    def _rests(self, key: str) -> bool:
        """Whether a page was tried recently and its outcome could not be stored."""
        if self._monotonic() < self._resting.get(key, 0.0):
            return True
        self._resting.pop(key, None)
        return False

    async def stop(self) -> None:
        """Cancel all reads; the next start continues them."""
        tasks = [*self._tasks.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, lookup: Lookup, db: Database, page: PageRow, now: datetime) -> None:
        follows = None
        try:
            follows = await self._read_once(lookup, db, page, now)
        except Unavailable as error:
            logger.warning(f"what a page of {host_of(page.url)} is called could not be kept: {error}")
            await self._try_later(db, page, now, str(error))
        except Exception as error:
            logger.opt(exception=error).error(f"what a page of {host_of(page.url)} is called could not be kept")
            self._resting[page.key] = self._monotonic() + REST
        finally:
            del self._tasks[page.key]
        if follows is not None:  # a short link: read its target too, for callers that wait
            await self.read(db, now, [follows], PATIENCE)

    async def _try_later(self, db: Database, page: PageRow, now: datetime, why: str) -> None:
        """Count a page that could not be stored as a failed try; if that fails too, delay it in memory."""
        try:
            await self._failed(db, page, now, why)
        except Unavailable:
            self._resting[page.key] = self._monotonic() + REST

    async def _failed(self, db: Database, page: PageRow, now: datetime, why: str) -> None:
        if page.tries < len(DELAYS):
            await db.write(pages.later, page.key, now + DELAYS[page.tries], why)
        else:
            await db.write(pages.close, page.key, why)

    async def _read_once(self, lookup: Lookup, db: Database, page: PageRow, now: datetime) -> str | None:
        """Read one page and store the outcome; returns the key of a short link's target."""
        try:
            found = await lookup.look_up(page.key, page.url)
        except Closed as error:
            await db.write(pages.close, page.key, str(error))
        except Exception as error:
            if not isinstance(error, Later):
                logger.opt(exception=error).error(f"reading a page of {host_of(page.url)} failed")
            await self._failed(db, page, now, str(error))
        else:
            await db.write(merging.keep, self._policy, page.key, found, now)
            return found.leads_to.key if found.leads_to else None
        return None
