"""Choosing the evening's presentations and theme: /pick and /theme."""

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases import choices


async def pick(call: Call) -> Reply:
    done = await call.desk(choices.pick, call.item, call.argument)
    section = call.service.series.section(done.item.section)
    where = f"{talk_name(done.item.talk)}#{done.item.number}"
    of = f"/{section.presents}" if section.presents else ""
    numbers = " ".join(f"#{each}" for each in done.numbers)
    now = f"{section.name}现在讲 {len(done.numbers)}{of} 条：{numbers}" if numbers else f"{section.name}还没选定要讲的"
    said = "选定了" if done.chosen else "不选了"
    return Reply(f"{where} {said}：{title_of(done.item)}\n{now}", about=[done.item.id])


async def theme(call: Call) -> Reply:
    done = await call.desk(choices.name_theme, call.argument)
    where = f"{talk_name(done.talk)} 期{done.section.name}"
    return Reply(f"{where}的主题：{done.topic}" if done.topic else f"{where}不再有主题")


COMMANDS = (
    Command(
        name="pick",
        alias="选定",
        usage="/pick #编号 [取消]",
        help="选定这条在当晚讲",
        example="/pick #7",
        handler=pick,
        who=Who.HOST,
        takes=Takes.ITEM,
    ),
    Command(
        name="theme",
        alias="主题",
        usage="/theme <版块> <主题|取消>",
        help="给版块定本期主题",
        example="/theme 经典 量化",
        handler=theme,
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
    ),
)
