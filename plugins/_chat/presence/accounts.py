"""State of the bot's accounts: online, group membership, mutes, and which account answers in each group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from plugins._chat.incoming.message import as_number
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate

FOREVER = datetime.max.replace(tzinfo=UTC)
Place = tuple[str, int]  # an account in a group


@dataclass
class Accounts:
    """The current state; kept in memory and refreshed on every connection.

    `on_duty` are the groups for which this process holds the lease (None: the database is not shared).
    """

    groups: Sequence[int]
    bots: Callable[[], Sequence[Bot]]
    now: Callable[[], datetime]
    on_duty: set[int] | None = None
    offline: set[str] = field(default_factory=set[str])
    _muted_until: dict[Place, datetime] = field(default_factory=dict[Place, datetime])
    _muted_groups: set[int] = field(default_factory=set[int])
    _admins: set[Place] = field(default_factory=set[Place])
    _absent: set[Place] = field(default_factory=set[Place])
    _refusals: dict[Place, int] = field(default_factory=dict[Place, int])

    def online(self) -> list[Bot]:
        """The connected accounts that are logged in to QQ."""
        return [bot for bot in self.bots() if bot.self_id not in self.offline]

    def first(self, group_id: int) -> Bot | None:
        """The account that answers in a group: the first that may speak, else the first one there."""
        there = [bot for bot in self.online() if (bot.self_id, group_id) not in self._absent] or self.online()
        able = (bot for bot in there if self.may_speak(bot, group_id))
        return next(able, there[0] if there else None)

    def may_speak(self, bot: Bot, group_id: int) -> bool:
        """Whether nothing is known that prevents the account from speaking in a group."""
        return self.may_speak_at(bot.self_id, group_id, self.now())

    def may_speak_at(self, account: str, group_id: int, moment: datetime) -> bool:
        """Like `may_speak`, at a given time."""
        place = (account, group_id)
        if self._muted_until.get(place, moment) > moment:
            return False
        return group_id not in self._muted_groups or place in self._admins

    def speaker(self, group_id: int) -> Bot | None:
        """The account that posts in a group, or None if none may speak there."""
        bot = self.first(group_id)
        return bot if bot and self.may_speak(bot, group_id) else None

    def answers(self, bot: Bot, group_id: int) -> bool:
        """Whether this account, in this process, is the one that acts on messages in a group."""
        first = self.first(group_id)
        return self.is_on_duty(group_id) and (first is None or first.self_id == bot.self_id)

    def is_on_duty(self, group_id: int) -> bool:
        """Whether this process is on duty for the group."""
        return self.on_duty is None or group_id in self.on_duty

    def speakable(self) -> list[int]:
        """The groups in which at least one account may speak now."""
        return [group for group in self.groups if self.speaker(group)]

    def mute(self, account: str, group_id: int, until: datetime) -> None:
        self._muted_until[account, group_id] = until

    def unmute(self, account: str, group_id: int) -> None:
        self._muted_until.pop((account, group_id), None)
        self._refusals.pop((account, group_id), None)

    def mute_all(self, group_id: int) -> None:
        """Record that only the group's owner and admins may speak."""
        self._muted_groups.add(group_id)

    def unmute_all(self, group_id: int) -> None:
        self._muted_groups.discard(group_id)
        for account, group in list(self._refusals):
            if group == group_id:
                self.unmute(account, group)

    def joined(self, account: str, group_id: int) -> None:
        self._absent.discard((account, group_id))
        self.unmute(account, group_id)

    def removed(self, account: str, group_id: int) -> None:
        """Record that the account was removed from the group."""
        self._absent.add((account, group_id))
        self.mute(account, group_id, FOREVER)

    def refused(self, account: str, group_id: int) -> None:
        """Record a message refused for an unreported mute: back off exponentially until the mute is lifted."""
        times = self._refusals.get((account, group_id), 0)
        self._refusals[account, group_id] = times + 1
        self.mute(account, group_id, self.now() + min(timedelta(minutes=5) * 2**times, timedelta(hours=1)))

    def set_admin(self, account: str, group_id: int, *, is_admin: bool) -> None:
        (self._admins.add if is_admin else self._admins.discard)((account, group_id))

    async def refresh(self, bot: Bot, group_id: int) -> None:
        """Query the implementation for an account's state in a group; missing values stay unchanged.

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
            self._take(place, me.data or {})
        group = await sending.attempt(bot, "get_group_info", group_id=group_id)
        if group.fate is Fate.SENT and (shut := as_number((group.data or {}).get("group_all_shut"))) is not None:
            (self._muted_groups.add if shut else self._muted_groups.discard)(group_id)

    def _take(self, place: Place, me: dict[str, Any]) -> None:
        self._absent.discard(place)
        self.set_admin(*place, is_admin=me.get("role") in ("owner", "admin"))
        until = as_number(me.get("shut_up_timestamp"))
        if until is not None and until > self.now().timestamp():
            self.mute(*place, datetime.fromtimestamp(min(until, 32_000_000_000), UTC))
        elif until is not None:
            self._muted_until.pop(place, None)
