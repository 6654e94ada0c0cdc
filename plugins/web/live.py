"""The stage at /live: a page, and a stream of events that all screens share."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass

import segno
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from markupsafe import Markup

from db.engine import Unavailable
from plugins._talk.documents.stage import Stage, stage
from plugins._talk.render.data import document_json
from plugins._talk.render.page import Head, markdown_page, template
from plugins.web.face import network_of
from plugins.web.site import Shown, Web, with_forms

LOOK = 0.5  # seconds between looks at whether something changed, while anybody watches
BEAT = 20.0  # seconds between signs of life, so that no proxy takes the connection for dead
MOST, MOST_EACH = 2_000, 60  # viewers, and those from one address (a class in one network)


@dataclass(frozen=True)
class Frame:
    """An event as it goes over the wire."""

    body: bytes


class Live:
    """The viewers of the stage, and the one task that looks for changes while there are any."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self._viewers: dict[asyncio.Queue[Frame], str] = {}
        self._watching: asyncio.Task[None] | None = None
        self._shown: str | None = None
        self._version = -1
        self._frame = Frame(b"")

    def register(self) -> None:
        """Serve the page and its events."""
        self.web.page("/live", self.page)
        self.web.app.add_api_route(
            "/live/events", self.events, methods=["GET"], response_class=StreamingResponse, summary=self.events.__doc__
        )

    def page(self) -> Shown:
        """What is on now, until when, and what comes next."""
        now, series = self.web.service.now(), self.web.service.series
        return Shown(
            template="live",
            compiled=lambda connection: stage(connection, series),
            head=lambda _: with_forms(Head(title="现场", description="正在讲什么，还有多久", path="/live")),
            markdown=lambda it: markdown_page(self.web.site, "live", "现场", it),
            data=document_json,
            more=lambda it: {"fragment": Markup(self._written(it)), "now": now},  # noqa: S704 the template's own
        )

    async def events(self, request: Request) -> Response:
        """The stage as server-sent events: the changed part of the page whenever it changes."""
        address = network_of(request.client.host if request.client else "?")
        if len(self._viewers) >= MOST or Counter(self._viewers.values())[address] >= MOST_EACH:
            return PlainTextResponse("看的人太多了", 503, headers={"Retry-After": "10"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(address), media_type="text/event-stream", headers=headers)

    async def _stream(self, address: str) -> AsyncGenerator[bytes]:
        queue: asyncio.Queue[Frame] = asyncio.Queue()
        self._viewers[queue] = address
        try:
            await self._look()
            yield b"retry: 1000\n\n" + self._frame.body
            if self._watching is None or self._watching.done():
                self._watching = asyncio.create_task(self._watch())
            while True:
                try:
                    frame = await asyncio.wait_for(queue.get(), BEAT)
                    yield frame.body
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._viewers.pop(queue, None)

    async def _watch(self) -> None:
        while self._viewers:
            await asyncio.sleep(LOOK)
            if await self._look():
                for queue in self._viewers:
                    queue.put_nowait(self._frame)

    async def _look(self) -> bool:
        """Whether the stage has changed; the frame is then the new one."""
        db = self.web.service.db
        if db.version == self._version and not db.shared and self._frame.body:
            return False
        version = db.version
        with suppress(Unavailable):
            found = await db.read(stage, self.web.service.series)
            html = self._written(found)
            self._version = version
            if html == self._shown:
                return False
            self._shown = html
            told = json.dumps({"now": self.web.service.now().isoformat(), "html": html}, ensure_ascii=False)
            self._frame = Frame(f"event: stage\ndata: {told}\n\n".encode())
            return True
        return False

    def _written(self, found: Stage | None) -> str:
        url = found.on.url if found and found.on else ""
        qr = Markup(segno.make(url, error="m").svg_inline(border=0, omitsize=True)) if url else None  # noqa: S704 drawn
        return str(template("stage.html").render(it=found, site=self.web.site, codes={}, qr=qr))
