"""After an absence: the history is read back and what was missed is done, in order, once, told in one message."""

from datetime import timedelta
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import NetworkError
from sqlalchemy import Connection, text

from db.enums import TalkState
from db.queries import chats, items
from plugins._chat.connection.catching_up import PAGE, catch_up, store_marks
from plugins._chat.service import Service
from plugins._onebot.group import Account, Segment, Spoken
from tests.chat.loopback import LoopbackBot, Moody, group, text_of
from tests.people import AKAI, BOT, GROUP, LINXI, MOMO, XU, Clock

FAILED = {"status": "failed", "retcode": 1200, "data": None, "message": "Timeout", "wording": "Timeout"}


class Scene:
    """A group, the bot's line to it, and what the bot has said."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service = service
        self.clock = clock
        self.group = group(clock)
        self.onebot = Moody(BOT.user_id, self.group)
        self.bot = LoopbackBot(self.onebot)
        service.bots = lambda: [self.bot]

    def missed(self, who: Account, words: str, *segments: Segment) -> Spoken:
        """Somebody says something that the bot does not hear."""
        self.clock.forward(seconds=10)
        return self.group.speak(who.user_id, [*segments, {"type": "text", "data": {"text": words}}])

    async def hears(self, who: Account, words: str) -> None:
        """Somebody says something and the bot hears it."""
        from nonebot.adapters.onebot.v11 import Adapter

        event = Adapter.json_to_event(self.onebot.event(self.missed(who, words)))
        assert event is not None
        await self.bot.handle_event(event)

    async def connects(self) -> list[str]:
        """The bot connects; what it then says."""
        before = len(self.group.messages)
        await catch_up(self.service, self.bot)
        return [text_of(each) for each in self.group.messages[before:] if each.user_id == BOT.user_id]

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [params for name, params in self.onebot.calls if name == action]


@pytest.fixture
def scene(service: Service, clock: Clock) -> Scene:
    return Scene(service, clock)


@pytest.mark.parametrize("last", ["大家好", ""])
async def test_what_was_said_before_the_bot_came_is_not_its_business(scene: Scene, service: Service, last: str) -> None:
    scene.missed(LINXI, "/news https://a.com/1")
    if last:
        scene.missed(LINXI, last)
    assert await scene.connects() == []
    scene.clock.forward(hours=1)
    assert await scene.connects() == []
    assert await service.db.read(items.listed, 4) == []


async def test_a_bot_that_was_here_without_a_mark_goes_on_from_what_it_did_last(scene: Scene, service: Service) -> None:
    """As after a kill in the first second, or from the time before there were marks."""
    scene.missed(LINXI, "/news https://a.com/0 从前的")
    await scene.hears(LINXI, "/news https://a.com/1 好文")
    scene.missed(LINXI, "/news https://a.com/2 又一篇")
    assert "补上了 1 条命令" in (await scene.connects())[0]
    assert await scene.connects() == []
    assert [item.note for item in await service.db.read(items.listed, 4)] == ["好文", "又一篇"]


async def test_what_was_missed_is_done_in_order_and_told_once(scene: Scene, service: Service) -> None:
    assert await scene.connects() == []  # a silent group: what comes now is all for the bot
    scene.missed(LINXI, "/news https://a.com/1 好文")
    scene.missed(AKAI, "中午吃什么")
    scene.missed(AKAI, "/news https://a.com/1")
    scene.missed(AKAI, "/help")
    scene.missed(AKAI, "/认领 主持人")
    scene.missed(AKAI, "/withdraw #9")
    scene.missed(BOT, "/news https://a.com/own")
    said = await scene.connects()
    assert said == [
        "刚才不在，补上了 4 条命令（11-23 12:00 到 11-23 12:01）：\n"
        "· 林溪 /news：004 期本周新闻 #1 已收录：好文\n"
        "· 阿凯 /news：林溪 已经发过了：004#1 好文（记下你也推荐）\n"
        "· 阿凯 /认领：004 期的主持人就是你啦，谢谢！\n"
        "· 阿凯 /withdraw：004 期没有 #9。发 /我的 看自己的条目和编号"
    ]
    listed = await service.db.read(items.listed, 4)
    assert [(item.number, item.submitter.name) for item in listed] == [(1, "林溪")]
    for _ in range(2):
        assert await scene.connects() == []
    assert len(await service.db.read(items.listed, 4)) == 1


async def test_a_reply_to_the_summary_means_its_item(scene: Scene, service: Service) -> None:
    await scene.connects()
    scene.missed(LINXI, "/news https://a.com/1 好文")
    await scene.connects()
    told = scene.group.messages[-1]
    found = await service.db.read(items.of_message, GROUP, told.message_id)
    assert [item.number for item in found] == [1]


async def test_what_was_heard_is_not_done_again(scene: Scene, service: Service) -> None:
    await scene.connects()
    await scene.hears(LINXI, "/news https://a.com/1 好文")
    scene.missed(LINXI, "/news https://a.com/2 又一篇")
    said = await scene.connects()
    assert said[0].startswith("刚才不在，补上了 1 条命令")
    assert len(await service.db.read(items.listed, 4)) == 2


async def test_a_long_absence_is_read_page_by_page(scene: Scene, service: Service) -> None:
    await scene.hears(XU, "hi")
    await scene.connects()
    scene.missed(LINXI, "/news https://a.com/first 头一篇")
    for number in range(3 * PAGE):
        scene.missed(AKAI, f"闲聊 {number}")
    scene.missed(LINXI, "/news https://a.com/last 末一篇")
    said = await scene.connects()
    assert "补上了 2 条命令" in said[0]
    listed = await service.db.read(items.listed, 4)
    assert [item.note for item in listed] == ["头一篇", "末一篇"]
    assert len(scene.asked("get_group_msg_history")) == 5  # one at the first meeting
    assert scene.onebot.private == []


async def test_only_a_few_lines_for_many_commands(scene: Scene) -> None:
    await scene.connects()
    for number in range(15):
        scene.missed(LINXI, f"/news https://a.com/{number} 第 {number} 篇")
    said = await scene.connects()
    assert len(said) == 1
    assert said[0].startswith("刚才不在，补上了 15 条命令")
    assert said[0].endswith("…… 还有 5 条，发 /我的 看自己的")


async def test_the_mark_moves_with_what_is_heard(scene: Scene, service: Service) -> None:
    await scene.connects()
    await scene.hears(AKAI, "闲聊")
    last = scene.group.messages[-1].message_id
    await store_marks(service)
    mark = await service.db.read(chats.mark, GROUP)
    assert mark is not None
    assert mark.message_id == last


async def test_a_command_that_was_under_way_when_the_mark_was_set_is_found(scene: Scene, service: Service) -> None:
    await scene.connects()
    scene.missed(LINXI, "/news https://a.com/1 好文")  # it came, and the process ended before it was stored
    await scene.hears(AKAI, "闲聊")
    await store_marks(service)
    assert "补上了 1 条命令" in (await scene.connects())[0]


@pytest.mark.parametrize("answer", [FAILED, None, NetworkError("gone")])
async def test_a_history_that_cannot_be_read_is_told_to_the_superusers(
    scene: Scene, service: Service, answer: Any
) -> None:
    await scene.hears(AKAI, "闲聊")
    await scene.connects()
    scene.missed(LINXI, "/news https://a.com/1 好文")
    scene.onebot.will("get_group_msg_history", answer)
    assert await scene.connects() == []
    told = scene.onebot.private
    assert [who for who, _ in told] == [XU.user_id]
    assert "读不到历史消息" in str(told[0][1])
    await scene.hears(AKAI, "又有人说话")
    await store_marks(service)
    assert "补上了 1 条命令" in (await scene.connects())[0]  # nothing was given up


async def test_a_history_that_is_too_short_is_told(scene: Scene, service: Service, clock: Clock) -> None:
    await scene.hears(AKAI, "闲聊")
    await scene.connects()
    clock.forward(hours=3)
    scene.missed(LINXI, "/news https://a.com/1 好文")
    scene.group.messages[:1] = []  # the other side keeps no more
    assert "补上了 1 条命令" in (await scene.connects())[0]
    assert "历史消息只到一部分" in str(scene.onebot.private)


async def test_a_command_counts_for_the_talk_that_it_was_meant_for(
    scene: Scene, service: Service, clock: Clock
) -> None:
    """Said before the start, heard after the evening: it belongs to the evening."""
    await scene.hears(LINXI, "/talk")
    await scene.connects()
    clock.at += timedelta(days=5, hours=8)
    scene.missed(LINXI, "/news https://a.com/1 赶在开场前")
    clock.forward(hours=12)
    await scene.hears(MOMO, "/talk")  # the talk is over by now
    scene.missed(LINXI, "/news https://a.com/2 下一期的")
    await scene.connects()
    by_talk = {number: await service.db.read(items.listed, number) for number in (4, 5)}
    assert [[item.note for item in listed] for listed in by_talk.values()] == [["赶在开场前"], ["下一期的"]]
    assert await service.db.read(_state, 4) == TalkState.HELD


def _state(connection: Connection, number: int) -> str:
    return connection.execute(text("SELECT state FROM talks WHERE number = :n"), {"n": number}).scalar_one()


async def test_messages_as_other_implementations_write_them(scene: Scene, service: Service) -> None:
    await scene.connects()
    seconds = int(scene.clock().timestamp())
    bare = {
        "message_id": -77,
        "message_seq": 5,
        "time": seconds * 1000,
        "user_id": str(LINXI.user_id),
        "group_id": GROUP,
        "message": "[CQ:at,qq=3001234567] /news https://a.com/1&amp;x=1 好文",
        "sender": {"user_id": LINXI.user_id, "nickname": "林溪"},
    }
    junk: list[Any] = [
        {},
        {"message_id": 3, "time": 10**40},
        {"message_id": 4, "time": "x", "message": None, "user_id": None},
        None,
        7,
    ]
    scene.onebot.will("get_group_msg_history", {"status": "ok", "retcode": 0, "data": {"messages": [*junk, bare]}})
    assert "林溪 /news：004 期本周新闻 #1 已收录：好文" in (await scene.connects())[0]
    item = (await service.db.read(items.listed, 4))[0]
    assert item.created_at.timestamp() == seconds
