"""Roles: /claim, /unclaim, /handover, /roles, /nick; the midweek call for volunteers; members who leave."""

from nonebot.adapters.onebot.v11 import Bot
from nonebot.plugin import PluginMetadata

from db.queries.members import Person
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import Left, wait_for
from plugins._chat.commands.references import Ref, references
from plugins._chat.commands.registry import Command, Takes, commands
from plugins._chat.service import Service, current_service
from plugins._talk.usecases import crediting, forgetting, roles
from plugins._talk.usecases.desk import EitherRef, Refused
from plugins.roles import membership, replies

__plugin_meta__ = PluginMetadata(
    name="分工",
    description="认领、转交和释放角色，设置署名",
    usage="/认领 角色；/转交 角色 @某人；/释放；/分工；/署名",
)


async def claim(call: Call) -> Reply:
    asks = not call.visit.trusted and roles.wants_time_in_group(call.service.series, call.argument)
    joined = await call.joined() if asks else None
    return replies.claimed(await call.desk(roles.claim, call.argument, joined), call.service.series)


async def unclaim(call: Call) -> Reply:
    who, what = call.mentioned()
    released = await call.desk(roles.unclaim, what, call.service.groups, who)
    call.service.wake()
    return replies.released(released, call.service.series)


async def handover(call: Call) -> Reply:
    taker, role = await call.named()
    if taker is None:
        return call.usage()
    if str(taker.person.qq) in {bot.self_id for bot in call.service.bots()}:
        raise Refused("我只能帮忙提醒，这个还是交给群里的朋友吧")
    return replies.handed(await call.desk(roles.handover, role, taker.person, taker.joined))


async def show(call: Call) -> Reply:
    return replies.roles(*await call.desk(roles.show_roles, call.argument))


async def nick(call: Call) -> Reply:
    """Choose one's own display name; with a number or a reply to an answer, correct somebody else's credit."""
    ref, name = _credits(call)
    if ref is None:
        return replies.nick(*await call.desk(roles.set_nick, call.argument))
    person = next((Person(qq, shown.removeprefix("@")) for qq, shown in call.content.named), None)
    return replies.credited(await call.desk(crediting.credit, ref, person, name))


async def anonymous(call: Call) -> Reply:
    """Take one's own name out of everything: what is stored, what is kept drawn, and what the pages keep."""
    instead = await call.desk(forgetting.forget_me, call.argument)
    await call.service.forget_drawn()
    return replies.forgotten(instead, call.service.backups)


def _credits(call: Call) -> tuple[Ref | None, str]:
    """What is to be credited to somebody else, if anything: `#10`, `Q3`, or the message replied to, with an @."""
    found, rest = references(call.argument)
    if found and not isinstance(found[0], EitherRef):
        return found[0], rest
    if call.content.reply_to is not None and call.content.named:
        return EitherRef(message_id=call.content.reply_to), call.argument
    return None, call.argument


async def left(service: Service, bot: Bot, someone: Left) -> None:
    """Free the roles of a member who is in none of the groups any more."""
    if str(someone.member) != bot.self_id and service.accounts.answers(bot, someone.group_id):
        await membership.free_roles_of(service, bot, someone.member)


wait_for(Left, left)
membership.watch()


HOST = current_service().series.host.name
COMMANDS = (
    Command(
        name="claim",
        alias="认领",
        usage="/claim <角色> [期号|下期]",
        help="认领本期或以后某期的角色",
        example=f"/claim {HOST}",
        handler=claim,
        basic=3,
        names=("报名", "领取"),
    ),
    Command(
        name="unclaim",
        alias="释放",
        usage="/unclaim [角色] [期号|下期] [@某人]",
        help="把认领的角色让出来；群管理可以 @ 某人，请这位让出",
        example=f"/unclaim {HOST}",
        handler=unclaim,
        names=("退订", "取消认领", "放弃", "让出"),
    ),
    Command(
        name="handover",
        alias="转交",
        usage="/handover [角色] @某人",
        help="把自己的角色交给别人",
        example=f"/handover {HOST} @小林",
        handler=handover,
        names=("交给", "转让"),
    ),
    Command(
        name="roles",
        alias="分工",
        usage="/roles [期号|下期]",
        help="看本期分工和空缺",
        example="/roles",
        handler=show,
        basic=4,
        late=False,
        names=("分工表", "角色", "值班"),
    ),
    Command(
        name="nick",
        alias="署名",
        usage="/nick <名字|取消>",
        help="设置所有期里显示的署名",
        example="/nick 小林",
        handler=nick,
        host_help="/nick #编号 @某人：改正条目的署名；回复一条回答或收录也行",
        names=("昵称", "改名", "名字"),
        undoable=True,
        takes=Takes.SOME_WORDS,
    ),
    Command(
        name="anonymous",
        alias="匿名",
        usage="/anonymous 我",
        help="把自己的名字从各期、纪要和网页里拿掉，条目留着",
        example="/anonymous 我",
        handler=anonymous,
        names=("忘了我", "forget"),
        takes=Takes.SOME_WORDS,
    ),
)
commands.add(*COMMANDS)
