"""The bot as its operators run it: a process of its own in an empty folder."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import pytest

from db.opening import open_database
from plugins._onebot.group import Group
from plugins._onebot.implementation import Implementation
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import plan
from plugins._talk.series import WEEKDAYS
from plugins._talk.series_file import BUILT_IN, load_series
from plugins._talk.usecases.desk import Desk, Rules, Visit, serve
from tests.chat.loopback import text_of
from tests.people import BOT, GROUP, LINXI, PEOPLE, SECOND, Account

# Debian's library that gives a whole process another time; elsewhere such tests are skipped, with a word.
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
without_faketime = pytest.mark.skipif(
    FAKETIME is None and not os.environ.get("CI"), reason="no libfaketime on this machine: no process was moved in time"
)
SHANGHAI = ZoneInfo("Asia/Shanghai")
BOT_PY = Path(__file__).parents[2] / "bot.py"
PATIENCE = 30  # seconds until a test gives a process or an answer up
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Night:
    """A time for whole processes and the group around them, that goes on from `begins` at the usual pace."""

    def __init__(self, begins: datetime) -> None:
        self._begins = begins
        self._since = asyncio.get_running_loop().time()

    def __call__(self) -> datetime:
        return self._begins + timedelta(seconds=asyncio.get_running_loop().time() - self._since)

    def jump(self, to: datetime) -> None:
        """It is suddenly another time; processes that start from now on believe it."""
        self.__init__(to)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process that starts now believe it."""
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME": f"@{self().astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }


async def open_talk_at(
    folder: Path, moment: datetime, *wishes: Callable[[Desk], object], toml: Path | None = None
) -> None:
    """A database whose first talk was opened at `moment`, and what 林溪, an admin, then did, by the bot's own code."""
    database = open_database(f"sqlite:///{folder}/data/talk.db")
    rules = Rules.of(load_series(toml), 4)
    await database.write(plan, rules, list(kinds.values()), [GROUP], moment)
    for number, wish in enumerate(wishes, 1):
        visit = Visit(
            group_id=GROUP,
            message_id=-number,
            qq=LINXI.user_id,
            card=LINXI.card,
            trusted=True,
            said_at=moment + timedelta(seconds=number),
        )
        await database.write(serve, rules, visit, wish)
    database.close()


def meets_at(folder: Path, starts_at: datetime) -> Path:
    """The built-in series, which meets at this time of the week, whatever the calendar says of that day."""
    path, local = folder / "series.toml", starts_at.astimezone(SHANGHAI)
    text = BUILT_IN.read_text("utf-8")
    for usual, now in (
        ('weekday = "sat"', f'weekday = "{WEEKDAYS[local.weekday()]}"'),
        ('time = "21:00"', f'time = "{local:%H:%M}"'),
        ('policy = "next_week"', 'policy = "ignore"'),
    ):
        assert usual in text
        text = text.replace(usual, now)
    path.write_text(text, "utf-8")
    return path


def installed(folder: Path) -> Path:
    """A bot.py in `folder`, which thereby is where .env and data are."""
    script = folder / "bot.py"
    if not script.exists():
        script.symlink_to(BOT_PY)
    return script


class BotProcess:
    """A bot.py that is installed in `folder`, with nothing but these variables, at another time if `night` says so."""

    night: Night | None = None

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.script = installed(folder)
        self.port = free_port()
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.environment = {**kept, "PYTHONUTF8": "1", "PORT": str(self.port), "FETCH_PORTS": "[]", **environment}
        self.process: asyncio.subprocess.Process | None = None
        self.output = ""

    def by(self, night: Night) -> Self:
        """The same, at another time."""
        self.night = night
        return self

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/onebot/v11/ws"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(self.script),
            cwd="/",
            env=self.environment | (self.night.environment if self.night else {}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def ends(self) -> tuple[int, str]:
        """Wait for the process to end by itself; its exit code and all that it printed."""
        assert self.process is not None
        printed, _ = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        self.output += printed.decode()
        return self.process.returncode or 0, self.output

    async def prints(self, words: str, times: int = 1) -> None:
        """Wait until the process has printed `words` so often."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while self.output.count(words) < times:
                line = await self.process.stdout.readline()
                assert line, f"ended without printing {words!r}:\n{self.output}"
                self.output += line.decode()

    async def listens(self) -> None:
        """Wait until the process takes connections."""
        await self.prints("Uvicorn running on")

    async def kill(self) -> None:
        """kill -9."""
        await self._signal(signal.SIGKILL)

    async def stop(self) -> None:
        await self._signal(signal.SIGTERM)

    async def _signal(self, what: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(what)
            await self.ends()


async def asks(bot: BotProcess, *words: str) -> tuple[int, str]:
    """What one of bot.py's other commands ends with and prints, where `bot` is installed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(bot.script),
        *words,
        cwd="/",
        env=bot.environment | (bot.night.environment if bot.night else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    return process.returncode or 0, printed.decode()


class Watched(Group):
    """A group that tells who waits that something was said."""

    changed: asyncio.Event


def make_group(night: Night | None = None) -> Watched:
    accounts = {account.user_id: account for account in (*PEOPLE.values(), BOT, SECOND)}
    changed = asyncio.Event()
    now = (lambda: night().timestamp()) if night else _now
    made = Watched(
        group_id=GROUP,
        name="大模型读书会",
        accounts=accounts,
        first_id=5_000,
        now=now,
        watch=lambda _what, _thing: changed.set(),
    )
    made.changed = changed
    return made


def _now() -> float:
    """QQ's clock, which the bot's process has too."""
    return time.time()


class Line:
    """A line from the group to the bot: the strict implementation over the real reverse WebSocket."""

    def __init__(self, group: Watched, onebot: Implementation | None = None) -> None:
        self.group = group
        self.onebot = onebot or Implementation(BOT.user_id, group)

    async def asks(self, who: Account, words: str, answers: int = 1) -> list[str]:
        """Say something; what the bot then says, once it has said `answers` things."""
        spoken = await self.onebot.say(who.user_id, [{"type": "text", "data": {"text": words}}])
        return await self.hears(self.group.messages.index(spoken) + 1, answers)

    async def hears(self, since: int, count: int) -> list[str]:
        """What the bot has said since a place in the messages, once it is `count` things."""
        async with asyncio.timeout(PATIENCE):
            while len(said := self._said(since)) < count:
                self.group.changed.clear()
                if len(self._said(since)) < count:
                    await self.group.changed.wait()
        return said

    def _said(self, since: int) -> list[str]:
        ours = (BOT.user_id, SECOND.user_id)
        return [text_of(each) for each in self.group.messages[since:] if each.user_id in ours]


@asynccontextmanager
async def connected(
    group: Watched, bot: BotProcess, token: str | None = None, onebot: Implementation | None = None
) -> AsyncGenerator[Line]:
    """Connect the group to the bot, as soon as it listens."""
    line = Line(group, onebot)
    task = asyncio.create_task(line.onebot.serve(bot.url, token, retry=0.1))
    try:
        await asyncio.wait_for(line.onebot.connected.wait(), PATIENCE)
        yield line
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
