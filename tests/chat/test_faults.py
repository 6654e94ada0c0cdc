"""What goes wrong in the program is told as that, keeps nothing else from being done, and loses nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import nonebot
import pytest
from sqlalchemy import Connection, text

from db.engine import Unavailable
from db.queries import alarms, items, roles
from plugins._chat.commands import notices
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Commands, Name, commands
from plugins._chat.connection import duty
from plugins._chat.deliveries import deliverer
from plugins._onebot.group import Account
from plugins._talk.usecases.desk import Desk, only_seen
from tests.chat.evening import Evening
from tests.people import AKAI, BOT, GROUP, LINXI, MOMO, XU, Clock

FAULT = "出了点意外，这条没有处理成功。已经记到日志里，请稍后再试"


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What is logged as an error, with its traceback."""
    rows: list[str] = []
    sink = nonebot.logger.add(lambda message: rows.append(str(message)), level="ERROR", format="{message}")
    yield rows
    nonebot.logger.remove(sink)


def answering(monkeypatch: pytest.MonkeyPatch, handler: Any) -> None:
    """Have /mine answered by this."""
    command = commands.find("mine")
    assert command
    changed = replace(command, handler=handler)

    def named(_: Commands, word: str) -> Name | None:
        return Name("mine", changed) if word == "mine" else None

    monkeypatch.setattr(Commands, "named", named)


async def test_a_broken_constraint_is_a_fault_and_is_logged(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, logged: list[str]
) -> None:
    def breaks(desk: Desk) -> None:
        desk.connection.execute(text("INSERT INTO role_holders (talk, role, slot) VALUES (4, 'host', 0)"))

    async def handler(call: Call) -> Reply:
        await call.desk(breaks)
        return Reply("好了")

    answering(monkeypatch, handler)
    assert await evening.says(LINXI, "/mine") == [FAULT]
    assert any("IntegrityError" in row and "Traceback" in row for row in logged)


async def test_a_handler_that_visits_the_desk_twice_is_a_fault(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, logged: list[str]
) -> None:
    async def handler(call: Call) -> Reply:
        await call.desk(only_seen)
        await call.desk(only_seen)
        return Reply("好了")

    answering(monkeypatch, handler)
    assert await evening.says(LINXI, "/mine") == [FAULT]
    assert any("a handler may visit the desk only once" in row for row in logged)


async def test_each_that_waits_for_a_recall_runs_by_itself(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, logged: list[str]
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError

    waiting = notices.notices[notices.Recall]
    monkeypatch.setitem(notices.notices, notices.Recall, [breaks, *waiting, breaks])
    await evening.says(LINXI, "/news https://a.com/1 好")
    said = evening.found("/news https://a.com/1")
    await evening.notices(
        notice_type="group_recall", operator_id=LINXI.user_id, user_id=LINXI.user_id, message_id=said.message_id
    )
    assert await evening.service.db.read(items.listed, 4) == []
    assert sum("ZeroDivisionError" in row for row in logged) == 2


@pytest.mark.parametrize(
    ("before", "command", "to", "answer"),
    [
        ("/claim 编辑", "/handover 编辑", LINXI, "林溪换了名片 已经是 004 期的编辑了"),
        ("/claim 主持人", "/claim 主持人", None, "你已经认领过 004 期的主持人了"),
        ("/claim 编辑", "/unclaim 编辑", LINXI, "004 期的编辑空出来了"),
        ("/claim 编辑", "/unclaim", LINXI, "004 期的编辑空出来了"),
        ("/claim 编辑", "/handover 编辑", AKAI, "004 期的编辑交给"),
    ],
)
async def test_who_somebody_is_their_number_says(
    evening: Evening, before: str, command: str, to: Account | None, answer: str
) -> None:
    """Their card has changed since they took on what they have."""
    await evening.says(LINXI, before)
    changed = replace(LINXI, card="林溪换了名片")
    evening.onebot.group.accounts[LINXI.user_id] = changed
    who = changed if to is None else MOMO
    (said,) = await evening.says(who, command, to=to)
    assert said.startswith(answer)


async def test_both_names_of_one_person_are_one_contributor(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 新闻")
    await evening.says(replace(LINXI, card="林溪换了名片"), "/news https://a.com/1 好")
    held = await evening.service.db.read(roles.holders, 4)
    listed = await evening.service.db.read(items.listed, 4)
    assert held["news"][0] == listed[0].submitter
    assert len({held["news"][0], listed[0].submitter}) == 1


async def test_what_is_said_after_the_first_connection_is_not_lost(
    evening: Evening, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies before it has handled anything, and before the history was read."""
    await evening.service.db.write(lambda connection: connection.execute(text("DELETE FROM chat_marks")))
    evening.onebot.group.speak(AKAI.user_id, [{"type": "text", "data": {"text": "/news https://a.com/0 从前的"}}])
    clock.forward(seconds=5)
    asked = asyncio.Event()

    async def never(*_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(evening.onebot, "answer", never)
    looking = asyncio.create_task(duty.connected(evening.bot))
    await asked.wait()
    looking.cancel()
    monkeypatch.undo()
    clock.forward(seconds=5)
    evening.onebot.group.speak(LINXI.user_id, [{"type": "text", "data": {"text": "/news https://a.com/1 好"}}])
    again = evening.restarted()
    await duty.connected(again.bot)
    assert [item.note for item in await again.service.db.read(items.listed, 4)] == ["好"]


async def test_an_account_that_is_put_out_speaks_there_no_more(evening: Evening) -> None:
    """Whichever plugins are loaded."""
    assert duty.left in notices.notices[notices.Left]
    await duty.left(evening.service, evening.bot, notices.Left(group_id=GROUP, member=BOT.user_id))
    assert evening.service.accounts.speaker(GROUP) is None
    assert evening.service.reachable() == []
    await duty.joined(evening.service, evening.bot, notices.Joined(group_id=GROUP, member=BOT.user_id))
    assert evening.service.reachable() == [GROUP]


async def test_an_alarm_that_reached_nobody_is_told_later(evening: Evening, clock: Clock) -> None:
    async def untold() -> list[str]:
        await deliverer.deliver_due(evening.service)
        return [each.said for each in await evening.service.db.read(alarms.untold)]

    await evening.service.db.write(alarms.raise_once, "key", "出事了", clock())
    evening.service.bots = list
    assert await untold() == ["出事了"]
    evening.service.bots = lambda: [evening.bot]
    evening.onebot.will("send_private_msg", {"status": "failed", "retcode": 1200, "data": None})
    assert await untold() == ["出事了"]
    assert await untold() == ["出事了"]  # not again at once
    clock.forward(minutes=10)
    assert await untold() == []
    assert evening.told(XU) == ["出事了"]


async def test_who_left_and_comes_back_has_not_left(evening: Evening) -> None:
    def departures(connection: Connection) -> int:
        return connection.execute(text("SELECT count(*) FROM departures")).scalar_one()

    await evening.says(LINXI, "/claim 主持人")
    await evening.service.db.write(roles.depart, 4, LINXI.user_id, evening.clock())
    assert await evening.service.db.read(departures) == 1
    await evening.says(LINXI, "/claim 主持人")
    assert await evening.service.db.read(departures) == 0


async def test_pages_say_that_the_database_is_away(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.web import open_pages

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("locked")

    open_pages()
    monkeypatch.setattr(evening.service.db, "read", away)
    transport = httpx.ASGITransport(nonebot.get_asgi())
    async with httpx.AsyncClient(transport=transport, base_url="https://talk.example.org") as client:
        for page in ("/talks/004", "/talks/004.json", "/talks/004/minutes", f"/pictures/{'0' * 32}.png"):
            found = await client.get(page)
            assert (found.status_code, found.headers["retry-after"]) == (503, "60"), page
