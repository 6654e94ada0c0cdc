"""`python -m bench`: a `/news <link> <words>` that is stored and answered, against a bare echo with nothing stored.

Both run as processes and are asked over the real WebSocket in turns; what counts is the ratio within a run.
Then searches among 100,000 items, against SQLite looking at every title with LIKE.
"""

import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from bench import picture, search, worst
from plugins._talk.series_file import BUILT_IN

ROOT = Path(__file__).parents[1]
ROUNDS, MESSAGES, IN_FLIGHT = 5, 400, 50
MANY = 1_000_000
_ids = count(int(time.time() * 1000))


def event(text: str) -> str:
    number = next(_ids)
    return json.dumps(
        {
            "time": int(time.time()),
            "self_id": 1,
            "post_type": "message",
            "message_type": "group",
            "sub_type": "normal",
            "message_id": number,
            "group_id": 100,
            "user_id": 10_000 + number % 50,
            "raw_message": text,
            "font": 0,
            "message": [{"type": "text", "data": {"text": text}}],
            "sender": {"user_id": 10_000, "nickname": "somebody", "card": "", "role": "member"},
        }
    )


async def answered(socket: ClientConnection) -> None:
    """Take one answer of the bot and acknowledge it."""
    request = json.loads(await socket.recv())
    await socket.send(json.dumps({"status": "ok", "retcode": 0, "data": {"message_id": 1}, "echo": request["echo"]}))


async def one_by_one(socket: ClientConnection, messages: int) -> float:
    """The median milliseconds from a message to its answer."""
    times: list[float] = []
    for _ in range(messages):
        began = time.perf_counter()
        await socket.send(event(f"/news https://bench.example/{next(_ids)} 好文"))
        await answered(socket)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def many_at_once(socket: ClientConnection, messages: int) -> float:
    """Answers a second with `IN_FLIGHT` messages on their way."""
    began = time.perf_counter()
    for number in range(messages + IN_FLIGHT):
        if number < messages:
            await socket.send(event(f"/news https://bench.example/{next(_ids)} 好文"))
        if number >= IN_FLIGHT:
            await answered(socket)
    return messages / (time.perf_counter() - began)


@asynccontextmanager
async def running(script: Path, folder: str) -> AsyncGenerator[ClientConnection]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    series = Path(folder) / "series.toml"
    flood = BUILT_IN.read_text("utf-8").replace("links = 30", "links = 0")  # it is welcome here
    flood = flood.replace(
        "items = { each = 60, within = 120, talk = 300 }", f"items = {{ each = {MANY}, talk = {MANY} }}"
    )
    series.write_text(flood.replace("items = {", f"items = {{ within = {MANY},", 1), "utf-8")
    ours = {"PORT": str(port), "DATA_DIR": folder, "TALK_GROUPS": "[100]", "LOG_LEVEL": "WARNING", "FETCH_PORTS": "[]"}
    environment = {**os.environ, **ours, "TALK_FILE": str(series)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), cwd=folder, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                headers = {"X-Self-ID": "1"}
                connection = await connect(f"ws://127.0.0.1:{port}/onebot/v11/ws", additional_headers=headers)
                break
            except OSError:
                await asyncio.sleep(0.1)
        else:
            raise TimeoutError(f"{script} does not listen")
        async with connection:
            with suppress(TimeoutError):  # a bot that has just come reads the history first
                while True:
                    await asyncio.wait_for(answered(connection), 1)
            yield connection
    finally:
        process.terminate()
        await process.wait()


async def main() -> None:
    ratios: dict[str, list[float]] = {"rate at 50 in flight": [], "median time at 1 in flight": []}
    with tempfile.TemporaryDirectory() as folder:
        async with running(ROOT / "bench" / "floor.py", folder) as floor, running(ROOT / "bot.py", folder) as bot:
            for turn in range(ROUNDS + 1):
                rates = [await many_at_once(each, MESSAGES) for each in (floor, bot)]
                times = [await one_by_one(each, MESSAGES // 4) for each in (floor, bot)]
                if turn:  # the first round warms up
                    ratios["rate at 50 in flight"].append(rates[1] / rates[0])
                    ratios["median time at 1 in flight"].append(times[1] / times[0])
                print(f"floor {rates[0]:6.0f}/s {times[0]:.2f} ms   bot {rates[1]:6.0f}/s {times[1]:.2f} ms")
    for name, values in ratios.items():
        print(f"{name}: {statistics.median(values):.2f} of the floor's ({min(values):.2f}–{max(values):.2f})")
    search.compare()
    await picture.compare()
    worst.compare()


if __name__ == "__main__":
    asyncio.run(main())
