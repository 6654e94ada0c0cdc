"""Looking up the title of a link's page: arXiv by its API, short links by their redirect, all others by their HTML."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from yarl import URL

from plugins._talk.links import sites
from plugins._talk.links.canonical import Link, canonical
from plugins._talk.links.share_text import Heading
from plugins._talk.web import arxiv
from plugins._talk.web.arxiv import Paper
from plugins._talk.web.details import Closed, Later, PageDetails
from plugins._talk.web.fetch import Answer, Fetcher, Forbidden, Unreachable
from plugins._talk.web.gates import is_door
from plugins._talk.web.page_title import Blocked, decoded, read_page

MOST_HOPS = 3  # from one short address to the next
_GONE = (400, 401, 402, 403, 404, 405, 406, 410, 412, 451)  # permanent: no such page, or not for bots


class Titles:
    """Looks up page titles. `pause` and `clock` (seconds) serve arXiv's rate limit, which is process-wide."""

    def __init__(
        self,
        fetcher: Fetcher,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._papers = _Papers(fetcher, pause, clock)

    async def look_up(self, key: str, url: str) -> PageDetails:
        """Look up the page of a link, by its key and URL. Raises Closed or Later."""
        try:
            if key.startswith("arxiv:"):
                return await self._paper(key.removeprefix("arxiv:"))
            link = canonical(url)
            if link is not None and sites.is_short(link.host):
                return PageDetails(leads_to=await self._end_of(url))
            return PageDetails(await self._page(url))
        except Forbidden as error:
            raise Closed(str(error)) from error
        except Unreachable as error:
            raise Later(str(error)) from error

    async def _paper(self, number: str) -> PageDetails:
        paper = await self._papers.ask(number)
        if paper is None:
            raise Closed("no such paper")
        return PageDetails(Heading(paper.title, paper.authors, "arXiv"), paper.sentence)

    async def _end_of(self, url: str) -> Link:
        """The target of a short link, from its Location header; the target page is not requested."""
        for _ in range(MOST_HOPS):
            answer = await self._fetcher.get(url, redirects=0)
            if answer.location is None:
                _check(answer)
                raise Closed("leads nowhere")
            link = canonical(answer.location)
            if link is None:
                raise Closed(f"leads to {answer.location[:100]}")
            if not sites.is_short(link.host):
                return link
            url = answer.location
        raise Closed("leads round and round")

    async def _page(self, url: str) -> Heading:
        answer = await self._fetcher.get(url, enough=b"</head>")
        _check(answer)
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind and kind not in ("text/html", "application/xhtml+xml"):
            raise Closed(f"a {kind}")
        if is_door(URL(url).path, URL(answer.url).path):
            raise Closed("led to the site's door")
        landed = canonical(answer.url)
        try:
            heading = await asyncio.to_thread(
                read_page, answer.body, answer.content_type, landed.host if landed else ""
            )
        except Blocked as error:
            raise Later(str(error)) from error
        if heading is None:
            raise Closed("a page without a title")
        return heading


def _check(answer: Answer) -> None:
    if answer.status in _GONE:
        raise Closed(f"status {answer.status}")
    if answer.status != 200:
        raise Later(f"status {answer.status}")


class _Papers:
    """Batching for arXiv's API: papers asked for within the rate limit's pause go into one request."""

    def __init__(self, fetcher: Fetcher, pause: Callable[[float], Awaitable[None]], clock: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._pause = pause
        self._clock = clock
        self._open_at = 0.0
        self._one_by_one = False
        self._waiting: dict[str, asyncio.Future[Paper | None]] = {}
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, number: str) -> Paper | None:
        if number not in self._waiting:
            self._waiting[number] = asyncio.get_running_loop().create_future()
        answer = self._waiting[number]
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await asyncio.shield(answer)

    async def _serve(self) -> None:
        while self._waiting:
            if (rest := self._open_at - self._clock()) > 0:
                await self._pause(rest)
            self._open_at = self._clock() + arxiv.SECONDS_APART
            numbers = list(self._waiting)[: 1 if self._one_by_one else arxiv.MOST_AT_ONCE]
            asked = {number: self._waiting.pop(number) for number in numbers}
            try:
                answer = await self._fetcher.get(arxiv.request_for(numbers))
                if answer.status == 400 and len(numbers) > 1:  # one identifier is invalid: ask for each one alone
                    self._one_by_one = True
                    self._waiting = {**asked, **self._waiting}
                    continue
                if answer.status not in (200, 400):  # overloaded, or rate limit exceeded
                    raise Unreachable(f"status {answer.status}")
                _check(answer)
                papers = await asyncio.to_thread(arxiv.read_answer, decoded(answer.body, answer.content_type))
            except Exception as error:
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # marks it as retrieved, as the caller may have been cancelled
                continue
            for number, future in asked.items():
                future.set_result(papers.get(number))
        self._one_by_one = False
