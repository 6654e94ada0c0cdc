"""The public pages: every talk to read, search and subscribe to, and the evening on a screen. Read-only."""

import asyncio
from typing import cast

import nonebot
from fastapi import FastAPI
from nonebot.plugin import PluginMetadata
from starlette.types import ASGIApp, Receive, Scope, Send

from plugins._chat.service import Service, current_service

__plugin_meta__ = PluginMetadata(name="网页", description="各期的议程、纪要和搜索", usage="PUBLIC_URL 设好后打开它")


class OnDemand:
    """The pages as an ASGI application that is loaded for the first request: many bots never get one."""

    def __init__(self) -> None:
        self._pages: ASGIApp | None = None
        self._service: Service | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what is no request is turned down."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        await (await self._loaded())(scope, receive, send)

    async def _loaded(self) -> ASGIApp:
        async with self._loading:  # many may come at once
            if self._pages is None or self._service is not current_service():
                self._pages, self._service = await asyncio.to_thread(_load), current_service()
            return self._pages


def _load() -> ASGIApp:
    from plugins.web.application import application

    return application()


def open_pages() -> None:
    """Serve the pages where nothing else is: behind all other addresses of this server."""
    app = cast(FastAPI, nonebot.get_app())
    app.mount("", OnDemand())


if current_service().site:
    nonebot.get_driver().on_startup(open_pages)
