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


@browser_needed
async def test_the_week_is_played_at_the_press_of_a_button(page: Page) -> None:
    await page.locator("#controls summary").click()
    before = await page.locator("#now").text_content()
    await page.locator("#speed").select_option("30")
    await page.locator("#play").click()
    await expect(page.locator("#play")).to_have_text("停下")
    await expect(page.locator("article.message .bubble", has_text="陈丹琦").first).to_be_visible(timeout=20_000)
    await page.locator("#play").click()
    await expect(page.locator("#play")).to_have_text("播放一周")
    assert await page.locator("#now").text_content() != before


@browser_needed
async def test_the_clock_is_set_forward_to_what_the_week_has(page: Page) -> None:
    await page.locator("#controls summary").click()
    for words in ("还缺", "还缺", "【OpenLLM Talk 000】"):  # the call, the gaps, the agenda
        said = await page.locator("article.message").count()
        await page.locator("#ahead").click()
        await expect(page.locator("article.message").nth(said)).to_contain_text(words, timeout=20_000)
    await expect(page.locator("#now")).to_contain_text("20:30")
    await page.locator("#later").click()
    await expect(page.locator("#now")).to_contain_text("20:40")
    await expect(page.locator("article.private")).to_contain_text("只告诉主持人", timeout=20_000)
    await expect(page.locator("article.private .who")).to_contain_text("私聊 小满")


@browser_needed
async def test_messages_are_passed_on_as_one(page: Page) -> None:
    await _says(page, "看看这个 https://arxiv.org/abs/2306.17806", "算法-林溪")
    await _says(page, "还有 https://zhuanlan.zhihu.com/p/642689988", "后端-阿凯")
    await page.locator("#controls summary").click()
    await page.locator("#select").click()
    for place in (-2, -1):
        await page.locator("article.message").nth(place).get_by_role("button", name="选上").click()
    await page.locator("#select").click()
    await expect(page.locator(".forward small").first).to_contain_text("算法-林溪：看看这个")
    await page.locator("article.message").last.get_by_role("button", name="回复").click()
    await _says(page, "/新闻", "Momo")
    await expect(_last(page)).to_contain_text("#1 #2 已收录")


@browser_needed
async def test_other_implementations_and_their_failures(page: Page, bot: BotProcess) -> None:
    await page.locator("#controls summary").click()
    await page.locator("#dialect").select_option("Lagrange")
    await expect(page.locator("#dialect")).to_have_value("Lagrange")
    await bot.prints("Bot 100000001 connected", times=2)
    await _says(page, "/议程", "小满（主持人）")
    await expect(page.locator(".file")).to_contain_text("OpenLLM-Talk-000", timeout=20_000)  # handed over by its path
    for trouble in ("REJECTED", "MUTED", "OFFLINE"):
        await page.locator("#trouble").select_option(trouble)
        said = await page.locator("article.message").count()
        await _says(page, f"/帮助 {trouble.casefold()}", "算法-林溪")
        await expect(page.locator("article.message")).to_have_count(said + 1)
    await page.locator("#trouble").select_option("NONE")
    await _says(page, "/帮助", "Momo")
    await expect(_last(page)).to_contain_text("三件事")


async def test_the_sandbox_is_for_this_machine_alone(tmp_path: Path) -> None:
    public = {"PUBLIC_URL": "https://talk.example.org", "ONEBOT_ACCESS_TOKEN": "a long word"}
    bot = BotProcess(tmp_path, SANDBOX="true", **public)
    await bot.start()
    await bot.listens()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        assert (await client.get("/sandbox")).status_code == 200
        for headers in (
            {"Host": "talk.example.org"},
            {"Origin": "https://talk.example.org"},
            {"X-Forwarded-For": "203.0.113.7"},
            {"Host": "evil.example"},
        ):
            for path in ("/sandbox", "/sandbox/app.js", "/sandbox/files/0"):
                assert (await client.get(path, headers=headers)).status_code == 403, (path, headers)
        assert (await client.get("/talks", headers={"Host": "talk.example.org"})).status_code == 200
    for headers in ({"X-Forwarded-For": "203.0.113.7"}, {"Origin": "https://talk.example.org"}):
        with pytest.raises(InvalidStatus):
            async with connect(f"ws://127.0.0.1:{bot.port}/sandbox/ws", additional_headers=headers):
                pass
    await bot.stop()
