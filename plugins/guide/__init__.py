"""Looking around: /help from the registry, /talk, /search."""

import re

from nonebot.plugin import PluginMetadata

from plugins._chat.call import Call, Reply
from plugins._chat.commands import Command, commands
from plugins._talk import overview
from plugins._talk.search import freshen, look_for
from plugins.guide import words

__plugin_meta__ = PluginMetadata(name="指南", description="帮助、本期概况和搜索", usage="/帮助；/本期；/搜索 词")


async def show_help(call: Call) -> Reply:
    asked = call.words.split()[0].lstrip("/／") if call.words else ""
    if not asked:
        return Reply(words.basics(commands))
    if asked.casefold() in ("all", "全部"):
        return Reply(words.everything(commands))
    command = commands.find(asked) or commands.like(asked)
    by = asked if command and asked in (command.name, command.alias) else command.name if command else ""
    return Reply(words.details(command, by) if command else f"没有 /{asked[:20]} 这个命令。发 /帮助 全部 看看都有什么")


async def show_talk(call: Call) -> Reply:
    number = re.search(r"(?<!\d)\d{1,3}(?!\d)", call.words)
    card = await call.desk(overview.show_talk, int(number[0]) if number else None)
    return Reply(words.talk(card, call.service.series))


async def search(call: Call) -> Reply:
    if not call.words:
        return call.usage()
    await call.desk(freshen)
    results = await call.service.db.read(look_for, call.words)
    return Reply(words.found(results, call.words), [item.id for item in results.best])


commands.add(
    Command("talk", "本期", "/talk [期号]", "看时间、分工和条数", "/talk", show_talk, basic=6, private=True, late=False)
)
commands.add(Command("help", "帮助", "/help [命令|all]", "看怎么用", "/help news", show_help, private=True, late=False))
commands.add(
    Command("search", "搜索", "/search <词…>", "在各期里找条目", "/search 长文本", search, private=True, late=False)
)
