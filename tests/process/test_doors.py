"""What may come in over the network, and what a log gives away."""

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.people import BOT, GROUP, LINXI
from tests.process.bot_process import BOT_PY, BotProcess, connected, free_port, make_group

TOKEN = "a long/random+word"  # noqa: S105 nobody's
SELF = {"X-Self-ID": str(BOT.user_id)}
PUBLIC = {"TALK_GROUPS": f"[{GROUP}]", "ONEBOT_ACCESS_TOKEN": TOKEN, "PUBLIC_URL": "https://talk.example.org"}

# Every route that is open, and to whom.
SOCKETS = {
    "WS /onebot/v11/": "who has the token",
    "WS /onebot/v11/ws": "who has the token",
    "WS /onebot/v11/ws/": "who has the token",
}
LISTS = (
    "/talks",
    "/talks/{number}",
    "/talks/{number}/minutes",
    "/search",
    "/sections/{key}",
    "/people",
    "/people/{code}",
)
FORMS = [*(f"{path}{form}" for path in (*LISTS, "/stats", "/help", "/live") for form in ("", ".json", ".md"))]
FILES = ("/talks/{number}.png", "/talks/{number}/minutes/rich.html", "/pictures/{name}", "/stats/items.svg")
FEEDS = (
    "/stats/sites.svg",
    "/stats/minutes.svg",
    "/calendar.ics",
    "/feed.atom",
    "/links.atom",
    "/sitemap.xml",
    "/robots.txt",
    "/openapi.json",
)
PAGES = {
    f"GET {path}": "everybody, where PUBLIC_URL is set; this machine's browser, in the sandbox"
    for path in ("/", "/index.json", "/index.md", *FORMS, *FILES, *FEEDS, "/live/events", "/openapi.json")
} | {"WS /static": "everybody, as the pages"}
HEALTH = {
    "GET /health": "everybody; the details for this machine, or with the token",
    "GET /metrics": "this machine, with the token",
}
SANDBOX = {
    "GET /sandbox": "this machine's browser",
    "GET /sandbox/style.css": "this machine's browser",
    "GET /sandbox/app.js": "this machine's browser",
    "GET /sandbox/files/{index}": "this machine's browser",
    "WS /sandbox/ws": "this machine's browser",
}
WALK = """
import nonebot, pathlib
from plugins._chat.service import current_service
from plugins._operations.reading import read_all
from plugins._operations.starting import build
build(*read_all(pathlib.Path.cwd()))
routes = [*nonebot.get_app().routes]
if current_service().site:
    from plugins.web.application import application
    routes += application().app.routes
for route in routes:
    for method in sorted(getattr(route, "methods", None) or ["WS"]):
        print("route", method, route.path)
"""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TALK_GROUPS": f"[{GROUP}]"}, SOCKETS | HEALTH),
        (PUBLIC, SOCKETS | HEALTH | PAGES),
        ({"SANDBOX": "true"}, SOCKETS | HEALTH | SANDBOX | PAGES),
    ],
    ids=["groups", "public", "sandbox"],
)
async def test_every_open_route_is_named(tmp_path: Path, environment: dict[str, str], expected: dict[str, str]) -> None:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(BOT_PY.parent), "PORT": str(free_port()), **environment}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WALK, cwd=tmp_path, env=kept, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    lines = [line.removeprefix("route ") for line in printed.decode().splitlines() if line.startswith("route ")]
    assert sorted(each for each in lines if not each.startswith("HEAD ")) == sorted(expected)


async def test_only_the_reverse_socket_with_its_token_takes_events(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, **PUBLIC, LOG_LEVEL="DEBUG")
    await bot.start()
    await bot.listens()
    await bot.prints("looked for what is due")  # the first talk is there
    forged = {"post_type": "message", "message_type": "group", "group_id": GROUP, "sender": {"role": "owner"}}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        for path in ("/onebot/v11/", "/onebot/v11/http", "/onebot/v11/http/", "/onebot/v11", "/onebot/v11/ws"):
            answer = await client.post(path, json=forged, headers=SELF)
            assert answer.status_code in (404, 405, 307), path
        assert (await client.post("/onebot/v11/", content=b"x" * 1_000_000, headers=SELF)).status_code == 413
        assert (await client.get("/talks/000")).status_code == 200
        for name, value in (("Host", "evil.example"), ("Origin", "null"), ("Origin", "https://evil.example")):
            assert (await client.get("/talks/000", headers={name: value})).status_code == 403
        for name, value in (("Host", "talk.example.org"), ("Origin", "https://talk.example.org")):
            assert (await client.get("/talks/000", headers={name: value})).status_code == 200
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}", "Origin": "null"}):
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            async with connect(bot.url, additional_headers={**SELF, **headers}) as socket:
                await socket.recv()
    group = make_group()
    async with connected(group, bot, TOKEN) as line:  # the real account is not locked out
        assert "投稿到本周新闻" in (await line.asks(LINXI, "/help"))[0]
    await bot.stop()


async def test_a_body_without_a_length_is_cut_off(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, **PUBLIC)
    await bot.start()
    await bot.listens()

    async def endless():
        for _ in range(64):
            yield b"x" * 65_536

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        answer = await client.post("/onebot/v11/", content=endless(), headers=SELF)
    assert answer.status_code in (404, 405)
    await bot.stop()


async def test_no_secret_stands_in_the_log_at_any_level(tmp_path: Path) -> None:
    secret = "tr0ub4dor"  # noqa: S105 nobody's
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]", ONEBOT_ACCESS_TOKEN=TOKEN, LOG_LEVEL="TRACE")
    await bot.start()
    await bot.listens()
    group = make_group()
    for address in (f"{bot.url}?access_token=a%20long%2Frandom%2Bword", bot.url):
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            async with connect(address, additional_headers=SELF) as socket:
                await socket.recv()
    async with connected(group, bot, TOKEN):
        await bot.prints("connected")
    await bot.stop()
    assert TOKEN not in bot.output
    assert "a%20long%2Frandom%2Bword" not in bot.output
    assert "***" in bot.output
    other = BotProcess(
        tmp_path,
        TALK_GROUPS=f"[{GROUP}]",
        LOG_LEVEL="TRACE",
        DATABASE_URL=f"postgresql://bot:{secret}@127.0.0.1:1/talk",
    )
    await other.start()
    _, printed = await other.ends()
    assert secret not in printed
