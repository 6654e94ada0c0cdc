"""The bot's accounts as QQ sees them: who is online, who is in which group, who may speak there."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from plugins._chat.incoming.message import as_number
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate

EVER = datetime.max.replace(tzinfo=UTC)
Place = tuple[str, int]  # an account in a group


@dataclass
class LineUp:
    """What is known at present; kept in memory, and asked for anew on every connection."""

    offline: set[str] = field(default_factory=set[str])
    _silent: dict[Place, datetime] = field(default_factory=dict[Place, datetime])
    _whole: set[int] = field(default_factory=set[int])
    _admins: set[Place] = field(default_factory=set[Place])
    _absent: set[Place] = field(default_factory=set[Place])
    _refused: dict[Place, int] = field(default_factory=dict[Place, int])

    def may_speak(self, account: str, group_id: int, now: datetime) -> bool:
        """Whether nothing is known that keeps the account from speaking there."""
        place = (account, group_id)
        if self._silent.get(place, now) > now:
            return False
        return group_id not in self._whole or place in self._admins

    def is_in(self, account: str, group_id: int) -> bool:
        return (account, group_id) not in self._absent

    def mute(self, account: str, group_id: int, until: datetime) -> None:
        self._silent[account, group_id] = until

    def lift(self, account: str, group_id: int) -> None:
        self._silent.pop((account, group_id), None)
        self._refused.pop((account, group_id), None)

    def mute_all(self, group_id: int) -> None:
        """Only the group's owner and admins may speak."""
        self._whole.add(group_id)

    def lift_all(self, group_id: int) -> None:
        self._whole.discard(group_id)
        for account, group in list(self._refused):
            if group == group_id:
                self.lift(account, group)

    def joined(self, account: str, group_id: int) -> None:
        self._absent.discard((account, group_id))
        self.lift(account, group_id)

    def gone(self, account: str, group_id: int) -> None:
        """The account was put out of the group."""
        self._absent.add((account, group_id))
        self.mute(account, group_id, EVER)

    def refused(self, account: str, group_id: int, now: datetime) -> None:
        """A message was refused for a mute that nobody told of: wait longer each time, until a lift is told."""
        times = self._refused.get((account, group_id), 0)
        self._refused[account, group_id] = times + 1
        self.mute(account, group_id, now + min(timedelta(minutes=5) * 2**times, timedelta(hours=1)))

    def set_admin(self, account: str, group_id: int, *, is_admin: bool) -> None:
        (self._admins.add if is_admin else self._admins.discard)((account, group_id))

    async def look(self, bot: Bot, group_id: int, now: datetime) -> None:
        """Ask QQ's side how things stand for an account in a group; what it does not say stays as it was.

        Source: NapCat's and LLBot's `shut_up_timestamp` (seconds) and NapCat's `group_all_shut` (not 0: muted).
        """
        me = await sending.attempt(
            bot, "get_group_member_info", group_id=group_id, user_id=int(bot.self_id), no_cache=True
        )
        place = (bot.self_id, group_id)
        if me.fate is Fate.REJECTED:
            logger.info(f"account {bot.self_id} does not seem to be in group {group_id}: {me.why}")
            self._absent.add(place)
        elif me.fate is Fate.SENT:
            self._take(place, me.data or {}, now)
        group = await sending.attempt(bot, "get_group_info", group_id=group_id)
        if group.fate is Fate.SENT and (shut := as_number((group.data or {}).get("group_all_shut"))) is not None:
            (self._whole.add if shut else self._whole.discard)(group_id)

    def _take(self, place: Place, me: dict[str, Any], now: datetime) -> None:
        self._absent.discard(place)
        self.set_admin(*place, is_admin=me.get("role") in ("owner", "admin"))
        until = as_number(me.get("shut_up_timestamp"))
        if until is not None and until > now.timestamp():
            self.mute(*place, datetime.fromtimestamp(min(until, 32_000_000_000), UTC))
        elif until is not None:
            self._silent.pop(place, None)
