"""A QQ group in the browser: /sandbox simulates its members and, over the reverse WebSocket, OneBot."""

import asyncio
import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import nonebot
from fastapi import FastAPI, HTTPException, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse
from nonebot.adapters import Bot
from nonebot.plugin import PluginMetadata

from db.queries import chats, talks
from plugins._chat.config import SANDBOX_GROUP, in_url
from plugins._chat.presence.timekeeping import Timekeeping
from plugins._chat.service import current_service
from plugins.sandbox.clock import SandboxClock
from plugins.sandbox.stage import BOT, Stage

__plugin_meta__ = PluginMetadata(name="沙盒", description="在浏览器里试用机器人", usage="SANDBOX=true，打开 /sandbox")

WEB = Path(__file__).with_name("web")
PAGES = {"": "index.html", "/style.css": "style.css", "/app.js": "app.js"}
MAX_FRAME = 16_000_000  # characters: a picture of 10 MB as base64
driver = nonebot.get_driver()
app: FastAPI = nonebot.get_app()
host = str(driver.config.host)
here = in_url(host, driver.config.port)
clock = SandboxClock()
service = current_service()
service.clock, service.monotonic = clock.now, clock.elapsed
service.timekeeping = Timekeeping(clock.now, clock.elapsed)


async def next_talk() -> datetime | None:
    """When the talk is that is on, or comes."""
    coming = await service.db.read(talks.unfinished)
    return coming[0].scheduled_at if coming else None


stage = Stage(f"http://{here}/sandbox", service.series, clock, next_talk, lambda: service.wake())
service.pictures.trusted.add(here)


def _serve_page(path: str, file: str) -> None:
    async def page() -> FileResponse:
        return FileResponse(WEB / file, headers={"Cache-Control": "no-cache"})

    app.get(f"/sandbox{path}", include_in_schema=False)(page)


for path, file in PAGES.items():
    _serve_page(path, file)


@app.get("/sandbox/files/{index}", include_in_schema=False)
async def group_file(index: int) -> Response:
    """Serve a file of the group, or a picture sent to it, as a download."""
    stored = stage.stored(index)
    if stored is None:
        raise HTTPException(404)
    kind = "image/png" if stored.name.endswith(".png") else "application/octet-stream"
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return Response(stored.body, media_type=kind, headers=headers)


@app.websocket("/sandbox/ws")
async def browser(socket: WebSocket) -> None:
    """Serve one browser: send it the group's state and changes, and carry out its actions."""
    await socket.accept()
    changes: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    stage.watchers.add(changes)
    show = asyncio.create_task(_show(socket, changes))
    try:
        while True:
            frame = await socket.receive_text()
            with suppress(
                ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError
            ):  # malformed
                if len(frame) <= MAX_FRAME:
                    await stage.act(json.loads(frame))
    except WebSocketDisconnect:
        pass
    finally:
        stage.watchers.discard(changes)
        show.cancel()


async def _show(socket: WebSocket, changes: asyncio.Queue[dict[str, Any]]) -> None:
    await socket.send_json(stage.everything())
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.send_json(await changes.get())


@driver.on_startup
async def open_stage() -> None:
    """Go on at the time at which the group was left, and connect."""
    mark = await service.db.read(chats.mark, SANDBOX_GROUP)
    if mark is not None and clock.forward_to(mark.said_at):
        service.timekeeping = Timekeeping(clock.now, clock.elapsed)
    token = getattr(driver.config, "onebot_access_token", None)
    stage.open(f"ws://{here}/onebot/v11/ws", token)


driver.on_shutdown(stage.close)


@driver.on_bot_connect
async def curtain(bot: Bot) -> None:
    if bot.self_id == str(BOT.user_id):
        await stage.opening()
