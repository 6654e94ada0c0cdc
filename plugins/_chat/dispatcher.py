"""The one matcher: a look-up rule over the registry, then from message to answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from nonebot import logger, on_message
from nonebot.adapters.onebot.v11 import Bot, GroupMessageEvent, Message, MessageEvent, MessageSegment
from nonebot.rule import Rule
from nonebot.typing import T_State

from db.engine import Unavailable
from db.queries import items
from plugins._chat import sending
from plugins._chat.call import Call, Reply
from plugins._chat.commands import Command, Takes, commands, item_ref
from plugins._chat.message import Said, aside, clean_name, command_starts, read, split_command
from plugins._chat.service import Service, service
from plugins._talk.desk import AlreadyHandled, ItemRef, Refused, Visit

HEARD = "talk_heard"
# Nobody in particular: QQ's own bots (source: get_robot_uin_range as NapCat and LLBot answer it) and "anonymous".
_NOBODYS = (
    range(66600000, 66600001),
    range(80000000, 80000001),
    range(2854196301, 2854216400),
    range(3328144510, 3328144511),
    range(3889000000, 3890000000),
    range(4010000000, 4020000000),
)


@dataclass(frozen=True)
class Heard:
    """A command that was recognised `by` one of its names (or nearly, with `slip`), before anything is done."""

    command: Command
    said: Said
    words: str
    by: str
    slip: str = ""


async def is_for_us(bot: Bot, event: MessageEvent, state: T_State) -> bool:
    """Whether a message is a command of ours, in a place that we serve, from a person."""
    group = event.group_id if isinstance(event, GroupMessageEvent) else None
    if group is not None and group not in service().groups:
        return False
    if event.user_id == event.self_id or _is_bot(event.user_id):
        return False
    heard = await _hear(bot, event)
    if heard is None or (group is None and heard.slip):
        return False
    state[HEARD] = heard
    return True


def _is_bot(user_id: int) -> bool:
    ours = {bot.self_id for bot in service().bots()}
    return str(user_id) in ours or any(user_id in numbers for numbers in _NOBODYS)


async def _hear(bot: Bot, event: MessageEvent) -> Heard | None:
    message: Message = event.original_message
    length = sum(len(str(each.data.get("text") or each.data.get("data") or "")) for each in message)
    said = await aside(length, read, message, event.self_id)
    text = _without_nickname(said.text, bot.config.nickname)
    split = split_command(text, command_starts(bot.config.command_start))
    if split is None or said.to_other:
        return None
    word, words = split
    command = commands.find(word)
    if command is not None:
        return Heard(command, said, words, word)
    near = commands.like(word)
    return Heard(near, said, words, near.name, slip=word) if near else None


def _without_nickname(text: str, nicknames: set[str]) -> str:
    for name in nicknames:
        if name and text.startswith(name):
            return text[len(name) :].lstrip(" ,，:：\n")
    return text


def listen() -> None:
    """Set up the one matcher: NoneBot starts every matcher for every message, so there is no second."""
    on_message(rule=Rule(is_for_us), handlers=[dispatch], priority=10, block=True)


async def dispatch(bot: Bot, event: MessageEvent, state: T_State) -> None:
    """Answer a command once: with what its handler says, or with the reason why not."""
    heard: Heard = state[HEARD]
    call = _call(service(), bot, event, heard)
    try:
        reply = await _answer(call, heard)
        if not call.served:
            await call.mark_seen()
    except AlreadyHandled:
        return
    except Unavailable as error:
        logger.error(f"message {event.message_id}: /{heard.command.name} was not stored: {error}")
        reply = Reply("数据库这会儿写不进去，这条没有存下。请过几分钟再发一次")
    except Exception:
        logger.exception(f"message {event.message_id}: /{heard.command.name} failed")
        reply = Reply("出了点意外，这条没有处理成。已经记到日志里，请稍后再试")
    if reply is not None:
        await _send(call, reply)


async def _answer(call: Call, heard: Heard) -> Reply | None:
    command = heard.command
    if not call.in_group and not command.private:
        return Reply(f"这个要在群里发哦。私聊可以用 {' '.join(f'/{each.alias}' for each in commands if each.private)}")
    if heard.slip:
        return Reply(f"没有 /{heard.slip}，是想发 /{command.name}（/{command.alias}）吗？")
    if command.takes is Takes.ITEM and call.item == ItemRef():
        return call.usage()
    try:
        return await command.handler(call)
    except Refused as refusal:
        return Reply(str(refusal))


def _call(at: Service, bot: Bot, event: MessageEvent, heard: Heard) -> Call:
    in_group = isinstance(event, GroupMessageEvent)
    sender = event.sender
    trusted = sender.role in ("owner", "admin") if in_group else False
    visit = Visit(
        group_id=event.group_id if in_group else 0,
        message_id=event.message_id,
        qq=event.user_id,
        card=clean_name(sender.card) or clean_name(sender.nickname) if in_group else "",
        trusted=trusted or str(event.user_id) in bot.config.superusers,
        at=at.now(),
    )
    item, words = ItemRef(), heard.words
    if heard.command.takes is Takes.ITEM:
        item, words = item_ref(heard.words, heard.said.reply_to)
    return Call(heard.command.reminder(heard.by), at, bot, event, visit, heard.said, words, item)


async def _send(call: Call, reply: Reply) -> None:
    said = sending.to_message(reply.text)
    outcome = await _reply(call, MessageSegment.reply(call.event.message_id) + said)
    if outcome.fate is sending.Fate.REJECTED:  # most often the quoted message is no longer known
        outcome = await _reply(call, said)
    if outcome.fate is not sending.Fate.SENT:
        logger.warning(f"message {call.event.message_id}: the reply was {outcome.fate.value}: {outcome.why}")
    if outcome.message_id is not None and reply.about:
        await _remember(call, outcome.message_id, reply.about)


async def _reply(call: Call, message: Message) -> sending.Outcome:
    if call.in_group:
        return await sending.say(call.bot, call.visit.group_id, message)
    whole = call.event.model_dump()
    group_id = whole.get("group_id") or whole["sender"].get("group_id")  # a chat that began in a group stays there
    through = {"group_id": group_id} if group_id else {}
    return await sending.attempt(call.bot, "send_private_msg", user_id=call.event.user_id, **through, message=message)


async def _remember(call: Call, message_id: int, about: Sequence[int]) -> None:
    try:
        await call.service.db.write(items.speaks_of, call.visit.group_id, message_id, about)
    except Unavailable as error:
        logger.warning(f"message {call.event.message_id}: replies to its answer will not be understood: {error}")
