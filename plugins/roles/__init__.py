"""Who does what: /claim, /unclaim, /roles, /nick; midweek's call for volunteers."""

from nonebot.plugin import PluginMetadata

from plugins._chat.call import Call, Reply
from plugins._chat.commands import Command, commands
from plugins._chat.kinds import add_kind
from plugins._talk import crew, reminders
from plugins._talk.deliveries import Kind, reminder
from plugins.roles import words

__plugin_meta__ = PluginMetadata(
    name="分工", description="认领和释放角色，设置署名", usage="/认领 主持人；/释放；/分工；/署名"
)


async def claim(call: Call) -> Reply:
    return words.claimed(await call.desk(crew.claim, call.words))


async def unclaim(call: Call) -> Reply:
    return words.released(*await call.desk(crew.unclaim, call.words))


async def show(call: Call) -> Reply:
    return words.roles(*await call.desk(crew.show_roles))


async def nick(call: Call) -> Reply:
    if not call.words:
        return call.usage()
    return words.nick(await call.desk(crew.set_nick, call.words))


commands.add(Command("claim", "认领", "/claim <角色>", "认领本期的一个角色", "/claim 主持人", claim, basic=3))
commands.add(Command("unclaim", "释放", "/unclaim [角色]", "把认领的角色让出来", "/unclaim 主持人", unclaim))
commands.add(Command("roles", "分工", "/roles", "看本期分工和空缺", "/roles", show, basic=4, late=False))
commands.add(Command("nick", "署名", "/nick <名字>", "设置所有期里显示的署名", "/nick 羡鱼", nick))
add_kind(Kind("call", reminder(lambda moments: moments.call), reminders.call))
