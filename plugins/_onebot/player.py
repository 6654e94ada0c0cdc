"""Plays a script in the sandbox's group, at reading speed: each line after what the bot said to the one before."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from plugins._onebot.group import Group
from plugins._onebot.script import Forward, Line, Passes, Says

SHORTEST, LONGEST, A_SECOND = 1.0, 4.0, 40  # seconds for a message, and characters that are read in one
ANSWERED, POSTED = 6.0, 4.0  # seconds that an answer, or what is due at a time, is waited for
SOONEST = 0.7  # seconds that something due needs to be posted, however fast the show is


class Player:
    """Plays scripts; `says` speaks for a member, `passes` forwards messages, `forward` sets the clock."""

    def __init__(
        self,
        group: Group,
        bot: int,
        says: Callable[[str, str], Awaitable[None]],
        passes: Callable[[str, int], Awaitable[None]],
        forward: Callable[[Forward], Awaitable[bool]],
    ) -> None:
        self._group, self._bot = group, bot
        self._says, self._passes, self._forward = says, passes, forward
        self.spoken = asyncio.Event()  # set by whoever hears the group

    async def play(self, script: Sequence[Line], speed: float) -> None:
        """Play all lines; `speed` 1 is for reading, more is faster."""
        for line in script:
            before = self._said()
            match line:
                case Says(who, words):
                    await self._says(who, words)
                    await self._answered(before, ANSWERED if words.startswith(("/", "@")) else 0)
                    await asyncio.sleep(min(LONGEST, SHORTEST + len(words) / A_SECOND) / speed)
                case Passes(who, count):
                    await self._passes(who, count)
                    await asyncio.sleep(SHORTEST / speed)
                case Forward():
                    if await self._forward(line):
                        await self._answered(before, max(SOONEST, POSTED / speed))
                        await asyncio.sleep(LONGEST / speed)

    def _said(self) -> int:
        return sum(1 for each in self._group.messages if each.user_id == self._bot)

    async def _answered(self, before: int, patience: float) -> None:
        """Wait until the bot has said something more, for at most so many seconds."""
        try:
            async with asyncio.timeout(patience):
                while self._said() <= before:
                    self.spoken.clear()
                    await self.spoken.wait()
        except TimeoutError:
            return
