"""The evening itself, as it reads in the group."""

import pytest

from plugins._talk.documents.evening import evening_of
from tests.chat.evening import Evening
from tests.people import AKAI, XU

AGENDA = """
    12:00 林溪: /news https://a.com/1 MOSS-RLHF
    bot> 004 期本周新闻 #1 已收录：MOSS-RLHF
    12:00 阿凯: /news https://a.com/2 长驼
    bot> 004 期本周新闻 #2 已收录：长驼
    12:00 suc16: /rec https://a.com/3 推理算法
    bot> 004 期本周推荐 #3 已收录：推理算法
    12:00 阿凯: /rec https://a.com/4 BPE
    bot> 004 期本周推荐 #4 已收录：BPE
    12:01 suc16: /claim 主持人
    bot> 004 期的主持人就是你啦，谢谢！
    |编辑最好也由主持人兼任，要一起认领就发 /认领 编辑
    12:01 林溪: /claim 编辑
    bot> 004 期的编辑就是你啦，谢谢！
"""
ANNOUNCED = """
    20:30 bot> 【OpenLLM Talk 004】2026-11-28 周六 21:00
    |本周新闻 2 条 · 本周推荐 2 条
    |主持人 @suc16
    |编辑 @林溪
    |还缺 新闻负责人、推荐负责人，发 /认领 角色 就能补位
    |完整议程见下面的聊天记录，链接可以直接点开
    |到点了请 suc16 发 /开始 开场，我来报时
    bot> [forward]
    bot> OpenLLM Talk 004 议程[image]
"""
STARTED = """
    21:00 suc16: /start
    bot> 【OpenLLM Talk 004】开场啦 主持人 @suc16
    |21:00 本周新闻（10 分钟）2 条
    |21:10 本周推荐（15 分钟）2 条
    |21:25 Free Talk（不限时）
    |主持人发 /下一项 开始：本周新闻 · #1 MOSS-RLHF（林溪）
"""


@pytest.fixture
async def saturday(evening: Evening) -> Evening:
    """Saturday at noon, with an agenda and a host."""
    await evening.at(28, 12)
    await evening.plays(AGENDA)
    return evening


async def test_an_evening_from_start_to_end(saturday: Evening) -> None:
    await saturday.plays(ANNOUNCED + STARTED)
    await saturday.plays("""
        21:02 suc16: /next
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 21:07（本周新闻到 21:12）
        |接下来：本周新闻 · #2 长驼（阿凯）
        21:07 bot> ⏰ 本周新闻 · #1 MOSS-RLHF 时间到。还要讲就发 /延长 5；接下来：本周新闻 · #2 长驼（阿凯）
        21:08 suc16: /next
        bot> ▶ 本周新闻 · #2 长驼
        |@阿凯 本周新闻还有 4 分钟，到 21:12
        |接下来：本周推荐 · #3 推理算法（suc16）
        21:10 bot> ⏳ 本周新闻还有 2 分钟
        21:11 suc16: /extend 5
        bot> 本周新闻 · #2 长驼 延长 5 分钟，到 21:17
        21:15 bot> ⏳ 本周新闻还有 2 分钟
        21:16 suc16: /next
        bot> ▶ 本周推荐 · #3 推理算法
        |@suc16 约 8 分钟，到 21:23（本周推荐到 21:31）
        |接下来：本周推荐 · #4 BPE（阿凯）
        21:20 suc16: /next Free Talk
        bot> ▶ Free Talk
        |@suc16 不限时
        |后面没有别的了，讲完发 /结束
        21:30 林溪: /ask 多轮对话的经验？
        bot> 004Q1 记下了：多轮对话的经验？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        21:31 阿凯 ↩记下了: /answer 外挂和长度外推
        bot> 004Q1 收到 阿凯 的回答：多轮对话的经验？
        21:32 林溪: /ask COT？
        bot> 004Q2 记下了：COT？
        |回复这条发 /回答 就能答；也想知道的贴个表情
        22:30 suc16: /end
        bot> 【OpenLLM Talk 004】suc16 宣布收场啦，谢谢大家！21:00–22:30，90 分钟
        |本周新闻：计划 10 分钟，实际 14 分钟
        |本周推荐：计划 15 分钟，实际 4 分钟
        |Free Talk：不限时，实际 70 分钟
        |讲到 3 条
        |没讲到 1 条：#4 BPE
        |主持人发 /转下期 就把它们带去 005 期（署名不变），不发就留在 004 期
        |还没人答的问题 1 个，带去下期：005Q1 COT？
        |本期贡献者（排名不分先后）：林溪、阿凯、suc16
        |编辑 @林溪 还差纪要、文章、视频，有空时收个尾
        |登记视频时给出章节：发 /视频 链接 开场在第几分几秒
        22:31 suc16: /carry
        bot> 004 期的 1 条转到 005 期，署名不变：
        |#1 BPE（阿凯）
        22:32 阿凯: /edit 004#4 中文怎么进行 BPE 编码？
        bot> 005#1 已修改：杂项 · 中文怎么进行 BPE 编码？
        |https://a.com/4
        22:33 阿凯: /questions
        bot> 005 期等着回答的问题（1 个）：
        |Q1 COT？ —— 林溪
        |回答发 /回答 Q编号 …，也想知道就发 /投票 Q编号
    """)


async def test_only_a_host_starts_and_anybody_reminds(saturday: Evening) -> None:
    await saturday.plays("""
        19:30 suc16: /start
        bot> 004 期在 2026-11-28 周六 21:00，开场前一小时内才能 /开始；要提前就先发 /顺延 改时间
    """)
    await saturday.plays(ANNOUNCED)
    await saturday.plays("""
        20:58 阿凯: /start
        bot> @suc16 大家在等 004 期开场啦，准备好了发 /开始
        20:58 阿凯: /next
        bot> 现在没有进行中的活动，主持人到点发 /开始
        20:59 suc16: /unclaim 主持人
        bot> 004 期的主持人空出来了，21:00 就要开始，谁能顶一下？发 /认领 主持人
        20:59 阿凯: /start
        bot> 004 期还没有主持人：谁来？发 /认领 主持人，再发 /开始 就开场
        21:01 suc16: /next
        bot> 004 期还没有开场，主持人先发 /开始
    """)


async def test_a_talk_that_starts_early_is_live_from_then_on(saturday: Evening) -> None:
    await saturday.plays(ANNOUNCED)
    await saturday.plays("""
        20:55 suc16: /start
        bot> 【OpenLLM Talk 004】开场啦 主持人 @suc16
        |20:55 本周新闻（10 分钟）2 条
        |21:05 本周推荐（15 分钟）2 条
        |21:20 Free Talk（不限时）
        |主持人发 /下一项 开始：本周新闻 · #1 MOSS-RLHF（林溪）
        20:56 林溪: /news https://a.com/9 下期的
        bot> 005 期（下期）本周新闻 #1 已收录：下期的
        20:57 suc16: /start
        bot> 004 期 20:55 已经开场了，主持人发 /下一项 往下走
        20:58 suc16: /顺延 明天
        bot> 004 期已经开始，改不了时间了；要改 005 期的话，请选 2026-12-01 以后
    """)


async def test_jumps(saturday: Evening) -> None:
    await saturday.plays(ANNOUNCED + STARTED)
    await saturday.plays("""
        21:01 suc16: /next #4
        bot> ▶ 本周推荐 · #4 BPE
        |@阿凯 约 8 分钟，到 21:08（本周推荐到 21:16）
        |接下来：Free Talk
        21:02 suc16: /next 新闻
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 21:07（本周新闻到 21:12）
        |接下来：本周新闻 · #2 长驼（阿凯）
        21:03 suc16 ↩推理算法: /next
        bot> ▶ 本周推荐 · #3 推理算法
        |@suc16 本周推荐还有 14 分钟，到 21:17
        |接下来：Free Talk
        21:03:30 suc16: /next 天气
        bot> 没看懂「天气」。跳到条目写 /下一项 #7，跳到版块写 /下一项 新闻
        21:03:31 suc16: /next #77
        bot> 004 期没有 #77。发 /我的 看自己的条目和编号
        21:04 suc16 ↩▶ 本周推荐: /next
        bot> ▶ Free Talk
        |@suc16 不限时
        |后面没有别的了，讲完发 /结束
        21:05 suc16: /next
        bot> 后面没有别的了。还没讲到 #2，想讲就发 /下一项 加编号；讲完发 /结束
        21:05 suc16: /extend
        bot> Free Talk 不限时，不用延长
    """)


async def test_who_may_move_on(saturday: Evening) -> None:
    """Hosts, and a section's leads while it is on."""
    await saturday.plays("""
        12:05 阿凯: /claim 新闻负责人
        bot> 004 期的新闻负责人就是你啦，谢谢！
    """)
    await saturday.plays(ANNOUNCED.replace("|还缺 新闻负责人、推荐负责人", "|版块负责人 @阿凯\n    |还缺 推荐负责人"))
    await saturday.plays(STARTED.replace("（10 分钟）2 条", "（10 分钟）2 条 阿凯"))
    await saturday.plays("""
        21:00 阿凯: /next
        bot> 这个要由 004 期的主持人、编辑或群管理来做
        21:01 suc16: /next
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 21:06（本周新闻到 21:11）
        |接下来：本周新闻 · #2 长驼（阿凯）
        21:02 阿凯: /extend 2分钟
        bot> 本周新闻 · #1 MOSS-RLHF 延长 2 分钟，到 21:08
        21:02 阿凯: /extend 很多
        bot> 延长几分钟？1 到 120 之间，例：/延长 5
        21:03 林溪: /extend 2
        bot> 本周新闻 · #1 MOSS-RLHF 延长 2 分钟，到 21:10
        21:04 Momo: /next 推荐
        bot> ▶ 本周推荐 · #3 推理算法
        |@suc16 约 8 分钟，到 21:11（本周推荐到 21:19）
        |接下来：本周推荐 · #4 BPE（阿凯）
        21:04 阿凯: /next
        bot> 这个要由 004 期的主持人、编辑或群管理来做
    """)


async def test_a_long_section_is_gone_through_as_a_whole(saturday: Evening) -> None:
    for number in range(5, 10):
        said = await saturday.says(AKAI, f"/news https://a.com/{number} 第 {number} 条")
        assert said == [f"004 期本周新闻 #{number} 已收录：第 {number} 条"]
    await saturday.quiet_until("12:10")
    await saturday.plays(ANNOUNCED.replace("本周新闻 2 条", "本周新闻 7 条"))
    await saturday.plays(
        STARTED.replace("（10 分钟）2 条", "（10 分钟）7 条").replace(
            "本周新闻 · #1 MOSS-RLHF（林溪）", "本周新闻（7 条）"
        )
    )
    await saturday.plays("""
        21:00 suc16: /next
        bot> ▶ 本周新闻（7 条）
        |@suc16 有 10 分钟，到 21:10
        |接下来：本周推荐 · #3 推理算法（suc16）
        21:08 bot> ⏳ 本周新闻还有 2 分钟
        21:09 suc16: /next #7
        bot> ▶ 本周新闻 · #7 第 7 条
        |@阿凯 本周新闻还有 1 分钟，到 21:10
        |接下来：本周推荐 · #3 推理算法（suc16）
        21:10 bot> ⏰ 本周新闻时间到。还要讲就发 /延长 5；接下来：本周推荐 · #3 推理算法（suc16）
    """)
    found = await saturday.service.db.read(evening_of, saturday.service.series, 4)
    assert [item.number for item in found.covered] == [1, 2, 5, 6, 7, 8, 9]


async def test_a_talk_that_nobody_ends(saturday: Evening) -> None:
    """Midnight changes nothing; after six hours it is over, and the group is told."""
    await saturday.plays(ANNOUNCED + STARTED)
    await saturday.plays("""
        23:50 suc16: /next
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 23:55（本周新闻到 00:00）
        |接下来：本周新闻 · #2 长驼（阿凯）
        23:55 bot> ⏰ 本周新闻 · #1 MOSS-RLHF 时间到。还要讲就发 /延长 5；接下来：本周新闻 · #2 长驼（阿凯）
        23:57 suc16: /next
        bot> ▶ 本周新闻 · #2 长驼
        |@阿凯 本周新闻还有 3 分钟，到 00:00
        |接下来：本周推荐 · #3 推理算法（suc16）
    """)
    await saturday.plays(
        """
        00:00 bot> ⏰ 本周新闻时间到。还要讲就发 /延长 5；接下来：本周推荐 · #3 推理算法（suc16）
        00:05 suc16: /next
        bot> ▶ 本周推荐 · #3 推理算法
        |@suc16 约 8 分钟，到 00:12（本周推荐到 00:20）
        |接下来：本周推荐 · #4 BPE（阿凯）
        00:12:30 bot> ⏰ 本周推荐 · #3 推理算法 时间到。还要讲就发 /延长 5；接下来：本周推荐 · #4 BPE（阿凯）
        03:00 bot> 【OpenLLM Talk 004】收场啦，谢谢大家！21:00–03:00，360 分钟（没有人发 /结束，自动收场）
        |本周新闻：计划 10 分钟，实际 15 分钟
        |本周推荐：计划 15 分钟，实际 175 分钟
        |Free Talk：不限时，没有讲
        |讲到 3 条
        |没讲到 1 条：#4 BPE
        |主持人发 /转下期 就把它们带去 005 期（署名不变），不发就留在 004 期
        |本期贡献者（排名不分先后）：林溪、阿凯、suc16
        |编辑 @林溪 还差纪要、文章、视频，有空时收个尾
        |登记视频时给出章节：发 /视频 链接 开场在第几分几秒
        20:00 bot> 004 期辛苦啦！还差：纪要、文章、视频
        |@林溪 有空时收个尾，谢谢
        |没讲到的 #4 BPE：要带去下期，主持人发 /转下期
        """,
        day=29,
    )


async def test_answers_to_the_host_are_not_held_back_and_the_clock_is(saturday: Evening) -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    saturday.service.pause = pause
    await saturday.plays(ANNOUNCED)
    before = len(waited)
    await saturday.plays(STARTED)
    await saturday.plays("""
        21:00 suc16: /next
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 21:05（本周新闻到 21:10）
        |接下来：本周新闻 · #2 长驼（阿凯）
    """)
    assert len(waited) == before


async def test_what_nobody_saw_in_time_is_let_go_in_silence(saturday: Evening) -> None:
    """While nobody is connected the clock goes on; what it would have said is of no use afterwards."""
    await saturday.plays(ANNOUNCED + STARTED)
    await saturday.plays("""
        21:00 suc16: /next
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 21:05（本周新闻到 21:10）
        |接下来：本周新闻 · #2 长驼（阿凯）
    """)
    saturday.bots.clear()
    await saturday.quiet_until("21:30")
    saturday.bots.append(saturday.bot)
    await saturday.plays("""
        21:31 suc16: /next
        bot> ▶ 本周新闻 · #2 长驼
        |@阿凯 本周新闻的时间已经用完（21:10），请长话短说
        |接下来：本周推荐 · #3 推理算法（suc16）
    """)
    assert not any("还有两分钟" in told or "时间到" in told for told in saturday.told(XU))


async def test_another_process_goes_on_where_the_first_was(saturday: Evening) -> None:
    """All that the clock knows is in the database."""
    await saturday.plays(ANNOUNCED + STARTED)
    await saturday.plays("""
        21:00 suc16: /next
        bot> ▶ 本周新闻 · #1 MOSS-RLHF
        |@林溪 约 5 分钟，到 21:05（本周新闻到 21:10）
        |接下来：本周新闻 · #2 长驼（阿凯）
    """)
    second = saturday.restarted()
    await second.plays("""
        21:04 suc16: /next
        bot> ▶ 本周新闻 · #2 长驼
        |@阿凯 本周新闻还有 6 分钟，到 21:10
        |接下来：本周推荐 · #3 推理算法（suc16）
    """)
