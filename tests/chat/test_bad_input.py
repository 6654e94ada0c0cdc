"""Whatever arrives: a clear line or silence, nothing lost, nothing half done, no traceback in the chat."""

import json
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import Message, MessageSegment
from nonebot.log import logger

from db.queries import items
from plugins._chat.incoming.cards import read_cards
from plugins._chat.incoming.message import read
from plugins._chat.service import Service
from tests.chat.transcript import Chat
from tests.people import AKAI, LINXI


async def test_fifty_links_in_one_message(chat: Chat, service: Service) -> None:
    links = " ".join(f"https://a.com/{number}" for number in range(50))
    shown = "".join(f"\n· a.com/{number}" for number in range(6))
    await chat.says(
        LINXI,
        f"/news {links}",
        f"004 期本周新闻 #1–#20 已收录：{shown}\n…… 共 20 条\n一条消息最多收 20 个链接，还有 30 个请再发一次",
    )
    assert len(await service.db.read(items.listed, 4)) == 20


@pytest.mark.parametrize(
    "said",
    [
        "\u200b/news\u3000https://a.com/1\r\n理由：好",
        "\n  /news https://a.com/1 理由：好",
        "／NEWS https://a.com/1 理由：好",
        "小助手，/news https://a.com/1 理由：好",
        "/新闻https://a.com/1 理由：好",
    ],
)
async def test_a_command_is_not_hidden(chat: Chat, said: str) -> None:
    await chat.says(LINXI, said, "004 期本周新闻 #1 已收录：理由：好")


async def test_cq_codes_typed_as_text_stay_text(chat: Chat) -> None:
    typed = "/classic [CQ:at,qq=all] &#91;CQ:face,id=1&#93;"
    await chat.says(
        LINXI,
        typed,
        "004 期本周经典 #1 提名已记下：[CQ:at,qq=all] &#91;CQ:face,id=1&#93;\n有链接的话发 /补充 #1 链接",
    )


async def test_a_nul_is_stripped_wherever_it_comes_from(chat: Chat, service: Service) -> None:
    card = {"app": "com.tencent.tuwen.lua", "meta": {"news": {"title": "标\0题", "jumpUrl": "https://a.com/2"}}}
    await chat.says(LINXI, "/news https://a.com/1 好\0文", "004 期本周新闻 #1 已收录：好文")
    message = Message([MessageSegment("json", {"data": json.dumps(card)})])
    found = read_cards(message[0])
    assert [each.heading and each.heading.title for each in found] == ["标题"]
    assert "\0" not in (await service.db.read(items.listed, 4))[0].note


async def test_half_an_emoji(chat: Chat) -> None:
    await chat.says(LINXI, "/news https://a.com/1 好\ud83d", "004 期本周新闻 #1 已收录：好?")


async def test_ids_that_are_no_ids(chat: Chat) -> None:
    message = Message([MessageSegment("reply", {"id": "9" * 30}), MessageSegment.text("/withdraw")])
    await chat.says(LINXI, message, "要撤回哪条？回复它发 /withdraw，或 /withdraw #7")
    read_cards(MessageSegment("json", {"data": "[" * 200_000}))


async def test_a_very_long_message(chat: Chat, service: Service) -> None:
    answer = "说明太长了（最多 2000 字），这条没有存下。请缩短后再发一次"
    await chat.says(LINXI, "/news https://a.com/1 " + "长" * 50_000, answer)
    assert await service.db.read(items.listed, 4) == []


async def test_a_link_that_nobody_else_can_open(chat: Chat, service: Service) -> None:
    answer = "这个链接收不了：只收公开网站的 http(s) 链接，最长 2000 个字符"
    for url in ("http://127.0.0.1:8080/a", "http://192.168.1.1/", "file:///etc/passwd", f"https://a.com/{'x' * 2000}"):
        await chat.says(LINXI, f"/news {url}", answer)
    assert await service.db.read(items.listed, 4) == []


async def test_numbers_that_do_not_exist(chat: Chat) -> None:
    await chat.plays("""
        林溪: /withdraw #0
        bot> 004 期没有 #0。发 /我的 看自己的条目和编号
        林溪: /withdraw #999999999
        bot> 004 期没有 #999999999。发 /我的 看自己的条目和编号
        林溪: /talk 999
        bot> 还没有 999 期。现在是 004 期，发 /本期 看看
        林溪: /withdraw 那条
        bot> 要撤回哪条？回复它发 /withdraw，或 /withdraw #7
    """)


async def test_a_quoted_message_that_is_gone(chat: Chat) -> None:
    message = MessageSegment.reply(77) + MessageSegment.text("/news")
    answer = "被回复的那条消息读不到了，请把链接直接发给我"
    await chat.says(LINXI, message, answer, asks=("get_msg", {"message_id": 77}, None))


async def test_a_picture_from_nowhere_is_not_fetched(chat: Chat) -> None:
    await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    image = MessageSegment("image", {"file": "x.png", "url": "http://169.254.169.254/latest/meta-data"})
    message = MessageSegment.text("/add #1 ") + image
    await chat.says(LINXI, message, "图片没能保存，这条没有补充上。请重新发一次图片（10 MB 以内）")


async def test_a_locked_database_says_so_and_the_message_may_be_sent_again(
    chat: Chat, service: Service, tmp_path: Path
) -> None:
    await service.db.write(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 1"))
    other = sqlite3.connect(tmp_path / "talk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    logged: list[str] = []
    handler = logger.add(logged.append, level="ERROR", format="{message}")
    failure = "数据库这会儿写不进去，这条没有存下。请过几分钟再发一次"
    said = await chat.says(LINXI, "/news https://a.com/1", failure)
    other.close()
    logger.remove(handler)
    assert any(str(said) in line and "locked" in line for line in logged)
    await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1", message_id=said)


@pytest.mark.parametrize(
    ("pragma", "cause"),
    [("query_only = ON", "readonly"), ("max_page_count = 1", "full")],
    ids=["read-only", "disk full"],
)
async def test_a_database_that_cannot_be_written_says_so(chat: Chat, service: Service, pragma: str, cause: str) -> None:
    await chat.says(LINXI, "/news https://a.com/0", "004 期本周新闻 #1 已收录：a.com/0")
    await service.db.write(lambda connection: connection.exec_driver_sql(f"PRAGMA {pragma}"))
    logged: list[str] = []
    handler = logger.add(logged.append, level="ERROR", format="{message}")
    failure = "数据库这会儿写不进去，这条没有存下。请过几分钟再发一次"
    links = " ".join(f"https://a.com/{'x' * 1800}{number}" for number in range(20))
    said = await chat.says(AKAI, f"/news {links}", failure)
    logger.remove(handler)
    assert any(str(said) in line and cause in line for line in logged)
    assert len(await service.db.read(items.listed, 4)) == 1


async def test_an_unexpected_error_is_logged_with_the_message_and_not_shown(chat: Chat, service: Service) -> None:
    cast(Any, service).db = None
    logged: list[str] = []
    handler = logger.add(logged.append, level="ERROR", format="{message}")
    said = await chat.says(AKAI, "/mine", "出了点意外，这条没有处理成功。已经记到日志里，请稍后再试")
    logger.remove(handler)
    assert any(f"message {said}" in line and "Traceback" in line for line in logged)


CARDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["meta", "news", "detail_1", "miniapp", "jumpUrl", "qqdocurl", "title", "desc"]), inner
        )
    ),
    max_leaves=12,
)


@given(CARDS, st.integers(0, 60))
def test_cards_of_any_shape_whole_or_broken(card: object, cut: int) -> None:
    whole = json.dumps(card)
    for data in (card, whole, whole[:cut]):
        read_cards(MessageSegment("json", {"data": data}))


SEGMENTS = st.lists(
    st.builds(
        MessageSegment,
        st.sampled_from(["text", "at", "reply", "image", "json", "share", "face", "flashtransfer"]),
        st.dictionaries(st.sampled_from(["text", "qq", "id", "url", "data", "title", "file"]), st.text() | st.none()),
    ),
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(SEGMENTS)
def test_messages_of_any_shape(segments: list[MessageSegment]) -> None:
    read(Message(segments), 1)
