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
from db.queries import pictures
from plugins._chat.accounts.lineup import LineUp
from plugins._chat.accounts.members import Members
from plugins._chat.commands.asking import Asking
from plugins._chat.reader import Reader
from plugins._chat.stores.drawings import Drawings
from plugins._chat.stores.pictures import PictureStore
from plugins._chat.timekeeping import Timekeeping, elapsed, wall_clock
from plugins._talk.deliveries.parts import Picture
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.timeline import Timeline
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Advertising, Series
from plugins._talk.usecases.desk import House


def _connected() -> Sequence[Bot]:
    return [bot for bot in nonebot.get_bots().values() if isinstance(bot, Bot)]


@dataclass
class Service:
    """The one seam to the outside: database, clock, pauses, files, pages and connected accounts come from here.

    `clock` is the machine's, `monotonic` (seconds) is for waiting, whatever happens to it; `patience` is how many
    seconds an answer waits for a page's title; `wake` asks the clock to look what is due; `process` is this process
    among those that share a database, and `on_duty` the groups that it speaks for (None: it shares with nobody).
    """

    house: House
    db: Database
    groups: tuple[int, ...]
    pictures: PictureStore = field(default_factory=lambda: PictureStore(Path("data/pictures")))
    clock: Callable[[], datetime] = wall_clock
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    bots: Callable[[], Sequence[Bot]] = _connected
    reader: Reader = field(default_factory=lambda: Reader(None, Advertising()))
    patience: float = 3.0
    public_url: str | None = None
    wake: Callable[[], None] = lambda: None
    monotonic: Callable[[], float] = elapsed
    drawings: Drawings = field(default_factory=lambda: Drawings(Path("data/drawn")))
    files: Path = Path("data/files")
    process: str = field(default_factory=lambda: uuid4().hex)
    lineup: LineUp = field(default_factory=LineUp)
    on_duty: set[int] | None = None
    members: Members = field(default_factory=Members)
    asking: Asking = field(default_factory=Asking)

    timekeeping: Timekeeping = field(init=False)
    started_at: datetime = field(init=False)
    clock_was_wrong: bool = False
    newest_seq: dict[int, int] = field(default_factory=dict[int, int])  # group: of the last message before it was heard
    heard: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])  # group: last message, time
    caught_up: set[int] = field(default_factory=set[int])
    catching_up: set[int] = field(default_factory=set[int])
    _last: dict[tuple[str, int], float] = field(default_factory=dict[tuple[str, int], float])

    def __post_init__(self) -> None:
        self.timekeeping = Timekeeping(lambda: self.clock(), lambda: self.monotonic())
        self.started_at = self.now()

    def now(self) -> datetime:
        """What time it is, as far as the clock can be believed."""
        return self.timekeeping.now()

    async def titles(self, keys: Collection[str]) -> None:
        """Have the pages of these links read, as long as patience lasts; without keys nobody waits."""
        await self.reader.read(self.db, self.now(), keys, self.patience)

    async def breathe(self, group_id: int, seconds: float) -> None:
        """Wait until the bot may post by itself in the group again, at most every so many seconds."""
        if not self.breathes("post", group_id, timedelta(seconds=seconds)):
            await self.pause(seconds)
            self._last["post", group_id] = self.monotonic()

    def page_of(self, talk: int) -> str | None:
        """The address of a talk's page, where there is one."""
        return f"{self.public_url}/talks/{talk_name(talk)}" if self.public_url else None

    async def draw(self, picture: Picture) -> Sequence[bytes]:
        """What a picture shows, as image files. Raises LookupError for one that is no longer kept."""
        if isinstance(picture.of, Agenda):
            agenda = picture.of
            return await self.drawings.agenda(agenda, self.series.limits.title, self.page_of(agenda.number))
        if isinstance(picture.of, Timeline):
            return await self.drawings.timeline(picture.caption, picture.of)
        kept = await self.pictures.read(picture.of)
        if kept is None:
            raise LookupError(picture.of)
        return [kept]

    async def forget_pictures(self, names: Sequence[str]) -> None:
        """Delete these pictures, except those that something still shows."""
        if names:
            await self.pictures.forget(await self.db.read(pictures.unshown, names))

    @property
    def pictures_at(self) -> str | None:
        """Where people's pictures are on the web, if they are there."""
        return f"{self.public_url}/pictures" if self.public_url else None

    def online(self) -> list[Bot]:
        """The connected accounts that are logged in to QQ."""
        return [bot for bot in self.bots() if bot.self_id not in self.lineup.offline]

    def first(self, group_id: int) -> Bot | None:
        """The account that answers and posts in a group, as long as it can: of several the first that may speak."""
        there = [bot for bot in self.online() if self.lineup.is_in(bot.self_id, group_id)] or self.online()
        able = (bot for bot in there if self.may_speak(bot, group_id))
        return next(able, there[0] if there else None)

    def may_speak(self, bot: Bot, group_id: int) -> bool:
        """Whether nothing is known that keeps the account from speaking in a group."""
        return self.lineup.may_speak(bot.self_id, group_id, self.now())

    def speaker(self, group_id: int) -> Bot | None:
        """The same, or nobody while it may not speak."""
        bot = self.first(group_id)
        return bot if bot and self.may_speak(bot, group_id) else None

    def answers(self, bot: Bot, group_id: int) -> bool:
        """Whether it is for this account, in this process, to act on what is said in a group."""
        first = self.first(group_id)
        return self._on_duty(group_id) and (first is None or first.self_id == bot.self_id)

    def _on_duty(self, group_id: int) -> bool:
        return self.on_duty is None or group_id in self.on_duty

    def speakable(self) -> list[int]:
        """The groups in which somebody may speak at present."""
        return [group for group in self.groups if self.speaker(group)]

    def reachable(self) -> list[int]:
        """The groups that it is for this process to post in now: those that are caught up with."""
        return [group for group in self.speakable() if self._on_duty(group) and group not in self.catching_up]

    def breathes(self, what: str, group_id: int, span: timedelta) -> bool:
        """Whether `what` was last allowed in the group at least `span` ago; if so, it is allowed now."""
        now, last = self.monotonic(), self._last.get((what, group_id))
        if last is not None and now - last < span.total_seconds():
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
