"""Pictures that members add: fetched at once, since QQ's URLs expire, and stored under their digest."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from nonebot import logger

from db.engine import Database
from db.image_type import MAX_BYTES, image_type, named
from db.queries import pictures
from db.queries.pictures import PictureRow
from plugins._chat.stores.fetching import NotFetched, fetch_from_qq

MOST_OF_MESSAGE = 9
AT_ONCE = 2


class PictureStore:
    """Pictures in the database, by name. `trusted` are further `host:port`s to fetch from."""

    def __init__(self, db: Database, now: Callable[[], datetime], trusted: Iterable[str] = ()) -> None:
        self._db, self._now = db, now
        self.trusted = set(trusted)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def add_all(self, urls: Sequence[str]) -> list[str | None]:
        """Fetch the first nine of a message's pictures, two at a time: their names, None for failed fetches.

        Pictures that no use case refers to are deleted after a day. Raises Unavailable.
        """
        return list(await asyncio.gather(*(self._add(url) for url in urls[:MOST_OF_MESSAGE])))

    async def _add(self, url: str) -> str | None:
        try:
            async with self._slots:
                body, media_type = await self._fetch_picture(url)
                name = named(body, media_type)
                await self._db.write(pictures.put, name, media_type, body, self._now())
                return name
        except NotFetched as error:
            logger.warning(f"a picture could not be fetched: {error}")
            return None

    async def read(self, name: str) -> PictureRow | None:
        """A picture's type and content, or None if it is no longer stored. Raises Unavailable."""
        return await self._db.read(pictures.get, name)

    async def _fetch_picture(self, url: str) -> tuple[bytes, str]:
        body = await self._fetch(url)
        media_type = image_type(body)
        if media_type is None:
            raise NotFetched("not a picture")
        return body, media_type

    async def _fetch(self, url: str) -> bytes:
        return await fetch_from_qq(url, MAX_BYTES, self.trusted)
