"""Merged forwards: what was said in one, asking for it where only its id is there."""

from collections.abc import Iterator
from typing import Any, cast

from nonebot.adapters.onebot.v11 import ActionFailed, Bot, MessageSegment, NetworkError

from plugins._chat.cards import forward_id
from plugins._chat.message import Said, as_message, read_aside

DEEPEST = 3  # forwards within forwards
MOST = 100  # messages


class NotReadable(Exception):
    """The forward could not be opened: it is too old, or somebody else's."""


async def said_in(bot: Bot, segments: list[MessageSegment], depth: int = DEEPEST) -> list[Said]:
    """Everything that was said in the merged forwards among these segments, in order. Raises NotReadable."""
    found: list[Said] = []
    for segment in segments:
        there = segment.data.get("content")
        identity = forward_id(segment)
        if segment.type == "forward" and isinstance(there, list):
            nodes = cast(list[object], there)
        elif identity is not None and depth:
            nodes = await _asked(bot, identity)
        else:
            continue
        for message in _messages(nodes):
            found.append(await read_aside(message, bot.self_id))
            found += await said_in(bot, message, depth - 1) if depth else []
    return found[:MOST]


async def _asked(bot: Bot, identity: str) -> list[object]:
    try:
        answer = await bot.call_api("get_forward_msg", id=identity, message_id=identity)
    except (ActionFailed, NetworkError) as error:
        raise NotReadable from error
    nodes = cast(dict[str, Any], answer).get("messages") if isinstance(answer, dict) else None
    if not isinstance(nodes, list):
        raise NotReadable
    return cast(list[object], nodes)


def _messages(nodes: list[object]) -> Iterator[list[MessageSegment]]:
    """The messages of a forward, as any implementation writes them: events, or nodes."""
    for node in nodes:
        if isinstance(node, dict):
            whole = cast(dict[str, Any], node)
            data = cast(dict[str, Any], whole["data"]) if isinstance(whole.get("data"), dict) else whole
            yield list(as_message(data.get("message") or data.get("content")))
