"""Delivers a file: uploads it to the group, else falls back to a web page or a private message. Reads shared files."""

import asyncio
import base64
import binascii
from collections.abc import Collection
from enum import Enum
from pathlib import Path
from typing import Any, cast

from nonebot.adapters.onebot.v11 import Bot

from plugins._chat.incoming.message import SharedFile, as_number
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate, Outcome, attempt
from plugins._chat.stores import content_store
from plugins._chat.stores.fetching import NotFetched, fetch_from_qq

MOST_INLINE = 12_000_000  # bytes; larger files are passed by path
MOST_TEXT = 2_000_000  # bytes of a text file that is read
# These accept no base64, only a path on the machine that they run on.
BY_PATH = ("Lagrange.OneBot", "go-cqhttp")


class Way(Enum):
    """How a file was delivered, if at all."""

    GROUP = "group"  # confirmed to be in the group's files
    PAGE = "page"  # it is on the web
    PRIVATE = "private"  # its text was sent to the requester
    NONE = "none"


async def hand_over(
    bot: Bot, group_id: int, name: str, body: bytes, folder: Path, *, page: str | None, to: int, text: str | None
) -> Way:
    """Upload a file to the group; else refer to its `page`, or send its `text` in private to QQ number `to`.

    The bot's own older files of this name are deleted then. `folder` is where it is written for an implementation that
    needs a path.
    """
    older = await _own_files(bot, group_id, name)
    if await _upload(bot, group_id, name, body, folder):
        for each in older:
            await attempt(bot, "delete_group_file", group_id=group_id, **each)
        return Way.GROUP
    if page is not None:
        return Way.PAGE
    told = text is not None and await sending.tell(bot, [to], text, group_id)
    return Way.PRIVATE if told else Way.NONE


async def _own_files(bot: Bot, group_id: int, name: str) -> list[dict[str, Any]]:
    """The bot's files of this name in the group, as `delete_group_file` wants them named."""
    return [
        {"file_id": str(each["file_id"]), "busid": as_number(each.get("busid")) or 0}
        for each in await _listing(bot, group_id)
        if each.get("file_name") == name and each.get("file_id") and str(each.get("uploader")) == bot.self_id
    ]


async def _listing(bot: Bot, group_id: int) -> list[dict[str, Any]]:
    listing = await attempt(bot, "get_group_root_files", group_id=group_id)
    return cast(list[dict[str, Any]], (listing.data or {}).get("files") or [])


async def read_file(bot: Bot, group_id: int, file: SharedFile, trusted: Collection[str] = ()) -> bytes:
    """The content of a file that somebody shared, at most MOST_TEXT bytes. Raises NotFetched.

    Its address stands in the message or is asked for; NapCat may hand over the content itself.
    """
    if file.size > MOST_TEXT:
        raise NotFetched("too large")
    asked = await attempt(bot, "get_group_file_url", group_id=group_id, file_id=file.id)
    for url in (file.url, str((asked.data or {}).get("url") or "")):
        if url.startswith("http"):
            return await fetch_from_qq(url, MOST_TEXT, trusted)
    given = await attempt(bot, "get_file", file_id=file.id)
    content = (given.data or {}).get("base64")
    if not isinstance(content, str) or len(content) > 2 * MOST_TEXT:
        raise NotFetched(given.why or "no content")
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise NotFetched(str(error)) from error


async def _upload(bot: Bot, group_id: int, name: str, body: bytes, folder: Path) -> bool:
    """Upload by content or by path, as the implementation supports; True only if the upload is confirmed.

    No second upload is tried while the first may still arrive.
    """
    version = await attempt(bot, "get_version_info")
    by_path = (version.data or {}).get("app_name") in BY_PATH
    if not by_path and len(body) <= MOST_INLINE:
        content = "base64://" + (await asyncio.to_thread(base64.b64encode, body)).decode()
        outcome = await attempt(bot, "upload_group_file", group_id=group_id, file=content, name=name)
        if outcome.fate is not Fate.REJECTED:
            return await _arrived(bot, group_id, name, len(body), outcome)
    path = (folder / name).absolute()
    await asyncio.to_thread(_put_down, path, body)
    outcome = await attempt(bot, "upload_group_file", group_id=group_id, file=str(path), name=name)
    return await _arrived(bot, group_id, name, len(body), outcome)


def _put_down(path: Path, body: bytes) -> None:
    path.unlink(missing_ok=True)
    content_store.put(path, body)
    path.chmod(0o644)  # the implementation may run as another user


async def _arrived(bot: Bot, group_id: int, name: str, size: int, outcome: Outcome) -> bool:
    """Whether an upload is in the group. Lagrange hides an error text in `status`, so its success says nothing.

    An older file of the same name is told apart by its size.
    """
    if outcome.fate is Fate.SENT and outcome.data and outcome.data.get("file_id"):
        return True
    if outcome.fate not in (Fate.SENT, Fate.UNKNOWN):
        return False
    files = await _listing(bot, group_id)
    sizes = [str(each.get("file_size") or each.get("size")) for each in files if each.get("file_name") == name]
    return str(size) in sizes
