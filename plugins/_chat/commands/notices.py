"""What happens beside messages: recalls, reactions, mutes, people who leave, accounts that go offline.

Feature plugins say who waits for which.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from nonebot.adapters.onebot.v11 import Bot, Event

from plugins._chat.incoming.message import as_number
from plugins._chat.service import Service
from plugins._talk.foreign_text import one_line, storable


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


@dataclass(frozen=True)
class Mute:
    """Somebody may not speak for so many seconds (None: until it is lifted; 0: they may again); 0 are all."""

    group_id: int
    member: int
    seconds: int | None


@dataclass(frozen=True)
class Left:
    """Somebody is in the group no longer."""

    group_id: int
    member: int


@dataclass(frozen=True)
class Joined:
    """Somebody came into the group."""

    group_id: int
    member: int


@dataclass(frozen=True)
class Admin:
    """Somebody became an admin of the group, or is none any more."""

    group_id: int
    member: int
    is_admin: bool


@dataclass(frozen=True)
class Health:
    """Whether the account behind a connection is logged in to QQ."""

    online: bool
    why: str = ""


Notice = Recall | Reaction | Mute | Left | Joined | Admin | Health
# What each account is told for itself; the rest all accounts in a group hear, and one does something about it.
OWN = (Mute, Left, Joined, Admin, Health)
N = TypeVar("N", Recall, Reaction, Mute, Left, Joined, Admin, Health)
Waiter = Callable[[Service, Bot, Any], Awaitable[None]]
notices: dict[type[Notice], list[Waiter]] = {}
LONGEST = 366 * 24 * 3600  # a longer mute has no end: implementations write -1 or a huge number


def wait_for(kind: type[N], handler: Callable[[Service, Bot, N], Awaitable[None]]) -> None:
    """Register somebody who hears of this kind of notice, each for what is theirs."""
    notices.setdefault(kind, []).append(handler)


def read_notice(event: Event) -> Notice | None:
    """The notice that an event is, or None. NapCat and LLBot write reactions one way, Lagrange another."""
    if event.post_type not in ("notice", "meta_event"):
        return None
    data = event.model_dump()
    if data.get("meta_event_type") == "heartbeat":
        return Health(_dict(data.get("status")).get("online") is not False)
    if data.get("notice_type") == "bot_offline":
        return Health(online=False, why=one_line(str(data.get("message") or data.get("tag") or ""))[:100])
    group_id, member = as_number(data.get("group_id")), as_number(data.get("user_id"))
    if group_id is None:
        return None
    return _of_member(data, group_id, member) if member is not None else _of_message(data, group_id, None)


def _of_member(data: dict[str, Any], group_id: int, member: int) -> Notice | None:
    match data.get("notice_type"):
        case "group_ban":
            seconds = as_number(data.get("duration")) or 0
            if data.get("sub_type") == "lift_ban" or (member and seconds == 0):
                return Mute(group_id, member, 0)
            return Mute(group_id, member, seconds if 0 < seconds < LONGEST else None)
        case "group_decrease":
            return Left(group_id, member)
        case "group_increase":
            return Joined(group_id, member)
        case "group_admin":
            return Admin(group_id, member, is_admin=data.get("sub_type") == "set")
        case _:
            return _of_message(data, group_id, member)


def _of_message(data: dict[str, Any], group_id: int, member: int | None) -> Notice | None:
    message_id = as_number(data.get("message_id"))
    actor = as_number(data.get("operator_id")) or member
    if message_id is None or actor is None:
        return None
    match data.get("notice_type"):
        case "group_recall":
            return Recall(group_id, message_id, member or actor, actor)
        case "group_msg_emoji_like":
            likes = data.get("likes")
            first = _dict(cast(list[object], likes)[0]) if isinstance(likes, list) and likes else {}
            emoji, added = storable(str(first.get("emoji_id", ""))), data.get("is_add") is not False
            return Reaction(group_id, message_id, member or actor, emoji, added)
        case "reaction":
            return Reaction(group_id, message_id, actor, str(data.get("code", "")), data.get("sub_type") != "remove")
        case _:
            return None


def _dict(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
