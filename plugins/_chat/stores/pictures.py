"""Pictures that members add: brought home at once, since QQ's addresses expire, and kept under their own digest."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from nonebot import logger

from plugins._chat.stores import content_store

MAX_BYTES = 10_000_000
SECONDS = 10
MOST_OF_MESSAGE = 9
AT_ONCE = 2
# Where QQ keeps chat pictures. A picture segment with any other address is not fetched.
QQ_HOSTS = ("qq.com", "qq.com.cn", "qpic.cn", "myqcloud.com")
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp"}


class NoPicture(Exception):
    """The picture could not be brought home."""


class PictureStore:
    """A folder of pictures named by what is in them. `trusted` are further `host:port`s to fetch from."""

    def __init__(self, folder: Path, trusted: Iterable[str] = ()) -> None:
        self.folder = folder
        self.trusted = set(trusted)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def bring_home(self, url: str) -> str:
        """Fetch a picture and keep it; returns its file name. Raises NoPicture."""
        try:
            async with asyncio.timeout(SECONDS):
                body = await self._fetch(url)
            return await asyncio.to_thread(self._keep, body)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as error:
            raise NoPicture(str(error) or type(error).__name__) from error

    async def bring_all(self, urls: Sequence[str]) -> list[str | None]:
        """Fetch the first nine of a message's pictures, two at a time: file names, None for what could not be had."""
        return list(await asyncio.gather(*(self._bring(url) for url in urls[:MOST_OF_MESSAGE])))

    async def _bring(self, url: str) -> str | None:
        try:
            async with self._slots:
                return await self.bring_home(url)
        except NoPicture as error:
            logger.warning(f"a picture could not be fetched: {error}")
            return None

    async def forget(self, names: Iterable[str]) -> None:
        """Nobody shows these any more."""
        for name in names:
            await asyncio.to_thread((self.folder / name).unlink, missing_ok=True)

    async def read(self, name: str) -> bytes | None:
        """A picture that was kept, or None where it is no longer."""
        try:
            return await asyncio.to_thread((self.folder / name).read_bytes)
        except OSError as error:
            logger.warning(f"a picture is not in the store: {error}")
            return None

    async def _fetch(self, url: str) -> bytes:
        address = urlsplit(url)
        host = address.hostname or ""
        from_qq = address.scheme == "https" and any(host == each or host.endswith(f".{each}") for each in QQ_HOSTS)
        if not from_qq and not (address.scheme == "http" and address.netloc in self.trusted):
            raise NoPicture(f"not an address of QQ's pictures: {host}")
        body = bytearray()
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client, client.stream("GET", url) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise NoPicture("larger than 10 MB")
        return bytes(body)

    def _keep(self, body: bytes) -> str:
        kind = next((kind for head, kind in _KINDS.items() if body.startswith(head)), None)
        if kind is None:
            raise NoPicture("not a picture")
        name = f"{hashlib.sha256(body).hexdigest()[:32]}.{kind}"
        content_store.put(self.folder / name, body)
        return name
