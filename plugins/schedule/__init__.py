"""Scheduling: /postpone, /skip, /resend, and the job that checks for due deliveries."""

from nonebot.plugin import PluginMetadata

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who, commands
from plugins._chat.service import current_service
from plugins._talk.deliveries import planning
from plugins._talk.deliveries.kinds import kind_called, lasting
from plugins._talk.usecases import reopening, rescheduling
from plugins.schedule import clock
from plugins.schedule.replies import reopened

__plugin_meta__ = PluginMetadata(
    name="日程", description="改期、停办、补发；按时发提醒和议程", usage="/顺延 日期；/停办 原因；/补发 议程"
)


async def postpone(call: Call) -> Reply | None:
    await call.desk(rescheduling.postpone, call.argument)
    call.service.wake()  # the announcement to all groups serves as the reply
    return None


async def skip(call: Call) -> Reply | None:
    await call.desk(rescheduling.skip, call.argument)
    call.service.wake()
    return None


async def reopen(call: Call) -> Reply | None:
    done = await call.desk(reopening.reopen, call.argument)
    call.service.wake()
    return reopened(done, call.service.series)


async def resend(call: Call) -> Reply | None:
    kind = kind_called(call.argument)
    if kind is None:
        return Reply(f"要补发哪一种？{'、'.join(each.called for each in lasting())}。例：/补发 议程")
    await call.desk(planning.resend, kind)
    call.service.wake()
    return None


clock.start()


HOST = current_service().series.host.name
COMMANDS = (
    Command(
        name="postpone",
        alias="顺延",
        usage="/postpone <日期> [时间] [原因]",
        help="把本期改到别的时间，条目、分工和期号不变",
        example=f"/postpone 下周日 20:30 {HOST}出差",
        handler=postpone,
        who=Who.HOST,
        names=("改期", "改时间", "推迟"),
        exact=True,
        undoable=True,
        takes=Takes.SOME_WORDS,
    ),
    Command(
        name="skip",
        alias="停办",
        usage="/skip <原因>",
        help="这周不办，本期顺延到下一个正常日子",
        example="/skip 春节",
        handler=skip,
        who=Who.HOST,
        names=("停一期", "不办了"),
        exact=True,
        undoable=True,
        takes=Takes.SOME_WORDS,
    ),
    Command(
        name="reopen",
        alias="重开",
        usage="/reopen <期号>",
        help="收回误操作：已结束的接着开，已发布的撤回发布，停办或改期的照原定时间办",
        example="/reopen 004",
        handler=reopen,
        who=Who.ADMIN,
        exact=True,
    ),
    Command(
        name="resend",
        alias="补发",
        usage="/resend <种类>",
        help="把 QQ 没有明确回执的提醒或议程再发一次",
        example="/resend 议程",
        handler=resend,
        who=Who.HOST,
        exact=True,
    ),
)
commands.add(*COMMANDS)
