"""The sandbox in a real browser, as somebody on a phone uses it."""

import asyncio
import base64
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.process.bot_process import BotProcess

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE: ViewportSize = {"width": 390, "height": 844}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
browser_needed = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine: the sandbox page was not tried"
)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotProcess]:
    started = BotProcess(tmp_path, SANDBOX="true")
    await started.start()
    await started.listens()
    yield started
    await started.stop()
    assert "Traceback" not in started.output


@pytest.fixture
async def page(bot: BotProcess) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = await browser.new_page(viewport=PHONE, accept_downloads=True)
        problems: list[str] = []
        opened.on("pageerror", lambda error: problems.append(str(error)))
        await opened.goto(f"http://127.0.0.1:{bot.port}/sandbox")
        await expect(_last(opened)).to_contain_text("000 期的主持人就是你啦")
        yield opened
        await browser.close()
        assert problems == []


def _last(page: Page):
    return page.locator("article.message .bubble").last


async def _says(page: Page, words: str, who: str | None = None) -> None:
    if who:
        await page.locator("#person").select_option(label=who)
    await page.locator("#text").fill(words)
    await page.locator("#text").press("Enter")


@browser_needed
async def test_a_member_and_a_host_on_a_phone(page: Page) -> None:
    await _says(page, "/news https://arxiv.org/abs/2306.17806 <b>CFG</b> 用到了 LLM 上", "算法-林溪")
    await expect(_last(page)).to_contain_text("000 期本周新闻 #1 已收录：<b>CFG</b> 用到了 LLM 上")
    await _says(page, "@小助手 /我的")
    await expect(_last(page)).to_contain_text("你在 000 期有 1 条")

    await page.locator("#card").click()  # a link card, passed on by somebody else
    await page.locator("#cardDialog [name=url]").fill("https://zhuanlan.zhihu.com/p/642689988")
    await page.locator("#cardDialog [name=title]").fill("LongLLaMA 来了")
    await page.locator("#cardDialog button.main").click()
    await expect(page.locator(".plate strong").last).to_have_text("LongLLaMA 来了")
    await page.locator("article.message").last.get_by_role("button", name="回复").click()
    await _says(page, "/news", "后端-阿凯")
    await expect(_last(page)).to_contain_text("000 期本周新闻 #2 已收录：LongLLaMA 来了")

    await _says(page, "/议程", "小满（主持人）")
    await expect(_last(page)).to_contain_text("议程已发")
    await page.locator(".forward").click()
    nodes = page.locator("#nodes .bubble")
    await expect(nodes.first).to_contain_text("LongLLaMA 来了 —— 算法-林溪（后端-阿凯 转）")
    await expect(nodes.first.locator("a").first).to_have_attribute("href", "https://arxiv.org/abs/2306.17806")
    await page.locator("#forwardDialog button").click()
    async with page.expect_download() as download:
        await page.locator(".file").click()
    saved = await (await download.value).path()
    document = await asyncio.to_thread(saved.read_text, "utf-8")
    assert "# OpenLLM Talk 000" in document
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@browser_needed
async def test_a_picture_a_reply_and_a_recall(page: Page, bot: BotProcess) -> None:
    await _says(page, "/rec 量化到底怎么选", "算法-林溪")
    await expect(_last(page)).to_contain_text("#1 提名已记下")
    await page.locator("article.message").last.get_by_role("button", name="回复").click()
    await page.locator("#text").fill("/add")
    await page.locator("#file").set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": PIXEL})
    await expect(_last(page)).to_contain_text("#1 补充了 1 张图片")
    with closing(sqlite3.connect(bot.folder / "data" / "sandbox.db")) as database:
        assert database.execute("SELECT type, content FROM pictures").fetchall() == [("image/png", PIXEL)]
    await page.locator("article.own").last.get_by_role("button", name="撤回").click()
    await expect(page.locator(".recalled")).to_have_text("算法-林溪 撤回了一条消息")


async def test_another_sites_page_may_not_play_the_group(bot: BotProcess) -> None:
    url = f"ws://127.0.0.1:{bot.port}/sandbox/ws"
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{bot.port + 1}", "file://"):
        with pytest.raises(InvalidStatus):
            async with connect(url, origin=origin):  # pyright: ignore[reportArgumentType]
                pass
    with pytest.raises(InvalidStatus):
        async with connect(f"ws://evil.example:{bot.port}/sandbox/ws", host="127.0.0.1", port=bot.port):
            pass
    async with connect(url) as socket:
        assert "沙盒" in str(await socket.recv())
        for nonsense in ("", "[]", "{}", '{"as": "x"}', '{"as": 10004, "do": "say", "card": {}}'):
            await socket.send(nonsense)
        await socket.send('{"as": 10004, "do": "say", "text": "/help"}')
        async with asyncio.timeout(10):
            while "投稿到本周新闻" not in str(await socket.recv()):
                pass


async def test_files_are_served_as_files(bot: BotProcess) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        assert (await client.get("/sandbox")).headers["content-type"].startswith("text/html")
        for missing in ("/sandbox/files/9", "/sandbox/files/-9", "/sandbox/files/x", "/sandbox/nothing"):
            assert (await client.get(missing)).status_code in (404, 422)
