"""The one fetcher: gets a page that a stranger named, and nothing of the house it runs in.

http and https only, on the ports that the operator allows; every address that a name resolves to must be public, and
the connection is made to just those addresses, so that a name cannot change its mind in between; every redirect goes
the same way; a few redirects, a few seconds, a bounded body, no cookies, no credentials, no proxy.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import httpcore
from httpcore import AsyncNetworkBackend, AsyncNetworkStream
from yarl import URL

from plugins._talk.addresses import can_be_public, is_public

SECONDS = 8
HANDSHAKE = 2.0  # seconds for an address before the next one is tried
MOST_REDIRECTS = 5
MOST_CHUNKS = 5_000
MOST_BYTES = 768 * 1024  # of a body, as sent and unpacked
_MOVED = (301, 302, 303, 307, 308)
_HEADERS = [
    (b"User-Agent", b"Mozilla/5.0 (compatible; openllm-talk-bot; reads titles of links shared in a chat)"),
    (b"Accept", b"text/html,application/xhtml+xml,application/atom+xml;q=0.9,*/*;q=0.5"),
    (b"Accept-Language", b"zh-CN,zh;q=0.9,en;q=0.8"),
    (b"Accept-Encoding", b"gzip, deflate"),
]

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Forbidden(Exception):
    """This address is not fetched, now or ever; the message says why."""


class Unreachable(Exception):
    """Nothing came of it this time; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What a server said at last: `url` is where it said it, `body` what was read of it, unpacked."""

    url: str
    status: int
    content_type: str
    body: bytes
    location: str | None = None


@cache
def _names() -> ThreadPoolExecutor:
    """Threads of its own: a name server that does not answer holds them for long."""
    return ThreadPoolExecutor(4, thread_name_prefix="names")


async def by_system(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as this machine resolves it."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_names(), look_up)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Dialer(AsyncNetworkBackend):
    """Connects to names whose every address is public, and to exactly those addresses."""

    def __init__(self, ports: Collection[int], resolve: Resolve, network: AsyncNetworkBackend) -> None:
        self.ports = ports
        self.resolve = resolve
        self.network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        if port not in self.ports:
            raise Forbidden(f"port {port}")
        try:
            addresses = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{host}: {error}") from error
        if not addresses:
            raise Unreachable(f"{host}: no address")
        for address in addresses:
            if not is_public(address):
                raise Forbidden(f"{host} is {address}")
        for address in addresses[:-1]:
            try:
                return await self.network.connect_tcp(address, port, HANDSHAKE, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self.network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_args: Any, **_more: Any) -> AsyncNetworkStream:
        raise Forbidden("a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self.network.sleep(seconds)


def _the_network() -> AsyncNetworkBackend:
    return cast(AsyncNetworkBackend, httpcore.AnyIOBackend())  # its own signature names `bytes` a little differently


class Fetcher:
    """Fetches for strangers. `ports` empty: nothing at all. The other arguments are for tests."""

    def __init__(
        self,
        ports: Collection[int] = (80, 443),
        resolve: Resolve = by_system,
        network: AsyncNetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._dialer = _Dialer(ports, resolve, network if network is not None else _the_network())
        self._trust = trust
        self._seconds = seconds

    async def get(self, url: str, *, redirects: int = MOST_REDIRECTS, enough: bytes = b"") -> Answer:
        """Get a page; reading stops early once `enough` stands in its body. Raises Forbidden or Unreachable.

        With fewer `redirects` than there are, the last one itself is the answer, and its `location` is set.
        """
        try:
            async with asyncio.timeout(self._seconds):
                for left in range(redirects, -1, -1):
                    answer = await self._once(url, enough)
                    if answer.location is None or not left:
                        return answer
                    url = answer.location
        except TimeoutError as error:
            raise Unreachable("too slow") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}"[:200]) from error
        raise Unreachable("no answer")

    async def _once(self, address: str, enough: bytes) -> Answer:
        url = _checked(address)
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpcore.default_ssl_context)
        target = httpcore.URL(
            scheme=url.scheme, host=url.raw_host or "", port=url.explicit_port, target=url.raw_path_qs
        )
        async with (
            httpcore.AsyncConnectionPool(self._trust, network_backend=self._dialer) as pool,
            pool.stream("GET", target, headers=[(b"Host", _host(url)), *_HEADERS]) as response,
        ):
            headers = {name.lower(): value for name, value in response.headers}
            location = None
            if response.status in _MOVED and b"location" in headers:
                location = _joined(url, headers[b"location"])
            body = b"" if location else await _read(response, headers.get(b"content-encoding", b""), enough)
            kind = headers.get(b"content-type", b"").decode("latin-1")
            return Answer(str(url), response.status, kind, body, location)


def _checked(address: str) -> URL:
    try:
        url = URL(address)
        host = url.raw_host or ""
    except ValueError as error:
        raise Forbidden(f"no address: {address[:100]}") from error
    if url.scheme not in ("http", "https"):
        raise Forbidden(f"scheme {url.scheme}")
    if url.user is not None or url.password is not None:
        raise Forbidden("credentials in the address")
    if not can_be_public(host):
        raise Forbidden(f"not a public host: {host}")
    return url


def _host(url: URL) -> bytes:
    host = f"[{url.raw_host}]" if ":" in (url.raw_host or "") else url.raw_host or ""
    return (host if url.is_default_port() else f"{host}:{url.port}").encode("ascii")


def _joined(url: URL, location: bytes) -> str:
    try:
        return str(url.join(URL(location.decode("utf-8", "replace"))))
    except ValueError as error:
        raise Forbidden("a redirect to no address") from error


async def _read(response: httpcore.Response, encoding: bytes, enough: bytes) -> bytes:
    """The body's beginning, unpacked; a bomb is put down at the limit."""
    how = encoding.strip().lower()
    if how not in (b"", b"identity", b"gzip", b"x-gzip", b"deflate"):
        raise Unreachable(f"packed as {how.decode('latin-1')}")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if how not in (b"", b"identity") else None
    body = bytearray()
    taken = chunks = 0
    async for chunk in response.aiter_stream():
        taken, chunks, looked = taken + len(chunk), chunks + 1, len(body)
        if chunks % 16 == 0:
            await asyncio.sleep(0)  # a server may send byte by byte: others have their turn
        if chunks > MOST_CHUNKS:
            raise Unreachable("in too many pieces")
        try:
            body += unpack.decompress(chunk, MOST_BYTES - len(body) + 1) if unpack else chunk
        except zlib.error as error:
            raise Unreachable(f"not {how.decode('latin-1')}") from error
        if max(taken, len(body)) >= MOST_BYTES or (enough and enough in body[max(0, looked - len(enough)) :]):
            break
    return bytes(body[:MOST_BYTES])
