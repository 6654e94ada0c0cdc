"""The only HTTP client for URLs from chat messages, protected against SSRF: it never reaches the local network.

Only http and https, on ports that the operator allows. Every address that a name resolves to must be public, and the
connection is made to exactly those addresses, so DNS rebinding has no effect; each redirect is checked in the same way.
Redirects, time and body size are limited; no cookies, no credentials, no proxy.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import httpcore
from httpcore import AsyncNetworkBackend, AsyncNetworkStream
from yarl import URL

from plugins._talk.links.public import can_be_public, is_public

SECONDS = 8
HANDSHAKE = 2.0  # seconds for an address before the next one is tried
NAME_SECONDS = 3.0  # for looking a name up
SILENT_FOR = 300.0  # seconds without further lookups below a domain after one timed out
MOST_NAMES, AT_ONCE_OF_DOMAIN = 32, 2  # names that are looked up at once, in all and below one domain
AT_ONCE, AT_ONCE_OF_HOST = 12, 2  # pages that are read at once, in all and of one host
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
    """The request failed and may be retried later; the message says why."""


@dataclass(frozen=True)
class Answer:
    """The last response: `url` after redirects, `body` as far as it was read, decompressed.

    `location` is the redirect's target, if the response is a redirect.
    """

    url: str
    status: int
    content_type: str
    body: bytes
    location: str | None = None


@cache
def _name_threads() -> ThreadPoolExecutor:
    """A separate thread pool for DNS lookups, since a name server that does not answer blocks threads for long."""
    return ThreadPoolExecutor(MOST_NAMES, thread_name_prefix="names")


async def by_system(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as this machine resolves it."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_name_threads(), look_up)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Places:
    """A semaphore for each key: at most `most` tasks at once with the same key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._there: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncGenerator[None]:
        semaphore, users = self._there.get(key, (asyncio.Semaphore(self._most), 0))
        self._there[key] = (semaphore, users + 1)
        try:
            async with semaphore:
                yield
        finally:
            users = self._there[key][1] - 1
            if users:
                self._there[key] = (semaphore, users)
            else:
                del self._there[key]


class _Names:
    """DNS lookups with a timeout and a limit per domain; after a timeout a domain is not queried for SILENT_FOR."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._places = _Places(AT_ONCE_OF_DOMAIN)
        self._room = asyncio.Semaphore(MOST_NAMES)
        self._silent: dict[str, float] = {}

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name, all of them public. Raises Forbidden or Unreachable."""
        domain, now = _domain(host), asyncio.get_running_loop().time()
        async with self._places.of(domain):
            self._silent = {name: until for name, until in self._silent.items() if until > now}
            if domain in self._silent:
                raise Unreachable(f"{host}: its name server did not answer")
            try:
                async with self._room, asyncio.timeout(NAME_SECONDS):
                    found = await self._resolve(host, port)
            except TimeoutError as error:
                self._silent[domain] = now + SILENT_FOR
                raise Unreachable(f"{host}: its name server does not answer") from error
            except (OSError, UnicodeError) as error:
                raise Unreachable(f"{host}: {error}") from error
        if not found:
            raise Unreachable(f"{host}: no address")
        for address in found:
            if not is_public(address):
                raise Forbidden(f"{host} is {address}")
        return found


def _domain(host: str) -> str:
    """The last two labels of a name, which are taken to have one owner."""
    return ".".join(host.rsplit(".", 2)[-2:])


class _Dialer(AsyncNetworkBackend):
    """Connects only to these addresses, which were resolved and checked before, and ignores the host name."""

    def __init__(self, addresses: Sequence[str], network: AsyncNetworkBackend) -> None:
        self.addresses = addresses
        self.network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        for address in self.addresses[:-1]:
            try:
                return await self.network.connect_tcp(address, port, HANDSHAKE, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self.network.connect_tcp(self.addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_args: Any, **_more: Any) -> AsyncNetworkStream:
        raise Forbidden("a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self.network.sleep(seconds)


def _the_network() -> AsyncNetworkBackend:
    return cast(AsyncNetworkBackend, httpcore.AnyIOBackend())  # its own signature names `bytes` a little differently


class Fetcher:
    """Fetches URLs from chat messages. With empty `ports` nothing is fetched. The other arguments are for tests."""

    def __init__(
        self,
        ports: Collection[int] = (80, 443),
        resolve: Resolve = by_system,
        network: AsyncNetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._ports = ports
        self._names = _Names(resolve)
        self._network = network if network is not None else _the_network()
        self._trust = trust
        self._seconds = seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._of_host = _Places(AT_ONCE_OF_HOST)

    async def get(self, url: str, *, redirects: int = MOST_REDIRECTS, enough: bytes = b"") -> Answer:
        """GET a page; reading stops early once the body contains `enough`. Raises Forbidden or Unreachable.

        After `redirects` redirects, a further one is itself returned as the answer, with its `location` set. Time spent
        waiting for a free slot does not count towards the timeout.
        """
        seconds = self._seconds
        for left in range(redirects, -1, -1):
            target = _checked(url, self._ports)
            host = target.raw_host or ""
            addresses = await self._names.addresses(host, target.port or 0)
            async with self._of_host.of(host), self._room:
                begun = asyncio.get_running_loop().time()
                answer = await self._in_time(target, addresses, enough, seconds)
                seconds -= asyncio.get_running_loop().time() - begun
            if answer.location is None or not left:
                return answer
            url = answer.location
        raise Unreachable("no answer")

    async def _in_time(self, url: URL, addresses: Sequence[str], enough: bytes, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await self._once(url, addresses, enough)
        except TimeoutError as error:
            raise Unreachable("too slow") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}"[:200]) from error

    async def _once(self, url: URL, addresses: Sequence[str], enough: bytes) -> Answer:
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpcore.default_ssl_context)
        target = httpcore.URL(
            scheme=url.scheme, host=url.raw_host or "", port=url.explicit_port, target=url.raw_path_qs
        )
        dialer = _Dialer(addresses, self._network)
        async with (
            httpcore.AsyncConnectionPool(self._trust, network_backend=dialer) as pool,
            pool.stream("GET", target, headers=[(b"Host", _host(url)), *_HEADERS]) as response,
        ):
            headers = {name.lower(): value for name, value in response.headers}
            location = None
            if response.status in _MOVED and b"location" in headers:
                location = _joined(url, headers[b"location"])
            body = b"" if location else await _read(response, headers.get(b"content-encoding", b""), enough)
            kind = headers.get(b"content-type", b"").decode("latin-1")
            return Answer(str(url), response.status, kind, body, location)


def _checked(address: str, ports: Collection[int]) -> URL:
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
    if url.port not in ports:
        raise Forbidden(f"port {url.port}")
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
    """The first MOST_BYTES of the body, decompressed; the compressed size is limited too. Raises Unreachable."""
    how = encoding.strip().lower()
    if how not in (b"", b"identity", b"gzip", b"x-gzip", b"deflate"):
        raise Unreachable(f"packed as {how.decode('latin-1')}")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if how not in (b"", b"identity") else None
    body = bytearray()
    taken = chunks = 0
    async for chunk in response.aiter_stream():
        taken, chunks, looked = taken + len(chunk), chunks + 1, len(body)
        if chunks % 16 == 0:
            await asyncio.sleep(0)  # let other tasks run, as a server may send byte by byte
        if chunks > MOST_CHUNKS:
            raise Unreachable("in too many pieces")
        try:
            body += unpack.decompress(chunk, MOST_BYTES - len(body) + 1) if unpack else chunk
        except zlib.error as error:
            raise Unreachable(f"not {how.decode('latin-1')}") from error
        if max(taken, len(body)) >= MOST_BYTES or (enough and enough in body[max(0, looked - len(enough)) :]):
            break
    return bytes(body[:MOST_BYTES])
