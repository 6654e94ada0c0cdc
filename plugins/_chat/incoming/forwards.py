"""Merged forwards: reads their messages, fetching them if only the id is given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from nonebot.adapters.onebot.v11 import ActionFailed, ApiNotAvailable, Bot, MessageSegment, NetworkError
from nonebot.exception import WebSocketClosed

from plugins._chat.incoming.cards import forward_id
from plugins._chat.incoming.message import Content, as_message, from_timestamp, read_async
from plugins._talk.foreign_text import clean_name

DEEPEST = 3  # forwards within forwards
MOST_MESSAGES, MOST_CALLS = 100, 5


class NotReadable(Exception):
    """The forward could not be opened: it is too old, or not accessible to this account."""


@dataclass(frozen=True)
class ForwardedMessage:
    """A message within a forward; its author and time, if given."""

    said: Content
    speaker: str
    said_at: datetime | None


async def told_in(bot: Bot, segments: list[MessageSegment]) -> list[ForwardedMessage]:
    """All messages in the merged forwards among these segments, in order. Raises NotReadable.

    A nested forward that cannot be opened is skipped.
    """
    opened = _Opened(bot)
    await opened.take(segments, DEEPEST)
    if not opened.told and opened.shut:
        raise NotReadable
    return opened.told


async def said_in(bot: Bot, segments: list[MessageSegment]) -> list[Content]:
    """Like `told_in`, without authors and times."""
    return [each.said for each in await told_in(bot, segments)]


class _Opened:
    """Collects the messages of nested forwards, up to limits on messages, API calls and depth."""

    def __init__(self, bot: Bot) -> None:
        self.told: list[ForwardedMessage] = []
        self.shut = False
        self._bot = bot
        self._calls = 0

    async def take(self, segments: list[MessageSegment], depth: int) -> None:
        for segment in segments:
            for node in _nodes(await self._nodes(segment, depth)):
                if len(self.told) >= MOST_MESSAGES:
                    return
                message = list(as_message(node.get("message") or node.get("content")))
                said = await read_async(message, self._bot.self_id)
                self.told.append(
                    ForwardedMessage(said, _speaker(node), from_timestamp(node["time"]) if node.get("time") else None)
                )
                await self.take(message, depth - 1)

    async def _nodes(self, segment: MessageSegment, depth: int) -> list[object]:
        there = segment.data.get("content")
        if not depth:
            return []
        if segment.type == "forward" and isinstance(there, list):
            return cast(list[object], there)
        identity = forward_id(segment)
        if identity is None or self._calls >= MOST_CALLS:
            return []
        self._calls += 1
        try:
            answer = await self._bot.call_api("get_forward_msg", id=identity, message_id=identity)
        except (ActionFailed, NetworkError, ApiNotAvailable, WebSocketClosed, RuntimeError):
            answer = None
        nodes = cast(dict[str, Any], answer).get("messages") if isinstance(answer, dict) else None
        if not isinstance(nodes, list):
            self.shut = True
            return []
        return cast(list[object], nodes)


def _nodes(nodes: list[object]) -> Iterator[dict[str, Any]]:
    """The messages of a forward, in either format of the implementations: events, or nodes."""
    for node in nodes:
        if isinstance(node, dict):
            whole = cast(dict[str, Any], node)
            yield cast(dict[str, Any], whole["data"]) if isinstance(whole.get("data"), dict) else whole


def _speaker(node: dict[str, Any]) -> str:
    sender = cast(dict[str, Any], node.get("sender")) if isinstance(node.get("sender"), dict) else node
    names = (sender.get("card"), sender.get("nickname"), sender.get("name"))
    return next((name for each in names if isinstance(each, str) and (name := clean_name(each))), "")
