"""Parses a OneBot message into its text, links, pictures and references."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar, cast

from nonebot.adapters.onebot.v11 import Message, MessageSegment

from db.names import stand_in
from plugins._chat.incoming.cards import forward_id, read_cards
from plugins._talk.foreign_text import clean_name, storable
from plugins._talk.links.share import Share

_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_LEADING = re.compile(r"^[\s\u200d]+")
P = ParamSpec("P")
T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONG = 500  # longer texts (characters) are parsed in a thread


async def off_loop_if_long(length: int, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a parser on a text of `length` characters: in a thread if it is long, so as not to block the event loop."""
    if length > LONG:
        return await asyncio.to_thread(function, *args, **kwargs)
    return function(*args, **kwargs)


@dataclass(frozen=True)
class SharedFile:
    """A file in a message: its name, its id on the side of QQ, its size in bytes (0: unknown), perhaps its address."""

    name: str
    id: str
    size: int
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Content:
    """A parsed message. `text` has plain newlines and spaces; `to_other`: it begins by @ing another member.

    `forwards`: it is a merged forward, whose messages are read by the module `forwards`; `named` are the members
    that it @s later on: QQ number, and name as shown in the text. `to_me`: it @s the bot, `by_itself`: with an @ that
    QQ itself may have put in front of a reply. `files` are its files.
    """

    text: str
    reply_to: int | None
    cards: tuple[Share, ...]
    pictures: tuple[str, ...]
    to_other: bool
    forwards: bool = False
    named: tuple[tuple[int, str], ...] = ()
    to_me: bool = False
    by_itself: bool = False
    files: tuple[SharedFile, ...] = ()


def read(message: Iterable[MessageSegment], self_id: int | str) -> Content:
    """Parse a raw message. A leading reply and @s that QQ inserts automatically are not part of the text."""
    segments = list(message)
    is_reply = any(each.type == "reply" for each in segments)
    reply_to = next((as_number(each.data.get("id")) for each in segments if each.type == "reply"), None)
    text: list[str] = []
    cards: list[Share] = []
    pictures: list[str] = []
    named: list[tuple[int, str]] = []
    files: list[SharedFile] = []
    to_other = False
    to_me = 0
    for segment in segments:
        data = segment.data
        if segment.type == "text":
            text.append(str(data.get("text", "")))
        elif segment.type == "at":
            if str(data.get("qq")) == str(self_id):
                to_me += 1
                continue
            if "".join(text).strip():
                qq = as_number(data.get("qq"))
                shown = f"@{_called(data.get('name'), qq)}"
                text.append(f"{shown} ")
                named += [(qq, shown)] if qq else []
            else:
                to_other = not is_reply  # QQ automatically @s the author of the quoted message
        elif segment.type == "image" and isinstance(data.get("url"), str) and "emoji_id" not in data:
            pictures.append(data["url"])
        elif segment.type == "file":
            files += _file(data)
        else:
            cards += read_cards(segment)
    forwards = any(forward_id(each) is not None for each in segments)
    return Content(
        text=plain("".join(text)),
        reply_to=reply_to,
        cards=tuple(cards),
        pictures=tuple(pictures),
        to_other=to_other,
        forwards=forwards,
        named=tuple(named),
        to_me=to_me > 0,
        by_itself=is_reply and to_me == 1 and _begins_with_at(segments, self_id),
        files=tuple(files),
    )


def _begins_with_at(segments: Sequence[MessageSegment], self_id: int | str) -> bool:
    """Whether the first thing that a message says is an @ of the bot."""
    first = next((each for each in segments if each.type != "reply"), None)
    return first is not None and first.type == "at" and str(first.data.get("qq")) == str(self_id)


def _file(data: Mapping[str, Any]) -> list[SharedFile]:
    """The file of a segment: NapCat and LLBot give `file_id`, Lagrange `id`; the name stands in `file` or `name`."""
    file_id = str(data.get("file_id") or data.get("id") or "")
    name = storable(str(data.get("name") or data.get("file_name") or data.get("file") or ""))
    size = as_number(data.get("file_size") or data.get("size")) or 0
    url = str(data.get("url") or "")
    return [SharedFile(name, file_id, size, url)] if file_id or url else []


def _called(name: object, qq: int | None) -> str:
    """Display name of an @ed member: the name in the segment, else a stand-in, never the QQ number."""
    shown = clean_name(str(name or "").lstrip("@"))
    if shown and str(qq) not in shown:
        return shown
    return stand_in(qq) if qq else "全体成员"


async def read_async(message: Iterable[MessageSegment], self_id: int | str) -> Content:
    """`read`, in a thread if the message is long."""
    segments = list(message)
    inner = (each.data.get("text") or each.data.get("data") or each.data.get("content") or "" for each in segments)
    return await off_loop_if_long(sum(len(str(each)) for each in inner), read, segments, self_id)


def plain(text: str) -> str:
    """Chat text with ordinary newlines and spaces, and nothing invisible that could hide a command."""
    text = _INVISIBLE.sub("", storable(text).replace("\r\n", "\n").replace("\r", "\n").replace("\u3000", " "))
    return _LEADING.sub("", text).rstrip()


def as_number(value: object) -> int | None:
    """Parse a OneBot id, a number or a string; None for anything else."""
    if value is None:
        return None
    try:
        number = value if type(value) is int else int(str(value))
    except ValueError:
        return None
    return number if abs(number) < 2**63 else None


def from_timestamp(seconds: object) -> datetime:
    """A OneBot time, in seconds or (some implementations) milliseconds."""
    number = as_number(seconds) or 0
    try:
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
    except (ValueError, OverflowError, OSError):
        return EPOCH


def as_message(raw: object) -> Message:
    """Convert the `message` of an API response: segments, or text with CQ codes."""
    if isinstance(raw, Message | str):
        return Message(raw)
    if not isinstance(raw, list):
        return Message()
    segments = [cast(dict[str, Any], each) for each in cast(list[object], raw) if isinstance(each, dict)]
    return Message(
        [
            MessageSegment(str(each["type"]), dict(cast(dict[str, Any], data)) if isinstance(data, dict) else {})
            for each in segments
            if "type" in each
            for data in [each.get("data")]
        ]
    )
