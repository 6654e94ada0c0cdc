"""A group with the bot in it, and a clock that is moved by hand: what is posted when."""

from dataclasses import replace
from typing import Any

from nonebot import get_adapter
from nonebot.adapters.onebot.v11 import Adapter, Message, MessageSegment
from sqlalchemy import Connection, text

from plugins._chat.deliverer import deliver_due
from plugins._chat.service import Service, open_service
from plugins._onebot.group import Spoken
from plugins._onebot.implementation import Json
from tests.chat.loopback import LoopbackBot, Moody, group, text_of, text_of_segments
from tests.chat.transcript import group_message
from tests.people import BOT, GROUP, SECOND, Account, Clock


class Evening:
    """A group, the bot in it, and the clock."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.onebot = Moody(BOT.user_id, group(clock))
        self.second = Moody(SECOND.user_id, self.onebot.group, shift=90_000)
        self.clock = clock
        self.bot, self.other = LoopbackBot(self.onebot), LoopbackBot(self.second)
        self.bots = [self.bot]
        self.service = replace(service, bots=lambda: self.bots)
        open_service(self.service)

    async def says(self, who: Account, words: str, to: Account | None = None) -> list[str]:
        """Somebody says something, perhaps with an @ behind it; what the bot answers at once."""
        message = Message([MessageSegment.text(words)]) + ([MessageSegment.at(to.user_id)] if to else [])
        said = len(self.onebot.group.messages)
        segments: list[Json] = [{"type": each.type, "data": each.data} for each in message]
        spoken = self.onebot.group.speak(who.user_id, segments)
        for bot in list(self.bots):
            await self.hears(bot, who, spoken)
        return [text_of(each).partition("]")[2] for each in self.onebot.group.messages[said + 1 :]]

    async def hears(self, bot: LoopbackBot, who: Account, spoken: Spoken) -> None:
        """One account hears what somebody said, under its own id."""
        whole = bot.implementation.event(spoken)
        message = Message([MessageSegment(each["type"], each["data"]) for each in spoken.segments])
        more = {"real_seq": whole["real_seq"], "self_id": int(bot.self_id)}
        await bot.handle_event(group_message(who, message, whole["message_id"], GROUP, self.clock, **more))

    async def notices(self, bot: LoopbackBot | None = None, /, **notice: Any) -> None:
        """Something happens, and the bot hears of it."""
        bot = bot or self.bot
        whole = {"time": int(self.clock().timestamp()), "self_id": int(bot.self_id), "group_id": GROUP}
        kind = {"post_type": "meta_event"} if "meta_event_type" in notice else {"post_type": "notice"}
        event = get_adapter(Adapter).json_to_event({**whole, **kind, **notice})
        assert event is not None
        await bot.handle_event(event)

    async def later(self, **span: float) -> list[str]:
        """Let some time pass; what the bot then posts by itself."""
        said = len(self.onebot.group.messages)
        self.clock.forward(**span)
        await deliver_due(self.service)
        return [text_of(each) for each in self.onebot.group.messages[said:]]

    def told(self, person: Account) -> list[str]:
        """What somebody was told in private."""
        both = [*self.onebot.private, *self.second.private]
        return [text_of_segments(message) for who, message in both if who == person.user_id]

    async def at(self, day: int, hour: int, minute: int = 0) -> list[str]:
        """Let the clock stand at this time of November in Shanghai; what the bot then posts by itself."""
        said = len(self.onebot.group.messages)
        self.clock.at = self.clock.at.replace(day=day, hour=hour - 8, minute=minute)
        await deliver_due(self.service)
        return [text_of(each) for each in self.onebot.group.messages[said:]]

    async def states(self) -> dict[str, str]:
        def query(connection: Connection) -> dict[str, str]:
            rows = connection.execute(text("SELECT kind, state FROM deliveries WHERE talk = 4"))
            return {row[0]: row[1] for row in rows}

        return await self.service.db.read(query)
