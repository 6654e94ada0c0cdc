"""The process-wide service object: opened once by bot.py (or a test) before the plugins are loaded."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import nonebot
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Database
from plugins._chat.logs import Once
from plugins._chat.presence.accounts import Accounts
from plugins._chat.presence.listening import Listening
from plugins._chat.presence.members import Members
from plugins._chat.presence.timekeeping import Timekeeping, elapsed, wall_clock
from plugins._chat.rate_limit import RateLimit
from plugins._chat.reader import Reader
from plugins._chat.stores import content_store
from plugins._chat.stores.drawings import Drawings
from plugins._chat.stores.pictures import PictureStore
from plugins._chat.tally import Tally
from plugins._talk.deliveries.parts import Image
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.timeline import Timeline
from plugins._talk.findings import Finding
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Advertising, Series
from plugins._talk.usecases.desk import Rules


def _connected() -> Sequence[Bot]:
    return [bot for bot in nonebot.get_bots().values() if isinstance(bot, Bot)]


@dataclass(kw_only=True)
class Service:
    """All external dependencies: database, clock, delays, files, web pages and connected accounts.

    `clock` is the system clock, `monotonic` (seconds) is used for delays; `patience` is how many seconds an answer
    waits for a page's title; `data` is the folder of data, `database` its address, of which `backups` nightly copies
    are kept (0: none are made); `wake` triggers a check for due deliveries; `process` identifies this process among
    those that share a database; `free_space` is how many bytes the disk of a path has left. `remarks` are
    what the log gets once an hour. `public_url` is where people reach this server, `site` where the pages are: there,
    or on this machine alone; a page is given again for `kept_for` seconds. `on_forgetting` is called when a name may
    not be shown any more.
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
    data: Path = Path("data")
    database: str = ""
    backups: int = 0
    series_file: Path | None = None
    public_url: str | None = None
    site: str | None = None
    kept_for: float = 1.0
    free_space: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    process: str = field(default_factory=lambda: uuid4().hex)

    accounts: Accounts = field(init=False)
    listening: Listening = field(init=False, default_factory=Listening)
    members: Members = field(init=False, default_factory=Members)
    look_ups: RateLimit = field(init=False, default_factory=RateLimit)
    tally: Tally = field(init=False, default_factory=Tally)
    remarks: Once = field(init=False)
    pictures: PictureStore = field(init=False)
    timekeeping: Timekeeping = field(init=False)
    started_at: datetime = field(init=False)
    ticked_at: float = field(init=False)
    backup_findings: Sequence[Finding] = field(init=False, default=())
    on_forgetting: list[Callable[[], None]] = field(init=False, default_factory=list[Callable[[], None]])
    _acquired: dict[tuple[str, int], float] = field(init=False, default_factory=dict[tuple[str, int], float])

    def __post_init__(self) -> None:
        self.timekeeping = Timekeeping(lambda: self.clock(), lambda: self.monotonic())
        self.started_at, self.ticked_at = self.now(), self.monotonic()
        self.remarks = Once(lambda: self.monotonic())
        self.accounts = Accounts(self.groups, lambda: self.bots(), self.now)
        self.pictures = PictureStore(self.db, self.now)

    @property
    def series(self) -> Series:
        return self.rules.series

    def now(self) -> datetime:
        """The current time, corrected while the system clock is wrong."""
        return self.timekeeping.now()

    def reachable(self) -> list[int]:
        """The groups that this process may post in now: on duty, able to speak, and not catching up."""
        there = (group for group in self.accounts.speakable() if self.accounts.is_on_duty(group))
        return [group for group in there if group not in self.listening.catching_up]

    async def wait_for_pages(self, keys: Collection[str]) -> None:
        """Read the pages of these links, for at most `patience` seconds."""
        await self.reader.read(self.db, self.now(), keys, self.patience)

    def read_pages(self) -> None:
        """Start reading every due page in the background."""
        self.reader.wake(self.db, self.now())

    async def wait_turn(self, group_id: int, seconds: float) -> None:
        """Rate-limit the bot's own posts in a group to one per `seconds`."""
        if not self.try_acquire("post", group_id, timedelta(seconds=seconds)):
            await self.pause(seconds)
            self._acquired["post", group_id] = self.monotonic()

    def try_acquire(self, what: str, group_id: int, span: timedelta) -> bool:
        """Acquire `what` for the group unless it was acquired less than `span` ago; True if acquired."""
        now, last = self.monotonic(), self._acquired.get((what, group_id))
        if last is not None and now - last < span.total_seconds():
            return False
        self._acquired[what, group_id] = now
        return True

    def release(self, what: str, group_id: int) -> None:
        """Undo `try_acquire`: `what` may be acquired again at once."""
        self._acquired.pop((what, group_id), None)

    async def draw(self, picture: Image) -> Sequence[bytes]:
        """Render a picture to image files. Raises LookupError if it is no longer stored, or Unavailable."""
        if isinstance(picture.of, Agenda):
            agenda = picture.of
            return await self.drawings.agenda(agenda, self.series.limits.title, self.page_of(agenda.number))
        if isinstance(picture.of, Timeline):
            return await self.drawings.timeline(picture.caption, picture.of)
        kept = await self.pictures.read(picture.of)
        if kept is None:
            raise LookupError(picture.of)
        return [kept.content]

    async def forget_drawn(self) -> None:
        """Drop everything that is kept of documents and may have a name in it that is gone."""
        for forget in self.on_forgetting:
            forget()
        await self.drawings.forget()
        await asyncio.to_thread(content_store.keep_newest, self.files, "*", 0)

    def page_of(self, talk: int) -> str | None:
        """The URL of a talk's page, if there is one."""
        return f"{self.public_url}/talks/{talk_name(talk)}" if self.public_url else None

    @property
    def pictures_at(self) -> str | None:
        """The base URL of members' pictures, if they are served."""
        return f"{self.public_url}/pictures" if self.public_url else None


_open: list[Service] = []


def open_service(new: Service) -> None:
    """Make `new` the service of this process."""
    _open[:] = [new]


def current_service() -> Service:
    """The service of this process. Raises LookupError before it is opened."""
    if not _open:
        raise LookupError("no service is open: start with bot.py")
    return _open[0]
