"""Running the evening: /start, /next, /extend, /end, /carry, and the scheduled announcements."""

import re

from nonebot.adapters.onebot.v11 import Bot
from nonebot.plugin import PluginMetadata

from db.queries import stand_ins
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import Reaction, wait_for
from plugins._chat.commands.registry import Command, Takes, Who, commands
from plugins._chat.outgoing import sending
from plugins._chat.service import Service, current_service
from plugins._talk.usecases import evening, meeting, standing_in, undo
from plugins._talk.usecases.evening import Resumed, Waiting
from plugins.evening import replies

__plugin_meta__ = PluginMetadata(
    name="当晚", description="开场、推进、计时、收场，视频章节", usage="/开始；/下一项；/延长 5；/结束；/转下期"
)


async def start(call: Call) -> Reply | None:
    """Open the talk; the announcement to all groups, including this one, is the reply."""
    opened = await call.desk(evening.start)
    if isinstance(opened, Waiting):
        return replies.waiting(opened, call.service.series)
    call.service.wake()
    return replies.resumed(opened, call.service.series) if isinstance(opened, Resumed) else None


async def go_on(call: Call) -> None:
    await call.desk(evening.go_on, call.argument, next(iter(call.meant), None))
    call.service.wake()


async def go_back(call: Call) -> None:
    await call.desk(evening.go_back)
    call.service.wake()


async def extend(call: Call) -> Reply:
    done = await call.desk(evening.extend, call.argument)
    call.service.wake()
    return replies.extended(done, call.service.series)


async def end(call: Call) -> None:
    await call.desk(evening.end)
    call.service.wake()


async def carry(call: Call) -> Reply:
    return replies.carried(await call.desk(evening.carry, [each for each in call.items if each.number is not None]))


async def take_back(call: Call) -> Reply:
    done = await call.desk(undo.undo, call.service.groups)
    call.service.wake()
    return replies.undone(done)


async def stand_in(call: Call) -> Reply:
    return replies.offered(await call.desk(standing_in.offer), call.service.series)


async def agree(call: Call) -> Reply | None:
    """Agree to a stand-in in words; a reply without a slash to anything else is chat."""
    done = await call.desk(standing_in.agree_by_word, call.content.reply_to)
    if done is None:
        return None if call.reply_word else replies.nothing_to_agree(call.service.series)
    return replies.agreed(done, call.service.series)


async def meet(call: Call) -> Reply:
    talk = await call.desk(meeting.set_place, call.argument)
    return replies.place(talk, call.service.series)


async def reacted(service: Service, bot: Bot, reaction: Reaction) -> None:
    """A reaction to the offer to stand in agrees to it."""
    if not reaction.added or any(str(reaction.by) == each.self_id for each in service.bots()):
        return
    if await service.db.read(stand_ins.of_message, reaction.group_id, reaction.message_id) is None:
        return
    visit = reaction.visit(service.now())
    done = await service.db.write(standing_in.agree, service.rules, visit, reaction.message_id)
    if done is not None and service.accounts.may_speak(bot, reaction.group_id):
        await sending.say(bot, reaction.group_id, sending.to_message(replies.agreed(done, service.series).text))


wait_for(Reaction, reacted)


HOST = current_service().series.host.name
COMMANDS = (
    Command(
        name="start",
        alias="开始",
        usage="/start",
        help=f"开场并开始计时（大家发就是提醒{HOST}）",
        example="/start",
        handler=start,
        who=Who.HOST,
        names=("开场",),
        exact=True,
        undoable=True,
    ),
    Command(
        name="next",
        alias="下一项",
        usage="/next [#编号|Q编号|版块]",
        help="讲下一项，报出轮到谁、有多久、接下来是谁；也可以跳到某条、某个问题或某版块",
        example="/next #7",
        handler=go_on,
        who=Who.HOST,
        takes=Takes.EITHER | Takes.OPTIONAL,
        names=("下一条", "下一个", "跳过", "继续"),
        undoable=True,
    ),
    Command(
        name="back",
        alias="上一项",
        usage="/back",
        help="回到刚才那一项（按错了发 /撤销）",
        example="/back",
        handler=go_back,
        who=Who.HOST,
        names=("上一条", "上一个", "回到上一项"),
        undoable=True,
    ),
    Command(
        name="extend",
        alias="延长",
        usage="/extend [分钟]",
        help="给正在讲的多几分钟",
        example="/extend 5",
        handler=extend,
        who=Who.HOST,
        names=("加时", "延时"),
        undoable=True,
    ),
    Command(
        name="end",
        alias="结束",
        usage="/end",
        help="收场，发小结（安静两小时后谁都可以）",
        example="/end",
        handler=end,
        who=Who.HOST,
        names=("收场", "散会"),
        exact=True,
        undoable=True,
    ),
    Command(
        name="carry",
        alias="转下期",
        usage="/carry [#编号…]",
        help="把没讲到的（或写明的几条）转到下期，署名不变",
        example="/carry #7 #9",
        handler=carry,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.OPTIONAL | Takes.SEVERAL,
        names=("带去下期", "移到下期"),
        undoable=True,
    ),
    Command(
        name="undo",
        alias="撤销",
        usage="/undo",
        help="撤销刚才的操作（半小时内，可以接着撤）",
        example="/undo",
        handler=take_back,
        who=Who.HOST,
        names=("撤销操作", "回退"),
    ),
    Command(
        name="standin",
        alias="代主持",
        usage="/standin",
        help=f"{HOST}没来时代一下，再有一位贴个表情就算数",
        example="/standin",
        handler=stand_in,
        names=("代一下", "我来主持"),
    ),
    Command(
        name="agree",
        alias="同意",
        usage="/agree",
        help=f"回复要代主持的那条：同意这位代{HOST}",
        example="/agree",
        handler=agree,
        reply=re.compile(r"(?:同意|可以|支持|赞成|好的?|行|\+1)[。！!]?"),
    ),
    Command(
        name="meeting",
        alias="会议",
        usage="/meeting <会议号、链接或地点|取消>",
        help="说明这期在哪开",
        example="/meeting 腾讯会议 123-456-789",
        handler=meet,
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
        names=("地点", "会议号", "会议链接"),
        undoable=True,
    ),
)
commands.add(*COMMANDS)
