"""Membership in the served groups: private chats are answered for members only."""

from collections.abc import Collection
from dataclasses import dataclass, field

from nonebot.adapters.onebot.v11 import Bot, MessageEvent

from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate

KEPT = 600.0  # seconds for which an answer is cached
MOST_KEPT = 1_000


@dataclass
class Members:
    """A cache of membership in the served groups; each entry has its monotonic expiry time."""

    known: dict[int, tuple[bool, float]] = field(default_factory=dict[int, tuple[bool, float]])

    async def includes(self, bot: Bot, event: MessageEvent, groups: Collection[int], now: float) -> bool | None:
        """Whether the sender of a private message is in one of `groups`, or a superuser; None if unknown.

        A temporary session names its group; otherwise OneBot is queried. `now` is in monotonic seconds.
        """
        if str(event.user_id) in bot.config.superusers or chat_group(event) in groups:
            return True
        known, until = self.known.get(event.user_id, (None, 0.0))
        if known is not None and now < until:
            return known
        found = await self._ask(bot, event.user_id, groups)
        if found is not None:
            if len(self.known) >= MOST_KEPT:
                self.known.clear()
            self.known[event.user_id] = (found, now + KEPT)
        return found

    async def _ask(self, bot: Bot, qq: int, groups: Collection[int]) -> bool | None:
        sure = True
        for group_id in groups:
            answer = await sending.attempt(bot, "get_group_member_info", group_id=group_id, user_id=qq)
            if answer.fate is Fate.SENT:
                return True
            sure = sure and answer.fate is Fate.REJECTED
        return False if sure else None


def chat_group(event: MessageEvent) -> int | None:
    """The group of a temporary private session, if the OneBot implementation reports it."""
    whole = event.model_dump()
    group_id = whole.get("group_id") or whole["sender"].get("group_id")
    return int(group_id) if str(group_id or "").isdecimal() else None
