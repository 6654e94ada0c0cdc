"""The stage at /live: a page, and a stream of events that all screens share."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import suppress

import segno
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from markupsafe import Markup
from nonebot import logger
from sse_starlette import EventSourceResponse

from db.engine import Unavailable
from plugins._talk.documents.stage import Stage, stage
from plugins._talk.render.data import document_json
from plugins._talk.render.page import Head, markdown_page, template
from plugins.web.face import network_of
from plugins.web.site import Shown, Web, with_forms

LOOK = 0.5  # seconds between looks at whether something changed, while anybody watches
BEAT = 20  # seconds between signs of life, so that no proxy takes the connection for dead
STUCK = 30  # seconds after which a viewer that takes nothing is let go
LONGEST_QR = 500  # characters; longer addresses make a code that no camera reads from a screen
MOST, MOST_EACH = 2_000, 60  # viewers, and those from one address (a class in one network)


class Live:
    """The viewers of the stage, and the one task that looks for changes while there are any."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self._viewers: Counter[str] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._shown: str | None = None
        self._version = -1
        self._event = b""
        self._one_at_a_time = asyncio.Lock()

    def register(self) -> None:
        """Serve the page and its events."""
        self.web.page("/live", self.page)
        self.web.app.add_api_route(
            "/live/events",
            self.events,
            methods=["GET"],
            response_class=EventSourceResponse,
            summary=self.events.__doc__,
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
        if self._viewers.total() >= MOST or self._viewers[address] >= MOST_EACH:
            return PlainTextResponse("看的人太多了", 503, headers={"Retry-After": "10"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return EventSourceResponse(self._stream(address), headers=headers, ping=BEAT, send_timeout=STUCK)

    async def _stream(self, address: str) -> AsyncGenerator[bytes]:
        """What one viewer gets: the stage as it is, then whenever it changes. Who is slow misses what is over."""
        self._viewers[address] += 1
        try:
            await self._look()
            if self._watching is None or self._watching.done():
                self._watching = asyncio.create_task(self._watch())
            yield b"retry: 1000\n\n"
            while True:
                changed = self._changed
                yield self._event
                await changed.wait()
        finally:
            self._viewers[address] -= 1
            self._viewers += Counter()  # addresses that nobody looks from any more

    async def _watch(self) -> None:
        while self._viewers:
            await asyncio.sleep(LOOK)
            try:
                changes = await self._look()
            except Exception:  # one stage that cannot be shown does not end the evening
                logger.exception("the stage could not be shown")
                continue
            if changes:
                changed, self._changed = self._changed, asyncio.Event()
                changed.set()

    async def _look(self) -> bool:
        """Whether the stage has changed; the event is then the new one."""
        async with self._one_at_a_time:  # many may come at once, and one look is for all
            return await self._look_again()

    async def _look_again(self) -> bool:
        db = self.web.service.db
        if db.version == self._version and not db.shared:
            return False
        version = db.version
        with suppress(Unavailable):
            html = self._written(await db.read(stage, self.web.service.series))
            self._version = version
            if html == self._shown:
                return False
            self._shown = html
            told = json.dumps({"now": self.web.service.now().isoformat(), "html": html}, ensure_ascii=False)
            self._event = f"event: stage\ndata: {told}\n\n".encode()
            return True
        return False

    def _written(self, found: Stage | None) -> str:
        url = found.on.url if found and found.on and len(found.on.url) <= LONGEST_QR else ""
        qr = Markup(segno.make(url, error="m").svg_inline(border=0, omitsize=True)) if url else None  # noqa: S704 drawn
        return str(template("stage.html").render(it=found, site=self.web.site, codes={}, qr=qr))
