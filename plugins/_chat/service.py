"""What one process serves: opened once by bot.py (or a test) before the plugins are loaded."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nonebot
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Database
from plugins._chat.pictures import PictureStore
from plugins._chat.reader import Reader
from plugins._talk.desk import House
from plugins._talk.series import Advertising, Series


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _connected() -> Sequence[Bot]:
    return [bot for bot in nonebot.get_bots().values() if isinstance(bot, Bot)]


@dataclass
class Service:
    """The one seam to the outside: database, clock, pauses, files, pages and connected accounts come from here.

    `patience` is how many seconds an answer waits for a page's title.
    """

    house: House
    db: Database
    groups: tuple[int, ...]
    pictures: PictureStore = field(default_factory=lambda: PictureStore(Path("data/pictures")))
    now: Callable[[], datetime] = _wall_clock
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    bots: Callable[[], Sequence[Bot]] = _connected
    reader: Reader = field(default_factory=lambda: Reader(None, Advertising()))
    patience: float = 3.0

    heard: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])  # group: last message, time
    caught_up: set[int] = field(default_factory=set[int])
    catching_up: set[int] = field(default_factory=set[int])
    _quiet_until: dict[int, datetime] = field(default_factory=dict[int, datetime])
    _last: dict[tuple[str, int], datetime] = field(default_factory=dict[tuple[str, int], datetime])

    async def titles(self, keys: Collection[str]) -> None:
        """Have the pages of these links read, as long as patience lasts; without keys nobody waits."""
        await self.reader.read(self.db, self.now(), keys, self.patience)

    async def breathe(self, group_id: int, seconds: float) -> None:
        """Wait until the bot may post by itself in the group again, at most every so many seconds."""
        if not self.breathes("post", group_id, timedelta(seconds=seconds)):
            await self.pause(seconds)
            self._last["post", group_id] = self.now()

    def leave_alone(self, group_id: int, span: timedelta) -> None:
        """Post nothing by itself in this group for a while."""
        self._quiet_until[group_id] = self.now() + span

    def reachable(self) -> list[int]:
        """The groups that are not left alone at present, nor still being caught up with."""
        now, waiting = self.now(), self.catching_up
        return [group for group in self.groups if group not in waiting and self._quiet_until.get(group, now) <= now]

    def breathes(self, what: str, group_id: int, span: timedelta) -> bool:
        """Whether `what` was last allowed in the group at least `span` ago; if so, it is allowed now."""
        now, last = self.now(), self._last.get((what, group_id))
        if last is not None and now - last < span:
            return False
        self._last[what, group_id] = now
        return True

    @property
    def series(self) -> Series:
        return self.house.series


_open: list[Service] = []


def open_service(new: Service) -> None:
    """Make `new` what this process serves."""
    _open[:] = [new]


def service() -> Service:
    """What this process serves. Raises LookupError before it is opened."""
    if not _open:
        raise LookupError("no service is open: start with bot.py")
    return _open[0]
