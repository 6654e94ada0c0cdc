"""Sends messages through OneBot and classifies the outcome."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from nonebot import logger
from nonebot.adapters.onebot.v11 import ActionFailed, ApiNotAvailable, Bot, Message, MessageSegment, NetworkError
from nonebot.exception import WebSocketClosed

from plugins._chat.incoming.message import as_number
from plugins._talk.deliveries.parts import Forward, Image, Part, Whisper
from plugins._talk.foreign_text import storable
from plugins._talk.links.prose import bare_of_links
from plugins._talk.render.chat import Node, plain
from plugins._talk.render.pieces import pieces
from plugins._talk.render.rich import Mention, Rich

MOST_IN_MESSAGE = 5_900_000  # bytes of image files; base64 adds a third, which keeps a message under 8 MB


class Fate(Enum):
    """The outcome of sending a message."""

    SENT = "sent"
    REJECTED = "rejected"  # the OneBot implementation reported a failure: it did not arrive
    UNKNOWN = "unknown"  # no response, or an inconclusive one: it may have arrived
    UNSENT = "unsent"  # it never left
    MUTED = "muted"  # refused because the bot is muted here


@dataclass(frozen=True)
class Outcome:
    """A message's fate; `message_id` if the implementation reports it."""

    fate: Fate
    message_id: int | None = None
    why: str = ""
    data: dict[str, Any] | None = None


async def attempt(bot: Bot, action: str, **params: Any) -> Outcome:
    """Call an action that sends something, once. Never raises.

    A failure code is a rejection, except 1200 with a timeout: NapCat returns it when QQ's core did not respond,
    and the message may or may not have arrived.
    """
    try:
        answer = await bot.call_api(action, **params)
    except ActionFailed as error:
        info = cast(dict[str, Any], error.info)
        why = storable(str(info.get("wording") or info.get("message") or info.get("msg") or ""))
        lost = info.get("retcode") == 1200 and any(word in why.casefold() for word in ("timeout", "timed out"))
        fate = Fate.UNKNOWN if lost else Fate.MUTED if "禁言" in why else Fate.REJECTED
        return Outcome(fate, why=f"{info.get('retcode')} {why}"[:500])
    except NetworkError as error:
        return Outcome(Fate.UNKNOWN, why=error.msg or "no answer")
    except (ApiNotAvailable, WebSocketClosed, RuntimeError) as error:
        return Outcome(Fate.UNSENT, why=repr(error)[:500])
    except Exception as error:  # the connection broke; the exception type depends on the server
        return Outcome(Fate.UNKNOWN, why=repr(error)[:500])
    data = cast(dict[str, Any], answer) if isinstance(answer, dict) else {}
    return Outcome(Fate.SENT, as_number(data.get("message_id")), data=data)


def to_message(text: Rich | str) -> Message:
    """Convert text and @s to segments, so that no text is parsed as CQ codes."""
    message = Message()
    for part in [text] if isinstance(text, str) else text:
        if isinstance(part, Mention):
            message += MessageSegment.at(part.qq)
        elif message and message[-1].type == "text":
            message[-1].data["text"] += part
        else:
            message += MessageSegment.text(part)
    return message


async def say(bot: Bot, group_id: int, message: Message) -> Outcome:
    return await attempt(bot, "send_group_msg", group_id=group_id, message=message)


async def tell(bot: Bot, people: Iterable[int], text: str, group_id: int | None = None) -> bool:
    """Send a private message to each of `people`; True if all of it reached all of them.

    People who are not friends of the bot may be reachable through the shared group `group_id`.
    """
    at = {} if group_id is None else {"group_id": group_id}
    told = [
        await attempt(bot, "send_private_msg", user_id=person, message=to_message(piece), **at)
        for person in sorted(people)
        for piece in pieces(text.split("\n"))
    ]
    return all(each.fate is Fate.SENT for each in told)


async def forward(bot: Bot, group_id: int, nodes: Sequence[Node]) -> Outcome:
    """Send a merged forward; ids as strings and content as segments, which every implementation accepts."""
    messages = [
        {
            "type": "node",
            "data": {
                "user_id": bot.self_id,
                "nickname": node.name,
                "uin": bot.self_id,
                "name": node.name,
                "content": [{"type": "text", "data": {"text": node.text}}],
            },
        }
        for node in nodes
    ]
    return await attempt(bot, "send_group_forward_msg", group_id=group_id, messages=messages)


Draw = Callable[[Image], Awaitable[Sequence[bytes]]]


async def show(bot: Bot, group_id: int, picture: Image, draw: Draw) -> Outcome:
    """Send a picture with its caption, split into several messages if it is large.

    A drawing failure counts as rejected; otherwise the fate is that of the first message that did not arrive.
    """
    try:
        drawn = await draw(picture)
    except Exception as error:
        logger.opt(exception=error).error(f"{picture.caption} could not be drawn")
        return Outcome(Fate.REJECTED, why="it could not be drawn")
    outcome = Outcome(Fate.REJECTED, why="nothing to show")
    for place, bodies in enumerate(_in_messages(drawn)):
        message = to_message(picture.caption) if place == 0 else Message()
        for body in bodies:
            message += MessageSegment.image("base64://" + (await asyncio.to_thread(base64.b64encode, body)).decode())
        sent = await say(bot, group_id, message)
        outcome = sent if place == 0 or sent.fate is not Fate.SENT else outcome
        if sent.fate is not Fate.SENT:
            break
    return outcome


def _in_messages(drawn: Sequence[bytes]) -> list[list[bytes]]:
    """Group image files into messages, none too large for the WebSocket or for QQ."""
    messages: list[list[bytes]] = []
    for body in drawn:
        if messages and sum(map(len, messages[-1])) + len(body) <= MOST_IN_MESSAGE:
            messages[-1].append(body)
        else:
            messages.append([body])
    return messages


async def post(bot: Bot, group_id: int, part: Part, draw: Draw, *, at_all: bool = False) -> Outcome:
    """Send one part of a delivery, once; `at_all` adds an @ to everybody."""
    if isinstance(part, Forward):
        return await forward(bot, group_id, part.nodes)
    if isinstance(part, Image):
        return await show(bot, group_id, part, draw)
    if isinstance(part, Whisper):
        told = await tell(bot, [person.qq for person in part.to], part.text, group_id)
        return Outcome(Fate.SENT if told else Fate.REJECTED, why="not all could be told")
    everybody = MessageSegment.at("all") + MessageSegment.text("\n") if at_all else Message()
    return await say(bot, group_id, everybody + to_message(part))


_LEFT_OUT = "（有链接被 QQ 拦下了，这里略去；发 /议程 能把完整的放进群文件）"
_GONE = re.compile(r"EventChecker Failed.*110|移出该群|不在群", re.DOTALL)


def instead(part: Part, why: str, page: str | None = None) -> list[Rich]:
    """Fallback for a rejected part: a forward as plain messages, a text without links that refers to a page.

    Empty if the group itself is unreachable, or if there is no other form.
    """
    if _GONE.search(why):
        return []
    if isinstance(part, Image | Whisper):
        return []
    if isinstance(part, Forward):
        return [(text,) for text in plain(part.nodes)]
    bare = tuple(each if isinstance(each, Mention) else bare_of_links(each) for each in part)
    left_out = f"（有链接被 QQ 拦下了，完整的在 {page} ）" if page else _LEFT_OUT
    return [(*bare, f"\n{left_out}")] if bare != tuple(part) else []
