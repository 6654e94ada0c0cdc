"""Running the evening: /start, /next, /extend, /end, /carry, and the scheduled announcements."""

from nonebot.plugin import PluginMetadata

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who, commands, item_refs
from plugins._chat.service import current_service
from plugins._talk.usecases import evening
from plugins._talk.usecases.evening import Waiting
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
    return None


async def go_on(call: Call) -> None:
    await call.desk(evening.go_on, call.argument, call.item)
    call.service.wake()


async def extend(call: Call) -> Reply:
    done = await call.desk(evening.extend, call.argument)
    call.service.wake()
    return replies.extended(done, call.service.series)


async def end(call: Call) -> None:
    await call.desk(evening.end)
    call.service.wake()


async def carry(call: Call) -> Reply:
    refs = item_refs(call.argument, *([call.item] if call.item.number is not None else []))
    return replies.carried(await call.desk(evening.carry, refs))


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
    ),
    Command(
        name="next",
        alias="下一项",
        usage="/next [#编号|版块]",
        help="讲下一项，报出轮到谁、有多久、接下来是谁；也可以跳到某条或某版块",
        example="/next #7",
        handler=go_on,
        who=Who.HOST,
        takes=Takes.ANY_ITEM,
    ),
    Command(
        name="extend",
        alias="延长",
        usage="/extend [分钟]",
        help="给正在讲的多几分钟",
        example="/extend 5",
        handler=extend,
        who=Who.HOST,
    ),
    Command(
        name="end",
        alias="结束",
        usage="/end",
        help="收场：小结和视频章节（安静两小时后谁都可以）",
        example="/end",
        handler=end,
        who=Who.HOST,
    ),
    Command(
        name="carry",
        alias="转下期",
        usage="/carry [#编号…]",
        help="把没讲到的（或写明的几条）转到下期，署名不变",
        example="/carry #7 #9",
        handler=carry,
        who=Who.HOST,
        takes=Takes.ANY_ITEM,
    ),
)
commands.add(*COMMANDS)
