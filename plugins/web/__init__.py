"""Web pages of the talks, served if a public address is configured."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import nonebot
from fastapi import FastAPI, HTTPException, Path
from fastapi.responses import HTMLResponse, Response
from nonebot.plugin import PluginMetadata

from db.engine import Unavailable
from plugins._chat.service import current_service
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.documents.minutes import Minutes, compile_minutes
from plugins._talk.render.data import agenda_json, minutes_json
from plugins._talk.render.page import minutes_page, page

__plugin_meta__ = PluginMetadata(name="网页", description="每期的议程和纪要网页", usage="PUBLIC_URL 设好后 /talks/004")

MOST = 999_999_999  # highest talk number
# The page may not load or run anything, even if injected through its texts.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "max-age=60",
}


Number = Annotated[int, Path(ge=0, le=MOST)]
Picture = Annotated[str, Path(pattern=r"^[0-9a-f]{32}\.(png|jpg|gif|webp)$")]


@contextmanager
def _answering_errors() -> Generator[None]:
    """Map errors to 404 (not found) and 503 (database unavailable)."""
    try:
        yield
    except LookupError:
        raise HTTPException(404) from None
    except Unavailable:
        raise HTTPException(503, headers={"Retry-After": "60"}) from None


async def _agenda(number: int) -> Agenda:
    with _answering_errors():
        return await current_service().db.read(compile_agenda, current_service().series, number)


async def _minutes(number: int) -> Minutes:
    with _answering_errors():
        return await current_service().db.read(
            compile_minutes, current_service().series, number, current_service().now()
        )


async def talk(number: Number) -> HTMLResponse:
    """A talk's current agenda."""
    shown = await asyncio.to_thread(page, await _agenda(number))
    return HTMLResponse(shown.document, headers=HEADERS)


async def talk_data(number: Number) -> Response:
    """The same for programs."""
    shown = await asyncio.to_thread(agenda_json, await _agenda(number))
    return Response(shown.document, media_type="application/json", headers=HEADERS)


async def minutes(number: Number) -> HTMLResponse:
    """A talk's current minutes."""
    shown = await asyncio.to_thread(minutes_page, await _minutes(number), current_service().pictures_at or "")
    return HTMLResponse(shown.document, headers=HEADERS)


async def minutes_data(number: Number) -> Response:
    """The same for programs."""
    shown = await asyncio.to_thread(minutes_json, await _minutes(number))
    return Response(shown.document, media_type="application/json", headers=HEADERS)


async def picture(name: Picture) -> Response:
    """A member's picture; its name is a digest of its content, so it never changes."""
    with _answering_errors():
        kept = await current_service().pictures.read(name)
    if kept is None:
        raise HTTPException(404)
    forever = {**HEADERS, "Cache-Control": "max-age=31536000, immutable"}
    return Response(kept.content, media_type=kept.type, headers=forever)


def open_pages() -> None:
    """Serve the pages, if a public address is configured."""
    app: FastAPI = nonebot.get_app()
    for address, handler in (
        ("/talks/{number}.json", talk_data),
        ("/talks/{number}", talk),
        ("/talks/{number}/minutes.json", minutes_data),
        ("/talks/{number}/minutes", minutes),
        ("/pictures/{name}", picture),
    ):
        app.get(address, include_in_schema=False)(handler)


if current_service().public_url:
    open_pages()
