"""Agenda editing by the host: /move, /retitle, /reject, /restore, /pin, and pinning by a reaction."""

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot, MessageSegment

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import Reaction, wait_for
from plugins._chat.commands.registry import Command, Takes, Who
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.reactions import react, shown
from plugins._chat.service import Service, current_service
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.rich import mention
from plugins._talk.usecases import moderation

SERIES = current_service().series


async def move(call: Call) -> Reply:
    item = await call.desk(moderation.move, call.item, call.argument)
    where = call.service.series.section(item.section).name + (f" · {item.category}" if item.category else "")
    return Reply(f"{talk_name(item.talk)}#{item.number} 移到了 {where}：{title_of(item)}", about=[item.id])


async def retitle(call: Call) -> Reply:
    item = await call.desk(moderation.retitle, call.item, call.argument)
    return Reply(f"{talk_name(item.talk)}#{item.number} 改题为：{title_of(item)}", about=[item.id])


async def reject(call: Call) -> Reply:
    item = await call.desk(moderation.reject, call.item, call.argument)
    said = f"{talk_name(item.talk)}#{item.number} 已驳回（{call.argument[:60]}）：{title_of(item)}\n"
    return Reply(
        [said, mention(item.via or item.submitter), f" 有疑问可以和{call.service.series.host.name}聊聊"],
        about=[item.id],
    )


async def restore(call: Call) -> Reply:
    item = await call.desk(moderation.restore, call.item)
    call.service.read_pages()
    return Reply(f"{talk_name(item.talk)}#{item.number} 恢复了：{title_of(item)}", about=[item.id])


async def pin(call: Call) -> Reply:
    item, pinned = await call.desk(moderation.pin, call.item, call.argument)
    where = f"{talk_name(item.talk)}#{item.number}"
    if not pinned:
        return Reply(f"{where} 不再列入本期提要", about=[item.id])
    return Reply(f"{where} 列入本期提要：{item.tag or title_of(item)}", about=[item.id])


async def reacted(service: Service, bot: Bot, reaction: Reaction) -> None:
    """A host's reaction with the series' pin emoji pins the item; the bot adds the same reaction as confirmation."""
    if reaction.emoji != service.series.reactions.pin or str(reaction.by) == bot.self_id:
        return
    trusted = str(reaction.by) in bot.config.superusers or await _is_admin(bot, reaction)
    visit = reaction.visit(service.now(), trusted=trusted)
    meant = await service.db.write(moderation.react, service.rules, visit, added=reaction.added)
    if not service.accounts.may_speak(bot, reaction.group_id):
        return
    if len(meant) > 1 and reaction.added:
        numbers = " ".join(f"#{item.number}" for item in meant)
        said = f"这条消息里有 {numbers}，想列入提要就发 /提要 #编号"
        quoting = MessageSegment.reply(reaction.message_id) + sending.to_message(said)
        await sending.say(bot, reaction.group_id, quoting)
    elif meant and reaction.added:
        await react(bot, reaction.group_id, reaction.message_id, reaction.emoji)


async def _is_admin(bot: Bot, reaction: Reaction) -> bool:
    """Query the sender's role, which reaction events lack."""
    answer = await sending.attempt(bot, "get_group_member_info", group_id=reaction.group_id, user_id=reaction.by)
    if answer.fate is not sending.Fate.SENT:
        logger.info(f"the role of {reaction.by} is not known: {answer.why}")
    return (answer.data or {}).get("role") in ("owner", "admin")


wait_for(Reaction, reacted)


COMMANDS = (
    Command(
        name="pin",
        alias="提要",
        usage="/pin #编号 [提要里的说法|取消]",
        help=f"把条目列入本期提要（用 {shown(SERIES.reactions.pin)} 回应那条消息也行）",
        example="/pin #7 MOSS-RLHF",
        handler=pin,
        who=Who.HOST,
        takes=Takes.ITEM,
    ),
    Command(
        name="move",
        alias="移动",
        usage="/move #编号 [版块] [分类]",
        help="把条目移到别的版块或分类",
        example=f"/move #7 {SERIES.submitting[-1].short}",
        handler=move,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SOME_WORDS,
    ),
    Command(
        name="retitle",
        alias="改题",
        usage="/retitle #编号 <标题>",
        help="给条目定个标题",
        example="/retitle #7 LongLLaMA：256k 上下文",
        handler=retitle,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SOME_WORDS,
    ),
    Command(
        name="reject",
        alias="驳回",
        usage="/reject #编号 <原因>",
        help="把条目拿出议程",
        example="/reject #7 和主题无关",
        handler=reject,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SOME_WORDS,
    ),
    Command(
        name="restore",
        alias="恢复",
        usage="/restore #编号",
        help="恢复被驳回或没有收录的条目",
        example="/restore #7",
        handler=restore,
        who=Who.HOST,
        takes=Takes.ITEM,
    ),
)
