"""What happens in a group beside messages: recalls and reactions. Feature plugins say who waits for which."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from nonebot.adapters.onebot.v11 import Bot, Event

from plugins._chat.message import as_number
from plugins._chat.service import Service


@dataclass(frozen=True)
class Recall:
    """A message was taken back, by its author or by an admin."""

    group_id: int
    message_id: int
    author: int
    operator: int


@dataclass(frozen=True)
class Reaction:
    """Somebody put an emoji to a message, or took it away. `emoji` is QQ's number."""

    group_id: int
    message_id: int
    by: int
    emoji: str
    added: bool


Notice = Recall | Reaction
N = TypeVar("N", Recall, Reaction)
notices: dict[type[Notice], Callable[[Service, Bot, Any], Awaitable[None]]] = {}


def wait_for(kind: type[N], handler: Callable[[Service, Bot, N], Awaitable[None]]) -> None:
    """Register who hears of this kind of notice. Raises ValueError when somebody does already."""
    if kind in notices:
        raise ValueError(f"two who wait for {kind.__name__}")
    notices[kind] = handler


def read_notice(event: Event) -> Notice | None:
    """The notice that an event is, or None. NapCat and LLBot write reactions one way, Lagrange another."""
    if event.post_type != "notice":
        return None
    data = event.model_dump()
    group_id, message_id = as_number(data.get("group_id")), as_number(data.get("message_id"))
    actor = as_number(data.get("operator_id") or data.get("user_id"))
    if group_id is None or message_id is None or actor is None:
        return None
    match data.get("notice_type"):
        case "group_recall":
            return Recall(group_id, message_id, as_number(data.get("user_id")) or actor, actor)
        case "group_msg_emoji_like":
            likes = data.get("likes")
            first = cast(dict[str, Any], likes[0]) if isinstance(likes, list) and likes else {}
            emoji, added = str(first.get("emoji_id", "")), data.get("is_add") is not False
            return Reaction(group_id, message_id, as_number(data.get("user_id")) or actor, emoji, added)
        case "reaction":
            return Reaction(group_id, message_id, actor, str(data.get("code", "")), data.get("sub_type") != "remove")
        case _:
            return None
