"""What all answers of the public pages share: methods, headers, conditional requests, a limit for each address."""

from collections import OrderedDict
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Frame

from plugins._chat.rate_limit import Bucket

CSP = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# Requests of one address, and seconds in which so many more are allowed: a talk may have two hundred pictures.
AT_ONCE, REFILL = 300, 20.0
MOST_ADDRESSES = 10_000


class Face:
    """ASGI middleware around the pages. `monotonic` is in seconds."""

    def __init__(self, app: ASGIApp, monotonic: Callable[[], float]) -> None:
        self.app = app
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn away what is not GET or HEAD, or comes too often; answer the rest with the common headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        if scope["method"] not in ("GET", "HEAD"):
            refusal = PlainTextResponse("只能看，不能改", 405, headers={"Allow": "GET, HEAD"})
            await refusal(scope, receive, answer.send)
        elif not self._takes(network_of((scope.get("client") or ("?",))[0])):
            refusal = PlainTextResponse("太快了，歇一会儿再来", 429, headers={"Retry-After": "10"})
            await refusal(scope, receive, answer.send)
        else:
            await self.app({**scope, "method": "GET"}, _gone if scope["method"] == "HEAD" else receive, answer.send)

    def _takes(self, address: str) -> bool:
        """Whether one more request of an address is answered: a bucket that refills."""
        now = self._monotonic()
        bucket = self._buckets.pop(address, None) or Bucket(AT_ONCE, AT_ONCE, now)
        bucket.fill(REFILL, now)
        self._buckets[address] = bucket  # the last: who was not heard of for longest is first
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket.take()


async def _gone() -> Frame:
    """For HEAD: nobody waits for a body, and a stream ends at once."""
    return {"type": "http.disconnect"}


def network_of(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


class _Answer:
    """An answer on its way out: headers are added, an unchanged body becomes 304, and HEAD has none."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._asked = Headers(scope=scope)
        self._is_head = scope["method"] == "HEAD"
        self._drop = False

    async def send(self, frame: Frame) -> None:
        if frame["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(frame["headers"]))
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if frame["status"] == 200 and self._is_unchanged(headers):
                frame = {**frame, "status": 304}
                del headers["content-length"], headers["content-type"]
                self._drop = True
            self._drop = self._drop or self._is_head
            await self._send({**frame, "headers": headers.raw})
            if self._drop:  # at once: a stream has no end of its own
                await self._send({"type": "http.response.body", "body": b""})
        elif not self._drop:
            await self._send(frame)

    def _is_unchanged(self, headers: MutableHeaders) -> bool:
        """As RFC 9110, 13.2.2 has it: If-None-Match counts before If-Modified-Since."""
        etag, wanted = headers.get("etag"), self._asked.get("if-none-match")
        if wanted is not None:
            return etag is not None and (wanted.strip() == "*" or etag in [_bare(each) for each in wanted.split(",")])
        since, modified = self._asked.get("if-modified-since"), headers.get("last-modified")
        if since is None or modified is None:
            return False
        try:
            return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/")
