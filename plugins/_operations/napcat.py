"""NapCat's network configuration for this bot: a reverse WebSocket client with the bot's address and token.

Source: NapCat's own template for NoneBot (NapCat-Docker, templates/nonebot.json): `onebot11.json` is what a new account
begins with, `onebot11_<QQ>.json` an account's own; both have `network.websocketClients`.
"""

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from plugins._chat.config import Settings
from plugins._talk.problems import Problems

NAME = "talk-bot"  # how the connection is called on NapCat's page
HEARTBEAT, RECONNECT = 30_000, 5_000  # milliseconds
EMPTY: Mapping[str, list[Any]] = {
    "httpServers": [],
    "httpSseServers": [],
    "httpClients": [],
    "websocketServers": [],
    "websocketClients": [],
    "plugins": [],
}


class _Network(BaseModel):
    websocketClients: list[dict[str, Any]] | None = None


class _Configuration(BaseModel):
    """What of a file of NapCat's is read here."""

    network: _Network | None = None


class CannotWrite(Problems):
    """NapCat's configuration could not be written."""


def client(url: str, token: str) -> dict[str, Any]:
    """The connection as NapCat keeps it."""
    return {
        "enable": True,
        "name": NAME,
        "url": url,
        "token": token,
        "reportSelfMessage": False,
        "messagePostFormat": "array",
        "debug": False,
        "heartInterval": HEARTBEAT,
        "reconnectInterval": RECONNECT,
    }


def connect(folder: Path, url: str, token: str, qq: int | None = None) -> list[Path]:
    """Write the connection into NapCat's `folder`: for the account `qq`, else for all that are there and new ones.

    Other connections of theirs stay. Returns the files. Raises CannotWrite.
    """
    own = folder / f"onebot11_{qq}.json"
    files = [own] if qq else [folder / "onebot11.json", *sorted(folder.glob("onebot11_*.json"))]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            _write(file, json.dumps(_with(_read(file), client(url, token)), ensure_ascii=False, indent=2))
    except OSError as error:
        raise CannotWrite(f"写不了 {folder}：{error.strerror or error}") from error
    return files


def _read(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {"network": dict(EMPTY), "musicSignUrl": "", "enableLocalFile2Url": False, "parseMultMsg": False}
    try:
        found = json.loads(file.read_bytes())  # bytes may begin with a byte order mark, text may not
    except ValueError as error:
        raise CannotWrite(f"{file} 不是 JSON（{error}）：先在 NapCat 的页面里存一次，或删掉它") from error
    try:
        _Configuration.model_validate(found)
    except ValidationError as error:
        raise CannotWrite(f"{file} 不是 NapCat 的网络配置：删掉它再来") from error
    return cast(dict[str, Any], found)


def _with(found: dict[str, Any], connection: dict[str, Any]) -> dict[str, Any]:
    """The configuration with this connection in place of an earlier one of ours."""
    network: dict[str, Any] = {**EMPTY, **(found.get("network") or {})}
    there: list[dict[str, Any]] = network["websocketClients"] or []
    others = [each for each in there if each.get("name") != NAME]
    return {**found, "network": {**network, "websocketClients": [*others, connection]}}


def _write(file: Path, text: str) -> None:
    fresh = file.with_name(f".{file.name}.part")
    fresh.write_text(text, "utf-8")
    fresh.replace(file)


def token_of(settings: Settings, env: Path) -> str:
    """The bot's token; a new one, written into .env, if there is none. Raises CannotWrite."""
    if settings.onebot_access_token:
        return settings.onebot_access_token
    made = secrets.token_urlsafe(24)
    line = f"ONEBOT_ACCESS_TOKEN={made}"
    try:
        written = env.read_text("utf-8-sig") if env.exists() else ""
        text, count = re.subn(r"(?m)^\s*(?:export\s+)?ONEBOT_ACCESS_TOKEN\s*=.*$", line, written, count=1)
        _write(env, text if count else f"{written.rstrip()}\n{line}\n".lstrip())
        os.chmod(env, 0o600)  # noqa: PTH101
    except OSError as error:
        raise CannotWrite(f"写不了 {env}：{error.strerror or error}") from error
    return made
