"""The bot as its operators run it: a process of its own in an empty folder."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from plugins._onebot.group import Group
from plugins._onebot.implementation import Implementation
from tests.chat.loopback import text_of
from tests.people import BOT, GROUP, PEOPLE, Account

BOT_PY = Path(__file__).parents[2] / "bot.py"
PATIENCE = 30  # seconds until a test gives a process or an answer up
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class BotProcess:
    """A bot.py that runs in `folder` with nothing but these variables."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.environment = {**kept, "PYTHONUTF8": "1", "PORT": str(self.port), "FETCH_PORTS": "[]", **environment}
        self.process: asyncio.subprocess.Process | None = None
        self.output = ""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/onebot/v11/ws"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(BOT_PY),
            cwd=self.folder,
            env=self.environment,
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


class Watched(Group):
    """A group that tells who waits that something was said."""

    changed: asyncio.Event


def make_group() -> Watched:
    accounts = {account.user_id: account for account in (*PEOPLE.values(), BOT)}
    changed = asyncio.Event()
    made = Watched(GROUP, "大模型读书会", accounts, 5_000, _now, lambda _what, _thing: changed.set())
    made.changed = changed
    return made


def _now() -> float:
    return asyncio.get_running_loop().time() + 1_764_000_000


class Line:
    """A line from the group to the bot: the strict implementation over the real reverse WebSocket."""

    def __init__(self, group: Watched) -> None:
        self.group = group
        self.onebot = Implementation(BOT.user_id, group)

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
        return [text_of(each) for each in self.group.messages[since:] if each.user_id == BOT.user_id]


@asynccontextmanager
async def connected(group: Watched, bot: BotProcess, token: str | None = None) -> AsyncGenerator[Line]:
    """Connect the group to the bot, as soon as it listens."""
    line = Line(group)
    task = asyncio.create_task(line.onebot.serve(bot.url, token, retry=0.1))
    try:
        await asyncio.wait_for(line.onebot.connected.wait(), PATIENCE)
        yield line
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
