"""Answers that are kept while nothing changes, so that many readers cost as much as one."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

MOST_BYTES = 8_000_000
FRESH = 30.0  # seconds that an answer is good for at most: another process may have written, and time goes on


@dataclass(frozen=True)
class Kept:
    """An answer: since when its body is what it is, and when (monotonic) and for what database it was made."""

    body: bytes
    media_type: str
    etag: str
    since: datetime
    made_at: float
    version: int


class Answers:
    """Answers by address. One that is asked for while it is being made is made once."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float], at_least: float) -> None:
        self._now, self._monotonic, self._at_least = now, monotonic, at_least
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._forgotten = 0  # times: what was begun before is not kept
        self._being_made: dict[str, asyncio.Task[Kept]] = {}

    async def get(self, address: str, version: int, make: Callable[[], Awaitable[tuple[bytes, str]]]) -> Kept:
        """The answer for an address, made anew if the database changed, but not more often than every `at_least`."""
        kept = self._kept.get(address)
        if kept is not None and self._is_good(kept, version):
            self._kept.move_to_end(address)
            return kept
        if address not in self._being_made:
            task = asyncio.create_task(self._make(address, version, make))
            self._being_made[address] = task
            task.add_done_callback(lambda done: self._is_made(address, done))
        return await asyncio.shield(self._being_made[address])

    def _is_made(self, address: str, done: "asyncio.Task[Kept]") -> None:
        if self._being_made.get(address) is done:
            del self._being_made[address]
        if not done.cancelled():
            done.exception()  # whoever waits is told; where nobody does any more, nothing is to be logged

    def forget(self) -> None:
        """Drop all: a name that was in one of them may not be shown any more."""
        self._kept.clear()
        self._bytes = 0
        self._forgotten += 1
        self._being_made.clear()

    def _is_good(self, kept: Kept, version: int) -> bool:
        age = self._monotonic() - kept.made_at
        return age < self._at_least or (age < FRESH and kept.version == version)

    async def _make(self, address: str, version: int, make: Callable[[], Awaitable[tuple[bytes, str]]]) -> Kept:
        forgotten = self._forgotten
        body, media_type = await make()
        etag = f'"{hashlib.blake2s(body, digest_size=12).hexdigest()}"'
        old = self._kept.pop(address, None)
        self._bytes -= len(old.body) if old else 0
        since = old.since if old is not None and old.etag == etag else self._now().replace(microsecond=0)
        kept = Kept(body, media_type, etag, since, self._monotonic(), version)
        if forgotten != self._forgotten:
            return kept
        self._kept[address] = kept
        self._bytes += len(body)
        while self._bytes > MOST_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1].body)
        return kept
