"""What people type, understood: several at once, replies without a slash, words that they try, several numbers."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from db.queries import items
from plugins._chat.connection.catching_up import catch_up
from plugins._chat.stores.fetching import NotFetched
from plugins._onebot.implementation import Json
from plugins._talk.documents.agenda import compile_agenda
from tests.chat.evening import Evening
from tests.chat.loopback import text_of
from tests.chat.test_discussion import Album, picture, words
from tests.people import AKAI, BOT, LINXI


@pytest.fixture
async def thursday(evening: Evening) -> Evening:
    """The call for volunteers is out."""
    await evening.at(26, 19)
    return evening


async def test_several_commands_in_one_message(thursday: Evening) -> None:
    await thursday.plays(
        """
        20:00 林溪: /新闻 https://a.com/1 甲 /推荐 https://a.com/2 乙
        bot> 004 期本周新闻 #1 已收录：甲
        |004 期本周推荐 #2 已收录：乙
        20:01 阿凯: /认领 新闻
        |/提问 多轮怎么做？
        |/我的
        bot> 004 期的新闻负责人就是你啦，谢谢！
        |004Q1 记下了：多轮怎么做？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        |你在 004 期还没有条目。发 /新闻 加链接，来第一条吧
        20:02 阿凯: https://a.com/3 丙 /新闻
        bot> 004 期本周新闻 #3 已收录：丙
        20:03 阿凯: /新闻 https://a.com/4
        |/修改 #99 没有这条
        bot> 004 期本周新闻 #4 已收录：a.com/4
        |004 期没有 #99。发 /我的 看自己的条目和编号
        20:04 阿凯: /我的
        |/我的
        |/我的
        |/我的
        |/我的
        |/我的
        bot> 一条消息最多 5 个命令，这条里有 6 个，一个都没有做。分几条发吧
        """,
        day=26,
    )


async def test_what_people_write_without_a_slash_in_reply(thursday: Evening) -> None:
    await thursday.plays(
        """
        20:00 林溪: /新闻 https://a.com/1 甲
        bot> 004 期本周新闻 #1 已收录：甲
        20:00 林溪 ↩已收录：甲: 换到推荐
        bot> 004#1 移到了 本周推荐 · 杂项：甲
        20:01 林溪 ↩移到了: 标题：LongLLaMA：256k
        bot> 004#1 改题为：LongLLaMA：256k
        20:02 阿凯 ↩移到了: 撤回
        bot> 004#1 是 林溪 的，只有本人能撤回
        20:02 阿凯 ↩移到了: 谢谢
        20:03 林溪 ↩/新闻: 撤回
        20:04 林溪: /新闻 https://a.com/2 乙 https://a.com/3 丙
        bot> 004 期本周新闻 #2 #3 已收录：
        |· 乙
        |· 丙
        20:04 林溪 ↩#2 #3: 改成学术
        bot> 那条消息里有 #2 #3，请写上编号
        20:05 林溪 ↩#2 #3: #2 改成学术
        bot> 004#2 移到了 本周新闻 · 学术：乙
        20:06 林溪 ↩改成学术: 不要了
        20:06 林溪 ↩移到了 本周新闻 · 学术：乙: 不要了
        bot> 004#2 已撤回：乙
        """,
        day=26,
    )


async def test_an_unknown_word_and_a_likely_section(thursday: Evening) -> None:
    await thursday.plays(
        """
        20:00 阿凯: /投稿 https://arxiv.org/abs/2306.17806
        bot> 004 期本周新闻 #1 已收录：arxiv.org/abs/2306.17806
        |不对的话，回复这条「换到推荐」或「改成项目」
        20:00 阿凯 ↩已收录: 换到推荐
        bot> 004#1 移到了 本周推荐 · 资料：arxiv.org/abs/2306.17806
        20:01 阿凯: /投稿 推荐 https://a.com/2 乙
        bot> 004 期本周推荐 #2 已收录：乙
        20:02 阿凯: /投稿 大模型
        bot> 投到哪个版块？发 /新闻 大模型，或者 /推荐、/经典、/实践
        20:03 阿凯: /转发 https://a.com/3 好文
        bot> 没有 /转发 这个命令。投稿选一个版块：/新闻 https://a.com/3 好文
        |或者 /推荐、/经典、/实践
        20:04 阿凯: /新闻早点睡
        bot> 要投稿就带上链接：/新闻 链接 早点睡
        20:05 阿凯: /工业界 https://a.com/4
        bot> 004 期本周新闻 #3 已收录：a.com/4
        20:06 阿凯: /停办春节
        bot> 命令后面空一格：/停办 春节
        20:07 阿凯: /结束语怎么写
        """,
        day=26,
    )


async def test_several_numbers(thursday: Evening) -> None:
    await thursday.plays(
        """
        20:00 阿凯: /推荐 https://a.com/1 甲 /推荐 https://a.com/2 乙 /推荐 https://a.com/3 丙
        bot> 004 期本周推荐 #1 已收录：甲
        |004 期本周推荐 #2 已收录：乙
        |004 期本周推荐 #3 已收录：丙
        20:01 suc16: /选定 #1 #2
        bot> 这个要由 004 期的主持人、编辑、推荐负责人或群管理来做
        20:01 Momo: /选定 #1 #2
        bot> 004#1 选定了：甲
        |004#2 选定了：乙
        |本周推荐现在讲 2/3 条：#1 #2
        20:02 Momo: /选定 1 2 取消
        bot> 004#1 不选了：甲
        |004#2 不选了：乙
        |本周推荐还没选定要讲的
        20:03 Momo: /提要 #1-#3
        bot> 004#1 列入本期提要：甲
        |004#2 列入本期提要：乙
        |004#3 列入本期提要：丙
        20:03 Momo: /提要 #1 #2 标签
        bot> 几条一起列入提要时不写说法；要写就一条一条发，例：/提要 #1 标签
        20:04 Momo: /提要 #1 #2 取消
        bot> 004#1 不再列入本期提要
        |004#2 不再列入本期提要
        20:05 Momo: /驳回 #1、#2 和主题无关
        bot> 004#1 已驳回（和主题无关）：甲
        |@阿凯 004#2 已驳回（和主题无关）：乙
        |阿凯 有疑问可以和主持人聊聊
        20:06 Momo: /恢复 #1 #2
        bot> 004#1 恢复了：甲
        |004#2 恢复了：乙
        20:07 Momo: /移动 #1 #2 新闻 学术
        bot> 004#1 移到了 本周新闻 · 学术：甲
        |004#2 移到了 本周新闻 · 学术：乙
        20:07 Momo: /移动 #1 火星
        bot> 没有「火星」这个版块或分类。可以移到：学术、项目、工业界、推荐、经典、实践
        20:08 林溪: /投票 #1 #2
        bot> 004#1 记下你也推荐：甲
        |004#2 记下你也推荐：乙
        20:09 阿凯: /提问 甲？
        bot> 004Q1 记下了：甲？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        20:09 林溪: /投票 1
        bot> 1 有两个，写上 # 或 Q 再发一次：
        |004#1 甲
        |004Q1 甲？
        20:10 林溪: /投票 q1 #3
        bot> 004Q1 +1，现在 1 票：甲？
        |004#3 记下你也推荐：丙
        20:11 阿凯: /修改 #1 #2 说明
        bot> /修改 一次只管一个编号，一条一条发吧。例：/修改 #7 更清楚的说明
        20:12 阿凯: /撤回 #1 Q1 #3
        bot> 004#1 有 林溪 也推荐过，改由 林溪 署名留下
        |004#3 有 林溪 也推荐过，改由 林溪 署名留下
        |004Q1 已撤回：甲？
        20:13 阿凯: /撤回 #2 #99
        bot> 004 期没有 #99。发 /我的 看自己的条目和编号
        20:13 阿凯: /撤回 #2
        bot> 004#2 有 林溪 也推荐过，改由 林溪 署名留下
        20:14 阿凯: /撤回
        bot> 要撤回哪条？回复它发 /撤回，或 /撤回 #7
        """,
        day=26,
    )


AT_BOT: Json = {"type": "at", "data": {"qq": str(BOT.user_id)}}
HELP = "投稿到本周新闻：/新闻 学术 https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上"


def replying(message_id: int) -> Json:
    return {"type": "reply", "data": {"id": str(message_id)}}


async def said(evening: Evening, *segments: Json) -> list[str]:
    """What the bot answers 林溪 to these segments."""
    before = len(evening.onebot.group.messages)
    await evening.speaks(LINXI, list(segments))
    return [text_of(each).partition("]")[2] for each in evening.onebot.group.messages[before + 1 :]]


async def test_an_at_is_always_answered(thursday: Evening) -> None:
    for segments in ([AT_BOT], [AT_BOT, words(" 你好")], [words("有人吗 "), AT_BOT], [AT_BOT, words("/签到")]):
        (answer,) = await said(thursday, *segments)
        assert answer.split("\n")[0] == HELP
        assert len(answer.split("\n")) == 3
    (filed,) = await said(thursday, AT_BOT, words(" https://github.com/a/b 好项目"))
    assert filed == "004 期本周新闻 #1 已收录：好项目\n不对的话，回复这条「换到推荐」或「改成学术」"
    (helped,) = await said(thursday, AT_BOT, words(" 本期"))
    assert helped.startswith("OpenLLM Talk 004")
    assert await said(thursday, AT_BOT, words(" 结束")) == ["这个要带斜杠发：/结束"]


async def test_an_at_that_qq_puts_in_front_of_a_reply_is_none(thursday: Evening) -> None:
    await said(thursday, words("/新闻 https://a.com/1 甲"))
    receipt = thursday.onebot.group.messages[-1].message_id
    assert await said(thursday, replying(receipt), AT_BOT, words(" 谢谢")) == []
    assert await said(thursday, replying(receipt), AT_BOT, words(" 换到推荐")) == ["004#1 移到了 本周推荐 · 杂项：甲"]
    (helped,) = await said(thursday, AT_BOT)
    assert helped.startswith(HELP)
    about_nothing = thursday.onebot.group.messages[-1].message_id
    assert await said(thursday, replying(about_nothing), AT_BOT, words(" 好的")) == []
    forgotten = thursday.restarted()
    assert await said(forgotten, replying(about_nothing), AT_BOT, words(" 好的")) == []  # it asks whose that was


async def test_an_at_below_somebodys_link_files_it(thursday: Evening) -> None:
    shared = await thursday.speaks(AKAI, [words("看这个 https://a.com/1 不错")])
    (filed,) = await said(thursday, replying(shared.message_id), AT_BOT)
    assert filed.startswith("004 期本周新闻 #1 已收录：看这个 不错（署名 阿凯）")
    chat = await thursday.speaks(AKAI, [words("今天好冷")])
    (helped,) = await said(thursday, replying(chat.message_id), AT_BOT)
    assert helped.startswith(HELP)


async def test_a_picture_is_an_item(thursday: Evening) -> None:
    thursday.service.pictures = Album(thursday.service.db, thursday.service.now)
    assert await said(thursday, words("/新闻"), picture("curve")) == [
        "004 期本周新闻 #1 图片收下了。补一句说明：回复这条「标题：……」"
    ]
    receipt = thursday.onebot.group.messages[-1].message_id
    assert await said(thursday, replying(receipt), words("标题：损失曲线")) == ["004#1 改题为：损失曲线"]
    assert (await said(thursday, words("/推荐 另一张"), picture("shot")))[0].startswith(
        "004 期本周推荐 #2 提名已记下：另一张"
    )
    theirs = await thursday.speaks(AKAI, [picture("table")])
    assert await said(thursday, replying(theirs.message_id), words("/新闻 一张表")) == [
        "004 期本周新闻 #3 已收录：一张表\n有链接的话发 /补充 #3 链接"
    ]
    agenda = await thursday.service.db.read(compile_agenda, thursday.service.series, 4)
    shown = {
        item.number: (item.title, item.submitter.name, len(item.pictures))
        for section in agenda.sections
        for item in section.items
    }
    assert shown == {1: ("损失曲线", "林溪", 1), 2: ("另一张", "林溪", 1), 3: ("一张表", "阿凯", 1)}


async def test_a_picture_that_is_gone_is_not_filed_as_nothing(thursday: Evening) -> None:
    class Gone(Album):
        async def _fetch(self, url: str) -> bytes:
            raise NotFetched("gone")

    thursday.service.pictures = Gone(thursday.service.db, thursday.service.now)
    assert await said(thursday, words("/新闻"), picture("curve")) == [
        "图片没能保存，这条没有存下。请重新发一次图片（10 MB 以内）"
    ]


TWO = "/新闻 https://a.com/1 甲\n/推荐 https://a.com/2 乙"


async def test_of_several_commands_what_was_not_done_is_done_later_and_nothing_twice(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the first and the second; the history brings the message again."""
    await evening.at(26, 19)
    await catch_up(evening.service, evening.bot)
    write: Any = evening.service.db.write
    done = 0

    async def dies(use_case: Any, /, *args: Any, **kwargs: Any) -> Any:
        nonlocal done
        if use_case.__name__ == "serve":
            done += 1
            if done > 1:
                raise asyncio.CancelledError
        return await write(use_case, *args, **kwargs)

    monkeypatch.setattr(evening.service.db, "write", dies)
    with suppress(asyncio.CancelledError):
        await evening.speaks(LINXI, [words(TWO)])
    monkeypatch.undo()
    assert len(await evening.service.db.read(items.listed, 4)) == 1
    again = evening.restarted()
    await catch_up(again.service, again.bot)
    assert [(each.number, each.section) for each in await again.service.db.read(items.listed, 4)] == [
        (1, "news"),
        (2, "rec"),
    ]


async def test_two_accounts_do_each_command_once(evening: Evening) -> None:
    await evening.at(26, 19)
    evening.bots = [evening.bot, evening.other]
    assert await evening.says(LINXI, TWO) == ["004 期本周新闻 #1 已收录：甲\n004 期本周推荐 #2 已收录：乙"]
    assert len(await evening.service.db.read(items.listed, 4)) == 2
