"""docs/sandbox.png: `python -m tests.process.sandbox_pictures docs` draws them in Chromium."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.process.bot_process import BotProcess
from tests.process.test_sandbox import CHROMIUM, FLAGS

SIZE: ViewportSize = {"width": 1100, "height": 820}
SAID = (
    ("算法-林溪", "/新闻 学术 https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上", "已收录"),
    ("路过的研究生 🌱", "https://github.com/zjunlp/EasyEdit 知识编辑上手 /推荐", "已收录"),
    ("后端-阿凯", "/提问 显存不够的时候先试什么？", "记下了"),
)


async def _says(page: Page, who: str, words: str, answer: str) -> None:
    option = page.locator("#person option").filter(has_text=who)
    await page.locator("#person").select_option(await option.first.get_attribute("value"))
    await page.locator("#text").fill(words)
    await page.keyboard.press("Enter")
    await expect(page.locator("article.message .bubble").last).to_contain_text(answer)


async def draw(folder: Path) -> None:
    """Play a few minutes, and look at them."""
    with tempfile.TemporaryDirectory() as empty:
        bot = BotProcess(Path(empty), SANDBOX="true", TALK_FIRST_NUMBER="4")
        await bot.start()
        await bot.listens()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page(viewport=SIZE)
            await page.goto(f"http://127.0.0.1:{bot.port}/sandbox")
            await expect(page.locator("article.message .bubble").last).to_contain_text("就是你啦")
            for said in SAID:
                await _says(page, *said)
            await page.locator("article.message").last.scroll_into_view_if_needed()
            await page.screenshot(path=folder / "sandbox.png")
            await browser.close()
        await bot.stop()


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
