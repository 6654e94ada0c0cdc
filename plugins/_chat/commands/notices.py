"""Events other than messages: recalls, reactions, mutes, members joining or leaving, accounts going offline.

Feature plugins register the handlers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from nonebot.adapters.onebot.v11 import Bot, Event

from plugins._chat.incoming.message import as_number
from plugins._chat.service import Service
from plugins._talk.foreign_text import one_line, storable
from plugins._talk.usecases.desk import Visit


@dataclass(frozen=True)
class Recall:
    """A message was recalled, by its author or by an admin."""

    group_id: int
    message_id: int
    author: int
    operator: int


@dataclass(frozen=True)
class Reaction:
    """A member added or removed a reaction to a message. `emoji` is QQ's emoji id."""

    group_id: int
    message_id: int
    by: int
    emoji: str
    added: bool

    def visit(self, now: datetime, *, trusted: bool = False, record: str | None = None) -> Visit:
        """The visit of who reacted, with the message that they reacted to; `record` is what /undo calls it."""
        return Visit(
            group_id=self.group_id,
            message_id=self.message_id,
            qq=self.by,
            card="",
            trusted=trusted,
            said_at=now,
            record=record,
        )


@dataclass(frozen=True)
class Mute:
    """A member is muted for `seconds` (None: indefinitely; 0: unmuted). `member` 0 means the whole group."""

    group_id: int
    member: int
    seconds: int | None


@dataclass(frozen=True)
class Left:
    """A member left the group or was removed."""

    group_id: int
    member: int


@dataclass(frozen=True)
class Joined:
    """A member joined the group."""

    group_id: int
    member: int


@dataclass(frozen=True)
class Admin:
    """A member became a group admin, or stopped being one."""

    group_id: int
    member: int
    is_admin: bool


@dataclass(frozen=True)
class Health:
    """Whether the account behind a connection is logged in to QQ."""

    online: bool
    why: str = ""


Notice = Recall | Reaction | Mute | Left | Joined | Admin | Health
# Handled by every account that receives them; other notices only by the account that answers in the group.
OWN = (Mute, Left, Joined, Admin, Health)
N = TypeVar("N", Recall, Reaction, Mute, Left, Joined, Admin, Health)
Waiter = Callable[[Service, Bot, Any], Awaitable[None]]
notices: dict[type[Notice], list[Waiter]] = {}
LONGEST = 366 * 24 * 3600  # a longer mute is indefinite: implementations send -1 or a huge number


def wait_for(kind: type[N], handler: Callable[[Service, Bot, N], Awaitable[None]]) -> None:
    """Register a handler for a kind of notice; each handler filters for the notices it cares about."""
    notices.setdefault(kind, []).append(handler)


def read_notice(event: Event) -> Notice | None:
    """Parse an event as a notice, or None. Reactions differ between NapCat/LLBot and Lagrange."""
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
