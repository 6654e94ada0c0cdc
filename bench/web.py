"""The public pages: each in a small and a large database, `/news` beside readers, and the stage with many viewers."""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import nonebot

from bench.figures import Figure, compared
from bench.growth import SIZES, filled
from bench.processes import BOT, GROUP, Program, news, running
from db.opening import open_database
from plugins._chat.service import Service, open_service
from plugins._talk.series_file import load_series
from plugins._talk.usecases.desk import Rules

ROUNDS, TIMES = 7, 5
PUBLIC = {"PUBLIC_URL": "http://127.0.0.1", "ONEBOT_ACCESS_TOKEN": "measured"}
TALK = 5  # there in both databases
YEAR = 1980
PAGES = {
    "/": "/",
    "/talks": "/talks",
    "/talks/005": f"/talks/{TALK:03d}",
    "/talks/005/minutes": f"/talks/{TALK:03d}/minutes",
    "/search": "/search?q=量化",
    "/search, confined": f"/search?q=LoRA&section=news&year={YEAR}",
    "/sections/news": "/sections/news",
    "/people": f"/people?year={YEAR}",
    "/people/…": "",
    "/stats": f"/stats?year={YEAR}",
    "/calendar.ics": "/calendar.ics",
    "/links.atom": "/links.atom",
}
FULL = (200, 10_000)
FULL_PAGES = ("/search, confined", "/people", "/people/…", "/stats", "/calendar.ics")  # ten talks do not fill these
SLOWEST = 30  # milliseconds
READERS = 50  # requests a second
ALONE, TURNS = 60, 5
VIEWERS, SECONDS, EVERY = 500, 20, 5  # a question is asked every so many seconds


async def measure() -> list[Figure]:
    nonebot.init(driver="~fastapi", log_level="WARNING")  # the plugin of the pages asks for it
    return [*await _pages(), await _beside_readers(), await _viewers()]


async def _pages() -> list[Figure]:
    """Each page made anew every time, with nothing kept, in both databases in turns."""
    with TemporaryDirectory() as folder:
        sizes = {**SIZES, "full": FULL}
        few, many, full = (filled(Path(folder) / name, *size) for name, size in sizes.items())
        async with _site(few) as small, _site(many) as large, _site(full) as middle:
            figures = list[Figure]()
            slowest = ("", 0.0)
            for name, path in PAGES.items():
                one, against = (middle, "200 talks") if name in FULL_PAGES else (small, "10 talks")
                rounds = [(await large.milliseconds(path), await one.milliseconds(path)) for _ in range(ROUNDS + 1)][1:]
                slowest = max(slowest, (name, statistics.median(each[0] for each in rounds)), key=lambda each: each[1])
                what = f"page {name}, 2,000 talks and 100,000 items"
                figures.append(compared(name=what, against=against, rounds=rounds, unit="ms", reach=1.2))
    name = f"the slowest of these pages ({slowest[0]})"
    return [*figures, Figure(name=name, against="–", values=[slowest[1]], reach=SLOWEST, unit="ms")]


class _Site:
    """The pages over one database, in this process."""

    def __init__(self, service: Service) -> None:
        from plugins.web.pages import register
        from plugins.web.site import Web

        self._web = Web(service)
        register(self._web)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(self._web.app), base_url="http://127.0.0.1")
        self._person = ""

    async def milliseconds(self, path: str) -> float:
        """The median time of a page, or ("") of a member's."""
        if not path and not self._person:
            page = (await self._client.get(f"/people?year={YEAR}")).text
            self._person = f"/people/{page.partition('<b><a href=')[2].partition('/people/')[2][:10]}"
        times: list[float] = []
        for _ in range(TIMES):
            self._web.answers.forget()
            began = time.perf_counter()
            answer = await self._client.get(path or self._person)
            times.append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
        return statistics.median(times)


@asynccontextmanager
async def _site(folder: Path) -> AsyncGenerator[_Site]:
    database = open_database(f"sqlite:///{folder}/talk.db")
    service = Service(
        rules=Rules.of(load_series(), 0),
        db=database,
        groups=(GROUP,),
        bots=list,
        clock=lambda: datetime(YEAR, 6, 1, tzinfo=UTC),
        site="http://127.0.0.1",
    )
    open_service(service)
    yield _Site(service)
    database.close()


async def _beside_readers() -> Figure:
    """The median of `/news`, one at a time, while pages are read; and alone."""
    with TemporaryDirectory() as folder:
        async with running(BOT, Path(folder) / "bot", environment=PUBLIC) as bot:
            await bot.many_at_once([news() for _ in range(40)])
            rounds = list[tuple[float, float]]()
            for _ in range(TURNS + 1):
                alone = await bot.one_by_one([news() for _ in range(ALONE)])
                async with _readers(bot.port):
                    beside = await bot.one_by_one([news() for _ in range(ALONE)])
                rounds.append((beside, alone))
    name = f"/news beside {READERS} pages a second"
    return compared(name=name, against="alone", rounds=rounds[1:], unit="ms", reach=1.3)


@asynccontextmanager
async def _readers(port: int) -> AsyncGenerator[None]:
    """Readers of all pages, from many addresses, READERS requests a second."""
    paths = ("/", "/talks", "/talks/000", "/talks/000/minutes", "/search?q=好文", "/people", "/stats", "/help", "/live")
    tasks = set[asyncio.Task[object]]()

    async def read() -> None:
        number = 0
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            while True:
                number += 1
                headers = {"X-Forwarded-For": f"10.0.{number % 200}.1"}
                tasks.add(asyncio.create_task(client.get(paths[number % len(paths)], headers=headers)))
                await asyncio.sleep(1 / READERS)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.5)
    yield
    reading.cancel()
    await asyncio.gather(reading, *tasks, return_exceptions=True)


async def _viewers() -> Figure:
    """The share of a core that many viewers of the stage cost, while questions come in."""
    with TemporaryDirectory() as folder:
        async with running(BOT, Path(folder) / "bot", environment=PUBLIC) as bot:
            alone = await _share(bot)
            viewers = [asyncio.create_task(_view(bot.port, number)) for number in range(VIEWERS)]
            await asyncio.sleep(5)
            watched = await _share(bot)
            for each in viewers:
                each.cancel()
            seen = await asyncio.gather(*viewers, return_exceptions=True)
            if any(isinstance(each, OSError) for each in seen):
                raise RuntimeError("not all could look on")
    return Figure(
        name=f"{VIEWERS} viewers of the stage",
        against="–",
        values=[(watched - alone) * 100],
        reach=5,
        unit="% of a core",
        detail=f"a question every {EVERY} s; without viewers {alone * 100:.1f} %",
    )


async def _share(bot: Program) -> float:
    before, began = bot.cpu, time.perf_counter()
    for number in range(SECONDS // EVERY):
        await bot.ask(f"/ask 第 {time.perf_counter():.0f}-{number} 个问题？")
        await asyncio.sleep(EVERY)
    return (bot.cpu - before) / (time.perf_counter() - began)


async def _view(port: int, number: int) -> None:
    """Look on until it is over; raises OSError if the stage is not shown."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET /live/events HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.{number % 250}.0.1\r\n\r\n"
    writer.write(asked.encode())
    with suppress(asyncio.CancelledError):
        if b"200" not in await reader.readline():
            raise OSError("refused")
        while await reader.read(65_536):
            pass
        raise OSError("ended")
    writer.close()
