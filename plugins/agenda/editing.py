"""Agenda editing by the host: /move, /retitle, /reject, /restore, /pin, and pinning by a reaction."""

import re
from collections.abc import Callable, Sequence

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot, MessageSegment

from db.queries.items import ItemRow
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import Reaction, wait_for
from plugins._chat.commands.registry import Command, Takes, Who
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.reactions import react, shown
from plugins._chat.service import Service, current_service
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.discussion import short
from plugins._talk.render.rich import Mention, each_once, mention
from plugins._talk.usecases import moderation

SERIES = current_service().series
_PLACES = "|".join(
    re.escape(word)
    for section in SERIES.submitting
    for word in (section.name, section.short, *(each.name for each in section.categories))
)
# What people write in reply to the bot's message about an item: `改成学术`, `换到推荐 项目`.
PLACE = re.compile(
    rf"(?:这个|这条)?(?:应该)?(?:改成|改为|改到|换到|换成|换为|移到|移至|放到|挪到|归到|分到|分类[:：]|版块[:：])\s*"
    rf"(?P<argument>(?:{_PLACES})(?:\s+(?:{_PLACES}))?)(?:吧|版块|类)?[。！!]?",
    re.IGNORECASE,
)


async def move(call: Call) -> Reply:
    moved = await call.desk(moderation.move, call.items, call.argument)
    return _told(moved, lambda item: f"移到了 {_place(call, item)}：{title_of(item)}")


def _place(call: Call, item: ItemRow) -> str:
    return call.service.series.section(item.section).name + (f" · {item.category}" if item.category else "")


def _told(items: Sequence[ItemRow], say: Callable[[ItemRow], str]) -> Reply:
    """A line for each item."""
    rows = [f"{talk_name(item.talk)}#{item.number} {say(item)}" for item in items]
    return Reply("\n".join(rows), about=[item.id for item in items])


async def retitle(call: Call) -> Reply:
    item = await call.desk(moderation.retitle, call.item, call.argument)
    return _told([item], lambda each: f"改题为：{title_of(each)}")


async def reject(call: Call) -> Reply:
    rejected = await call.desk(moderation.reject, call.items, call.argument)
    said: list[str | Mention] = []
    for item in rejected:
        said += [f"{talk_name(item.talk)}#{item.number} 已驳回（{call.argument[:60]}）：{title_of(item)}\n"]
        said += [mention(item.via or item.submitter), " "]
    return Reply(
        each_once([*said, f"有疑问可以和{call.service.series.host.name}聊聊"]), about=[item.id for item in rejected]
    )


async def restore(call: Call) -> Reply:
    restored = await call.desk(moderation.restore, call.items)
    call.service.read_pages()
    return _told(restored, lambda item: f"恢复了：{title_of(item)}")


async def pin(call: Call) -> Reply:
    items, pinned = await call.desk(moderation.pin, call.items, call.argument)
    return _told(items, lambda item: f"列入本期提要：{item.tag or title_of(item)}" if pinned else "不再列入本期提要")


async def order(call: Call) -> Reply:
    ordered = await call.desk(moderation.order, call.items)
    rows = " → ".join(f"#{item.number} {short(title_of(item), 20)}" for item in ordered)
    return Reply(f"{talk_name(ordered[0].talk)} 期接下来：{rows}", about=[item.id for item in ordered])


async def reacted(service: Service, bot: Bot, reaction: Reaction) -> None:
    """A host's reaction with the series' pin emoji pins the item; the bot adds the same reaction as confirmation."""
    if reaction.emoji != service.series.reactions.pin or str(reaction.by) == bot.self_id:
        return
    trusted = str(reaction.by) in bot.config.superusers or await _is_admin(bot, reaction)
    visit = reaction.visit(service.now(), trusted=trusted, record="/提要 ✨" if reaction.added else "/提要 取消")
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
        logger.info(f"the group role of who reacted is not known: {answer.why}")
    return (answer.data or {}).get("role") in ("owner", "admin")


wait_for(Reaction, reacted)


COMMANDS = (
    Command(
        name="pin",
        alias="提要",
        usage="/pin #编号… [提要里的说法|取消]",
        help=f"把条目列入本期提要（用 {shown(SERIES.reactions.pin)} 回应那条消息也行）",
        example="/pin #7 看点",
        handler=pin,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SEVERAL,
        undoable=True,
    ),
    Command(
        name="move",
        alias="移动",
        usage="/move #编号… [版块] [分类]",
        help="把条目移到别的版块或分类（自己的也行）",
        example=f"/move #7 {SERIES.submitting[-1].short}",
        handler=move,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SOME_WORDS | Takes.SEVERAL,
        names=("移到", "换到"),
        reply=PLACE,
        undoable=True,
    ),
    Command(
        name="retitle",
        alias="改题",
        usage="/retitle #编号 <标题>",
        help="给条目定个标题（自己的也行）",
        example="/retitle #7 更清楚的标题",
        handler=retitle,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SOME_WORDS,
        names=("标题", "改标题"),
        reply=re.compile(r"(?:改?标题|题目)\s*[:：]\s*(?P<argument>\S.*)", re.DOTALL),
        undoable=True,
    ),
    Command(
        name="reject",
        alias="驳回",
        usage="/reject #编号… <原因>",
        help="把条目拿出议程",
        example="/reject #7 和主题无关",
        handler=reject,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SOME_WORDS | Takes.SEVERAL,
        undoable=True,
    ),
    Command(
        name="restore",
        alias="恢复",
        usage="/restore #编号…",
        help="恢复被驳回或没有收录的条目",
        example="/restore #7",
        handler=restore,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SEVERAL,
        undoable=True,
    ),
    Command(
        name="order",
        alias="排序",
        usage="/order #编号…",
        help="先讲这几条，按写的顺序（开场前、进行中都行）",
        example="/order #7 #3 #5",
        handler=order,
        who=Who.HOST,
        takes=Takes.ITEM | Takes.SEVERAL,
        names=("顺序",),
        undoable=True,
    ),
)
