"""Each command that can be taken back leaves, when it is, everything as it was."""

import pytest
from sqlalchemy import Connection, select

from db.models import Base
from plugins._chat.commands.registry import commands
from tests.chat.evening import Evening
from tests.people import AKAI, LINXI, MOMO

# What is kept of a visit itself, or follows from the clock, and what people hear.
BESIDE = {
    "changes", "messages", "message_parts", "members", "deliveries", "delivery_parts", "chat_marks", "alarms",
    "item_messages", "discussion_messages", "leases", "search_stale", "search_texts",
}  # fmt: skip
NUMBERS = {"last_item", "last_question"}  # a number that was given out is not given out again
BEFORE = (
    "/meeting 腾讯会议 1", "/postpone 11-29 20:00 场地", "/skip 春节", "/pick #2", "/theme 经典 量化", "/pin #1 大模型",
    "/move #1 推荐", "/retitle #1 新题", "/reject #1 重复", "/order #3 #1", "/edit #1 改过", "/covered Q1 一句话",
    "/nick #1 @Momo",
)  # fmt: skip
DURING = ("/next", "/back", "/extend 5", "/end", "/carry #2", "/order #3 #1", "/move #3 推荐", "/next Q1")


async def stored(evening: Evening) -> dict[str, list[str]]:
    """All rows that a command may change; talk 5 stays where it was begun, empty."""

    def dump(connection: Connection) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, table in Base.metadata.tables.items():
            if name not in BESIDE:
                rows = connection.execute(select(*(each for each in table.c if each.name not in NUMBERS)))
                found[name] = sorted(
                    each for each in map(str, rows) if not (name == "talks" and each.startswith("(5,"))
                )
        return found

    return await evening.service.db.read(dump)


@pytest.fixture
async def filled(evening: Evening) -> Evening:
    """Items and a question on Saturday, with a host."""
    await evening.at(28, 20, 50)
    for words in ("/news https://a.com/1 甲", "/rec https://a.com/2 乙", "/news https://a.com/3 丙", "/ask 丁？"):
        await evening.says(AKAI, words)
    await evening.says(LINXI, "/claim 主持人")
    return evening


async def is_taken_back(evening: Evening, words: str) -> None:
    await evening.later(seconds=10)
    before = await stored(evening)
    await evening.says(MOMO, words)
    await evening.later(seconds=10)
    assert await stored(evening) != before
    assert (await evening.says(MOMO, "/undo"))[0].startswith("004 期：撤销了 Momo 的 /")
    await evening.later(seconds=1)
    assert await stored(evening) == before


@pytest.mark.parametrize("words", BEFORE)
async def test_before_the_evening(filled: Evening, words: str) -> None:
    await is_taken_back(filled, words)


async def test_the_beginning(filled: Evening) -> None:
    await is_taken_back(filled, "/start")


@pytest.mark.parametrize("words", DURING)
async def test_during_the_evening(filled: Evening, words: str) -> None:
    await filled.at(28, 21, 1)
    for each in ("/start", "/next", "/next"):
        await filled.says(LINXI, each)
        await filled.later(seconds=30)
    await is_taken_back(filled, words)


def test_all_of_them_are_tried() -> None:
    tried = {words.split()[0].lstrip("/") for words in (*BEFORE, *DURING)} | {"start", "restore"}
    assert {command.name for command in commands if command.undoable} <= tried
