"""Links as members share them, and what the group reads of it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import Message, MessageSegment

from db.enums import ItemState
from db.queries import attachments, items, pages, search, supporters
from plugins._chat.incoming.forwards import said_in
from plugins._chat.reader import Reader
from plugins._chat.service import Service
from plugins._talk.series import Advertising, Reactions
from plugins._talk.web.lookup import Titles
from tests.chat.loopback import LoopbackBot, Moody, group
from tests.chat.transcript import Chat
from tests.people import AKAI, BOT, LINXI, MOMO, SUC, XU, Clock
from tests.web import Web, answer, moved

ATOM = (
    "<feed><entry><id>http://arxiv.org/abs/2306.17806v1</id><title>Stay on topic</title>"
    "<summary>We stay on topic. Really.</summary><author><name>Ada One</name></author></entry></feed>"
)


@pytest.fixture
async def web(service: Service) -> AsyncGenerator[Web]:
    """The bot is online, in a small web of the tests' own."""
    async with Web().open("a.com", "b23.tv", "www.bilibili.com", "export.arxiv.org", "github.com") as opened:
        service.reader = Reader(Titles(opened.fetcher()), Advertising(blocked_hosts=("shop.example",)))
        yield opened
        await service.reader.stop()


def titled(title: str) -> bytes:
    return answer(f"<head><title>{title}</title></head>")


def reply(message_id: int, text: str) -> Message:
    return MessageSegment.reply(message_id) + MessageSegment.text(text)


def said_by(who: Any, *segments: dict[str, Any], message_id: int = 900) -> dict[str, Any]:
    return {
        "time": 0,
        "message_type": "group",
        "message_id": message_id,
        "real_id": message_id,
        "sender": {"user_id": who.user_id, "nickname": who.nickname, "card": who.card},
        "message": list(segments),
    }


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "data": {"text": words}}


def card(url: str, title: str, tag: str = "知乎") -> dict[str, Any]:
    news = {"title": title, "jumpUrl": url, "desc": "……", "tag": tag}
    data = {"app": "com.tencent.tuwen.lua", "meta": {"news": news}, "prompt": "[分享]"}
    return {"type": "json", "data": {"data": json.dumps(data)}}


# Titles


async def test_titles_come_from_pages_where_nobody_gave_words(chat: Chat, web: Web) -> None:
    web.pages["a.com/1"] = titled("一个页面")
    web.pages["github.com/o/r"] = titled("GitHub - o/r: a fast thing")
    web.pages["export.arxiv.org/api/query?id_list=2306.17806&max_results=1"] = answer(ATOM)
    await chat.plays("""
        林溪: /news https://a.com/1
        bot> 004 期本周新闻 #1 已收录：一个页面
        林溪: /news github.com/o/r
        bot> 004 期本周新闻 #2 已收录：o/r: a fast thing
        林溪: /news 2306.17806
        bot> 004 期本周新闻 #3 已收录：Stay on topic
            | 摘要首句：We stay on topic.
            | 想用自己的话介绍，就发 /修改 #3 说明
        林溪: /news https://a.com/none
        bot> 004 期本周新闻 #4 已收录：a.com/none
        阿凯: /edit #1 不是我的
        bot> 004#1 是 林溪 的，由本人、主持人、编辑或新闻负责人来改；想补充就发 /回答 或 /建议
        林溪: /edit #1 我的说法
        bot> 004#1 已修改：工业界 · 我的说法
            | https://a.com/1
    """)


async def test_words_answer_at_once_and_the_page_is_read_behind(chat: Chat, service: Service, web: Web) -> None:
    asked, told = asyncio.Event(), asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await told.wait()
        writer.write(titled("慢慢来的标题"))
        await writer.drain()

    web.pages["a.com/slow"] = slow
    service.patience = 0.05
    await chat.says(LINXI, "/news https://a.com/slow 我的话", "004 期本周新闻 #1 已收录：我的话")
    await chat.says(AKAI, "/rec https://a.com/slow?utm_source=x", "林溪 已经发过了：004#1 我的话（记下你也推荐）")
    await asyncio.wait_for(asked.wait(), 5)
    told.set()
    await service.wait_for_pages(["a.com/slow"])
    service.patience = 5
    await service.wait_for_pages(["a.com/slow"])
    row = (await service.db.read(items.listed, 4))[0]
    assert (row.title, row.note) == ("慢慢来的标题", "我的话")


async def test_a_title_that_comes_late_is_filled_in_silently(chat: Chat, service: Service, web: Web) -> None:
    told = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        await told.wait()
        writer.write(titled("慢慢来的标题"))
        await writer.drain()

    web.pages["a.com/slow"] = slow
    service.patience = 0.05
    await chat.says(LINXI, "/news https://a.com/slow", "004 期本周新闻 #1 已收录：a.com/slow")
    told.set()
    service.patience = 5
    await service.wait_for_pages(["a.com/slow"])
    await chat.says(AKAI, "/news https://a.com/slow", "林溪 已经发过了：004#1 慢慢来的标题（记下你也推荐）")


async def test_a_page_is_tried_again_after_a_while_and_read_once(
    chat: Chat, service: Service, web: Web, clock: Clock
) -> None:
    web.pages["a.com/1"] = answer(status="500 Oh")
    await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    await service.wait_for_pages(["a.com/1"])
    assert web.asked == ["a.com/1"]
    web.pages["a.com/1"] = titled("好了")
    clock.forward(minutes=1)
    await service.wait_for_pages(["a.com/1"])
    page = await service.db.read(pages.by_key, "a.com/1")
    assert page is not None
    assert (page.title, page.tries) == ("好了", 2)
    clock.forward(days=1)
    await service.wait_for_pages(["a.com/1"])
    assert web.asked == ["a.com/1", "a.com/1"]


async def test_a_page_that_never_comes_is_given_up(chat: Chat, service: Service, web: Web, clock: Clock) -> None:
    web.pages["a.com/1"] = answer(status="500 Oh")
    await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    for _ in range(10):
        clock.forward(hours=7)
        await service.wait_for_pages(["a.com/1"])
    assert len(web.asked) == 5
    assert len(await service.db.read(items.listed, 4)) == 1


async def test_short_links_become_what_they_lead_to(chat: Chat, service: Service, web: Web) -> None:
    video = "www.bilibili.com/video/BV1Xk4y1P7Yj"
    for short in ("b23.tv/aaa", "b23.tv/bbb", "b23.tv/ccc"):
        web.pages[short] = moved(f"https://{video}?share_source=qq")
    web.pages[video] = titled("主题演讲_哔哩哔哩_bilibili")
    await chat.plays("""
        林溪: /news https://b23.tv/aaa
        bot> 004 期本周新闻 #1 已收录：主题演讲
        阿凯: /news https://b23.tv/bbb
        bot> 林溪 已经发过了：004#1 主题演讲（记下你也推荐）
        林溪: /news BV1Xk4y1P7Yj
        bot> 你已经发过了：004#1 主题演讲
        suc16: /news https://b23.tv/ccc 必看
        bot> 004 期本周新闻 #3 已收录：必看
    """)
    await service.wait_for_pages(["b23.tv/ccc"])
    listed = await service.db.read(items.listed, 4)
    assert [(item.number, item.key) for item in listed] == [(1, "bilibili:BV1Xk4y1P7Yj")]
    seconds = await service.db.read(supporters.of_talk, 4)
    assert [(each.person.name, each.note) for each in seconds] == [("阿凯", ""), ("suc16", "必看")]


async def test_a_short_link_that_is_known_is_what_it_leads_to(
    chat: Chat, service: Service, web: Web, clock: Clock
) -> None:
    web.pages["b23.tv/aaa"] = moved("https://www.bilibili.com/video/BV1Xk4y1P7Yj")
    web.pages["www.bilibili.com/video/BV1Xk4y1P7Yj"] = titled("主题演讲_哔哩哔哩_bilibili")
    await chat.says(LINXI, "/news https://b23.tv/aaa", "004 期本周新闻 #1 已收录：主题演讲")
    await chat.says(AKAI, "/news https://b23.tv/aaa 好", "林溪 已经发过了：004#1 主题演讲（记下你也推荐）")
    clock.forward(days=7)
    answer = "曾在 004 期 #1 收录：主题演讲\n还想再讲就发 /新闻 重提 https://www.bilibili.com/video/BV1Xk4y1P7Yj"
    await chat.says(AKAI, "/news https://b23.tv/aaa", answer)


async def test_a_short_link_to_a_blocked_site(chat: Chat, service: Service, web: Web) -> None:
    web.pages["b23.tv/ad"] = moved("https://shop.example/buy")
    await chat.says(LINXI, "/news https://b23.tv/ad 好课", "004 期本周新闻 #1 已收录：好课")
    await service.wait_for_pages(["b23.tv/ad"])
    row = await service.db.read(items.by_number, 4, 1)
    assert row is not None
    assert (row.state, row.removed_why) == (ItemState.REJECTED, "shop.example 在本群不收的网站里")


async def test_two_that_become_one_lose_nothing(chat: Chat, service: Service, web: Web) -> None:
    told = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        await told.wait()
        writer.write(moved("https://www.bilibili.com/video/BV1Xk4y1P7Yj"))
        await writer.drain()

    web.pages["b23.tv/aaa"] = slow
    service.patience = 0.05
    await chat.says(LINXI, "/news https://b23.tv/aaa", "004 期本周新闻 #1 已收录：b23.tv/aaa")
    await chat.says(LINXI, "/news 好讲座-哔哩哔哩 BV1Xk4y1P7Yj 必看", "004 期本周新闻 #2 已收录：必看")
    await chat.says(MOMO, "/pin #2 讲座", "004#2 列入本期提要：讲座")
    told.set()
    service.patience = 5
    await service.wait_for_pages(["b23.tv/aaa"])
    listed = await service.db.read(items.listed, 4)
    assert [(item.number, item.note, item.title, item.tag) for item in listed] == [(1, "必看", "好讲座", "讲座")]


# Sources


async def test_share_text_is_taken_apart(chat: Chat, service: Service) -> None:
    await chat.plays("""
        林溪: /news 大模型外挂数据库 - 量子位的文章 - 知乎 https://zhuanlan.zhihu.com/p/642587159
        bot> 004 期本周新闻 #1 已收录：大模型外挂数据库
        林溪: /rec 【【精读】位置编码一网打尽-哔哩哔哩】 https://b23.tv/Ab3dEf9 讲得很清楚
        bot> 004 期本周推荐 #2 已收录：讲得很清楚
    """)
    one, two = await service.db.read(items.listed, 4)
    assert (one.title, one.authors, one.site, one.note) == ("大模型外挂数据库", "量子位", "知乎", "")
    assert (two.title, two.site, two.note) == ("【精读】位置编码一网打尽", "哔哩哔哩", "讲得很清楚")


@pytest.mark.parametrize(
    ("segment", "title"),
    [
        (card("https://a.com/1", "卡片的标题"), "卡片的标题"),
        ({"type": "share", "data": {"url": "https://a.com/1", "title": "分享的标题"}}, "分享的标题"),
        (
            {
                "type": "xml",
                "data": {
                    "data": "<?xml version='1.0'?><msg brief='[分享]' url=\"https://a.com/1?utm_id=0&amp;from=qq\">"
                    "<item><title>旧卡片</title></item><source name='知乎'/></msg>"
                },
            },
            "旧卡片",
        ),
        ({"type": "markdown", "data": {"content": "**看** [链接的字](https://a.com/1)"}}, "链接的字"),
        ({"type": "markdown", "data": {"content": "看 https://a.com/1"}}, "a.com/1"),
        (
            {
                "type": "json",
                "data": {
                    "data": {
                        "meta": {"detail_1": {"title": "哔哩哔哩", "desc": "小程序", "qqdocurl": "https://a.com/1"}}
                    }
                },
            },
            "小程序",
        ),
        (
            {"type": "json", "data": {"data": '{"meta":{"miniapp":{"title":"轻应用","jumpUrl":"https://a.com/1"}}}'}},
            "轻应用",
        ),
    ],
)
async def test_a_reply_to_any_of_these_is_a_submission(
    chat: Chat, service: Service, segment: dict[str, Any], title: str
) -> None:
    await chat.says(
        LINXI, reply(900, "/news"), f"004 期本周新闻 #1 已收录：{title}（署名 阿凯）", reply=said_by(AKAI, segment)
    )
    item = (await service.db.read(items.listed, 4))[0]
    assert (item.submitter.qq, item.via and item.via.qq) == (AKAI.user_id, LINXI.user_id)


async def test_a_quoted_forward_gives_all_its_links(chat: Chat, service: Service) -> None:
    inner = [
        {"sender": {"user_id": 1, "nickname": "x"}, "message": [text("看 https://a.com/1")]},
        {"type": "node", "data": {"content": [card("https://a.com/2", "第二篇")]}},
        {"message": [{"type": "forward", "data": {"id": "y", "content": [{"message": [text("https://a.com/3")]}]}}]},
        {"message": "https://a.com/4 [CQ:face,id=1]"},
        {"message": [text("https://www.a.com/1/")]},
    ]
    forward = {"type": "forward", "data": {"id": "x", "content": inner}}
    await chat.says(
        LINXI,
        reply(900, "/news 学术"),
        "004 期本周新闻 #1–#4 已收录：\n· 看\n· 第二篇\n· a.com/3\n· a.com/4（署名 阿凯）",
        reply=said_by(AKAI, forward),
    )
    listed = await service.db.read(items.listed, 4)
    assert {item.category for item in listed} == {"学术"}
    assert {item.submitter.name for item in listed} == {"阿凯"}


@pytest.mark.parametrize(
    "segment",
    [
        {"type": "forward", "data": {"id": "resid+/x"}},
        {
            "type": "json",
            "data": {"data": '{"app":"com.tencent.multimsg","meta":{"detail":{"resid":"resid+/x","news":[]}}}'},
        },
    ],
)
async def test_a_forward_that_is_only_an_id_is_asked_for(chat: Chat, segment: dict[str, Any]) -> None:
    quoted = said_by(AKAI, segment)
    asked = ("get_forward_msg", {"id": "resid+/x", "message_id": "resid+/x"})
    nodes = {"messages": [{"message": [text("https://a.com/1 一")]}, {"message": [text("闲聊")]}]}
    answer = "004 期本周新闻 #1 已收录：一（署名 阿凯）"
    await chat.says(LINXI, reply(900, "/news"), answer, reply=quoted, asks=(*asked, nodes))
    answer = "那条聊天记录打不开了，请把链接直接发给我"
    await chat.says(LINXI, reply(900, "/news"), answer, reply=quoted, asks=(*asked, None))


async def test_a_quoted_message_that_is_gone(chat: Chat) -> None:
    answer = "被回复的那条消息读不到了，请把链接直接发给我"
    await chat.says(LINXI, reply(900, "/news"), answer, asks=("get_msg", {"message_id": 900}, None))


async def test_a_forward_of_forwards_is_opened_so_far_and_no_further(chat: Chat, service: Service) -> None:
    """Each call would bring a hundred more; one that is shut inside costs nothing of the rest."""
    onebot = Moody(BOT.user_id, group(chat.clock))
    bot = LoopbackBot(onebot)
    many = {
        "status": "ok",
        "retcode": 0,
        "data": {"messages": [{"message": [{"type": "forward", "data": {"id": "x"}}]}] * 100},
    }
    onebot.will("get_forward_msg", many, times=10_000)
    outer = [MessageSegment("forward", {"id": "x"})]
    assert len(await said_in(bot, outer)) <= 100
    assert len(onebot.calls) <= 5
    inner: list[Any] = [
        {"message": [{"type": "forward", "data": {"id": "y"}}]},
        {"message": [text("https://a.com/1")]},
        {"message": [{"type": "text", "data": "abc"}, {"type": "text", "data": [1]}]},
    ]
    shut = {"status": "failed", "retcode": 1200, "data": None, "message": "", "wording": ""}
    onebot = Moody(BOT.user_id, group(chat.clock))
    onebot.will("get_forward_msg", {"status": "ok", "retcode": 0, "data": {"messages": inner}})
    onebot.will("get_forward_msg", shut)
    said = await said_in(LoopbackBot(onebot), outer)
    assert "https://a.com/1" in [each.text for each in said]


# What is there already


async def test_an_earlier_talk_had_it(chat: Chat, service: Service, clock: Clock) -> None:
    await chat.says(LINXI, "/news https://a.com/1 好文", "004 期本周新闻 #1 已收录：好文")
    clock.forward(days=7)
    await chat.plays("""
        阿凯: /rec 资料 https://a.com/1 https://a.com/2
        bot> 005 期本周推荐 #1 已收录：a.com/2
            | a.com/1 曾在 004 期 #1 收录：好文
            | 还想再讲就发 /推荐 重提 https://a.com/1
        阿凯: /rec https://a.com/1 again
        bot> 005 期本周推荐 #2 已收录：a.com/1
        阿凯: /rec 重提 学术 https://a.com/3
        bot> 005 期本周推荐 #3 已收录：学术
    """)


async def test_who_seconds_is_credited_and_inherits(chat: Chat, service: Service) -> None:
    await chat.says(LINXI, "/news https://a.com/1 好文", "004 期本周新闻 #1 已收录：好文")
    await chat.says(AKAI, "/news https://a.com/1 第三节尤其好", "林溪 已经发过了：004#1 好文（记下你也推荐）")
    await chat.says(LINXI, "/withdraw #1", "004#1 有 阿凯 也推荐过，改由 阿凯 署名留下")
    item = (await service.db.read(items.listed, 4))[0]
    assert (item.submitter.name, item.note) == ("阿凯", "第三节尤其好")
    assert await service.db.read(supporters.of_talk, 4) == []


async def test_who_seconds_a_further_link_does_not_inherit_another(chat: Chat, service: Service) -> None:
    await chat.says(LINXI, "/news https://a.com/1 甲", "004 期本周新闻 #1 已收录：甲")
    await chat.says(LINXI, "/add #1 https://a.com/2", "004#1 补充了 1 个链接：甲")
    await chat.says(AKAI, "/news https://a.com/2 乙", "林溪 已经发过了：004#1 甲（记下你也推荐）")
    await chat.says(LINXI, "/withdraw #1", "004#1 已撤回：甲")


async def test_recalls_by_old_and_new_owner(chat: Chat, service: Service) -> None:
    first = await chat.says(LINXI, "/news https://a.com/1 甲", "004 期本周新闻 #1 已收录：甲")
    second = await chat.says(AKAI, "/news https://a.com/1 乙", "林溪 已经发过了：004#1 甲（记下你也推荐）")
    await chat.says(LINXI, "/withdraw #1", "004#1 有 阿凯 也推荐过，改由 阿凯 署名留下")
    await chat.recalls(LINXI, first)
    assert len(await service.db.read(items.listed, 4)) == 1
    await chat.recalls(AKAI, second, "004#1 随消息撤回：乙")


async def test_a_second_that_was_passed_on_is_undone_by_either_recall(chat: Chat, service: Service) -> None:
    await chat.says(LINXI, "/news https://a.com/1 甲", "004 期本周新闻 #1 已收录：甲")
    for message_id in (900, 901):
        quoted = said_by(SUC, text("看 https://a.com/1"), message_id=message_id)
        answer = "林溪 已经发过了：004#1 甲（记下你也推荐）"
        passing = await chat.says(AKAI, reply(message_id, "/news"), answer, reply=quoted)
        assert [each.person.name for each in await service.db.read(supporters.of_talk, 4)] == ["suc16"]
        await chat.recalls(*((AKAI, passing) if message_id == 900 else (SUC, message_id)))
        assert await service.db.read(supporters.of_talk, 4) == []


async def test_the_same_link_in_another_spelling_changes_nothing(chat: Chat) -> None:
    await chat.plays("""
        林溪: /news https://a.com/1
        bot> 004 期本周新闻 #1 已收录：a.com/1
        Momo: /retitle #1 定好的题
        bot> 004#1 改题为：定好的题
        林溪: /edit #1 https://www.a.com/1/
        bot> 004#1 已修改：工业界 · 定好的题
            | https://a.com/1
    """)


# Following the chat


async def test_a_recall_takes_the_item_with_it(chat: Chat, service: Service) -> None:
    said = await chat.says(
        LINXI, "/news https://a.com/1 https://a.com/2", "004 期本周新闻 #1 #2 已收录：\n· a.com/1\n· a.com/2"
    )
    await chat.recalls(LINXI, said, "004#1 #2 随消息撤回：\n· a.com/1\n· a.com/2")
    await chat.recalls(LINXI, said)
    rows = [await service.db.read(items.by_number, 4, number) for number in (1, 2)]
    assert [(row and row.state, row and row.removed_why) for row in rows] == [(ItemState.WITHDRAWN, "消息被撤回")] * 2
    assert rows[0] is not None
    assert rows[0].removed_by is not None
    assert rows[0].removed_by.qq == LINXI.user_id
    await chat.says(LINXI, "/withdraw #1", "004#1 已经撤回了（消息被撤回），编号不会再用")


async def test_a_recall_of_what_was_passed_on_of_a_second_and_of_an_addition(chat: Chat, service: Service) -> None:
    quoted = said_by(AKAI, text("好文 https://a.com/1"))
    await chat.says(LINXI, reply(900, "/news"), "004 期本周新闻 #1 已收录：好文（署名 阿凯）", reply=quoted)
    seconding = await chat.says(SUC, "/news https://a.com/1 我也觉得", "阿凯 已经发过了：004#1 好文（记下你也推荐）")
    adding = await chat.says(LINXI, "/add #1 https://a.com/slides", "004#1 补充了 1 个链接：好文")
    await chat.recalls(SUC, seconding)
    await chat.recalls(LINXI, adding)
    assert await service.db.read(supporters.of_talk, 4) == []
    assert await service.db.read(attachments.of_talk, 4) == []
    assert len(await service.db.read(items.listed, 4)) == 1
    await chat.recalls(AKAI, 900, "004#1 随消息撤回：好文")


async def test_a_recall_that_overtakes_its_message(chat: Chat, service: Service) -> None:
    await chat.recalls(LINXI, 7777)
    await chat.says(LINXI, "/news https://a.com/1", message_id=7777)
    assert await service.db.read(items.listed, 4) == []


async def test_the_host_edits_the_agenda(chat: Chat, service: Service) -> None:
    said = await chat.says(LINXI, "/news https://a.com/1 好文", "004 期本周新闻 #1 已收录：好文")
    await chat.plays("""
        阿凯: /move #1 推荐
        bot> 这个要由 004 期的主持人、编辑、新闻负责人或群管理来做
        Momo: /移动 #1 推荐 模型
        bot> 004#1 移到了 本周推荐 · 模型：好文
        Momo: /move #1 项目
        bot> 004#1 移到了 本周推荐 · 项目：好文
        Momo: /move #1 天上
        bot> 没有「天上」这个版块或分类。可以移到：资料、模型、项目、杂项、新闻、经典、实践
        Momo: /改题 #1 更好的题目
        bot> 004#1 改题为：更好的题目
        Momo: /pin #1 MOSS-RLHF
        bot> 004#1 列入本期提要：MOSS-RLHF
        Momo: /提要 #1 取消
        bot> 004#1 不再列入本期提要
        林溪: /修改 #1 我自己的话
        bot> 004#1 已修改：项目 · 我自己的话
            | https://a.com/1
        Momo: /驳回 #1 和主题无关
        bot> 004#1 已驳回（和主题无关）：我自己的话
            | @林溪 有疑问可以和主持人聊聊
        林溪: /news https://a.com/1
        bot> 004#1 没有收录（和主题无关），请和主持人商量
        林溪: /withdraw #1
        bot> 004#1 Momo 已经把它驳回了（和主题无关），主持人可以 /恢复 #1
    """)
    row = await service.db.read(items.by_number, 4, 1)
    assert row is not None
    assert (row.state, row.removed_by and row.removed_by.name, row.removed_why) == (
        ItemState.REJECTED,
        "Momo",
        "和主题无关",
    )
    await chat.says(MOMO, reply(said, "/restore"), "004#1 恢复了：我自己的话")
    await chat.says(MOMO, reply(said, "/pin"), "004#1 列入本期提要：我自己的话")
    await chat.says(MOMO, "/restore #1", "004#1 还在议程里，不用恢复")


async def test_a_lead_edits_their_section_only(chat: Chat) -> None:
    await chat.plays("""
        阿凯: /认领 新闻负责人
        bot> 004 期的新闻负责人就是你啦，谢谢！
        林溪: /news https://a.com/1
        bot> 004 期本周新闻 #1 已收录：a.com/1
        林溪: /rec https://a.com/2
        bot> 004 期本周推荐 #2 已收录：a.com/2
        阿凯: /pin #1 好东西
        bot> 004#1 列入本期提要：好东西
        阿凯: /pin #2
        bot> 这个要由 004 期的主持人、编辑、推荐负责人或群管理来做
    """)


async def test_a_reaction_of_the_host_pins(chat: Chat, service: Service) -> None:
    said = await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    by_bot = chat.last_id

    async def pinned() -> bool:
        return (await service.db.read(items.listed, 4))[0].pinned_at is not None

    await chat.reacts(AKAI, said, "10024")
    assert not await pinned()
    await chat.reacts(MOMO, said, "128077", asks_role=False)
    assert not await pinned()
    await chat.reacts(MOMO, by_bot, "10024", joins_in=True)
    assert await pinned()
    await chat.reacts(MOMO, by_bot, "10024", added=False)
    assert not await pinned()
    await chat.reacts(XU, said, "10024", joins_in=True, lagrange=True)
    assert await pinned()


async def test_a_reaction_to_several_items_asks_which(chat: Chat) -> None:
    said = await chat.says(
        LINXI, "/news https://a.com/1 https://a.com/2", "004 期本周新闻 #1 #2 已收录：\n· a.com/1\n· a.com/2"
    )
    await chat.reacts(MOMO, said, "10024", says="这条消息里有 #1 #2，想列入提要就发 /提要 #编号")


async def test_a_quiet_group_gets_a_reaction_and_words_where_they_are_needed(chat: Chat, service: Service) -> None:
    series = service.series.model_copy(update={"reactions": Reactions(quiet=True)})
    service.rules = type(service.rules)(series, 4, service.rules.holidays)
    await chat.nods(LINXI, "/news https://a.com/1 好文")
    await chat.says(AKAI, "/news https://a.com/1", "林溪 已经发过了：004#1 好文（记下你也推荐）")
    await chat.nods(LINXI, "/news https://a.com/2 好文二", "004 期本周新闻 #2 已收录：好文二", has_reactions=False)


# Advertising


def with_policy(service: Service, **policy: Any) -> None:
    series = service.series.model_copy(update={"advertising": Advertising(**policy)})
    service.rules = type(service.rules)(series, 4, service.rules.holidays)


async def test_a_blocked_site_is_turned_down_and_can_be_restored(chat: Chat, service: Service) -> None:
    with_policy(service, blocked_hosts=("www.Shop.example.",))
    await chat.plays("""
        林溪: /news https://www.shop.example/buy 好课
        bot> #1 没有收录：shop.example 在本群不收的网站里。有误会就请主持人发 /恢复 #1
        林溪: /news https://shop.example/buy
        bot> 004#1 没有收录（shop.example 在本群不收的网站里），请和主持人商量
        林溪: /news https://a.com/9
        bot> 004 期本周新闻 #2 已收录：a.com/9
        林溪: /add #2 https://shop.example/buy
        bot> shop.example 在本群不收的网站里，请和主持人商量
        林溪: /edit #2 https://shop.example/buy
        bot> shop.example 在本群不收的网站里，请和主持人商量
        林溪: /restore #1
        bot> 这个要由 004 期的主持人、编辑、新闻负责人或群管理来做
        Momo: /恢复 #1
        bot> 004#1 恢复了：好课
        Momo: /news https://x.shop.example/other
        bot> 004 期本周新闻 #3 已收录：x.shop.example/other
    """)


async def test_too_many_in_too_short_a_time(chat: Chat, service: Service, clock: Clock) -> None:
    with_policy(service, links=3, minutes=10)
    await chat.says(
        LINXI,
        "/news https://a.com/1 https://a.com/2 https://a.com/3 https://a.com/4 好",
        "004 期本周新闻 #1–#3 已收录：好\n#4 没有收录：10 分钟内最多收 3 条。有误会就请主持人发 /恢复 #4",
    )
    await chat.says(
        LINXI,
        "/news https://a.com/5 https://a.com/6",
        "#5 #6 没有收录：10 分钟内最多收 3 条。有误会就请主持人发 /恢复 #5",
    )
    await chat.says(LINXI, "/news https://a.com/7", "发得太快了：10 分钟内最多 3 条，请晚点再发")
    clock.forward(minutes=10, seconds=1)
    await chat.says(LINXI, "/news https://a.com/7", "004 期本周新闻 #7 已收录：a.com/7")
    await chat.says(AKAI, "/news https://a.com/4 别人也可以发", "004 期本周新闻 #8 已收录：别人也可以发")


async def test_who_has_just_come_waits_where_the_series_says_so(chat: Chat, service: Service, clock: Clock) -> None:
    with_policy(service, days_in_group=3)
    came = int((clock() - timedelta(days=1)).timestamp())
    await chat.says(
        LINXI,
        "/news https://a.com/1",
        "#1 没有收录：进群满 3 天才能投稿。有误会就请主持人发 /恢复 #1",
        member_info={"join_time": came},
    )
    clock.forward(days=3)
    await chat.says(
        LINXI, "/news https://a.com/2", "004 期本周新闻 #2 已收录：a.com/2", member_info={"join_time": came}
    )
    await chat.says(AKAI, "/news https://a.com/3", "004 期本周新闻 #3 已收录：a.com/3", member_info={})


async def test_a_link_that_expires_is_told(chat: Chat) -> None:
    await chat.says(
        LINXI,
        "/news https://mp.weixin.qq.com/s?src=11&timestamp=1&ver=1&signature=x 好文",
        "004 期本周新闻 #1 已收录：好文\n#1 是微信的临时链接，过几小时就打不开了，请用文章里的「复制链接」再发一次",
    )


# Search


async def test_search(chat: Chat, clock: Clock) -> None:
    await chat.plays("""
        林溪: /news https://a.com/1 大模型长文本 LongLLaMA
        bot> 004 期本周新闻 #1 已收录：大模型长文本 LongLLaMA
        阿凯: /rec https://www.b.com/x 量化 GPT-4
        bot> 004 期本周推荐 #2 已收录：量化 GPT-4
        suc16: /search 模型
        bot> 找到 1 条：
            | 004#1 大模型长文本 LongLLaMA（林溪）
            | https://a.com/1
        suc16: /搜索 阿凯
        bot> 找到 1 条：
            | 004#2 量化 GPT-4（阿凯）
            | https://www.b.com/x
        suc16: /搜索 天气
        bot> 没有找到「天气」。换个短一点的词试试，两个字就行
        suc16: /搜索
        bot> 用法：/搜索 <词…>　例：/搜索 入门
    """)


async def test_of_what_everybody_writes_about_the_newest_are_shown(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 6)
    await chat.plays("""
        阿凯: /news https://a.com/1 量化
        bot> 004 期本周新闻 #1 已收录：量化
        阿凯: /news https://a.com/2 https://a.com/3 https://a.com/4 https://a.com/5 https://a.com/6 https://a.com/7 量化
        bot> 004 期本周新闻 #2–#7 已收录：量化
        suc16: /搜索 量化
        bot> 找到 6 多条，最新的 5 条：
            | 004#7 量化（阿凯）
            | https://a.com/7
            | 004#6 量化（阿凯）
            | https://a.com/6
            | 004#5 量化（阿凯）
            | https://a.com/5
            | 004#4 量化（阿凯）
            | https://a.com/4
            | 004#3 量化（阿凯）
            | https://a.com/3
    """)
