"""Two of a kind: two accounts in one group on one process, two processes on one PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from plugins._onebot.group import Account, Spoken
from plugins._onebot.implementation import Implementation
from tests.chat.loopback import text_of
from tests.db.postgres import programs, running
from tests.people import AKAI, BOT, GROUP, LINXI, SECOND, SUC
from tests.process.bot_process import BotProcess, Line, Watched, connected, free_port, make_group

SETTINGS = {"TALK_GROUPS": f"[{GROUP}]", "TALK_FIRST_NUMBER": "4", "API_TIMEOUT": "5"}


def lines(group: Watched) -> tuple[Implementation, Implementation]:
    return Implementation(BOT.user_id, group), Implementation(SECOND.user_id, group, shift=90_000)


async def says(who: Account, words: str, *accounts: Implementation) -> Spoken:
    """Said once in the group; every account there hears it, under an id of its own."""
    spoken = accounts[0].group.speak(who.user_id, [{"type": "text", "data": {"text": words}}])
    for account in accounts:
        await account.hear(spoken)
    return spoken


def by(group: Watched, account: Account) -> list[str]:
    return [text_of(each) for each in group.messages if each.user_id == account.user_id]


async def test_of_two_accounts_one_answers_and_the_other_takes_over(tmp_path: Path) -> None:
    group = make_group()
    one, two = lines(group)
    bot = BotProcess(tmp_path, **SETTINGS, LOG_LEVEL="DEBUG")
    await bot.start()
    async with AsyncExitStack() as second_stays:
        async with connected(group, bot, onebot=one) as line:
            await line.asks(LINXI, "/help")
            await second_stays.enter_async_context(connected(group, bot, onebot=two))
            await bot.prints("caught up with", 2)  # what is said meanwhile may be told as missed
            await says(LINXI, "/news https://a.com/1 甲", one, two)
            await line.hears(1, 2)
            await says(AKAI, "/news https://a.com/2 乙", two, one)
            said = await line.hears(1, 3)
            assert [row.split("]")[1] for row in said[1:]] == [
                "004 期本周新闻 #1 已收录：甲",
                "004 期本周新闻 #2 已收录：乙",
            ]
            assert by(group, SECOND) == []
        since = len(group.messages)
        await says(SUC, "/news https://a.com/3 丙", two)
        assert (await Line(group, two).hears(since, 1))[0].endswith("004 期本周新闻 #3 已收录：丙")
        assert len(by(group, SECOND)) == 1
    await bot.stop()


async def test_a_deaf_account_is_stood_in_for(tmp_path: Path) -> None:
    """The first is connected and hears nothing any more: the second waits a little, then answers."""
    group = make_group()
    one, two = lines(group)
    bot = BotProcess(tmp_path, **SETTINGS)
    await bot.start()
    async with connected(group, bot, onebot=one) as line, connected(group, bot, onebot=two):
        await bot.prints("connected", 2)
        await bot.prints("connection open", 2)
        await says(LINXI, "/news https://a.com/1 甲", two)
        said = await line.hears(0, 1)
        assert said[0].endswith("004 期本周新闻 #1 已收录：甲")
    await bot.stop()


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    if programs() is None and not os.environ.get("CI"):
        pytest.skip("no PostgreSQL on this machine: two processes were not tried")
    with running(free_port()) as engine:
        yield engine.url.render_as_string(hide_password=False)


async def test_of_two_processes_one_is_on_duty_and_the_other_takes_over(tmp_path: Path, postgres: str) -> None:
    group = make_group()
    one, two = lines(group)
    first, second = (BotProcess(tmp_path, **SETTINGS, DATABASE_URL=postgres, LOG_LEVEL="INFO") for _ in range(2))
    await first.start()
    async with connected(group, first, onebot=one) as line:
        await first.prints("on duty for")
        await second.start()
        async with connected(group, second, onebot=two):
            for number, who in enumerate((LINXI, AKAI, SUC), 1):
                await says(who, f"/news https://a.com/{number} 第 {number} 条", two, one)
                said = await line.hears(0, number)
                assert said[-1].endswith(f"004 期本周新闻 #{number} 已收录：第 {number} 条")
            assert by(group, SECOND) == []
            await first.kill()
            since, at = len(group.messages), group.now()
            await says(LINXI, "/news https://a.com/4 第 4 条", two)
            said = await Line(group, two).hears(since, 1)
            assert said[0].endswith("004 期本周新闻 #4 已收录：第 4 条")
            await second.prints("on duty for")
            assert group.now() - at < 30
            assert len(by(group, SECOND)) == 1
    await second.stop()
    assert "Traceback" not in first.output + second.output
