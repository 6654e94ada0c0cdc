"""A week in the group, as it reads there."""

from datetime import timedelta
from typing import Any

from nonebot.adapters.onebot.v11 import Message, MessageSegment

from db.queries import items
from plugins._chat.commands.registry import commands
from plugins._chat.service import Service
from tests.chat.transcript import Chat
from tests.people import AKAI, BOT, GROUP, LINXI, XU, Clock


async def test_submitting(chat: Chat) -> None:
    await chat.plays("""
        林溪: /news https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上
        bot> 004 期本周新闻 #1 已收录：CFG 用到了 LLM 上
        阿凯: ／新闻 https://www.example.com/a/?utm_source=qq
        bot> 004 期本周新闻 #2 已收录：example.com/a
        阿凯: /实践 arxiv.org/pdf/2306.17806v2 https://a.com/3
        bot> 004 期本周实践 #3 已收录：a.com/3
            | arxiv.org/abs/2306.17806v2 林溪 已经发过了：004#1 CFG 用到了 LLM 上（记下你也推荐）
        阿凯: /news https://example.com/a
        bot> 你已经发过了：004#2 example.com/a
        林溪: /news 项目 https://a.com/4 https://a.com/5 两个新框架
        bot> 004 期本周新闻 #4 #5 已收录：两个新框架
        林溪: /News https://a.com/6 https://a.com/7 https://a.com/8
        bot> 004 期本周新闻 #6–#8 已收录：
            | · a.com/6
            | · a.com/7
            | · a.com/8
        Momo: /推荐 量化到底怎么选
        bot> 004 期本周推荐 #9 提名已记下：量化到底怎么选
            | 有链接的话发 /补充 #9 链接
        Momo: /news 听说百川要发 13B
        bot> 004 期本周新闻 #10 已收录：听说百川要发 13B
            | 有链接的话发 /补充 #10 链接
        Momo: /补充 #10 https://a.com/10
        bot> 004#10 补充了 主链接：听说百川要发 13B
        Momo: /news
        bot> 用法：/news [学术|项目|工业界] <链接…> [说明]　例：/news 学术 https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上
    """)


async def test_minding_ones_own(chat: Chat) -> None:
    await chat.plays("""
        林溪: /mine
        bot> 你在 004 期还没有条目。发 /新闻 加链接，来第一条吧
        林溪: /news https://a.com/1
        bot> 004 期本周新闻 #1 已收录：a.com/1
        林溪: /修改 #1 一个更好的标题
        bot> 004#1 已修改：工业界 · 一个更好的标题
            | https://a.com/1
        林溪: /add 004#1 https://a.com/slides 幻灯片
        bot> 004#1 补充了 1 个链接、一段文字：一个更好的标题
        阿凯: /withdraw #1
        bot> 004#1 是 林溪 的，只有本人能撤回
        林溪: /withdraw #9
        bot> 004 期没有 #9。发 /我的 看自己的条目和编号
        林溪: /withdraw 009#1
        bot> 还没有 009 期。现在是 004 期，发 /本期 看看
        林溪: /mine
        bot> 你在 004 期有 1 条：
            | #1 一个更好的标题
            | 修改 /修改 #编号 …，撤回 /撤回 #编号
        林溪: /withdraw 1
        bot> 004#1 已撤回：一个更好的标题
        林溪: /withdraw #1
        bot> 004#1 已经撤回了，编号不会再用
        林溪: /news https://a.com/1
        bot> 004 期本周新闻 #2 已收录：a.com/1
        林溪: /edit
        bot> 要修改哪条？回复它发 /edit，或 /edit #7 更清楚的说明
    """)


async def test_roles_and_names(chat: Chat) -> None:
    await chat.plays("""
        林溪: /认领 主持人
        bot> 004 期的主持人就是你啦，谢谢！
            | 编辑最好也由主持人兼任，要一起认领就发 /认领 编辑
        林溪: /claim editor
        bot> 004 期的编辑就是你啦，谢谢！
        阿凯: /claim host
        bot> 004 期的主持人已经由 林溪 认领了。发 /分工 看看还缺谁
        阿凯: /claim 新闻负责人
        bot> 004 期的新闻负责人就是你啦，谢谢！
        阿凯: /claim 打杂
        bot> 没有「打杂」这个角色。可以认领：主持人、编辑、新闻负责人、推荐负责人、经典负责人、实践负责人、Free Talk 负责人。例：/认领 主持人
        林溪: /署名 羡鱼
        bot> 记住了，以后各期都署名 羡鱼
        阿凯: /署名 羡鱼
        bot> 已经有人叫 羡鱼 了，换一个吧，免得署名分不清
        阿凯: /roles
        bot> 004 期分工
            | 主持人：羡鱼
            | 编辑：羡鱼（还可 1 位）
            | 新闻负责人：阿凯（还可 1 位）
            | 推荐负责人：待认领
            | 经典负责人：待认领
            | 实践负责人：待认领
            | Free Talk 负责人：待认领
            | 认领发 /认领 角色
        林溪: /unclaim
        bot> 你认领了主持人、编辑，要说明是哪个，例：主持人
        林溪: /释放 主持人
        bot> 004 期的主持人已释放，随时可以再 /认领 主持人
        阿凯: /talk
        bot> OpenLLM Talk 004 · 2026-11-28 周六 21:00 · 正在收集
            | 编辑 羡鱼；新闻负责人 阿凯
            | 待认领：主持人、推荐负责人、经典负责人、实践负责人、Free Talk 负责人
            | 条目：新闻 0 · 推荐 0 · 经典 0 · 实践 0
    """)


async def test_help(chat: Chat) -> None:
    await chat.plays("""
        林溪: /help
        bot> 三件事，照着发就行：
            | 投稿到本周新闻：/新闻 学术 https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上
            | 提一个问题，留到 Free Talk 聊：/提问 有什么好的入门资料？
            | 认领本期或以后某期的角色：/认领 主持人
            | 还可以：/分工 /议程 /本期 /回答 /问题 /投票 /建议 /收录 /代主持 /同意 /加入 /帮助 /搜索 /释放 /转交 /署名 /匿名 /推荐 /经典 /实践 /我的 /修改 /补充 /撤回 /投稿
            | 单个怎么用：/帮助 新闻　全部：/帮助 全部
        林溪: /help news
        bot> /新闻（/news）：投稿到本周新闻
            | 用法：/news [学术|项目|工业界] <链接…> [说明]
            | 例：/news 学术 https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上
            | 也可以写：/本周新闻
        林溪: /帮助 议程
        bot> /议程（/agenda）：看到目前为止的议程
            | 用法：/议程 [期号]
            | 例：/议程
            | 主持人用：立刻发布完整议程，并把 Markdown 放进群文件
        林溪: /help all
        bot> 【大家】
            | /新闻（/news） 投稿到本周新闻
            | /提问（/ask） 提一个问题，留到 Free Talk 聊（回复别人的提问也行）
            | /认领（/claim） 认领本期或以后某期的角色
            | /分工（/roles） 看本期分工和空缺
            | /议程（/agenda） 看到目前为止的议程
            | /本期（/talk） 看时间、在哪开、分工和条数；进行中看正在讲什么
            | /回答（/answer） 回答一个问题，署你的（或 @ 的那位的）名字；回复那个问题就不用写编号
            | /问题（/questions） 看大家的问题和回答，票多的在前
            | /投票（/vote） 也想听这个问题、条目或提名（给那条提问贴个表情也行）
            | /建议（/suggest） 给版块提个建议，放进建议区（撤回消息就收回）
            | /收录（/quote） 回复一条发言、图片或聊天记录，把它收进讨论
            | /代主持（/standin） 主持人没来时代一下，再有一位贴个表情就算数
            | /同意（/agree） 回复要代主持的那条：同意这位代主持人
            | /加入（/join） 看怎么加群
            | /帮助（/help） 看怎么用
            | /搜索（/search） 在各期里找条目
            | /释放（/unclaim） 把认领的角色让出来；群管理可以 @ 某人，请这位让出
            | /转交（/handover） 把自己的角色交给别人
            | /署名（/nick） 设置所有期里显示的署名
            | /匿名（/anonymous） 把自己的名字从各期、纪要和网页里拿掉，条目留着
            | /推荐（/rec） 投稿或提名到本周推荐
            | /经典（/classic） 投稿或提名到本周经典
            | /实践（/practice） 投稿或提名到本周实践
            | /我的（/mine） 看自己在本期的条目和编号
            | /修改（/edit） 改自己条目的分类、说明或链接
            | /补充（/add） 给自己的条目补链接、文字或图片（回复那条消息就不用写编号）
            | /撤回（/withdraw） 撤回自己的条目、问题；回复一条回答、建议或收录的发言也行
            | /投稿（/submit） 投稿，不写版块就放到最合适的那个
            | 【主持人、编辑、群管理】
            | /选定（/pick） 选定这条在当晚讲
            | /主题（/theme） 给版块定本期主题
            | /提要（/pin） 把条目列入本期提要（用 ✨ 回应那条消息也行）
            | /移动（/move） 把条目移到别的版块或分类（自己的也行）
            | /改题（/retitle） 给条目定个标题（自己的也行）
            | /驳回（/reject） 把条目拿出议程
            | /恢复（/restore） 恢复被驳回或没有收录的条目
            | /排序（/order） 先讲这几条，按写的顺序（开场前、进行中都行）
            | /纪要（/minutes） 把纪要成稿放进群文件，带配图和时间线；再发一次就换成新的
            | /定稿（/final） 改好的 Markdown 发到群里，回复它发这个：以它为准，网页也是
            | /文章（/article） 登记文章链接，这期就算发布了
            | /视频（/video） 登记视频链接，给出对齐的章节
            | /聊过（/covered） 记下这个问题当场聊过了，不再带去下期（提问的人也能发）
            | /开始（/start） 开场并开始计时（大家发就是提醒主持人）
            | /下一项（/next） 讲下一项，报出轮到谁、有多久、接下来是谁；也可以跳到某条、某个问题或某版块
            | /上一项（/back） 回到刚才那一项（按错了发 /撤销）
            | /延长（/extend） 给正在讲的多几分钟
            | /结束（/end） 收场，发小结（安静两小时后谁都可以）
            | /转下期（/carry） 把没讲到的（或写明的几条）转到下期，署名不变
            | /撤销（/undo） 撤销刚才的操作（半小时内，可以接着撤）
            | /会议（/meeting） 说明这期在哪开
            | /顺延（/postpone） 把本期改到别的时间，条目、分工和期号不变
            | /停办（/skip） 这周不办，本期顺延到下一个正常日子
            | /补发（/resend） 把 QQ 没有明确回执的提醒或议程再发一次
            | /议程（/agenda） 立刻发布完整议程，并把 Markdown 放进群文件
            | /加入（/join） 配上二维码图片和到期日，换成新的
            | /署名（/nick） /nick #编号 @某人：改正条目的署名；回复一条回答或收录也行
            | /修改（/edit） 改本期（负责人：本版块）任何一条，改的说明会署名
            | /补充（/add） 补充本期（负责人：本版块）任何一条，补的文字会署名
            | 【群主、群管理】
            | /重开（/reopen） 收回误操作：已结束的接着开，已发布的撤回发布，停办或改期的照原定时间办
        林溪: /help 天气
        bot> 没有 /天气 这个命令。发 /帮助 全部 看看都有什么
        林溪: /nwes https://a.com/1
        bot> 没有 /nwes，是想发 /news（/新闻）吗？
        林溪: /收藏 https://a.com/1
        bot> 没有 /收藏 这个命令。投稿选一个版块：/新闻 https://a.com/1
            | 或者 /推荐、/经典、/实践
        林溪: /newsletter
        林溪: /roll
        林溪: /新闻联播
        林溪: /日报 昨天
        林溪: 今天 /news 有什么
        林溪: http://a.com/news
        林溪: /
        林溪: /home/user/news
    """)


async def test_the_short_agenda_is_shown_at_most_every_30_seconds(chat: Chat, clock: Clock) -> None:
    await chat.plays("""
        林溪: /news https://a.com/1
        bot> 004 期本周新闻 #1 已收录：a.com/1
        阿凯: /agenda
        bot> 004 期议程 · 2026-11-28 周六 21:00
            | 主持人 待认领 · 编辑 待认领
            | 【本周新闻】1 条
            | #1 a.com/1（林溪）
        林溪: /议程
    """)
    clock.forward(seconds=30)
    await chat.plays("""
        林溪: /议程
        bot> 004 期议程 · 2026-11-28 周六 21:00
            | 主持人 待认领 · 编辑 待认领
            | 【本周新闻】1 条
            | #1 a.com/1（林溪）
    """)


async def test_only_the_host_registers_article_and_video(chat: Chat, clock: Clock) -> None:
    await chat.plays("""
        suc16: /认领 编辑
        bot> 004 期的编辑就是你啦，谢谢！
        林溪: /video https://b.com/v
        bot> 还没有办过的期，办完再来登记吧
    """)
    clock.forward(days=6)
    await chat.plays("""
        suc16: /video https://b.com/v
        bot> 004 期的视频链接记下了，谢谢！
        Momo: /文章 https://b.com/a 2026 年的总结 004
        bot> 004 期的文章链接记下了，谢谢！
            | 这期由 Momo 发布啦，已列入往期精彩
        suc16: /video https://b.com/new
        bot> 004 期的视频链接换成新的了
        Momo: /video https://b.com/v 005
        bot> 005 期还没有办，办完再来登记吧
        林溪: /认领 主持人
        bot> 005 期的主持人就是你啦，谢谢！
            | 编辑最好也由主持人兼任，要一起认领就发 /认领 编辑
        林溪: /video https://b.com/other 004
        bot> 这个要由 004 期的主持人、编辑或群管理来做
        林溪: /文章
        bot> 用法：/文章 <链接> [期号]　例：/文章 https://zhuanlan.zhihu.com/p/123456
    """)


async def test_the_same_message_twice_is_one_item_and_one_reply(chat: Chat, service: Service) -> None:
    said = await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    await chat.says(LINXI, "/news https://a.com/1", message_id=said)
    await chat.says(LINXI, "/help", message_id=said)
    refused = await chat.says(LINXI, "/withdraw #9", "004 期没有 #9。发 /我的 看自己的条目和编号")
    await chat.says(LINXI, "/withdraw #9", message_id=refused)
    assert len(await service.db.read(items.listed, 4)) == 1


async def test_a_reply_to_the_item_needs_no_number(chat: Chat) -> None:
    said = await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    by_bot = chat.last_id
    for quoted, page in ((said, 2), (by_bot, 3)):
        message = MessageSegment.reply(quoted) + MessageSegment.text(f"/add https://a.com/{page}")
        await chat.says(LINXI, message, "004#1 补充了 1 个链接：a.com/1")
    message = MessageSegment.reply(chat.last_id) + MessageSegment.at(BOT.user_id) + MessageSegment.text(" /撤回")
    await chat.says(LINXI, message, "004#1 已撤回：a.com/1")


async def test_several_are_withdrawn_at_once(chat: Chat) -> None:
    await chat.plays("""
        林溪: /news https://a.com/1 https://a.com/2 https://a.com/3
        bot> 004 期本周新闻 #1–#3 已收录：
            | · a.com/1
            | · a.com/2
            | · a.com/3
        林溪: /撤回 #1 #3 发错了
        bot> 004#1 #3 已撤回：
            | · a.com/1
            | · a.com/3
        林溪: /edit #2 学术
        bot> 004#2 已修改：学术 · a.com/2
            | https://a.com/2
    """)


async def test_private_messages_look_but_do_not_write(chat: Chat) -> None:
    await chat.whispers(LINXI, "/mine", "你在 004 期还没有条目。发 /新闻 加链接，来第一条吧")
    await chat.whispers(LINXI, "/news https://a.com/1", "这个要在群里发哦。私聊可以用 /本期 /帮助 /搜索 /我的")
    await chat.whispers(AKAI, "/我的", "你在 004 期还没有条目。发 /新闻 加链接，来第一条吧", through=GROUP)
    await chat.whispers(LINXI, "/nwes https://a.com/1")
    await chat.whispers(LINXI, "在吗")


async def test_a_strangers_private_message_is_not_answered(chat: Chat) -> None:
    for words in ("/talk", "/search 量化", "/mine", "/help", "/news https://a.com/1"):
        await chat.whispers(AKAI, words, stranger=True)
    await chat.whispers(XU, "/mine", "你在 004 期还没有条目。发 /新闻 加链接，来第一条吧", through=GROUP + 1)


async def test_the_bots_own_texts_pasted_back_are_no_commands(chat: Chat, service: Service) -> None:
    from plugins.guide import replies as guide

    for command in commands:
        for text in (
            f"/{command.alias}（/{command.name}） {command.help}",
            guide.details(command, command.name, service.series),
        ):
            for start in ("", "小助手 ", "／"):
                await chat.says(LINXI, start + text.removeprefix("/" if start == "／" else ""))
        rest = command.usage.removeprefix(f"/{command.name}").strip()
        if rest and not rest.isalnum():  # one word is no placeholder
            await chat.says(LINXI, f"/{command.name} {rest}")
            await chat.says(LINXI, f"/{command.alias} {rest}")
    await chat.says(LINXI, guide.basics(commands, service.series, is_host=True, is_admin=True))
    await chat.says(LINXI, guide.everything(commands, service.series))
    await chat.says(LINXI, "/mine", "你在 004 期还没有条目。发 /新闻 加链接，来第一条吧")


async def test_a_slip_is_hinted_at_only_where_the_rest_fits(chat: Chat) -> None:
    for words in ("/ping", "/ping example.org", "/pings", "/edi 一下", "/votes", "/claims"):
        await chat.says(LINXI, words)
    await chat.says(LINXI, "/ping #7", "没有 /ping，是想发 /pin（/提要）吗？")
    await chat.says(LINXI, "/nwes https://a.com/1", "没有 /nwes，是想发 /news（/新闻）吗？")


async def test_after_the_start_links_count_for_the_next_talk(chat: Chat, clock: Clock) -> None:
    await chat.says(LINXI, "/news https://a.com/1", "004 期本周新闻 #1 已收录：a.com/1")
    clock.at += timedelta(days=5, hours=9, minutes=1)
    await chat.plays("""
        林溪: /news https://a.com/1
        bot> 曾在 004 期 #1 收录：a.com/1
            | 还想再讲就发 /新闻 重提 https://a.com/1
        林溪: /news 重提 https://a.com/1
        bot> 005 期（下期）本周新闻 #1 已收录：a.com/1
        阿凯: /talk 4
        bot> OpenLLM Talk 004 · 2026-11-28 周六 21:00 · 进行中
            | 待认领：主持人、编辑、新闻负责人、推荐负责人、经典负责人、实践负责人、Free Talk 负责人
            | 条目：新闻 1 · 推荐 0 · 经典 0 · 实践 0
    """)


def by_akai(text: str) -> dict[str, Any]:
    """A message of 阿凯's, as get_msg tells it."""
    return {
        "time": 0,
        "message_type": "group",
        "message_id": 900,
        "real_id": 900,
        "sender": {"user_id": AKAI.user_id, "nickname": AKAI.nickname, "card": AKAI.card},
        "message": [{"type": "text", "data": {"text": text}}],
    }


async def test_a_message_passed_on_credits_who_said_it(chat: Chat, service: Service) -> None:
    quoted = by_akai("这篇真好 https://a.com/1")
    message = MessageSegment.reply(900) + MessageSegment.at(AKAI.user_id) + MessageSegment.text(" /news 学术")
    await chat.says(LINXI, message, "004 期本周新闻 #1 已收录：这篇真好（署名 阿凯）", reply=quoted)
    item = (await service.db.read(items.listed, 4))[0]
    assert (item.submitter.name, item.via and item.via.name, item.category) == ("阿凯", "林溪", "学术")


async def test_a_command_for_a_bot_is_no_part_of_what_is_passed_on(chat: Chat, service: Service) -> None:
    quoted = by_akai("／nwes https://a.com/1 好文")
    message = MessageSegment.reply(900) + MessageSegment.text("/news")
    await chat.says(LINXI, message, "004 期本周新闻 #1 已收录：好文（署名 阿凯）", reply=quoted)
    quoted["status"] = "deleted"
    answer = "被回复的那条消息读不到了，请把链接直接发给我"
    await chat.says(LINXI, message, answer, reply=quoted)
    assert len(await service.db.read(items.listed, 4)) == 1


async def test_an_at_of_the_bot_may_stand_anywhere(chat: Chat) -> None:
    message = MessageSegment.text("/claim host ") + MessageSegment.at(BOT.user_id)
    answer = "004 期的主持人就是你啦，谢谢！\n编辑最好也由主持人兼任，要一起认领就发 /认领 编辑"
    await chat.says(LINXI, message, answer)
    message = Message([MessageSegment("reply", {"id": "x"}), MessageSegment.at(AKAI.user_id)])
    await chat.says(LINXI, message + MessageSegment.text(" /unclaim"), "004 期的主持人已释放，随时可以再 /认领 主持人")


async def test_others_groups_bots_and_own_messages_are_ignored(chat: Chat) -> None:
    await chat.says(LINXI, "/help", group_id=999)
    await chat.says(BOT, "/help")
    from plugins._onebot.group import Account

    await chat.says(Account(2_854_200_000, "Q群管家"), "/help")
    await chat.says(XU, Message([MessageSegment.at(AKAI.user_id), MessageSegment.text(" /help")]))
