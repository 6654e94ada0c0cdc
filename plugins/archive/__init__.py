"""A talk's page on the web, where the operator has given the bot a public address."""

import asyncio
from typing import Annotated

import nonebot
from fastapi import FastAPI, HTTPException, Path
from fastapi.responses import HTMLResponse
from nonebot.plugin import PluginMetadata

from db.engine import Unavailable
from plugins._chat.service import service
from plugins._talk.agenda import compile_agenda
from plugins._talk.render.page import page

__plugin_meta__ = PluginMetadata(name="网页", description="每期一个网页", usage="PUBLIC_URL 设好后 /talks/004")

MOST = 100_000  # a greater number is no talk's
# Nothing on the page may load or run anything, whatever its texts say.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "max-age=60",
}


async def talk(number: Annotated[int, Path(ge=0, le=MOST)]) -> HTMLResponse:
    """A talk's agenda as it stands now."""
    here = service()
    try:
        agenda = await here.db.read(compile_agenda, here.series, number)
    except (LookupError, Unavailable):
        raise HTTPException(404) from None
    return HTMLResponse(await asyncio.to_thread(page, agenda), headers=HEADERS)


def open_pages() -> None:
    """Serve the pages, if they are meant to be seen."""
    app: FastAPI = nonebot.get_app()
    app.get("/talks/{number}", include_in_schema=False)(talk)


if service().public_url:
    open_pages()
