"""Choosing the evening's presentations and theme: /pick and /theme."""

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who
from plugins._chat.service import current_service
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases import choices


async def pick(call: Call) -> Reply:
    done = await call.desk(choices.pick, call.items, call.argument)
    said = "选定了" if done.chosen else "不选了"
    rows = [f"{talk_name(item.talk)}#{item.number} {said}：{title_of(item)}" for item in done.items]
    for key, numbers in done.numbers.items():
        section = call.service.series.section(key)
        of = f"/{section.presents}" if section.presents else ""
        there = " ".join(f"#{each}" for each in numbers)
        rows.append(
            f"{section.name}现在讲 {len(numbers)}{of} 条：{there}" if there else f"{section.name}还没选定要讲的"
        )
    return Reply("\n".join(rows), about=[item.id for item in done.items])


async def theme(call: Call) -> Reply:
    done = await call.desk(choices.name_theme, call.argument)
    where = f"{talk_name(done.talk)} 期{done.section.name}"
    return Reply(f"{where}的主题：{done.topic}" if done.topic else f"{where}不再有主题")


SECTIONS = current_service().series.sections
THEMED = next((section for section in SECTIONS if section.theme), SECTIONS[0])
COMMANDS = (
    Command(
        name="pick",
        alias="选定",
        usage="/pick #编号… [取消]",
        help="选定这条在当晚讲",
        example="/pick #7",
        handler=pick,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SEVERAL,
        names=("选", "选中"),
        undoable=True,
    ),
    Command(
        name="theme",
        alias="主题",
        usage="/theme <版块> <主题|取消>",
        help="给版块定本期主题",
        example=f"/theme {THEMED.short} 入门",
        handler=theme,
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
        undoable=True,
    ),
)
