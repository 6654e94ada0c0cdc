"""The pictures of the README, out of the week that the sandbox plays: `python -m tests.process.sandbox_pictures docs`.

docs/sandbox.png, docs/pictures/{talk,stage}.png, and, where ffmpeg is installed, docs/week.webp, a short recording.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from websockets.asyncio.client import connect

from tests.process.bot_process import BotProcess
from tests.process.test_sandbox import CHROMIUM, FLAGS, PHONE

SIZE: ViewportSize = {"width": 1100, "height": 820}
SCREEN: ViewportSize = {"width": 1280, "height": 720}
SPEED, FRAMES, EVERY = 6, 110, 0.35  # of the show, and the recording: frames, and seconds between two
A_SECOND = 6  # frames of the recording, when it is played
AGENDA = "OpenLLM Talk 004 议程"


async def draw(folder: Path) -> None:
    """Play the week, and look at it."""
    with tempfile.TemporaryDirectory() as empty:
        bot = BotProcess(Path(empty), SANDBOX="true", TALK_FIRST_NUMBER="4")
        await bot.start()
        await bot.listens()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            await _week(browser, bot, folder, Path(empty))
            await browser.close()
        await bot.stop()


async def _week(browser: Browser, bot: BotProcess, folder: Path, frames: Path) -> None:
    address = f"http://127.0.0.1:{bot.port}"
    page = await browser.new_page(viewport=SIZE)
    await page.goto(f"{address}/sandbox")
    await expect(page.locator("article.message .bubble").last).to_contain_text("就是你啦")
    screen = await browser.new_page(viewport=SCREEN, color_scheme="dark")
    async with connect(f"ws://127.0.0.1:{bot.port}/sandbox/ws", max_size=None) as socket:
        await socket.send(json.dumps({"as": 10007, "do": "play", "speed": SPEED}))
        recording = asyncio.create_task(_record(page, frames))
        await expect(page.locator("article.message .bubble", has_text="#4 已收录").first).to_be_visible(timeout=60_000)
        await page.screenshot(path=folder / "sandbox.png")
        await screen.goto(f"{address}/live")
        await expect(screen.locator(".section", has_text="本周经典")).to_be_visible(timeout=240_000)
        await expect(screen.locator(".items li")).not_to_have_count(0, timeout=60_000)
        await screen.screenshot(path=folder / "pictures" / "stage.png")
        await recording
    await asyncio.to_thread(_join, frames, folder / "week.webp")
    phone = await browser.new_page(viewport=PHONE)
    await phone.goto(f"{address}/talks/004")
    await phone.screenshot(path=folder / "pictures" / "talk.png")


async def _record(page: Page, frames: Path) -> None:
    """A frame every now and then, from the first message to the agenda."""
    for number in range(FRAMES):
        await page.screenshot(path=frames / f"{number:04d}.png")
        if await page.locator("article.message", has_text=AGENDA).count():
            break
        await asyncio.sleep(EVERY)


def _join(frames: Path, target: Path) -> None:
    import subprocess

    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        print("no ffmpeg on this machine: no recording")  # noqa: T201
        return
    sizes = ["-vf", "scale=640:-1", "-loop", "0", "-c:v", "libwebp_anim", "-quality", "60"]
    command = [ffmpeg, "-y", "-loglevel", "error", "-framerate", str(A_SECOND), "-i", str(frames / "%04d.png"), *sizes]
    subprocess.run([*command, str(target)], check=True)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
