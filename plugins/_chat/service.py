"""What one process serves: opened once by bot.py (or a test) before the plugins are loaded."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import nonebot
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Database
from plugins._chat.presence.accounts import Accounts
from plugins._chat.presence.listening import Listening
from plugins._chat.presence.members import Members
from plugins._chat.presence.timekeeping import Timekeeping, elapsed, wall_clock
from plugins._chat.rate_limit import RateLimit
from plugins._chat.reader import Reader
from plugins._chat.stores.drawings import Drawings
from plugins._chat.stores.pictures import PictureStore
from plugins._talk.deliveries.parts import Image
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.timeline import Timeline
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Advertising, Series
from plugins._talk.usecases.desk import Rules


def _connected() -> Sequence[Bot]:
    return [bot for bot in nonebot.get_bots().values() if isinstance(bot, Bot)]


@dataclass(kw_only=True)
class Service:
    """The one seam to the outside: database, clock, pauses, files, pages and connected accounts come from here.

    `clock` is the machine's, `monotonic` (seconds) is for waiting, whatever happens to it; `patience` is how many
    seconds an answer waits for a page's title; `wake` asks the clock to look what is due; `process` names this
    process among those that share a database.
    """

    rules: Rules
    db: Database
    groups: tuple[int, ...]
    bots: Callable[[], Sequence[Bot]] = _connected
    clock: Callable[[], datetime] = wall_clock
    monotonic: Callable[[], float] = elapsed
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    wake: Callable[[], None] = lambda: None
    reader: Reader = field(default_factory=lambda: Reader(None, Advertising()))
    patience: float = 3.0
    drawings: Drawings = field(default_factory=lambda: Drawings(Path("data/drawn")))
    files: Path = Path("data/files")
    public_url: str | None = None
    process: str = field(default_factory=lambda: uuid4().hex)

    accounts: Accounts = field(init=False)
    listening: Listening = field(init=False, default_factory=Listening)
    members: Members = field(init=False, default_factory=Members)
    look_ups: RateLimit = field(init=False, default_factory=RateLimit)
    pictures: PictureStore = field(init=False)
    timekeeping: Timekeeping = field(init=False)
    started_at: datetime = field(init=False)
    _acquired: dict[tuple[str, int], float] = field(init=False, default_factory=dict[tuple[str, int], float])

    def __post_init__(self) -> None:
        self.timekeeping = Timekeeping(lambda: self.clock(), lambda: self.monotonic())
        self.started_at = self.now()
        self.accounts = Accounts(self.groups, lambda: self.bots(), self.now)
        self.pictures = PictureStore(self.db, self.now)

    @property
    def series(self) -> Series:
        return self.rules.series

    def now(self) -> datetime:
        """What time it is, as far as the clock can be believed."""
        return self.timekeeping.now()

    def reachable(self) -> list[int]:
        """The groups that it is for this process to post in now: those that are caught up with."""
        there = (group for group in self.accounts.speakable() if self.accounts.is_on_duty(group))
        return [group for group in there if group not in self.listening.catching_up]

    async def wait_for_pages(self, keys: Collection[str]) -> None:
        """Have the pages of these links read, as long as patience lasts."""
        await self.reader.read(self.db, self.now(), keys, self.patience)

    def read_pages(self) -> None:
        """Have every page read that is due; nobody waits for it."""
        self.reader.wake(self.db, self.now())

    async def wait_turn(self, group_id: int, seconds: float) -> None:
        """Wait until the bot may post by itself in the group again, at most every so many seconds."""
        if not self.try_acquire("post", group_id, timedelta(seconds=seconds)):
            await self.pause(seconds)
            self._acquired["post", group_id] = self.monotonic()

    def try_acquire(self, what: str, group_id: int, span: timedelta) -> bool:
        """Whether `what` was last acquired for the group at least `span` ago; if so, it is acquired now."""
        now, last = self.monotonic(), self._acquired.get((what, group_id))
        if last is not None and now - last < span.total_seconds():
            return False
        self._acquired[what, group_id] = now
        return True

    def release(self, what: str, group_id: int) -> None:
        """What was acquired for the group came to nothing: it may be acquired again at once."""
        self._acquired.pop((what, group_id), None)

    async def draw(self, picture: Image) -> Sequence[bytes]:
        """What a picture shows, as image files. Raises LookupError for one that is no longer kept, Unavailable."""
        if isinstance(picture.of, Agenda):
            agenda = picture.of
            return await self.drawings.agenda(agenda, self.series.limits.title, self.page_of(agenda.number))
        if isinstance(picture.of, Timeline):
            return await self.drawings.timeline(picture.caption, picture.of)
        kept = await self.pictures.read(picture.of)
        if kept is None:
            raise LookupError(picture.of)
        return [kept.content]

    def page_of(self, talk: int) -> str | None:
        """The address of a talk's page, where there is one."""
        return f"{self.public_url}/talks/{talk_name(talk)}" if self.public_url else None

    @property
    def pictures_at(self) -> str | None:
        """Where people's pictures are on the web, if they are there."""
        return f"{self.public_url}/pictures" if self.public_url else None


_open: list[Service] = []


def open_service(new: Service) -> None:
    """Make `new` what this process serves."""
    _open[:] = [new]


def current_service() -> Service:
    """What this process serves. Raises LookupError before it is opened."""
    if not _open:
        raise LookupError("no service is open: start with bot.py")
    return _open[0]
