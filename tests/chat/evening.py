"""A group with the bot in it, and a clock that is moved by hand: what is posted when."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from nonebot import get_adapter
from nonebot.adapters.onebot.v11 import Adapter, Message, MessageSegment
from sqlalchemy import Connection, text

from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.service import Service, open_service
from plugins._onebot.group import Spoken
from plugins._onebot.implementation import Json
from tests.chat.loopback import FIRST_ID, LoopbackBot, Moody, group, text_of, text_of_segments
from tests.chat.transcript import group_message, lines_of
from tests.people import BOT, GROUP, PEOPLE, SECOND, Account, Clock


def _text(words: str) -> Json:
    return {"type": "text", "data": {"text": words}}


class Evening:
    """A group, the bot in it, and the clock."""

    def __init__(self, service: Service, clock: Clock, first_id: int = FIRST_ID) -> None:
        self.onebot = Moody(BOT.user_id, group(clock, first_id))
        self.second = Moody(SECOND.user_id, self.onebot.group, shift=90_000)
        self.clock = clock
        self.bot, self.other = LoopbackBot(self.onebot), LoopbackBot(self.second)
        self.bots = [self.bot]
        self._day = clock()
        self._heard = 0
        self._expected: list[tuple[str, str]] = []
        self.service = service
        service.bots = lambda: self.bots
        open_service(self.service)

    def restarted(self) -> "Evening":
        """The same group and database after the bot was gone: nothing is left that it only remembered."""
        fresh = replace(self.service, process=uuid4().hex)
        again = Evening(fresh, self.clock)
        again.onebot.group = again.second.group = self.onebot.group
        again._heard = len(self.onebot.group.messages)
        return again

    async def says(self, who: Account, words: str, to: Account | None = None) -> list[str]:
        """Somebody says something, perhaps with an @ behind it; what the bot answers at once."""
        message = Message([MessageSegment.text(words)]) + ([MessageSegment.at(to.user_id)] if to else [])
        said = len(self.onebot.group.messages)
        segments: list[Json] = [{"type": each.type, "data": each.data} for each in message]
        spoken = self.onebot.group.speak(who.user_id, segments)
        for bot in list(self.bots):
            await self.hears(bot, who, spoken)
        self._heard = len(self.onebot.group.messages)
        return [text_of(each).partition("]")[2] for each in self.onebot.group.messages[said + 1 :]]

    async def hears(self, bot: LoopbackBot, who: Account, spoken: Spoken) -> None:
        """One account hears what somebody said, under its own id."""
        whole = bot.implementation.event(spoken)
        message = Message([MessageSegment(each["type"], each["data"]) for each in spoken.segments])
        more = {"real_seq": whole["real_seq"], "self_id": int(bot.self_id)}
        await bot.handle_event(group_message(who, message, whole["message_id"], GROUP, self.clock, **more))

    async def plays(self, script: str, day: int = 28) -> None:
        """Play an evening's chat: what people say at their times, and the bot in answer or by itself.

        How it is written stands in `transcript`.
        """
        self._day = datetime(2026, 11, day, tzinfo=self.service.series.zone)
        for line in lines_of(script):
            if line.who is None and line.time is None:
                self._expected.append(("", line.text))
                continue
            self._settled()
            if line.time is not None:
                await self._until(line.time)
            if line.who is None:
                self._expected.append((line.time or "", line.text))
            else:
                self._settled()
                await self._says(line.who, line.text, line.to)
        self._settled()

    async def quiet_until(self, time: str, days: int = 0) -> None:
        """The bot says nothing until then."""
        self._day += timedelta(days=days)
        self._settled()
        await self._until(time)
        self._settled()

    def _settled(self) -> None:
        """What the bot has said is what the script has."""
        said = [each for each in self.onebot.group.messages[self._heard :] if each.user_id == BOT.user_id]
        self._heard = len(self.onebot.group.messages)
        zone = self.service.series.zone
        times = [f"{datetime.fromtimestamp(each.time, zone):%H:%M:%S}" for each in said]
        expected, self._expected = self._expected, []
        found = [
            (time[: len(wanted)], self.shown(each))
            for each, time, (wanted, _) in zip(said, times, [*expected, *[("", "")] * len(said)], strict=False)
        ]
        assert found == expected, "\n".join(["said:", *map(str, found), "expected:", *map(str, expected)])

    async def _until(self, time: str) -> None:
        """Let the clock go to a time, with a look at what is due whenever something is."""
        hour, minute, second = (*(int(each) for each in time.split(":")), 0)[:3]
        target = (self._day + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)
        assert target >= self.clock(), f"{time} is over"
        while (upcoming := await deliver_due(self.service)) and upcoming <= target:
            self.clock.at = max(upcoming, self.clock.at)
        self.clock.at = target
        await deliver_due(self.service)

    async def _says(self, who: Account, words: str, to: str | None) -> None:
        quoted = self.found(to) if to else None
        parts = re.split(rf"(@(?:{'|'.join(PEOPLE)}))", words)
        segments: list[Json] = [{"type": "reply", "data": {"id": str(quoted.message_id)}}] if quoted else []
        for part in filter(None, parts):
            known = PEOPLE.get(part[1:]) if part.startswith("@") else None
            segments.append({"type": "at", "data": {"qq": str(known.user_id)}} if known else _text(part))
        await self.speaks(who, segments)

    async def speaks(self, who: Account, segments: list[Json]) -> Spoken:
        """Somebody says something in segments; the bot answers, and posts what is due then."""
        spoken = self.onebot.group.speak(who.user_id, segments)
        for bot in list(self.bots):
            await self.hears(bot, who, spoken)
        await deliver_due(self.service)
        return spoken

    def found(self, words: str) -> Spoken:
        """The newest message that says just this, else the newest with these words."""
        there = [(self.shown(each), each) for each in reversed(self.onebot.group.messages)]
        exact = [each for said, each in there if said == words]
        return next(each for each in (*exact, *(each for said, each in there if words in said)))

    def shown(self, message: Spoken) -> str:
        """A message as people see it: who is @ed by name, without what it quotes."""
        names = {str(each.user_id): name for name, each in PEOPLE.items()}
        text = re.sub(r"^\[\d+\]", "", text_of(message))
        return re.sub(r"@(\d+)", lambda match: f"@{names.get(match[1], match[1])}", text)

    async def reacts(self, who: Account, words: str, emoji: str = "128077", *, added: bool = True) -> None:
        """Somebody puts an emoji to the newest message with these words."""
        message = self.found(words)
        likes = [{"emoji_id": emoji, "count": 1}]
        notice = {"notice_type": "group_msg_emoji_like", "message_id": message.message_id, "likes": likes}
        await self.notices(**notice, user_id=who.user_id, is_add=added)

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
        self._heard = len(self.onebot.group.messages)
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
        self._heard = len(self.onebot.group.messages)
        return [text_of(each) for each in self.onebot.group.messages[said:]]

    async def states(self) -> dict[str, str]:
        def query(connection: Connection) -> dict[str, str]:
            rows = connection.execute(text("SELECT kind, state FROM deliveries WHERE talk = 4"))
            return {row[0]: row[1] for row in rows}

        return await self.service.db.read(query)
