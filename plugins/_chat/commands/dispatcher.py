"""The only NoneBot matcher: its rule looks commands up in the registry, its handler answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nonebot import logger, on
from nonebot.adapters.onebot.v11 import Bot, Event, GroupMessageEvent, Message, MessageEvent, MessageSegment
from nonebot.rule import Rule
from nonebot.typing import T_State

from db.engine import Unavailable
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import OWN, Health, Notice, notices, read_notice
from plugins._chat.commands.registry import Command, Takes, commands, item_ref, question_ref
from plugins._chat.incoming.message import Content, as_number, command_starts, from_timestamp, read_async, split_command
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.history import seq_of
from plugins._chat.outgoing.reactions import react
from plugins._chat.presence.members import chat_group
from plugins._chat.rate_limit import Verdict
from plugins._chat.service import Service, current_service
from plugins._talk.foreign_text import clean_name
from plugins._talk.usecases.desk import AlreadyHandled, ItemRef, Refused, Visit, speaks_of
from plugins._talk.usecases.questions import QuestionRef

GRACE = 8.0  # seconds in which another account may act on a message first
HEARD, NOTICED = "talk_heard", "talk_noticed"
# Not people: QQ's own bots (source: get_robot_uin_range of NapCat and LLBot) and the "anonymous" account.
_NOBODYS = (
    range(66600000, 66600001),
    range(80000000, 80000001),
    range(2854196301, 2854216400),
    range(3328144510, 3328144511),
    range(3889000000, 3890000000),
    range(4010000000, 4020000000),
)


@dataclass(frozen=True)
class Invocation:
    """A parsed command: `by` is the name that matched; `slip` is the misspelt word if it matched only nearly."""

    command: Command
    content: Content
    argument: str
    by: str
    slip: str = ""

    @property
    def only_asks(self) -> bool:
        """Whether the command never stores anything."""
        return not self.command.late or bool(self.slip)


async def is_for_us(bot: Bot, event: Event, state: T_State) -> bool:
    """Whether an event is a registered command, or a notice with a handler, in a chat that the bot serves."""
    if isinstance(event, MessageEvent):
        return await _is_command(bot, event, state)
    notice = read_notice(event)
    if notice is None or type(notice) not in notices:
        return False
    if isinstance(notice, Health):
        if notice.online != (bot.self_id in current_service().accounts.offline):
            return False  # unchanged: heartbeats are periodic
    elif notice.group_id not in current_service().groups:
        return False
    state[NOTICED] = notice
    return isinstance(notice, OWN) or current_service().accounts.answers(bot, notice.group_id)


async def _is_command(bot: Bot, event: MessageEvent, state: T_State) -> bool:
    group = event.group_id if isinstance(event, GroupMessageEvent) else None
    if group is not None and group not in current_service().groups:
        return False
    if isinstance(event, GroupMessageEvent):
        _take_note(current_service(), event)
    heard = await hear(bot, event)
    if heard is None or (group is None and heard.slip):
        return False
    state[HEARD] = heard
    return True


def _take_note(service: Service, event: GroupMessageEvent) -> None:
    """Record the last received message of the group and its time."""
    if service.listening.hear(event.group_id, event.message_id, event.time, group_seq(event)):
        service.timekeeping.observe(from_timestamp(event.time))


def _is_bot(user_id: int) -> bool:
    ours = {bot.self_id for bot in current_service().bots()}
    return str(user_id) in ours or any(user_id in numbers for numbers in _NOBODYS)


async def hear(bot: Bot, event: MessageEvent) -> Invocation | None:
    """Parse a person's message as a command; None if it is not one."""
    if event.user_id == event.self_id or _is_bot(event.user_id):
        return None
    message: Message = event.original_message
    content = await read_async(message, event.self_id)
    text = _without_nickname(content.text, bot.config.nickname)
    split = split_command(text, command_starts(bot.config.command_start))
    if split is None or content.to_other:
        return None
    word, argument = split
    command = commands.find(word)
    if command is not None:
        return None if command.quotes_help(argument) else Invocation(command, content, argument, word)
    near = commands.like(word, argument, replies=content.reply_to is not None)
    return Invocation(near, content, argument, near.name, slip=word) if near else None


def _without_nickname(text: str, nicknames: set[str]) -> str:
    for name in nicknames:
        if name and text.startswith(name):
            return text[len(name) :].lstrip(" ,，:：\n")
    return text


def listen() -> None:
    """Set up the one matcher: NoneBot runs every matcher for every message, so one is enough."""
    on(rule=Rule(is_for_us), handlers=[dispatch], priority=10, block=True)


async def dispatch(bot: Bot, event: Event, state: T_State) -> None:
    """Answer a command, or pass a notice to its handlers."""
    if isinstance(event, MessageEvent):
        call = call_for(current_service(), bot, event, state[HEARD])
        if await _is_ours(call) and await _is_for_members(call):
            await _respond(call, state[HEARD])
        return
    notice: Notice = state[NOTICED]
    for waiter in notices[type(notice)]:
        try:
            await waiter(current_service(), bot, notice)
        except Unavailable as error:
            logger.error(f"{notice} was not stored: {error}")
        except Exception:  # the other handlers still run
            logger.exception(f"{notice} could not be dealt with by {waiter.__qualname__}")


async def _respond(call: Call, heard: Invocation) -> None:
    """Answer a command; one that only asks, or that stored nothing, within the series' rate limit."""
    if heard.only_asks and not await _may_ask(call):
        return
    reply = await answer(call, heard)
    if reply is not None and (heard.only_asks or not reply.idle or await _may_ask(call)):
        await _send(call, reply)


async def _may_ask(call: Call) -> bool:
    """Whether the rate limit allows another answer; the first rejection is explained to the sender."""
    service, rules = call.service, call.service.series.look_ups
    verdict = service.look_ups.take(rules, call.visit.group_id, call.visit.qq, service.monotonic())
    if verdict is Verdict.SAY_WHY:
        await _send(call, Reply("问得有点快，我先歇一会儿，过一分钟再来吧"))
    return verdict is Verdict.ANSWER


async def _is_ours(call: Call) -> bool:
    """Whether to act on a command. If another account comes first in the group, wait to let it act.

    Without the group's sequence number of the message, accounts cannot detect that another has handled it.
    """
    if not call.in_group or call.service.accounts.answers(call.bot, call.visit.group_id):
        return True
    if call.visit.seq is None:
        return False
    await call.service.pause(GRACE)
    return True


async def _is_for_members(call: Call) -> bool:
    """Whether the sender may be answered: in private chats only members of a served group are."""
    if call.in_group:
        return True
    service = call.service
    known = await service.members.includes(call.bot, call.event, service.groups, service.monotonic())
    if known is None:
        await _send(call, Reply("这会儿查不到你在不在群里，请在群里发"))
    return known is True


async def answer(call: Call, heard: Invocation) -> Reply | None:
    """Run the command's handler once and return its reply, or an error reply; None if already handled."""
    try:
        reply = await _answer(call, heard)
        if not call.visited:
            await call.mark_seen()
    except AlreadyHandled:
        return None
    except Unavailable as error:
        logger.error(f"message {call.event.message_id}: /{heard.command.name} was not stored: {error}")
        reply = Reply("数据库这会儿写不进去，这条没有存下。请过几分钟再发一次")
    except Exception:
        logger.exception(f"message {call.event.message_id}: /{heard.command.name} failed")
        reply = Reply("出了点意外，这条没有处理成功。已经记到日志里，请稍后再试")
    return reply


async def _answer(call: Call, heard: Invocation) -> Reply | None:
    command = heard.command
    if not call.in_group and not command.private:
        usable = " ".join(f"/{each.alias}" for each in commands if each.private)
        return Reply(f"这个要在群里发哦。私聊可以用 {usable}", idle=True)
    if heard.slip:
        return Reply(f"没有 /{heard.slip}，是想发 /{command.name}（/{command.alias}）吗？", idle=True)
    if _lacks_something(call, command.takes):
        return call.usage()
    try:
        return await command.handler(call)
    except Refused as refusal:
        return Reply(str(refusal), idle=True)


def _lacks_something(call: Call, takes: Takes) -> bool:
    """Whether a command lacks a required argument."""
    if takes & Takes.EITHER and call.item == ItemRef() and call.question == QuestionRef():
        return True
    has_content = bool(call.argument) or (Takes.PICTURES in takes and bool(call.content.pictures))
    return Takes.SOME_WORDS in takes and not has_content


def call_for(
    service: Service, bot: Bot, event: MessageEvent, heard: Invocation, said_at: datetime | None = None
) -> Call:
    """Build the handler's input for a command; `said_at` is given for a missed command that is run later."""
    in_group = isinstance(event, GroupMessageEvent)
    sender = event.sender
    trusted = sender.role in ("owner", "admin") if in_group else False
    visit = Visit(
        group_id=event.group_id if in_group else 0,
        message_id=event.message_id,
        qq=event.user_id,
        card=clean_name(sender.card) or clean_name(sender.nickname) if in_group else "",
        trusted=trusted or str(event.user_id) in bot.config.superusers,
        said_at=said_at or service.now(),
        seq=group_seq(event) if in_group else None,
        account=as_number(bot.self_id),
    )
    takes, item, question, argument = heard.command.takes, ItemRef(), QuestionRef(), heard.argument
    if Takes.QUESTION in takes:
        question, argument = question_ref(argument, heard.content.reply_to)
    if takes & (Takes.ITEM | Takes.ANY_ITEM) and question.number is None:
        item, argument = item_ref(argument, heard.content.reply_to)
    return Call(
        reminder=heard.command.reminder(heard.by),
        service=service,
        bot=bot,
        event=event,
        visit=visit,
        content=heard.content,
        argument=argument,
        item=item,
        question=question,
    )


def group_seq(event: GroupMessageEvent) -> int | None:
    """The group's sequence number of a message, if the OneBot implementation reports it."""
    return seq_of(event.model_dump(include={"real_seq", "message_seq", "message_id"}))


async def _send(call: Call, reply: Reply) -> None:
    group_id, account = call.visit.group_id, call.bot.self_id
    if call.in_group and not call.service.accounts.may_speak(call.bot, group_id):
        logger.info(f"message {call.event.message_id}: account {account} may not speak in {group_id}, no reply")
        return
    if reply.plain and call.in_group and await _nods(call):
        return
    said = sending.to_message(reply.text)
    outcome = await _reply(call, MessageSegment.reply(call.event.message_id) + said)
    if outcome.fate is sending.Fate.REJECTED:  # most often because the quoted message is no longer available
        outcome = await _reply(call, said)
    if outcome.fate is sending.Fate.MUTED:
        call.service.accounts.refused(account, group_id)
    if outcome.fate is not sending.Fate.SENT:
        logger.warning(f"message {call.event.message_id}: the reply was {outcome.fate.value}: {outcome.why}")
    if outcome.message_id is not None:
        await remember(call.service, call.visit.group_id, outcome.message_id, [reply])


async def _nods(call: Call) -> bool:
    """Acknowledge with a reaction if the series is quiet and the OneBot implementation supports reactions."""
    signs = call.service.series.reactions
    return signs.quiet and await react(call.bot, call.visit.group_id, call.event.message_id, signs.got_it)


async def _reply(call: Call, message: Message) -> sending.Outcome:
    if call.in_group:
        return await sending.say(call.bot, call.visit.group_id, message)
    group_id = chat_group(call.event)  # a temporary session must name its group
    through = {"group_id": group_id} if group_id else {}
    return await sending.attempt(call.bot, "send_private_msg", user_id=call.event.user_id, **through, message=message)


async def remember(service: Service, group_id: int, message_id: int, replies: Sequence[Reply]) -> None:
    """Store what this bot message is about, so that a reply to it refers to the same items."""
    about = [item for reply in replies for item in reply.about]
    asked = [question for reply in replies for question in reply.questions]
    said = [remark for reply in replies for remark in reply.remarks]
    wished = [wish for reply in replies for wish in reply.wishes]
    if not about and not asked and not said and not wished:
        return
    try:
        await service.db.write(speaks_of, group_id, message_id, about, asked, said, wished)
    except Unavailable as error:
        logger.warning(f"replies to the bot's message {message_id} will not be understood: {error}")
