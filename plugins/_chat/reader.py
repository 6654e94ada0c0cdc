"""Reading the pages of links beside everything else: the database says which are wanted, and keeps what they say."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

from nonebot import logger

from db.engine import Database, Unavailable
from db.queries import pages
from db.queries.pages import PageRow
from plugins._talk import library
from plugins._talk.series import Advertising
from plugins._talk.titles import Closed, Later, Titles

DELAYS = tuple(timedelta(minutes=each) for each in (1, 10, 60, 360))  # after the first, second … failure
AT_ONCE = 6
MOST_TAKEN = 50
PATIENCE = 30.0  # seconds for what a short link leads to


class Reader:
    """Reads what is wanted. Every outcome is committed, so a restart only reads on. Without `titles` it is off.

    `policy` says which sites a short link may not lead to.
    """

    def __init__(self, titles: Titles | None, policy: Advertising) -> None:
        self._titles = titles
        self._policy = policy
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._looking: asyncio.Task[None] | None = None
        self._look_again = False

    async def read(self, db: Database, now: datetime, keys: Collection[str], patience: float) -> None:
        """Begin to read every page that is due, and wait for these, at most so many seconds.

        What takes longer goes on by itself; without keys nobody waits.
        """
        if self._titles is None:
            return
        self._look_again = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(self._titles, db, now))
        if not keys:
            return
        await asyncio.shield(self._looking)
        awaited = [self._tasks[key] for key in keys if key in self._tasks]
        if awaited:
            await asyncio.wait(awaited, timeout=patience)

    async def _look(self, titles: Titles, db: Database, now: datetime) -> None:
        """See what is due and begin with it; once more if somebody asked meanwhile."""
        while self._look_again:
            self._look_again = False
            try:
                wanted = await db.read(pages.due, now, MOST_TAKEN)
            except Unavailable as error:
                logger.warning(f"which pages are wanted could not be looked up: {error}")
                return
            for page in wanted:
                if page.key not in self._tasks:
                    self._tasks[page.key] = asyncio.create_task(self._read(titles, db, page, now))

    async def stop(self) -> None:
        """Leave the rest for the next start."""
        tasks = [*self._tasks.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, titles: Titles, db: Database, page: PageRow, now: datetime) -> None:
        follows = None
        try:
            async with self._room:
                follows = await self._read_once(titles, db, page, now)
        except Unavailable as error:
            logger.warning(f"what {page.url} is called could not be kept: {error}")
        finally:
            del self._tasks[page.key]
        if follows is not None:  # a short link: what it leads to is read for those who wait
            await self.read(db, now, [follows], PATIENCE)

    async def _read_once(self, titles: Titles, db: Database, page: PageRow, now: datetime) -> str | None:
        """Read one page and keep the outcome; returns the key of what a short link leads to."""
        try:
            found = await titles.look_up(page.key, page.url)
        except Closed as error:
            await db.write(pages.close, page.key, str(error))
        except Exception as error:
            if not isinstance(error, Later):
                logger.opt(exception=error).error(f"reading {page.url} failed")
            if page.tries < len(DELAYS):
                await db.write(pages.later, page.key, now + DELAYS[page.tries], str(error))
            else:
                await db.write(pages.close, page.key, str(error))
        else:
            await db.write(library.keep, self._policy, page.key, found, now)
            return found.leads_to.key if found.leads_to else None
        return None
