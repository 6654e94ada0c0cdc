"""What the evening presents: /pick and /theme."""

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who, commands
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases import choices


async def pick(call: Call) -> Reply:
    done = await call.desk(choices.pick, call.item, call.argument)
    section = call.service.series.section(done.item.section)
    where = f"{talk_name(done.item.talk)} #{done.item.number}"
    of = f"/{section.presents}" if section.presents else ""
    numbers = " ".join(f"#{each}" for each in done.numbers)
    now = f"{section.name}现在讲 {len(done.numbers)}{of} 条：{numbers}" if numbers else f"{section.name}还没选定要讲的"
    said = "选定了" if done.chosen else "不选了"
    return Reply(f"{where} {said}:{title_of(done.item)}\n{now}", [done.item.id])


async def theme(call: Call) -> Reply:
    if not call.argument:
        return call.usage()
    done = await call.desk(choices.name_theme, call.argument)
    where = f"{talk_name(done.talk)} {done.section.name}"
    return Reply(f"{where}的主题:{done.topic}" if done.topic else f"{where}不再有主题")


def register() -> None:
    """Make the commands known."""
    commands.add(
        Command(
            "pick",
            "选定",
            "/pick #编号 [取消]",
            "选定这条在当晚讲",
            "/pick #7",
            pick,
            who=Who.HOST,
            takes=Takes.ITEM,
        )
    )
    commands.add(
        Command(
            "theme",
            "主题",
            "/theme <版块> <主题|取消>",
            "给版块定本期主题",
            "/theme 经典 量化",
            theme,
            who=Who.HOST,
        )
    )
