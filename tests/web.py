"""A small web on loopback: any name, plain and over TLS, with pages as the tests put them there."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpcore
import trustme
from httpcore import AsyncNetworkBackend, AsyncNetworkStream

from plugins._talk.web.fetch import Fetcher

PUBLIC = "93.184.216.34"  # where every name of the small web says it lives
Page = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(
    body: bytes | str = b"", status: str = "200 OK", kind: str = "text/html; charset=utf-8", **more: str
) -> bytes:
    """A whole HTTP answer."""
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": kind, "Content-Length": str(len(data)), "Connection": "close"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def moved(to: str, status: str = "302 Found") -> bytes:
    return answer(status=status, Location=to)


class Web:
    """`pages` are found under `host/path?query`; `asked` is what was, in order, with whole `heads`."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.reached: list[str] = []
        self.names: dict[str, list[list[str]]] = {}  # what a name resolves to, look-up by look-up
        self._authority = trustme.CA()
        self._ports: dict[int, int] = {}

    async def resolve(self, host: str, port: int) -> list[str]:
        answers = self.names.get(host, [[PUBLIC]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def fetcher(self, ports: Iterable[int] = (80, 443), seconds: float = 8) -> Fetcher:
        """A fetcher that lives in this web: its addresses are looked up here, its connections end here."""
        trust = ssl.create_default_context()
        self._authority.configure_trust(trust)
        return Fetcher(tuple(ports), self.resolve, _Wire(self), trust, seconds)

    @asynccontextmanager
    async def open(self, *names: str) -> AsyncGenerator["Web"]:
        """Serve; `names` get certificates."""
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*(names or ("a.com",))).configure_cert(secure)
        plain = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        tls = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=secure)
        self._ports = {80: plain.sockets[0].getsockname()[1], 443: tls.sockets[0].getsockname()[1]}
        self._tasks: set[asyncio.Task[Any]] = set()
        try:
            yield self
        finally:
            for server in (plain, tls):
                server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def port(self, asked: int) -> int:
        return self._ports[asked]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            whole = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(whole)
            head = whole.split("\r\n")
            path = head[0].split(" ")[1]
            host = next(line[6:] for line in head if line.lower().startswith("host: "))
            self.asked.append(f"{host}{path}")
            page = self.pages.get(f"{host}{path}", answer("nothing here", "404 Not Found"))
            if callable(page):
                await page(writer)
            else:
                writer.write(page)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)


class _Wire(AsyncNetworkBackend):
    """Connections to public addresses end at the small web; it notes where they were to go."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.network = cast(AsyncNetworkBackend, httpcore.AnyIOBackend())

    async def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> AsyncNetworkStream:
        self.web.reached.append(host)
        return await self.network.connect_tcp("127.0.0.1", self.web.port(port), *rest, **more)
