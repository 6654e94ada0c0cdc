"""A whole evening with a whole process: eight people talk at once, and kill -9 comes in the middle."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from db.opening import open_database
from db.queries import questions, remarks, talks, turns
from plugins._onebot.group import Account, Spoken
from plugins._onebot.implementation import Json
from plugins._talk.links.share import read_shared
from plugins._talk.usecases import roles, submissions
from plugins._talk.usecases.desk import Desk
from tests.chat.loopback import text_of
from tests.people import BOT, GROUP, LINXI, MONDAY, PEOPLE
from tests.process.bot_process import (
    PATIENCE,
    SHANGHAI,
    BotProcess,
    Line,
    Night,
    Watched,
    connected,
    make_group,
    meets_at,
    open_talk_at,
    without_faketime,
)

LURKER, CHATTER = Account(1_777_000_777, "潜水员", "潜水的小王"), "我家猫今天会后空翻"
CROWD = [*PEOPLE.values(), *(Account(1_900_000_000 + place, f"群友{place}", f"群友{place}") for place in range(1))]


def submits(section: str, words: str) -> Callable[[Desk], object]:
    def wish(desk: Desk) -> object:
        found = desk.series.section(section)
        return submissions.submit(desk, found, read_shared(words, found, 20))

    return wish


def hosts(desk: Desk) -> object:
    return roles.claim(desk, "主持人")


WISHES = (
    submits("news", "https://a.com/1 MOSS-RLHF"),
    submits("news", "https://a.com/2 长驼"),
    submits("rec", "https://a.com/3 推理算法"),
    hosts,
)


class Crowd:
    """Eight people in the group, who talk at once."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.group = line.group

    async def at_once(self, words: list[str], to: list[Spoken] | None = None) -> list[Spoken]:
        """Each says their line, all at the same time; some as a reply."""
        quoted = to or [None] * len(words)
        return await asyncio.gather(*(self._say(*each) for each in zip(CROWD, words, quoted, strict=True)))

    async def _say(self, who: Account, words: str, to: Spoken | None) -> Spoken:
        return await self.line.onebot.say(who.user_id, segments(words, to))

    async def answered(self, said: list[Spoken], at_least: int | None = None) -> None:
        """Wait until so many of these (all) have got a reply."""
        async with asyncio.timeout(PATIENCE):
            while sum(bool(replies_to(self.group, each)) for each in said) < (at_least or len(said)):
                self.group.changed.clear()
                await self.group.changed.wait()


def segments(words: str, to: Spoken | None) -> list[Json]:
    reply: list[Json] = [{"type": "reply", "data": {"id": str(to.message_id)}}] if to else []
    return [*reply, {"type": "text", "data": {"text": words}}]


def replies_to(group: Watched, spoken: Spoken) -> list[str]:
    """What the bot said in answer to a message."""
    quoting = f"[{spoken.message_id}]"
    return [text_of(m) for m in group.messages if m.user_id == BOT.user_id and text_of(m).startswith(quoting)]


def said_by_itself(group: Watched) -> list[str]:
    texts = [text_of(each) for each in group.messages if each.user_id == BOT.user_id]
    return [text for text in texts if not text.startswith("[")]


async def test_a_whole_evening(tmp_path: Path) -> None:
    starts_at = datetime.now(UTC) + timedelta(minutes=5)
    toml = meets_at(tmp_path, starts_at)
    await open_talk_at(tmp_path, datetime.now(UTC) - timedelta(minutes=10), *WISHES, toml=toml)
    settings = {"TALK_GROUPS": f"[{GROUP}]", "TALK_FILE": str(toml)}
    group = make_group(Night(datetime.now(UTC)))  # what is said has its time, also for who hears it later
    group.accounts.update({each.user_id: each for each in (*CROWD, LURKER)})
    bot = BotProcess(tmp_path, **settings)
    await bot.start()
    async with connected(group, bot) as line:
        crowd = Crowd(line)
        said = await line.asks(LINXI, "/start")
        assert said[0].startswith("【OpenLLM Talk 004】开场啦 主持人 @")
        said = await line.asks(LINXI, "/next")
        assert said[0].startswith("▶ 本周新闻 · #1 MOSS-RLHF")
        asked = await crowd.at_once([f"/ask 第 {place} 个问题？" for place in range(8)])
        await crowd.answered(asked)
        answers = await crowd.at_once([f"/answer 第 {place} 个回答" for place in range(8)], [asked[-1], *asked[:-1]])
        await crowd.answered(answers, at_least=3)
        await line.onebot.say(LURKER.user_id, segments(CHATTER, None))
        assert (await line.asks(LINXI, "/help"))[0]  # what was said before it has been heard
        await bot.kill()
    chat = [group.speak(who.user_id, segments(f"{who.card} 的看法", None)) for who in CROWD]
    quotes = [group.speak(who.user_id, segments("/quote", to)) for who, to in zip(CROWD, chat, strict=True)]
    group.speak(LINXI.user_id, segments("/next #2", None))  # a bare one counts once within five seconds
    again = BotProcess(tmp_path, **settings)
    await again.start()
    async with connected(group, again) as line:
        crowd = Crowd(line)
        await until_said(group, "刚才不在，补上了")
        await until_said(group, "▶ 本周新闻 · #2 长驼")
        votes = await crowd.at_once(["/vote Q1"] * 8)
        await crowd.answered(votes)
        since = len(group.messages)
        await line.asks(LINXI, "/next #3")
        await line.asks(LINXI, "/end")
        said = await line.hears(since, 2)
        assert said[0].startswith("▶ 本周推荐 · #3 推理算法")
        assert "讲到 3 条" in said[1], said
    await again.stop()
    assert "Traceback" not in bot.output + again.output
    what_is_logged(bot.output + again.output)
    assert all(len(replies_to(group, each)) <= 1 for each in (*asked, *answers, *quotes, *votes))
    assert max(Counter(said_by_itself(group)).values()) == 1
    await what_is_stored(tmp_path, group)


async def until_said(group: Watched, words: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(text.startswith(words) for text in said_by_itself(group)):
            group.changed.clear()
            await group.changed.wait()


def what_is_logged(log: str) -> None:
    """What the bot did, with talk and message; not a word that anybody said, and nobody who only chatted."""
    assert re.search(r"\| 004 Q1 filed \(message \d+\)", log)
    assert re.search(r"\| 004 quote filed \(message \d+\)", log)
    assert f"| opening 004 sent to group {GROUP}" in log
    assert str(LURKER.user_id) not in log
    assert LURKER.card not in log
    for words in (CHATTER, "个问题", "个回答", "的看法", "MOSS-RLHF", "/next #"):
        assert words not in log


async def what_is_stored(folder: Path, group: Watched) -> None:
    """Every question, answer, quote and vote once, however it came; the turns without a gap."""

    def look(connection: Connection) -> None:
        talk = talks.by_number(connection, 4)
        assert talk is not None
        assert (talk.state, talk.ended_by) == ("held", LINXI.user_id)
        assert talk.started_at is not None
        asked = questions.of_talk(connection, 4)
        assert sorted(each.text for each in asked) == [f"第 {place} 个问题？" for place in range(8)]
        assert [each.number for each in asked] == list(range(1, 9))
        assert {each.answers for each in asked} == {1}
        assert next(each.votes for each in asked if each.number == 1) == 7  # all but the asker
        said = remarks.of_talk(connection, 4)
        assert Counter((each.kind, each.author.qq) for each in said) == Counter(
            (kind, who.user_id) for kind in ("answer", "quote") for who in CROWD
        )
        seen = turns.of_talk(connection, 4)
        assert [each.section for each in seen] == [None, "news", "news", "rec"]
        assert [each.began_at for each in seen[1:]] == [each.ended_at for each in seen[:-1]]
        assert (seen[0].began_at, seen[-1].ended_at) == (talk.started_at, talk.ended_at)

    database = open_database(f"sqlite:///{folder}/data/talk.db")
    await database.read(look)
    database.close()


@without_faketime
async def test_the_clock_goes_on_after_kill_9(tmp_path: Path) -> None:
    """Two minutes before the time is up another process says so, and not a second time."""
    await open_talk_at(tmp_path, MONDAY + timedelta(days=5, hours=8.75), *WISHES)  # after the agenda's time
    night = Night(datetime(2026, 11, 28, 21, 0, tzinfo=SHANGHAI))
    group = make_group(night)
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]").by(night)
    await bot.start()
    async with connected(group, bot) as line:
        await line.asks(LINXI, "/start")
        said = await line.asks(LINXI, "/next #3")  # the only one of its section: an item's share of it has no warning
        assert "还有 15 分钟" in said[0]
        begun = night()
        await bot.kill()
    night.jump(begun + timedelta(minutes=12, seconds=56))
    again = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]").by(night)
    await again.start()
    async with connected(group, again):
        await until_said(group, "⏳ 本周推荐还有 2 分钟")
        assert begun + timedelta(minutes=12, seconds=58) <= night() <= begun + timedelta(minutes=13, seconds=20)
        await again.kill()
    third = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]", LOG_LEVEL="DEBUG").by(night)
    await third.start()
    async with connected(group, third):
        await third.prints("caught up with")
        await third.prints("looked for what is due", third.output.count("looked for what is due") + 1)
    await third.stop()
    assert sum(text.startswith("⏳") for text in said_by_itself(group)) == 1
