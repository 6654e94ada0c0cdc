"""Reacts to a message with an emoji, through whichever API the OneBot implementation has."""

from typing import Any
from weakref import WeakKeyDictionary

from nonebot.adapters.onebot.v11 import Bot

from plugins._chat.outgoing.sending import Fate, attempt

# NapCat and LLBot have the first, Lagrange the second, go-cqhttp neither.
_WAYS = ("set_msg_emoji_like", "set_group_reaction")
_way: "WeakKeyDictionary[Bot, str]" = WeakKeyDictionary()


def shown(emoji: str) -> str:
    """QQ's emoji id as a displayable character; QQ's own faces have none."""
    return chr(int(emoji)) if int(emoji) > 1000 else f"[表情{emoji}]"


async def react(bot: Bot, group_id: int, message_id: int, emoji: str) -> bool:
    """React to a message with an emoji (QQ's id); False if it failed or its success is unknown."""
    for way in [_way[bot]] if bot in _way else _WAYS:
        params: dict[str, Any] = {"message_id": message_id}
        params |= (
            {"emoji_id": emoji, "set": True}
            if way == "set_msg_emoji_like"
            else {"group_id": group_id, "code": emoji, "is_add": True}
        )
        outcome = await attempt(bot, way, **params)
        if outcome.fate is Fate.SENT:
            _way[bot] = way
            return True
        if outcome.fate is not Fate.REJECTED:
            return False
    return False
