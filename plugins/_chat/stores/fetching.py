"""Fetches what QQ stores for its chats: pictures and files, at addresses that expire."""

import asyncio
from collections.abc import Collection
from importlib import import_module
from urllib.parse import urlsplit

from plugins._talk.hosts import is_within

SECONDS = 10
# Hosts of QQ's chat pictures and files. Nothing else is fetched at the word of a message segment.
QQ_HOSTS = ("qq.com", "qq.com.cn", "qpic.cn", "myqcloud.com")
PLAIN_HOSTS = ("ftn.qq.com",)  # group files come without TLS


class NotFetched(Exception):
    """It could not be fetched; the message says why."""


async def fetch_from_qq(url: str, most: int, trusted: Collection[str] = ()) -> bytes:
    """What stands at an address of QQ's (or of a `trusted` `host:port`), at most `most` bytes. Raises NotFetched."""
    await asyncio.to_thread(import_module, "httpx")  # for the first picture: it takes 30 ms
    import httpx

    try:
        async with asyncio.timeout(SECONDS):
            return await _fetch(url, most, trusted)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as error:
        raise NotFetched(str(error) or type(error).__name__) from error


async def _fetch(url: str, most: int, trusted: Collection[str]) -> bytes:
    import httpx

    address = urlsplit(url)
    host = address.hostname or ""
    hosts = QQ_HOSTS if address.scheme == "https" else PLAIN_HOSTS if address.scheme == "http" else ()
    own = address.scheme == "http" and address.netloc in trusted
    if not own and not any(is_within(host, each) for each in hosts):
        raise NotFetched(f"not an address of QQ's: {host}")
    body = bytearray()
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client, client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > most:
                raise NotFetched(f"larger than {most} bytes")
    return bytes(body)
