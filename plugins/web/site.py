"""The application that serves the public pages: what is under which address, in which forms."""

import asyncio
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from functools import wraps
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from db.engine import Connection, Unavailable
from db.queries import members, search
from plugins._chat.service import Service
from plugins._chat.version import VERSION
from plugins._talk.documents.leaves import leaves
from plugins._talk.render.page import Head, Site, page
from plugins.web.kept import Answers

STATIC = Path(__file__).with_name("static")
HTML, JSON, MARKDOWN = "text/html; charset=utf-8", "application/json", "text/markdown; charset=utf-8"
SUFFIXES = {JSON: ".json", MARKDOWN: ".md", HTML: ""}  # in this order: `/talks/{number}` would fit `004.json`


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page shows: its document, compiled in a reader thread, and how each of its forms is made of that.

    `template` is the HTML template, `head` what the page says of itself, given the document. `more` are further values
    for the template. `markdown` and `data` make the other forms. `fresh_index`: it looks items up in the search index.
    """

    template: str
    compiled: Callable[[Connection], Any]
    head: Callable[[Any], Head]
    markdown: Callable[[Any], str]
    data: Callable[[Any], str]
    more: Callable[[Any], dict[str, object]] = field(default=lambda _: {})
    fresh_index: bool = False


Asked = Callable[..., Shown]


class Web:
    """The pages of one service: the routes, and the answers that are kept."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.site = Site(service.series, service.site or service.public_url or "", assets())
        self.answers = Answers(service.now, lambda: service.monotonic(), service.kept_for)
        service.on_forgetting.append(self.answers.forget)
        self.app = FastAPI(
            title=service.series.name,
            version=VERSION,
            description="Talks, their agendas and minutes, as JSON and Markdown. People are named as they wish.",
            openapi_url="/openapi.json",
            docs_url=None,
            redoc_url=None,
        )
        for kind, handler in (
            (HTTPException, self._refused),
            (RequestValidationError, self._misread),
            (Unavailable, self._away),
            (LookupError, self._nothing),
            (Exception, self._failed),
        ):
            self.app.add_exception_handler(kind, cast(Any, handler))
        self.app.mount("/static", Assets(directory=STATIC))

    def page(self, path: str, asked: Asked) -> None:
        """Serve a page under its address, and its other forms with `.json` and `.md` behind it."""
        for form, suffix in SUFFIXES.items():
            address = f"{path}{suffix}" if path != "/" or not suffix else f"/index{suffix}"
            self.app.add_api_route(
                address,
                self._answering(asked, form),
                methods=["GET"],
                response_class=HTMLResponse if form == HTML else Response,
                summary=asked.__doc__,
                include_in_schema=form == JSON,
                name=f"{asked.__name__}{suffix.replace('.', '_')}",
            )

    def file(self, path: str, made: Callable[..., Awaitable[tuple[bytes, str]]]) -> None:
        """Serve something else than a page: `made` gives its body and media type."""

        @wraps(made)
        async def answer(request: Request, **asked: Any) -> Response:
            return await self._kept(request, asked, lambda: made(**asked))

        self._with_request(answer, made)
        self.app.add_api_route(path, answer, methods=["GET"], response_class=Response, summary=made.__doc__)

    def _answering(self, asked: Asked, form: str) -> Callable[..., Awaitable[Response]]:
        async def answer(request: Request, **parameters: Any) -> Response:
            shown = asked(**parameters)
            return await self._kept(request, parameters, lambda: self._make(shown, form))

        self._with_request(answer, asked)
        return answer

    def _with_request(self, answer: Callable[..., Any], asked: Callable[..., Any]) -> None:
        """Give a handler the parameters of what it wraps, for FastAPI to read, and the request beside them."""
        own = inspect.signature(asked)
        request = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
        keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.parameters.values()]
        answer.__signature__ = own.replace(parameters=[request, *keyword_only], return_annotation=Response)  # type: ignore[attr-defined]

    async def _kept(
        self, request: Request, parameters: Mapping[str, Any], make: Callable[[], Awaitable[tuple[bytes, str]]]
    ) -> Response:
        """The answer, kept under the address with the parameters that count: others would only fill the memory."""
        address = f"{request.scope['route'].path}?{urlencode(parameters)}"
        kept = await self.answers.get(address, self.service.db.version, make)
        headers = {
            "ETag": kept.etag,
            "Last-Modified": format_datetime(kept.since, usegmt=True),
            "Cache-Control": "no-cache",  # kept by browsers, and asked for again: what is forgotten is gone everywhere
        }
        return Response(kept.body, media_type=kept.media_type, headers=headers)

    async def _make(self, shown: Shown, form: str) -> tuple[bytes, str]:
        if shown.fresh_index and await self.service.db.read(search.is_stale):
            await self.service.db.write(search.refresh)
        document, codes = await self.service.db.read(_with_codes, shown.compiled)
        return await asyncio.to_thread(self._written, shown, form, document, codes), form

    def _written(self, shown: Shown, form: str, document: Any, codes: dict[int, str]) -> bytes:
        if form == JSON:
            return shown.data(document).encode()
        if form == MARKDOWN:
            return shown.markdown(document).encode()
        head = shown.head(document)
        return page(self.site, shown.template, head, document, codes, **shown.more(document)).encode()

    # What is answered when there is nothing to show

    async def _refused(self, request: Request, error: HTTPException) -> Response:
        return self._said(request, error.status_code, "没有这一页", "也许是链接抄漏了一截。")

    async def _misread(self, request: Request, _error: RequestValidationError) -> Response:
        return self._said(request, 404, "没有这一页", "也许是链接抄漏了一截。")

    async def _nothing(self, request: Request, _error: LookupError) -> Response:
        return self._said(request, 404, "没有这一页", "也许是链接抄漏了一截，也许它已经不在了。")

    async def _away(self, request: Request, _error: Unavailable) -> Response:
        answer = self._said(request, 503, "稍等一下", "数据库暂时连不上，一分钟后再来看看。")
        answer.headers["Retry-After"] = "60"
        return answer

    async def _failed(self, request: Request, _error: Exception) -> Response:
        return self._said(request, 500, "这一页出错了", "已经记下来了，过一会儿再来看看。")

    def _said(self, request: Request, status: int, title: str, description: str) -> Response:
        path = request.url.path
        if path.endswith(".json"):
            answer: Response = JSONResponse({"error": title}, status)
        elif path.endswith(".md"):
            answer = PlainTextResponse(f"# {title}\n", status, media_type=MARKDOWN)
        else:
            head = Head(title=title, description=description, path="")
            answer = HTMLResponse(page(self.site, "nothing", head, None, {}), status)
        answer.headers["Cache-Control"] = "no-store"
        return answer


class Assets(StaticFiles):
    """Style sheet, scripts and icon; their addresses carry their version."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def assets() -> str:
    """The version of style sheet and scripts: a digest of what is in them."""
    whole = hashlib.blake2s(digest_size=6)
    for each in sorted(STATIC.iterdir()):
        whole.update(each.read_bytes())
    return whole.hexdigest()


def _with_codes(connection: Connection, compiled: Callable[[Connection], Any]) -> tuple[Any, dict[int, str]]:
    """A document, with the public addresses of the people in it."""
    document = compiled(connection)
    people = {each.qq for each in leaves(document) if isinstance(each, members.Person)}
    return document, dict(members.codes_of(connection, people))


def with_forms(head: Head, query: str = "") -> Head:
    """The head of a page that has the other forms, at its path; `query` begins with a question mark."""
    path = head.path if head.path != "/" else "/index"
    forms = {"json": f"{path}.json{query}", "md": f"{path}.md{query}"}
    return replace(head, path=f"{head.path}{query}", forms=forms)
