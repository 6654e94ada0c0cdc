"""Health for machines: /health and /metrics, and the superusers told of what the bot cannot mend."""

import asyncio
from ipaddress import ip_address

import nonebot
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from nonebot.plugin import PluginMetadata

from db.engine import Unavailable
from db.queries import storage
from plugins._chat import health
from plugins._chat.doors import has_token
from plugins._chat.service import current_service
from plugins._chat.version import VERSION

__plugin_meta__ = PluginMetadata(name="健康", description="机器看的状态页和指标", usage="/health；/metrics")


async def show_health(request: Request) -> Response:
    """200 if all is well, else 503 with the reasons; on this machine, or with the token, with their mends as well."""
    service = current_service()
    found = await health.look(service)
    failing = [each.code for each in found if each.is_error]
    body: dict[str, object] = {"status": "failing" if failing else "ok", "reasons": failing}
    if _is_trusted(request):
        body |= {
            "version": VERSION,
            "findings": [each.as_data() for each in found],
            "accounts": [vars(each) for each in await health.accounts(service)],
        }
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(body, 503 if failing else 200, headers=headers)


async def show_metrics(request: Request) -> Response:
    """Prometheus' text format; on this machine, and with the token where there is one."""
    if not (_is_local(request) and _has_token(request)):
        raise HTTPException(404)
    from plugins.health import metrics  # with prometheus_client: 100 ms and 14 MB that few need

    service = current_service()
    try:
        stored = await service.db.read(storage.stored)
    except Unavailable:
        stored = None
    return Response(await asyncio.to_thread(metrics.exposition, service, stored), media_type=metrics.MEDIA_TYPE)


def _is_trusted(request: Request) -> bool:
    return _is_local(request) or (_token() is not None and _has_token(request))


def _is_local(request: Request) -> bool:
    """Whether a request comes from this machine itself, not through a proxy on it."""
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & set(request.headers)
    return not forwarded and request.client is not None and ip_address(request.client.host).is_loopback


def _token() -> str | None:
    return getattr(nonebot.get_driver().config, "onebot_access_token", None)


def _has_token(request: Request) -> bool:
    return has_token(request.headers, _token())


app: FastAPI = nonebot.get_app()
app.get("/health", include_in_schema=False)(show_health)
app.get("/metrics", include_in_schema=False)(show_metrics)
