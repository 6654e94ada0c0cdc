"""Help and look-ups: /help (from the registry), /talk, /search."""

import re
from dataclasses import replace

from nonebot.plugin import PluginMetadata

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, commands
from plugins._chat.service import current_service
from plugins._talk.deliveries.parts import Image
from plugins._talk.usecases import joining, overview
from plugins._talk.usecases.desk import Refused
from plugins._talk.usecases.search import freshen, look_for
from plugins.guide import replies

__plugin_meta__ = PluginMetadata(
    name="指南", description="帮助、本期概况、搜索、加群", usage="/帮助；/本期；/搜索 词；/加入"
)


async def show_help(call: Call) -> Reply:
    asked = call.argument.split()[0].lstrip("/／") if call.argument else ""
    if not asked:
        is_host, is_admin = await call.desk(overview.in_charge)
        return Reply(replies.basics(commands, call.service.series, is_host=is_host, is_admin=is_admin))
    if asked.casefold() in ("all", "全部", "所有", "更多"):
        return Reply(replies.everything(commands, call.service.series))
    command = commands.find(asked) or commands.like(asked)
    if command is None:
        return Reply(f"没有 /{asked[:20]} 这个命令。发 /帮助 全部 看看都有什么")
    by = asked if asked in (command.name, command.alias, *command.names) else command.alias
    return Reply(replies.details(command, by, call.service.series))


async def show_talk(call: Call) -> Reply:
    number = re.search(r"(?<!\d)\d{1,9}(?!\d)", call.argument)
    previous = any(word in call.argument for word in PREVIOUS)
    card = await call.desk(overview.show_talk, int(number[0]) if number else None, previous=previous)
    return Reply(replies.talk(card, call.service.series))


async def search(call: Call) -> Reply:
    await call.desk(freshen)
    results = await call.service.db.read(look_for, call.argument)
    return Reply(replies.found(results, call.argument), about=[item.id for item in results.best])


async def join(call: Call) -> Reply:
    """Show how to join; with a picture, store a host's new QR code."""
    if call.content.pictures:
        return await _bring(call)
    way = await call.desk(joining.look)
    if way.invitation and not await call.post(Image("微信群二维码", way.invitation.picture)):
        way = replace(way, invitation=None)
    return Reply(replies.joining(call.service.series, way))


async def _bring(call: Call) -> Reply:
    await call.rehearse(joining.valid_until, call.argument)
    fetched = await call.pictures(call.content.pictures[:1])
    if not fetched.names:
        raise Refused("图片没能保存，请重新发一次（10 MB 以内）")
    done = await call.desk(joining.bring, fetched.names[0], call.argument)
    return Reply(f"新的二维码收好了，{replies.good_until(done)}。到期前两天我来提醒换新")


PREVIOUS = ("上期", "上一期", "last")
SERIES = current_service().series
HOST = SERIES.host.name
COMMANDS = (
    Command(
        name="join",
        alias="加入",
        usage=f"/join（{HOST}：配一张二维码图片和到期日）",
        help="看怎么加群",
        example="/join 12-01",
        handler=join,
        late=False,
        names=("加群", "二维码", "进群"),
        host_help="配上二维码图片和到期日，换成新的",
    ),
    Command(
        name="talk",
        alias="本期",
        usage="/talk [期号]",
        help="看时间、在哪开、分工和条数；进行中看正在讲什么",
        example="/talk",
        handler=show_talk,
        basic=6,
        private=True,
        late=False,
        names=("时间", "什么时候", "几点", "在哪", "在哪开", "下期", "下一期"),
        shortcuts=dict.fromkeys(PREVIOUS[:2], PREVIOUS[0]),
    ),
    Command(
        name="help",
        alias="帮助",
        usage="/help [命令|all]",
        help="看怎么用",
        example=f"/help {SERIES.submit[1:]}",
        handler=show_help,
        private=True,
        late=False,
        names=("菜单", "使用说明", "命令", "怎么用", "menu", "usage"),
    ),
    Command(
        name="search",
        alias="搜索",
        usage="/search <词…>",
        help="在各期里找条目",
        example="/search 入门",
        handler=search,
        private=True,
        late=False,
        names=("查找", "找", "查"),
        takes=Takes.SOME_WORDS,
    ),
)
commands.add(*COMMANDS)
