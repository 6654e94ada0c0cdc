"""Filters incoming connections: the OneBot reverse WebSocket, and requests to the bot's own addresses."""

import hmac
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Frame

SOCKETS = "/onebot/v11/"  # where the adapter listens for OneBot implementations
SANDBOX = "/sandbox"  # has no password: for this machine alone
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_BODY = 64 * 1024  # bytes; no route reads a request body


class Doors:
    """ASGI middleware: accepts requests to this server's own host names, with a small body.

    `hosts` are further names of this server, `origin` its public address (scheme and host). A request with a foreign
    `Origin`, or a foreign `Host` (as in DNS rebinding), is answered with 403; the OneBot WebSocket accepts any `Host`
    if a token is set, and needs it. `wrong_token` is called with the address of who has another. The sandbox is for
    loopback alone, whatever public address this server has.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str] = (),
        origin: str | None = None,
        *,
        token: str | None,
        wrong_token: Callable[[str], None],
    ) -> None:
        self.app = app
        self.hosts = {*LOOPBACK, *hosts}
        self.origin = origin.casefold().rstrip("/") if origin else None
        self.token = token
        self.wrong_token = wrong_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with a limit on its body size."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        why = self._refusal(str(scope["path"]), headers)
        if why is None and str(scope["path"]).startswith(SANDBOX) and not _is_local(scope, headers):
            why = "this machine only"
        is_socket = scope["type"] == "websocket" and str(scope["path"]).startswith(SOCKETS)
        if why is None and is_socket and not has_token(headers, self.token):
            self.wrong_token((scope.get("client") or ("?",))[0])
            why = "wrong token"
        length = headers.get("content-length", "")
        if why is not None:
            await _refuse(scope, receive, send, 403, why)
        elif length.isdecimal() and int(length) > MOST_BODY:
            await _refuse(scope, receive, send, 413, "too large")
        else:
            await self.app(scope, _limited(receive) if scope["type"] == "http" else receive, send)

    def _refusal(self, path: str, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        guarded = self.token is not None and path.startswith(SOCKETS)
        if not guarded and _hostname(host) not in self.hosts:
            return "unknown host"
        return None if origin is None or self._is_own(origin.casefold(), host.casefold()) else "foreign origin"

    def _is_own(self, origin: str, host: str) -> bool:
        try:
            address = urlsplit(origin)
        except ValueError:
            return False
        same = address.scheme in ("http", "https") and address.netloc == host and address.hostname in self.hosts
        return same or origin == self.origin


def has_token(headers: Headers, token: str | None) -> bool:
    """Whether a request carries the token, as OneBot v11 sends it (`Bearer` or `Token`), or none is needed."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    fits = scheme.casefold() in ("bearer", "token") and hmac.compare_digest(given.encode(), (token or "").encode())
    return token is None or fits


def _is_local(scope: Scope, headers: Headers) -> bool:
    """Whether a request comes from this machine, to a name of this machine, and from no page but this machine's."""
    peer = (scope.get("client") or ("",))[0]
    origin = headers.get("origin")
    named = [_hostname(headers.get("host", "")), *([_hostname(origin.partition("://")[2])] if origin else [])]
    return peer in LOOPBACK and all(each in LOOPBACK for each in named)


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Frame:
        nonlocal taken
        frame = await receive()
        taken += len(frame.get("body", b""))
        return frame if taken <= MOST_BODY else {"type": "http.disconnect"}

    return limited


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})  # before accept: becomes a 403
    else:
        await PlainTextResponse(why, status)(scope, receive, send)
