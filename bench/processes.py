"""Programs under measurement: each a process of its own, asked over the real WebSocket."""

import asyncio
import json
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from plugins._talk.series_file import BUILT_IN

ROOT = Path(__file__).parents[1]
FLOOR = (str(ROOT / "bench" / "floor.py"),)
BOT = (str(ROOT / "bot.py"),)
GROUP, ACCOUNT, IN_FLIGHT = 100, 1, 50
PATIENCE = 60  # seconds
Json = dict[str, Any]
MANY = 1_000_000
_ids = count(int(time.time() * 1000))


def news() -> str:
    """A submission with a link that nobody has sent yet, and words, so that no page need be read."""
    return f"/news https://bench.example/{next(_ids)} 好文"


def event(text: str, group: int = GROUP, account: int = ACCOUNT) -> Json:
    """A group message as OneBot v11 reports it, from one of fifty members."""
    number = next(_ids)
    return {
        "time": int(time.time()),
        "self_id": account,
        "post_type": "message",
        "message_type": "group",
        "sub_type": "normal",
        "message_id": number,
        "group_id": group,
        "user_id": 10_000 + number % 50,
        "raw_message": text,
        "font": 0,
        "message": [{"type": "text", "data": {"text": text}}],
        "sender": {"user_id": 10_000 + number % 50, "nickname": "somebody", "card": "", "role": "member"},
    }


@dataclass
class Program:
    """A running program, and the connection of a OneBot implementation to it, which acknowledges all that it is asked.

    It listens on `port`. `history` are the messages that the group is said to have had, oldest first; `calls` what was
    asked, and when.
    """

    pid: int
    socket: ClientConnection
    account: int
    history: Sequence[Json] = ()
    port: int = 0
    asked_at: float = field(default_factory=time.perf_counter)
    calls: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    _waiting: dict[int, asyncio.Future[float]] = field(default_factory=dict[int, asyncio.Future[float]])

    async def serve(self) -> None:
        """Answer what the program asks, until the connection ends."""
        async for line in self.socket:
            request: Json = json.loads(line)
            self.asked_at = time.perf_counter()
            answer = {"status": "ok", "retcode": 0, "data": self._data(request), "echo": request["echo"]}
            await self.socket.send(json.dumps(answer))
            message = request["params"].get("message")
            if message and message[0]["type"] == "reply":
                answered = self._waiting.pop(int(message[0]["data"]["id"]), None)
                if answered is not None and not answered.done():
                    answered.set_result(self.asked_at)

    def _data(self, request: Json) -> Json:
        self.calls.append((request["action"], self.asked_at))
        if request["action"] != "get_group_msg_history":
            return {"message_id": next(_ids)}
        before = request["params"].get("message_id")
        ids = [each["message_id"] for each in self.history]
        end = ids.index(before) + 1 if before in ids else len(ids)
        return {"messages": list(self.history[max(0, end - request["params"]["count"]) : end])}

    async def say(self, text: str, group: int = GROUP) -> asyncio.Future[float]:
        """Send a message; the future has the moment at which it is answered."""
        said = event(text, group, self.account)
        answered = self._waiting[said["message_id"]] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps(said))
        return answered

    async def ask(self, text: str, group: int = GROUP) -> float:
        """The milliseconds from a message to its answer."""
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            return (await (await self.say(text, group)) - began) * 1000

    async def one_by_one(self, texts: Sequence[str], groups: Sequence[int] = (GROUP,)) -> float:
        """The median milliseconds from a message to its answer, each sent when the last is answered."""
        return statistics.median(
            [await self.ask(text, groups[number % len(groups)]) for number, text in enumerate(texts)]
        )

    async def many_at_once(self, texts: Sequence[str], groups: Sequence[int] = (GROUP,)) -> tuple[float, float]:
        """Answers a second with `IN_FLIGHT` messages on their way, and the 99th percentile of their milliseconds."""
        times: list[float] = []
        free = asyncio.Semaphore(IN_FLIGHT)

        async def sent(text: str, group: int) -> None:
            try:
                times.append(await self.ask(text, group))
            finally:
                free.release()

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, text in enumerate(texts):
                await free.acquire()
                tasks.create_task(sent(text, groups[number % len(groups)]))
        return len(texts) / (time.perf_counter() - began), statistics.quantiles(times, n=100)[98]

    async def quiet(self, seconds: float = 1) -> None:
        """Wait until the program has asked nothing for so long: a new one reads the history first."""
        asked = -1
        while asked < len(self.calls):
            asked = len(self.calls)
            await asyncio.sleep(seconds)

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far (source: proc(5), stat)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        return memory_of(self.pid)


def memory_of(pid: int) -> float:
    """Megabytes in memory (source: proc(5), VmRSS)."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def running(
    command: Sequence[str],
    folder: Path,
    groups: Sequence[int] = (GROUP,),
    account: int = ACCOUNT,
    *,
    history: Sequence[Json] = (),
    patience: float = 1,
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[Program]:
    """Run a Python program with its data in `folder`, connected, and quiet for `patience` seconds."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env=_environment(folder, port, groups) | dict(environment or {}),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(port)
        token = (environment or {}).get("ONEBOT_ACCESS_TOKEN")
        headers = {"X-Self-ID": str(account)} | ({"Authorization": f"Bearer {token}"} if token else {})
        async with connect(f"ws://127.0.0.1:{port}/onebot/v11/ws", additional_headers=headers) as connection:
            program = Program(process.pid, connection, account, history, port)
            serving = asyncio.create_task(program.serve())
            await program.quiet(patience)
            yield program
            serving.cancel()
    finally:
        process.terminate()
        await process.wait()


async def time_to_listen(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds until a program listens, and the megabytes that it has in memory then."""
    port = free_port()
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env=_environment(folder, port, (GROUP,)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(port)
        seconds = time.perf_counter() - began
        await asyncio.sleep(0.5)
        return seconds, memory_of(process.pid)
    finally:
        process.terminate()
        await process.wait()


def _environment(folder: Path, port: int, groups: Sequence[int]) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    series = folder / "series.toml"
    flood = BUILT_IN.read_text("utf-8").replace("links = 30", "links = 0")  # it is welcome here
    flood = flood.replace("each = 60, within = 120, talk = 300", f"each = {MANY}, within = {MANY}, talk = {MANY}", 1)
    series.write_text(flood.replace("each = 8\ngroup = 30", f"each = {MANY}\ngroup = {MANY}"), "utf-8")
    ours = {"PORT": str(port), "DATA_DIR": str(folder), "TALK_GROUPS": json.dumps(list(groups))}
    return {**os.environ, **ours, "LOG_LEVEL": "WARNING", "FETCH_PORTS": "[]", "TALK_FILE": str(series)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listening(port: int) -> None:
    for _ in range(6000):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.005)
        else:
            writer.close()
            return
    raise TimeoutError(f"nothing listens on port {port}")
