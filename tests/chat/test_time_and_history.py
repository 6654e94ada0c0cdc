"""A clock that is wrong begins, ends and posts nothing; and the history, whichever way it pages."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import MessageSegment
from sqlalchemy import text

from db.enums import TalkState
from db.names import stand_in
from db.queries import items, talks
from plugins._chat.commands.call import QUOTE_SECONDS
from plugins._chat.connection.catching_up import catch_up
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.outgoing import history
from plugins._chat.outgoing.history import pages_back
from plugins._chat.presence.timekeeping import TOLERANCE, Timekeeping
from plugins._onebot.implementation import Failure, Json
from tests.chat.evening import Evening
from tests.chat.loopback import Moody, text_of
from tests.chat.test_catching_up import Scene
from tests.chat.transcript import Chat
from tests.people import AKAI, BOT, GROUP, LINXI, XU, Clock

# The clock


class Wrong:
    """A machine whose clock is `ahead` of the group's; what elapses is not."""

    def __init__(self, evening: Evening) -> None:
        self.ahead = timedelta()
        self.evening = evening
        service = evening.service
        service.clock = lambda: evening.clock() + self.ahead
        service.monotonic = lambda: evening.clock().timestamp()


@pytest.fixture
async def wrong(evening: Evening) -> Wrong:
    await catch_up(evening.service, evening.bot)
    return Wrong(evening)


def test_small_corrections_are_followed_and_leaps_are_not(clock: Clock) -> None:
    skew = timedelta()
    kept = Timekeeping(lambda: clock() + skew, lambda: clock().timestamp())
    for _ in range(10):
        clock.forward(minutes=1)
        skew += timedelta(minutes=2)
        assert kept.is_right()
    skew += TOLERANCE * 2
    assert (kept.is_right(), kept.now()) == (False, clock() + skew - TOLERANCE * 2)
    kept.observe(clock() + skew)
    assert kept.is_right()  # the group says so, too
    kept.observe(clock() + skew - timedelta(hours=8))
    assert not kept.is_right()
    kept.observe_earlier(clock() + skew - timedelta(days=9))  # old news
    assert not kept.is_right()


async def test_five_days_ahead_for_three_seconds(evening: Evening, wrong: Wrong) -> None:
    await evening.says(LINXI, "/claim 主持人")
    await evening.at(24, 12)
    wrong.ahead = timedelta(days=5, hours=14)
    assert await evening.later(seconds=1) == []
    assert await evening.later(seconds=2) == []
    assert (await evening.says(AKAI, "/news https://a.com/1 好"))[0].startswith("004 期本周新闻 #1")
    wrong.ahead = timedelta()
    await evening.later(seconds=1)
    talk = await evening.service.db.read(talks.by_number, 4)
    assert talk is not None
    assert talk.state == TalkState.COLLECTING
    assert [each for each in evening.told(XU) if "时钟和群里的时间差太多（快了 8040 分钟" in each]
    assert (await evening.at(28, 20, 30))[0].startswith("【OpenLLM Talk 004】")


async def test_eight_hours_ahead_at_the_start_until_the_group_says_so(evening: Evening) -> None:
    await evening.at(28, 12, 40)
    again = evening.restarted()
    ahead = Wrong(again)
    ahead.ahead = timedelta(hours=8)
    again.service.__post_init__()  # it starts so: 20:40 by its clock, 12:40 in the group
    await catch_up(again.service, again.bot)
    await again.says(AKAI, "在吗")
    assert await again.later(seconds=1) == []
    assert (await again.states())["agenda"] == "planned"
    ahead.ahead = timedelta()
    assert (await again.at(28, 20, 30))[0].startswith("【OpenLLM Talk 004】")


async def test_a_clock_that_goes_back_silences_nothing(evening: Evening, wrong: Wrong) -> None:
    assert len(await evening.says(AKAI, "/agenda")) == 1
    wrong.ahead = timedelta(hours=-1)
    evening.clock.forward(seconds=31)
    assert len(await evening.says(AKAI, "/agenda")) == 1


async def test_what_is_replayed_says_nothing_about_the_clock(evening: Evening) -> None:
    old = evening.onebot.group.speak(AKAI.user_id, [{"type": "text", "data": {"text": "早"}}])
    evening.clock.forward(hours=3)
    evening.onebot.group.speak(AKAI.user_id, [{"type": "text", "data": {"text": "中午好"}}])
    await catch_up(evening.service, evening.bot)
    event = history_event(evening, old.message_id)
    await evening.bot.handle_event(event)
    assert evening.service.timekeeping.is_right()


def history_event(evening: Evening, message_id: int) -> Any:
    from nonebot.adapters.onebot.v11 import Adapter

    spoken = evening.onebot.group.find(message_id)
    assert spoken is not None
    return Adapter.json_to_event(evening.onebot.event(spoken))


# What stands there already


async def test_a_backup_from_before_the_agenda_posts_it_once(evening: Evening) -> None:
    await evening.says(LINXI, "/news https://a.com/1 甲")
    posted = await evening.at(28, 20, 30)
    assert len(posted) == 3
    await evening.service.db.write(
        lambda connection: connection.execute(
            text("UPDATE deliveries SET state = 'planned', claimed_at = NULL, ended_at = NULL WHERE kind = 'agenda'")
        )
    )
    await evening.service.db.write(lambda connection: connection.execute(text("DELETE FROM delivery_parts")))
    await evening.says(AKAI, "/news https://a.com/2 乙")  # it would be told differently now
    evening.clock.forward(minutes=10)
    again = evening.restarted()
    assert await again.later(seconds=1) == []
    assert (await again.states())["agenda"] == "sent"


async def test_what_fell_due_while_down_goes_out(evening: Evening) -> None:
    await evening.at(28, 20, 29)
    evening.clock.forward(minutes=5)
    again = evening.restarted()
    assert len(await again.later(seconds=1)) == 3


async def test_it_is_looked_for_back_to_the_moment_it_was_begun(evening: Evening) -> None:
    since = evening.clock()
    part = ("【OpenLLM Talk 004】",)
    evening.onebot.group.speak(BOT.user_id, [{"type": "text", "data": {"text": part[0]}}])
    for number in range(170):
        evening.clock.forward(seconds=1)
        evening.onebot.group.speak(AKAI.user_id, [{"type": "text", "data": {"text": f"闲聊 {number}"}}])
    found = await history.find(evening.bot, evening.onebot.group.group_id, history.digest(part), BOT.user_id, since)
    assert found.fate is history.Fate.SENT


# Whichever way a history pages


class Pager(Moody):
    """An implementation whose history is anchored and ordered in one of the ways that there are."""

    way: Callable[[list[Json], Json], list[Json]]

    async def answer(self, action: str, params: Json) -> Json | None:
        if action != "get_group_msg_history":
            return await super().answer(action, params)
        there = [self.event(each) for each in self.group.messages if each.recalled_by is None]
        try:
            found = self.way(there, params)
        except Failure as failure:
            return {"status": "failed", "retcode": failure.retcode, "data": None, "wording": str(failure)}
        return {"status": "ok", "retcode": 0, "data": {"messages": found}}


def _around(there: list[Json], anchor: object) -> tuple[list[Json], list[Json]]:
    ids = [str(each["message_id"]) for each in there]
    if str(anchor) not in ids:
        raise Failure(1200, f"消息{anchor}不存在")
    place = ids.index(str(anchor))
    return there[: place + 1], there[place:]


def before_by_seq(_: Pager, there: list[Json], params: Json) -> list[Json]:
    return (_around(there, params["message_seq"])[0] if "message_seq" in params else there)[-params["count"] :]


def newest_first(pager: Pager, there: list[Json], params: Json) -> list[Json]:
    return before_by_seq(pager, there, params)[::-1]


def forward_unless_reversed(_: Pager, there: list[Json], params: Json) -> list[Json]:
    """Current NapCat."""
    if "message_seq" not in params:
        return there[-params["count"] :]
    before, after = _around(there, params["message_seq"])
    return before[-params["count"] :] if params.get("reverse_order") else after[: params["count"]]


def forward_if_reversed(_: Pager, there: list[Json], params: Json) -> list[Json]:
    """NapCat of another version."""
    if "message_seq" not in params:
        return there[-params["count"] :]
    before, after = _around(there, params["message_seq"])
    return after[: params["count"]] if params.get("reverse_order") else before[-params["count"] :]


def by_message_id(_: Pager, there: list[Json], params: Json) -> list[Json]:
    """Lagrange."""
    anchor = params.get("message_id")
    return (_around(there, anchor)[0] if anchor else there)[-params["count"] :]


def twenty_at_most(pager: Pager, there: list[Json], params: Json) -> list[Json]:
    return before_by_seq(pager, there, params | {"count": 20})


def without_the_anchor(pager: Pager, there: list[Json], params: Json) -> list[Json]:
    found = before_by_seq(pager, there, params | {"count": params["count"] + 1})
    return found[:-1] if "message_seq" in params else found[1:]


WAYS = [
    before_by_seq, newest_first, forward_unless_reversed, forward_if_reversed, by_message_id, twenty_at_most,
    without_the_anchor,
]  # fmt: skip


@pytest.fixture
def scene(service: Any, clock: Clock) -> Scene:
    made = Scene(service, clock)
    made.onebot = Pager(BOT.user_id, made.group)
    made.bot = type(made.bot)(made.onebot)
    service.bots = lambda: [made.bot]
    return made


@pytest.mark.parametrize("way", WAYS)
async def test_everything_that_was_missed_is_done_in_order_and_once(scene: Scene, way: Any) -> None:
    scene.onebot.way = way.__get__(scene.onebot)  # pyright: ignore[reportAttributeAccessIssue]
    scene.missed(AKAI, "闲聊")
    await scene.connects()
    for number in range(130):
        scene.missed(LINXI, f"/news https://a.com/{number} 第 {number} 条" if number % 13 == 0 else f"闲聊 {number}")
    said = await scene.connects()
    assert len(said) == 1
    listed = await scene.service.db.read(items.listed, 4)
    assert [item.note for item in listed] == [f"第 {number} 条" for number in range(0, 130, 13)]
    assert await scene.connects() == []


@pytest.mark.parametrize("way", WAYS)
async def test_pages_go_back_without_repeats(scene: Scene, way: Any) -> None:
    scene.onebot.way = way.__get__(scene.onebot)  # pyright: ignore[reportAttributeAccessIssue]
    for number in range(170):
        scene.missed(LINXI, f"{number}")
    pages = [page async for page in pages_back(scene.bot, scene.group.group_id)]
    numbers = [int(each["message"][0]["data"]["text"]) for page in reversed(pages) for each in page]
    assert numbers == list(range(170))


async def test_a_hole_in_the_groups_numbers_is_told(scene: Scene) -> None:
    scene.onebot.way = before_by_seq.__get__(scene.onebot)  # pyright: ignore[reportAttributeAccessIssue]
    scene.missed(AKAI, "闲聊")
    await scene.connects()
    for number in range(10):
        scene.missed(AKAI, f"闲聊 {number}")
    scene.missed(LINXI, "/news https://a.com/1 好")
    del scene.group.messages[4:8]
    assert len(await scene.connects()) == 1
    told = [text_of_private(message) for who, message in scene.onebot.private if who == XU.user_id]
    assert len(told) == 1
    assert "历史消息中间缺了 4 条" in told[0]


def text_of_private(message: list[Json]) -> str:
    return "".join(str(each["data"].get("text", "")) for each in message)


async def test_what_was_recalled_is_not_done(scene: Scene) -> None:
    scene.onebot.way = before_by_seq.__get__(scene.onebot)  # pyright: ignore[reportAttributeAccessIssue]
    scene.missed(AKAI, "闲聊")
    await scene.connects()
    gone = scene.missed(LINXI, "/news https://a.com/1 好")
    plain = scene.onebot.event

    def event(spoken: Any) -> Json:
        return plain(spoken) | ({"status": "deleted"} if spoken is gone else {})

    scene.onebot.event = event
    assert await scene.connects() == []


async def test_an_id_that_is_used_again_is_another_message(evening: Evening) -> None:
    group = evening.onebot.group
    first = group.speak(LINXI.user_id, [{"type": "text", "data": {"text": "/suggest 实践 愿望"}}])
    await evening.hears(evening.bot, LINXI, first)
    await evening.hears(evening.bot, LINXI, first)  # the same once more
    second = group.speak(LINXI.user_id, [{"type": "text", "data": {"text": "/news https://a.com/1 好"}}])
    third = group.speak(AKAI.user_id, [{"type": "text", "data": {"text": "/suggest 实践 另一个愿望"}}])
    second.message_id = third.message_id = first.message_id
    for who, spoken in ((LINXI, second), (AKAI, third), (LINXI, second), (LINXI, first)):
        await evening.hears(evening.bot, who, spoken)
    said = [text_of(each) for each in group.messages if each.user_id == BOT.user_id]
    assert ["建议区" in each for each in said] == [True, False, True]
    people = {"operator_id": AKAI.user_id, "user_id": AKAI.user_id}
    await evening.notices(notice_type="group_recall", **people, message_id=third.message_id)
    assert len(await evening.service.db.read(items.listed, 4)) == 1  # it was only the newest that went


# A quoted message


async def test_a_quote_that_nobody_answers_for_waits_three_seconds_once(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins._chat.commands.call.QUOTE_SECONDS", 0.01)
    calls: list[str] = []

    async def silent(api: str, **data: Any) -> Any:
        calls.append(api)
        await asyncio.Event().wait()

    plain = evening.bot.call_api

    async def call_api(api: str, **data: Any) -> Any:
        return await (silent if api == "get_msg" else plain)(api, **data)

    monkeypatch.setattr(evening.bot, "call_api", call_api)
    reply = {"type": "reply", "data": {"id": "4711"}}
    spoken = evening.onebot.group.speak(LINXI.user_id, [reply, {"type": "text", "data": {"text": "/news"}}])
    await heard_by_us(evening, spoken)
    assert text_of(evening.onebot.group.messages[-1]).endswith("被回复的那条消息读不到了，请把链接直接发给我")
    assert (calls, QUOTE_SECONDS) == (["get_msg"], 3.0)


async def heard_by_us(evening: Evening, spoken: Any) -> None:
    """As our adapter reads it: it does not look the quoted message up by itself."""
    from plugins._chat.incoming.adapter import ReverseWebSocket

    event = ReverseWebSocket.json_to_event(evening.onebot.event(spoken))
    assert event is not None
    await evening.bot.handle_event(event)


async def test_nobody_is_asked_about_the_bots_own_or_a_known_message(evening: Evening) -> None:
    def says(who: Any, to: int, words: str) -> Any:
        reply = {"type": "reply", "data": {"id": str(to)}}
        return evening.onebot.group.speak(who.user_id, [reply, {"type": "text", "data": {"text": words}}])

    await evening.says(LINXI, "/news https://a.com/1 好")
    brought = evening.found("/news https://a.com/1")
    receipt = evening.onebot.group.messages[-1]
    await heard_by_us(evening, says(AKAI, brought.message_id, "/news"))
    assert "林溪 已经发过了" in text_of(evening.onebot.group.messages[-1])
    for words in ("/quote", "/news", "/ask", "/withdraw", "/vote"):
        await heard_by_us(evening, says(AKAI, receipt.message_id, words))
    assert "get_msg" not in [action for action, _ in evening.onebot.calls]


async def test_an_at_without_a_name_is_never_a_number(chat: Chat, service: Any) -> None:
    message = MessageSegment.text("/news https://a.com/1 谢谢 ") + MessageSegment.at(AKAI.user_id)
    asks = ("get_group_member_info", {"group_id": GROUP, "user_id": AKAI.user_id}, None)
    await chat.says(LINXI, message, f"004 期本周新闻 #1 已收录：谢谢 @{stand_in(AKAI.user_id)}", asks=asks)
    assert str(AKAI.user_id) not in (await service.db.read(items.listed, 4))[0].note


async def test_deliver_due_says_when_to_ask_again_although_the_clock_is_wrong(evening: Evening, wrong: Wrong) -> None:
    wrong.ahead = timedelta(days=1)
    assert await deliver_due(evening.service) is None
