"""A seeded run of everything that goes wrong at once, and what must be true at its end.

The steps follow from the seed alone, so that a run can be played again, and cut down to the steps that matter.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from nonebot import logger
from sqlalchemy import Connection, text

from db.engine import Database
from db.opening import open_database
from plugins._chat.connection.catching_up import catch_up, store_marks
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.reader import Reader
from plugins._chat.service import Service, open_service
from plugins._chat.stores.drawings import Drawings
from plugins._onebot.group import Account, Spoken
from plugins._onebot.implementation import Json
from plugins._talk.usecases.desk import Rules
from tests.chat.evening import Evening
from tests.chat.loopback import text_of
from tests.people import BOT, GROUP, MOMO, SECOND, XU, Clock

PEOPLE = [MOMO, XU, *(Account(1_700_000_000 + place, f"成员{place}", f"成员{place}") for place in range(28))]
PLAIN = [each for each in PEOPLE if each.role == "member"]
TIMEOUT = {"status": "failed", "retcode": 1200, "data": None, "wording": "Timeout: NTEvent sendMsg"}
REJECTED = {"status": "failed", "retcode": 1200, "data": None, "wording": "EventChecker Failed: result 120 风控"}
UNKNOWN = {"status": "failed", "retcode": 1404, "data": None, "wording": "不支持的Api"}
COMMANDS = (
    "/news https://a{n}.com/x 第 {n} 条", "/rec https://b{n}.com/x", "/rec 提名 {n}", "/mine", "/talk", "/roles", "/agenda",
    "/claim 新闻", "/claim 主持人", "/claim 编辑 下期", "/unclaim", "/ask 问题 {n}？", "/answer Q{k} 答 {n}", "/vote Q{k}",
    "/vote #{k}", "/withdraw #{k}", "/edit #{k} 改成 {n}", "/add #{k} https://c{n}.com/x", "/suggest 实践 愿望 {n}",
    "/reject #{k} 不要", "/pin #{k}", "/pick #{k}", "/next", "/extend 5", "/start", "/end", "/carry", "/minutes",
    "/postpone 周日 20:30", "/skip 不办", "/article https://d{n}.com/x", "/reopen 004", "/resend 议程", "/nick 名字{n}",
    "/search 第", "/help", "/nwes {n}", "闲聊 {n}", "/ping", "/restore #{k}", "/theme 推荐 主题 {n}", "/questions",
)  # fmt: skip
FAULTS = ("send_group_msg", "send_group_forward_msg", "get_group_msg_history", "get_group_member_info")
Step = tuple[str, int]


def steps_of(seed: int, count: int) -> list[Step]:
    """What happens, step by step; each step's own number decides the details, so that steps can be left out."""
    chance = random.Random(seed)  # noqa: S311 nothing secret
    kinds = (
        ["say"] * 60 + ["twice"] * 6 + ["missed"] * 8 + ["connect"] * 5 + ["fault"] * 8 + ["minutes"] * 6 + ["hours"] * 4
        + ["restart"] * 2 + ["clock"] * 2 + ["second"] * 2 + ["locked"] * 2 + ["full"] * 2 + ["recall"] * 3 + ["hole"]
    )  # fmt: skip
    return [(chance.choice(kinds), chance.randrange(2**32)) for _ in range(count)]


@dataclass
class Run:
    """One run over a database of its own; `broken` says what was not true."""

    folder: Path
    rules: Rules
    db: Database = field(init=False)
    clock: Clock = field(default_factory=Clock)
    ahead: timedelta = timedelta()
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    missed: list[Spoken] = field(default_factory=list[Spoken])
    tally: dict[str, int] = field(default_factory=dict[str, int])
    broken: list[str] = field(default_factory=list[str])

    async def play(self, steps: Sequence[Step]) -> list[str]:
        """Play the steps; returns what is not as it must be at the end."""
        self.folder.mkdir(parents=True)
        self.db = open_database(f"sqlite:///{self.folder}/talk.db")
        heard: list[str] = []
        handler = logger.add(heard.append, level="ERROR", format="{message}")
        try:
            self._begin()
            await catch_up(self.evening.service, self.evening.bot)
            for kind, detail in steps:
                self.tally[kind] = self.tally.get(kind, 0) + 1
                await getattr(self, f"_{kind}")(random.Random(detail))  # noqa: S311 nothing secret
                await deliver_due(self.evening.service)
            await self._settle()
            self.broken += [f"logged: {each[:300]}" for each in heard if "Traceback" in each]
            self.broken += await self.db.read(self._untrue)
        finally:
            logger.remove(handler)
            self.db.close()
        return self.broken

    def _begin(self) -> None:
        async def no_pause(_seconds: float) -> None:
            return None

        async def nothing(*_: Any, **__: Any) -> list[bytes]:
            return [b"\x89PNG"]

        drawings = Drawings(self.folder / "drawn")
        for name in ("agenda", "timeline"):
            setattr(drawings, name, nothing)  # a picture takes long, and has tests of its own
        reader = Reader(None, self.rules.series.advertising)
        service = Service(
            rules=self.rules,
            db=self.db,
            groups=(GROUP,),
            bots=list,
            clock=lambda: self.clock() + self.ahead,
            monotonic=lambda: self.clock().timestamp(),
            pause=no_pause,
            reader=reader,
            drawings=drawings,
            files=self.folder / "files",
        )
        open_service(service)
        self.evening = Evening(service, self.clock)
        for each in PEOPLE:
            self.evening.onebot.group.accounts[each.user_id] = each

    # What happens

    def _words(self, chance: random.Random) -> tuple[Account, str]:
        return chance.choice(PEOPLE), chance.choice(COMMANDS).format(
            n=chance.randrange(10**6), k=chance.randrange(1, 9)
        )

    def _speak(self, chance: random.Random) -> tuple[Account, Spoken]:
        self.clock.forward(seconds=chance.randrange(1, 20))
        who, words = self._words(chance)
        spoken = self.evening.onebot.group.speak(who.user_id, [{"type": "text", "data": {"text": words}}])
        return who, spoken

    async def _hear(self, who: Account, spoken: Spoken) -> None:
        before = len(self.evening.onebot.group.messages)
        for bot in list(self.evening.bots):
            await self.evening.hears(bot, who, spoken)
        for answer in self.evening.onebot.group.messages[before:]:
            said = text_of(answer)
            if f"[{spoken.message_id}]" in said and "已收录" in said:
                url = re.search(r"https://\S+", text_of(spoken))
                if url:
                    self.acknowledged[url[0]] = self.acknowledged.get(url[0], 0) + 1
            if "出了点意外" in said:
                self.broken.append(f"{text_of(spoken)}: {said}")

    async def _say(self, chance: random.Random) -> None:
        await self._hear(*self._speak(chance))

    async def _twice(self, chance: random.Random) -> None:
        who, spoken = self._speak(chance)
        await self._hear(who, spoken)
        await self._hear(who, spoken)

    async def _missed(self, chance: random.Random) -> None:
        self.missed.append(self._speak(chance)[1])

    async def _connect(self, _: random.Random) -> None:
        await store_marks(self.evening.service)
        await catch_up(self.evening.service, self.evening.bot)

    async def _fault(self, chance: random.Random) -> None:
        answers: list[Json | Exception | None] = [TIMEOUT, REJECTED, UNKNOWN, None, RuntimeError("socket closed")]
        fault = chance.choice(answers)
        arrives = chance.random() < 0.5 and fault in (TIMEOUT, None)
        self.evening.onebot.will(chance.choice(FAULTS), fault, arrives=arrives, times=chance.randrange(1, 4))

    async def _minutes(self, chance: random.Random) -> None:
        self.clock.forward(minutes=chance.randrange(1, 59))

    async def _hours(self, chance: random.Random) -> None:
        self.clock.forward(hours=chance.randrange(1, 12))

    async def _restart(self, _: random.Random) -> None:
        self.evening = self.evening.restarted()
        await catch_up(self.evening.service, self.evening.bot)

    async def _clock(self, chance: random.Random) -> None:
        self.ahead = timedelta(hours=chance.choice([-8, -1, 8, 24 * 5]))
        await deliver_due(self.evening.service)
        await self._say(chance)
        self.ahead = timedelta()

    async def _second(self, _: random.Random) -> None:
        """The other account comes or goes."""
        there = self.evening.bots
        self.evening.bots = there[:1] if len(there) > 1 else [*there, self.evening.other]
        self.evening.service.bots = lambda: self.evening.bots

    async def _locked(self, chance: random.Random) -> None:
        """The database cannot be written."""
        self._pragma("query_only = ON")
        await self._say(chance)
        self._pragma("query_only = OFF")

    def _pragma(self, words: str) -> None:
        raw = self.db.writer.raw_connection()
        raw.cursor().execute(f"PRAGMA {words}")
        raw.close()

    async def _full(self, chance: random.Random) -> None:
        """The disk has no room for another page."""
        self._pragma("max_page_count = 1")
        await self._say(chance)
        self._pragma("max_page_count = 1073741823")

    async def _recall(self, chance: random.Random) -> None:
        there = [
            each for each in self.evening.onebot.group.messages if each.user_id not in (BOT.user_id, SECOND.user_id)
        ]
        if there:
            message = chance.choice(there)
            people = {"operator_id": message.user_id, "user_id": message.user_id}
            await self.evening.notices(notice_type="group_recall", **people, message_id=message.message_id)

    async def _hole(self, chance: random.Random) -> None:
        """QQ's side forgets a message that the bot did not hear."""
        if self.missed:
            gone = self.missed.pop(chance.randrange(len(self.missed)))
            self.evening.onebot.group.recall(gone, gone.user_id)

    async def _settle(self) -> None:
        """All is well again, and whatever is still owed goes out."""
        self.evening.onebot.moods.clear()
        self.evening.second.moods.clear()
        await self._connect(random.Random(0))  # noqa: S311 nothing secret
        for _ in range(3):
            self.clock.forward(minutes=20)
            await deliver_due(self.evening.service)

    # What must be true

    def _untrue(self, connection: Connection) -> list[str]:
        def rows(query: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(text(query))]

        said = [
            text_of(each)
            for each in self.evening.onebot.group.messages
            if each.user_id in (BOT.user_id, SECOND.user_id)
        ]
        untrue = [f"not sound: {row}" for row in rows("PRAGMA integrity_check") if row != ("ok",)]
        untrue += [f"dangling: {row}" for row in rows("PRAGMA foreign_key_check")]
        untrue += [f"gap in the numbers: {row}" for row in rows(_GAPS)]
        untrue += [f"stored not once: {url} {count}" for url, count in _counts(rows(_STORED), self.acknowledged)]
        untrue += [f"seen twice: {each}" for each in _twice(said)]
        untrue += [
            f"no right to: {row}"
            for row in rows(_WITHOUT_RIGHTS.format(plain=",".join(str(each.user_id) for each in PLAIN)))
        ]
        untrue += [f"stuck: {row}" for row in rows("SELECT kind, talk, state FROM deliveries WHERE state = 'sending'")]
        numbers = [str(each.user_id) for each in PEOPLE]
        untrue += [
            f"a QQ number: {each[:80]}"
            for each in said
            if any(number in re.sub(r"@\d+", "", each) for number in numbers)
        ]
        return untrue


# Numbers are given out without gaps: what a talk has, and what went on from it to another.
_GAPS = """
SELECT t.number, t.last_item, count(DISTINCT n.number) FROM talks t LEFT JOIN
(SELECT talk, number FROM items UNION SELECT talk, number FROM carryovers) n ON n.talk = t.number
GROUP BY t.number, t.last_item HAVING t.last_item <> count(DISTINCT n.number)
"""
_STORED = "SELECT url, count(*) FROM items WHERE url IS NOT NULL GROUP BY url"
# Somebody without any role turned down what is another's.
_WITHOUT_RIGHTS = """
SELECT i.talk, i.number, i.removed_by FROM items i WHERE i.state = 'rejected' AND i.removed_by IN ({plain})
AND NOT EXISTS (SELECT 1 FROM handled_roles r WHERE r.member = i.removed_by)
""".replace("handled_roles", "role_holders")


def _counts(stored: Sequence[tuple[Any, ...]], acknowledged: dict[str, int]) -> list[tuple[str, int]]:
    found = {row[0]: row[1] for row in stored}
    return [(url, found.get(url, 0)) for url in acknowledged if found.get(url, 0) != 1]


def _twice(said: Sequence[str]) -> list[str]:
    """Reminders that stand in the group more than once for one talk and day; answers begin with what they quote."""
    headings = [each.partition("\n")[0] for each in said if re.match(r"\d{3} 期 ?(?:\d{4}-|明晚|辛苦)", each)]
    return [each for each in set(headings) if headings.count(each) > 1]


async def shortest(steps: list[Step], fails: Callable[[list[Step]], Any]) -> list[Step]:
    """The steps without those that can be left out while it still fails (a reduced form of delta debugging)."""
    size = max(1, len(steps) // 2)
    while size:
        place = 0
        while place < len(steps):
            without = steps[:place] + steps[place + size :]
            if await fails(without):
                steps = without
            else:
                place += size
        size //= 2
    return steps
