"""Questions, answers and quotes, as they read in the group."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, select, table, text

from db.queries import questions, remarks
from plugins._chat.stores.fetching import NotFetched
from plugins._chat.stores.pictures import PictureStore
from plugins._onebot.implementation import Json
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.render.chat import nodes
from plugins._talk.render.markdown import agenda_document
from tests.chat.evening import Evening
from tests.people import AKAI, LINXI, MOMO, SUC, XU

PNG = b"\x89PNG\r\n\x1a\n a picture"


@pytest.fixture
async def thursday(evening: Evening) -> Evening:
    await evening.at(26, 12)
    return evening


async def test_asking_and_answering(thursday: Evening) -> None:
    await thursday.plays(
        """
        12:00 林溪: /ask 怎么抽时间看论文？
        bot> 004Q1 记下了：怎么抽时间看论文？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:01 阿凯: /提问 LoRA 还是 P-Tuning？
        bot> 004Q2 记下了：LoRA 还是 P-Tuning？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:02 阿凯: /answer Q1 每天早上看两篇摘要
        bot> 004Q1 收到 阿凯 的回答：怎么抽时间看论文？
        12:03 suc16 ↩/ask 怎么抽时间: /answer 订阅 daily papers
        bot> 004Q1 收到 suc16 的回答（第 2 个）：怎么抽时间看论文？
        12:04 林溪 ↩Q2 记下了: /回答 都试试
        bot> 004Q2 收到 林溪 的回答：LoRA 还是 P-Tuning？
        12:05 Momo ↩/回答 都试试: /answer 看任务
        bot> 004Q2 收到 Momo 的回答（第 2 个）：LoRA 还是 P-Tuning？
        12:06 林溪: /answer Q9 什么
        bot> 004 期没有 Q9，发 /问题 看看
        12:06 林溪: /answer
        bot> 要回答哪个？回复它发 /answer，或 /answer Q3 从官方教程开始就好
        12:06 林溪: /answer q1，
        bot> 用法：/answer Q编号 [@谁说的] <回答>　例：/answer Q3 从官方教程开始就好
        12:07 林溪 ↩用法: /answer 好的
        bot> 没看出是哪个问题：请写上编号（如 Q3），或者回复那个问题
        12:08 林溪: /ask
        bot> 用法：/ask <问题>　例：/ask 有什么好的入门资料？
        """,
        day=26,
    )


async def test_a_question_that_somebody_else_files(thursday: Evening) -> None:
    """The credit goes to who asked."""
    await thursday.plays(
        """
        12:00 阿凯: 有人试过 RWKV 吗
        12:01 林溪 ↩有人试过 RWKV 吗: /ask
        bot> 004Q1 记下了：有人试过 RWKV 吗
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:02 Momo ↩有人试过 RWKV 吗: /ask
        bot> 这个问题已经记下了：004Q1 有人试过 RWKV 吗
        12:03 suc16: /questions
        bot> 004 期等着回答的问题（1 个）：
        |Q1 有人试过 RWKV 吗 —— 阿凯
        |回答发 /回答 Q编号 …，也想知道就发 /投票 Q编号
        """,
        day=26,
    )


async def test_voting(thursday: Evening) -> None:
    await thursday.plays(
        """
        12:00 林溪: /ask 甲？
        bot> 004Q1 记下了：甲？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:01 阿凯: /ask 乙？
        bot> 004Q2 记下了：乙？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:02 suc16: /vote Q2
        bot> 004Q2 +1，现在 1 票：乙？
        12:02 suc16: /投票 q2
        bot> 你已经给 004Q2 投过了，现在 1 票：乙？
        12:03 阿凯: /vote Q2
        bot> 自己的问题不用投票，等等大家
        12:04 Momo ↩/ask 乙: /vote
        bot> 004Q2 +1，现在 2 票：乙？
        12:05 老徐: /rec 量化
        bot> 004 期本周推荐 #1 提名已记下：量化
        |有链接的话发 /补充 #1 链接
        12:06 林溪: /vote #1
        bot> 004#1 记下你也推荐：量化
        12:06 suc16 ↩/rec 量化: /vote
        bot> 004#1 记下你也推荐：量化
        12:07 老徐: /vote 1
        bot> 1 有两个，写上 # 或 Q 再发一次：
        |004#1 量化
        |004Q1 甲？
        12:07 老徐: /vote #1
        bot> 自己的条目不用投票，等等大家
        12:08 老徐: /vote
        bot> 要投票哪条？回复它发 /vote，或 /vote Q3
        """,
        day=26,
    )
    await thursday.reacts(XU, "/ask 甲？", "76")
    await thursday.reacts(MOMO, "Q1 记下了")
    await thursday.reacts(SUC, "Q1 记下了")
    await thursday.reacts(LINXI, "Q1 记下了")  # her own
    await thursday.plays(
        """
        12:09 林溪: /questions
        bot> 004 期等着回答的问题（2 个）：
        |Q1（3 票）甲？ —— 林溪
        |Q2（2 票）乙？ —— 阿凯
        |回答发 /回答 Q编号 …，也想知道就发 /投票 Q编号
        """,
        day=26,
    )
    await thursday.reacts(SUC, "Q1 记下了", added=False)
    await thursday.reacts(MOMO, "/ask 甲？", added=False)
    await thursday.plays(
        """
        12:10 林溪: /answer Q1 甲就是甲
        bot> 004Q1 收到 林溪 的回答：甲？
        12:11 林溪: /questions
        bot> 004 期等着回答的问题（1 个）：
        |Q2（2 票）乙？ —— 阿凯
        |已经聊到的：
        |Q1 甲？ → 甲就是甲（林溪）
        |回答发 /回答 Q编号 …，也想知道就发 /投票 Q编号，看全文发 /问题 Q编号
        12:12 林溪: /answer Q2 乙就是乙
        bot> 004Q2 收到 林溪 的回答：乙？
        12:13 林溪: /questions
        bot> 004 期的问题都有回答了
        |已经聊到的：
        |Q1 甲？ → 甲就是甲（林溪）
        |Q2 乙？ → 乙就是乙（林溪）
        |看全文发 /问题 Q编号
        """,
        day=26,
    )
    found = await thursday.service.db.read(questions.of_talk, 4)
    assert [each.votes for each in found] == [1, 2]


async def test_what_somebody_said_is_filed_with_author_and_time(thursday: Evening) -> None:
    await thursday.plays(
        """
        12:00 林溪: /ask LoRA 还是 P-Tuning？
        bot> 004Q1 记下了：LoRA 还是 P-Tuning？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:01 阿凯: 个人喜欢 lora 方案
        12:02 林溪 ↩个人喜欢 lora 方案: /quote Q1
        bot> 阿凯 11-26 12:01 的发言收进了 004Q1：个人喜欢 lora 方案
        |本人不想留的话，回复这条发 /撤回
        12:03 Momo: 知识在 FFN 里
        12:04 林溪 ↩知识在 FFN 里: /收录 知识在哪儿
        bot> Momo 11-26 12:03 的发言收进了 004 期讨论：知识在哪儿
        |本人不想留的话，回复这条发 /撤回
        12:05 suc16 ↩知识在 FFN 里: /quote
        bot> Momo 11-26 12:03 的发言早就收进了 004 期讨论：知识在哪儿
        |本人不想留的话，回复这条发 /撤回
        12:06 suc16 ↩知识在 FFN 里: /quote Q1
        bot> Momo 11-26 12:03 的发言早就收进了 004Q1：知识在哪儿
        |本人不想留的话，回复这条发 /撤回
        12:07 suc16: /quote Q1
        bot> 用法：/quote [Q编号] [标题]　例：/quote Q3 大家怎么看
        12:08 suc16 ↩早就收进: /quote
        bot> 这是我自己说的，不收录。回复群友的发言再发 /收录 吧
        12:09 老徐: 我不希望被收录
        12:10 suc16 ↩我不希望被收录: /quote
        bot> 老徐 11-26 12:09 的发言收进了 004 期讨论：我不希望被收录
        |本人不想留的话，回复这条发 /撤回
        12:11 阿凯 ↩我不希望被收录: /withdraw
        bot> 这是 老徐 的，只有本人、收录的人或 004 期的主持人能撤回
        12:12 老徐 ↩老徐 11-26: /withdraw
        bot> 老徐 的发言已撤回，没有留底
        12:13 阿凯 ↩个人喜欢 lora 方案: /withdraw
        bot> 阿凯 的发言已撤回，没有留底
        12:14 林溪: /withdraw Q1
        bot> 004Q1 已撤回：LoRA 还是 P-Tuning？
        12:15 suc16: /answer Q1 都行
        bot> 004Q1 已经撤回了
        """,
        day=26,
    )
    everything = await thursday.service.db.read(dump)
    assert "lora 方案" not in everything
    assert "我不希望被收录" not in everything
    assert "P-Tuning" not in everything


def dump(connection: Connection) -> str:
    """All that the discussion's tables hold."""
    return rows_of(connection, ("questions", "remarks", "remark_lines", "discussion_messages"))


def rows_of(connection: Connection, tables: Iterable[str]) -> str:
    return "\n".join(str(connection.execute(select(text("*")).select_from(table(each))).all()) for each in tables)


COUNT = "SELECT count(*) FROM pictures"


class Album(PictureStore):
    """A store to which QQ's pictures come by name."""

    async def _fetch(self, url: str) -> bytes:
        if "gone" in url:
            raise NotFetched("expired")
        return PNG + url.encode()


async def stored_pictures(evening: Evening) -> int:
    """How many pictures are kept at present."""
    return await evening.service.db.read(lambda connection: connection.execute(text(COUNT)).scalar_one())


def picture(name: str) -> Json:
    return {"type": "image", "data": {"file": name, "url": f"https://multimedia.nt.qq.com.cn/{name}"}}


def words(said: str) -> Json:
    return {"type": "text", "data": {"text": said}}


async def test_pictures_come_along_and_go_with_it(thursday: Evening, tmp_path: Path) -> None:
    thursday.service.pictures = Album(thursday.service.db, thursday.service.now)
    await thursday.speaks(AKAI, [words("训练曲线"), picture("curve"), picture("gone")])
    await thursday.plays(
        """
        12:01 林溪 ↩训练曲线: /quote
        bot> 阿凯 11-26 12:00 的发言收进了 004 期讨论：训练曲线
        |有 1 张图片没能保存
        |本人不想留的话，回复这条发 /撤回
        """,
        day=26,
    )
    assert await stored_pictures(thursday) == 1
    await thursday.speaks(AKAI, [picture("curve")])
    await thursday.plays(
        """
        12:02 林溪 ↩[image]: /quote
        bot> 阿凯 11-26 12:01 的发言收进了 004 期讨论：1 张图片
        |本人不想留的话，回复这条发 /撤回
        """,
        day=26,
    )
    await recalls(thursday, "训练曲线")
    assert await stored_pictures(thursday) == 1  # the other still shows it
    await recalls(thursday, "[image]")
    assert await stored_pictures(thursday) == 0
    assert await thursday.service.db.read(remarks.of_talk, 4) == []


async def recalls(evening: Evening, said: str) -> None:
    """The author takes back the first message with these words."""
    message = next(m for m in evening.onebot.group.messages if said in evening.shown(m) and m.recalled_by is None)
    evening.onebot.group.recall(message, message.user_id)
    notice = {"notice_type": "group_recall", "operator_id": message.user_id, "user_id": message.user_id}
    await evening.notices(**notice, message_id=message.message_id)


async def test_what_is_recalled_in_qq_is_gone(thursday: Evening) -> None:
    await thursday.plays(
        """
        12:00 林溪: /ask 甲？
        bot> 004Q1 记下了：甲？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:01 阿凯: /answer Q1 说错了的话
        bot> 004Q1 收到 阿凯 的回答：甲？
        12:02 Momo: 随口一说
        12:03 阿凯 ↩随口: /quote
        bot> Momo 11-26 12:02 的发言收进了 004 期讨论：随口一说
        |本人不想留的话，回复这条发 /撤回
        """,
        day=26,
    )
    said = len(thursday.onebot.group.messages)
    for text_said in ("说错了的话", "随口一说", "/ask 甲？"):
        await recalls(thursday, text_said)
    told = [thursday.shown(each) for each in thursday.onebot.group.messages[said:]]
    assert told == [
        "阿凯 的回答随消息撤回，没有留底",
        "Momo 的发言随消息撤回，没有留底",
        "004Q1 随消息撤回：甲？",
    ]
    everything = await thursday.service.db.read(dump)
    assert "说错了" not in everything
    assert "随口" not in everything
    assert "甲" not in everything


async def test_a_merged_forward_keeps_its_thread(thursday: Evening, tmp_path: Path) -> None:
    thursday.service.pictures = Album(thursday.service.db, thursday.service.now)
    nodes_of = [
        {"type": "node", "data": {"user_id": "1", "nickname": "小明", "content": [words("lora 能带来新知识吗")]}},
        {"type": "node", "data": {"user_id": "2", "nickname": "小红", "content": [words("有人说不能"), picture("a")]}},
    ]
    thursday.onebot.group.forwards["f1"] = nodes_of
    await thursday.speaks(AKAI, [{"type": "forward", "data": {"id": "f1"}}])
    await thursday.plays(
        """
        12:01 林溪 ↩[forward]: /quote lora 与知识
        bot> 阿凯 11-26 12:00 的发言收进了 004 期讨论：lora 与知识
        |本人不想留的话，回复这条发 /撤回
        """,
        day=26,
    )
    agenda = await thursday.service.db.read(compile_agenda, thursday.service.series, 4)
    (thread,) = agenda.discussion.in_group
    assert [(line.speaker, line.text) for line in thread.said[0].lines] == [
        ("小明", "lora 能带来新知识吗"),
        ("小红", "有人说不能"),
    ]
    assert len(thread.said[0].pictures) == 1


async def test_nothing_is_kept_that_nobody_filed(thursday: Evening) -> None:
    await thursday.plays("12:00 阿凯: 只是聊聊天\n12:01 林溪 ↩只是聊聊天: 确实", day=26)
    await thursday.reacts(MOMO, "只是聊聊天")

    def everywhere(connection: Connection) -> str:
        return rows_of(connection, inspect(connection).get_table_names())

    assert "聊聊天" not in await thursday.service.db.read(everywhere)


async def test_the_document_carries_the_discussion(evening: Evening) -> None:
    """Under Free Talk, signed: what was asked or answered while the talk was live, and the rest."""
    await evening.at(28, 12)
    await evening.plays("""
        12:00 林溪: /ask 群里问的
        bot> 004Q1 记下了：群里问的
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:01 阿凯: /ask 群里问、线上答
        bot> 004Q2 记下了：群里问、线上答
        |回复这条发 /回答 就能答；也想知道的贴个表情
        12:02 Momo: /answer Q1 见 https://a.com/some_page_ 的 *第三节*
        bot> 004Q1 收到 Momo 的回答：群里问的
        12:03 阿凯: 路过说一句
        12:04 林溪 ↩路过: /quote
        bot> 阿凯 11-28 12:03 的发言收进了 004 期讨论：路过说一句
        |本人不想留的话，回复这条发 /撤回
    """)
    await evening.at(28, 20, 45)
    await evening.says(XU, "/start")
    await evening.at(28, 20, 50)
    await evening.says(SUC, "/answer Q2 线上答的")
    await evening.says(SUC, "/ask 线上问的")
    await evening.says(AKAI, "/ask 没人答的")
    await evening.says(LINXI, "/answer Q3 线上也答了")
    await evening.says(XU, "/agenda")
    document = evening.onebot.group.files[-1].body.decode()
    assert (
        document.partition("## Free Talk")[2]
        == """

负责人：待认领

### 线上讨论

**Q2 群里问、线上答 —— 阿凯**

答：线上答的 —— suc16

**Q3 线上问的 —— suc16**

答：线上也答了 —— 林溪

**Q4 没人答的 —— 阿凯**

（还没有回答）

### 群里讨论

**Q1 群里问的 —— 林溪**

答：见 <https://a.com/some_page_> 的 \\*第三节\\* —— Momo

路过说一句 —— 阿凯，11-28 12:03
"""
    )
    compiled = await evening.service.db.read(compile_agenda, evening.service.series, 4)
    assert (
        nodes(compiled)[-1].text.partition("\n\n")[2]
        == """◆ 线上讨论
Q2 群里问、线上答 —— 阿凯
线上答的
—— suc16
Q3 线上问的 —— suc16
线上也答了
—— 林溪
Q4 没人答的 —— 阿凯

◆ 群里讨论
Q1 群里问的 —— 林溪
见 https://a.com/some_page_ 的 *第三节*
—— Momo
路过说一句
—— 阿凯，11-28 12:03"""
    )
    assert agenda_document(compiled).document == document
