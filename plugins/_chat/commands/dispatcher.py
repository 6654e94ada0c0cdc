"""The only NoneBot matcher: its rule looks commands up in the registry, its handler answers them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from nonebot import logger, on
from nonebot.adapters.onebot.v11 import Bot, Event, GroupMessageEvent, Message, MessageEvent, MessageSegment
from nonebot.rule import Rule
from nonebot.typing import T_State

from db.engine import Unavailable
from db.queries import message_ids, talks
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import OWN, Health, Notice, notices, read_notice
from plugins._chat.commands.references import MOST, Ref, references
from plugins._chat.commands.registry import Takes, commands
from plugins._chat.commands.understanding import Ears, Heard, Invocation, signs_of
from plugins._chat.incoming.message import Content, as_number, from_timestamp, off_loop_if_long, read_async
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.history import seq_of
from plugins._chat.outgoing.reactions import react
from plugins._chat.presence.members import chat_group
from plugins._chat.rate_limit import Verdict
from plugins._chat.service import Service, current_service
from plugins._chat.tally import Ending
from plugins._talk.foreign_text import clean_name
from plugins._talk.render.rich import Mention, each_once
from plugins._talk.usecases.desk import (
    AlreadyHandled,
    EitherRef,
    ItemRef,
    QuestionRef,
    Refused,
    Visit,
    speaks_of,
)

LONGEST_RECORD = 80  # characters of a command as /undo tells it
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
        await _say_who_is_not_served(current_service(), bot, event, group)
        return False
    if isinstance(event, GroupMessageEvent):
        await _take_note(current_service(), event)
    heard = await hear(bot, event)
    if heard is None or (group is None and not heard.commands):
        return False
    state[HEARD] = heard
    return True


async def _say_who_is_not_served(service: Service, bot: Bot, event: MessageEvent, group: int) -> None:
    """Say in the log, once an hour, that somebody wants the bot in a group that it does not serve."""
    source = ("not served", group)
    if service.remarks.is_due(source) and (heard := await hear(bot, event)) is not None and heard.commands:
        service.remarks.say(source)
        name = heard.commands[0].command.name
        logger.warning(f"群 {group} 里有人发了 /{name}，可这个群不在 TALK_GROUPS 里：要服务它就加上，再重启")


async def _take_note(service: Service, event: GroupMessageEvent) -> None:
    """Record the last received message of the group and its time, and that a host is there for whom a talk waits."""
    if (talk := service.listening.awaited.pop(event.user_id, None)) is not None:
        try:
            await service.db.write(talks.host_seen, talk, service.now())
        except Unavailable as error:
            logger.warning(f"that a host of {talk} spoke could not be stored: {error}")
    if service.listening.hear(event.group_id, event.message_id, event.time, group_seq(event)):
        service.timekeeping.observe(from_timestamp(event.time))


def _is_bot(user_id: int) -> bool:
    ours = {bot.self_id for bot in current_service().bots()}
    return str(user_id) in ours or any(user_id in numbers for numbers in _NOBODYS)


async def hear(bot: Bot, event: MessageEvent) -> Heard | None:
    """What a person's message means; None if it is not for the bot."""
    if event.user_id == event.self_id or _is_bot(event.user_id):
        return None
    message: Message = event.original_message
    content = await read_async(message, event.self_id)
    ears = ears_of(bot)
    to_me = content.to_me and not (content.by_itself and await _replies_to_own(bot, event, content))
    heard = await off_loop_if_long(len(content.text), ears.understand, content, to_me=to_me)
    if heard is None and content.reply_to is not None and (words := ears.reply_words(content)):
        return words if await _is_about_something(event, content.reply_to) else None
    return heard


_ears: list[tuple[Service, Ears]] = []


def ears_of(bot: Bot) -> Ears:
    """By what chat is understood: the settings of NoneBot and of the series."""
    service = current_service()
    if not _ears or _ears[0][0] is not service:
        ears = Ears(
            commands=commands,
            signs=signs_of(bot.config.command_start),
            nicknames=bot.config.nickname,
            others=service.series.hearing.others,
            help=commands.first_steps(),
        )
        _ears[:] = [(service, ears)]
    return _ears[0][1]


async def _replies_to_own(bot: Bot, event: MessageEvent, content: Content) -> bool:
    """Whether a message replies to one of the bot's: QQ then puts an @ in front that nobody typed."""
    if content.reply_to is None or not isinstance(event, GroupMessageEvent):
        return False
    service = current_service()
    if content.reply_to in service.listening.own or await _is_about_something(event, content.reply_to):
        return True
    quoted = await sending.attempt(bot, "get_msg", message_id=content.reply_to)
    sender = (quoted.data or {}).get("sender")
    return isinstance(sender, dict) and str(cast(dict[str, object], sender).get("user_id")) == bot.self_id


async def _is_about_something(event: MessageEvent, message_id: int) -> bool:
    """Whether a message is the bot's own and about items, questions or a talk."""
    group_id = event.group_id if isinstance(event, GroupMessageEvent) else 0
    return await current_service().db.read(message_ids.is_own, group_id, message_id)


def listen() -> None:
    """Set up the one matcher: NoneBot runs every matcher for every message, so one is enough."""
    on(rule=Rule(is_for_us), handlers=[dispatch], priority=10, block=True)


async def dispatch(bot: Bot, event: Event, state: T_State) -> None:
    """Answer a command, or pass a notice to its handlers."""
    if isinstance(event, MessageEvent):
        heard: Heard = state[HEARD]
        calls = calls_for(current_service(), bot, event, heard)
        began = current_service().monotonic()
        if await _is_ours(calls[-1]) and await _is_for_members(calls[-1]):
            await _respond(calls, heard)
            current_service().tally.took(current_service().monotonic() - began)
        return
    notice: Notice = state[NOTICED]
    for waiter in notices[type(notice)]:
        try:
            await waiter(current_service(), bot, notice)
        except Unavailable as error:
            logger.error(f"a {type(notice).__name__} was not stored: {error}")
        except Exception:  # the other handlers still run
            logger.exception(f"a {type(notice).__name__} could not be dealt with by {waiter.__qualname__}")


async def _respond(calls: Sequence[Call], heard: Heard) -> None:
    """Answer all commands of a message in one; what only asks, or stored nothing, within the series' rate limit."""
    if heard.only_asks and not await _may_ask(calls[-1]):
        return
    reply = await answer_all(calls, heard)
    if reply is not None and (heard.only_asks or not reply.idle or await _may_ask(calls[-1])):
        await _send(calls[-1], reply)


async def answer_all(calls: Sequence[Call], heard: Heard) -> Reply | None:
    """Run the commands of a message in order; returns one reply, None if there is nothing to say."""
    if not heard.commands:
        return await answer(calls[-1], None, heard.hint)
    replies = [await answer(call, invocation) for call, invocation in zip(calls, heard.commands, strict=True)]
    said = [each for each in replies if each is not None]
    return merged([*said, *([Reply(heard.hint, idle=True)] if heard.hint and said else [])])


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


async def answer(call: Call, invocation: Invocation | None, hint: str = "") -> Reply | None:
    """Run the command's handler once (None: only the hint is said); returns its reply, or an error reply.

    None if the message was handled before.
    """
    name = invocation.command.name if invocation else "hint"
    ending, reply = Ending.DONE, None
    try:
        reply = await _answer(call, invocation) if invocation else Reply(hint, idle=True)
        if not call.visited:
            await call.mark_seen()
        ending = Ending.REFUSED if invocation and reply and reply.refused else Ending.DONE
        logger.info(f"{(reply and reply.logged) or f'/{name} {ending}'} (message {call.event.message_id})")
    except AlreadyHandled:
        ending, reply = Ending.REPEATED, None
    except Unavailable as error:
        ending = Ending.UNAVAILABLE
        logger.error(f"message {call.event.message_id}: /{name} was not stored: {error}")
        reply = Reply("数据库这会儿写不进去，这条没有存下。请过几分钟再发一次")
    except Exception:
        ending = Ending.FAILED
        logger.exception(f"message {call.event.message_id}: /{name} failed")
        reply = Reply("出了点意外，这条没有处理成功。已经记到日志里，请稍后再试")
    call.service.tally.count(name, ending)
    return reply


async def _answer(call: Call, invocation: Invocation) -> Reply | None:
    command = invocation.command
    if not call.in_group and not command.private:
        usable = " ".join(f"/{each.alias}" for each in commands if each.private)
        return Reply(f"这个要在群里发哦。私聊可以用 {usable}", idle=True, refused=True)
    if why := _unfit(call, invocation):
        return Reply(why, idle=True, refused=True)
    try:
        await call.name_people()
        return await command.handler(call)
    except Refused as refusal:
        return Reply(str(refusal), about=refusal.about, idle=True, refused=True)


def _unfit(call: Call, invocation: Invocation) -> str | None:
    """What to say where a command lacks a required argument, or has more numbers than it takes."""
    command, takes = invocation.command, invocation.command.takes
    if takes & Takes.EITHER and Takes.OPTIONAL not in takes and not call.meant:
        return command.which(invocation.by)
    if len(call.meant) > MOST:
        return f"一次最多 {MOST} 个编号，分几次发吧"
    if len(call.meant) > 1 and Takes.SEVERAL not in takes:
        example = command.told(command.example, invocation.by)
        return f"/{invocation.by} 一次只管一个编号，一条一条发吧。例：{example}"
    has_content = bool(call.argument) or (Takes.PICTURES in takes and bool(call.content.pictures))
    return call.reminder if Takes.SOME_WORDS in takes and not has_content else None


def merged(replies: Sequence[Reply]) -> Reply | None:
    """Several replies as one; None without any."""
    if len(replies) <= 1:
        return replies[0] if replies else None
    text: list[str | Mention] = []
    for reply in replies:
        text += ["\n"] if text else []
        text += [reply.text] if isinstance(reply.text, str) else reply.text
    return Reply(
        each_once(text),
        about=[each for reply in replies for each in reply.about],
        plain=all(reply.plain for reply in replies),
        questions=[each for reply in replies for each in reply.questions],
        remarks=[each for reply in replies for each in reply.remarks],
        wishes=[each for reply in replies for each in reply.wishes],
        stands_in=next((reply.stands_in for reply in replies if reply.stands_in is not None), None),
        idle=all(reply.idle for reply in replies),
        refused=all(reply.refused for reply in replies),
    )


def calls_for(
    service: Service, bot: Bot, event: MessageEvent, heard: Heard, said_at: datetime | None = None
) -> list[Call]:
    """The handlers' inputs for the commands of a message, at least one; `said_at` is given for a missed message."""
    visit = _visit(service, bot, event, said_at)
    ears = ears_of(bot)
    blank = Call(
        reminder="",
        service=service,
        bot=bot,
        event=event,
        visit=visit,
        content=Content(text="", reply_to=None, cards=(), pictures=(), to_other=False),
        argument="",
        without_command=ears.without_command,
    )
    return [_call_of(blank, each) for each in heard.commands] or [blank]


def _visit(service: Service, bot: Bot, event: MessageEvent, said_at: datetime | None) -> Visit:
    in_group = isinstance(event, GroupMessageEvent)
    sender = event.sender
    trusted = sender.role in ("owner", "admin") if in_group else False
    return Visit(
        group_id=event.group_id if in_group else 0,
        message_id=event.message_id,
        qq=event.user_id,
        card=clean_name(sender.card) or clean_name(sender.nickname) if in_group else "",
        trusted=trusted or str(event.user_id) in bot.config.superusers,
        said_at=said_at or service.now(),
        seq=group_seq(event) if in_group else None,
        account=as_number(bot.self_id),
    )


def _call_of(blank: Call, invocation: Invocation) -> Call:
    command = invocation.command
    meant, argument = _meant(command.takes, invocation)
    said = " ".join(f"/{command.alias} {invocation.argument}".split())
    return replace(
        blank,
        reminder=invocation.usage or command.reminder(invocation.by),
        visit=replace(blank.visit, part=invocation.part),
        content=invocation.content,
        argument=argument,
        meant=tuple(meant),
        record=said[:LONGEST_RECORD] if command.undoable else None,
        reply_word=invocation.reply_word,
    )


def _meant(takes: Takes, invocation: Invocation) -> tuple[list[Ref], str]:
    """The items and questions that a command names, or the message that it replies to, and the other words."""
    argument, reply_to = invocation.argument, invocation.content.reply_to
    if not takes & Takes.EITHER:
        return [], argument
    only = ItemRef if Takes.QUESTION not in takes else QuestionRef if Takes.ITEM not in takes else EitherRef
    found, rest = references(argument, several=Takes.SEVERAL in takes)
    if found and reply_to is not None and isinstance(found[0], EitherRef):
        found, rest = [], argument  # the reply says which; the number is text
    if not found:
        return ([only(message_id=reply_to)] if reply_to is not None else []), argument
    return [only(each.number, each.talk) if isinstance(each, EitherRef) else each for each in found], rest


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
        call.service.listening.say(outcome.message_id)
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
    stands_in = next((reply.stands_in for reply in replies if reply.stands_in is not None), None)
    if not (about or asked or said or wished) and stands_in is None:
        return
    try:
        await service.db.write(speaks_of, group_id, message_id, about, asked, said, wished, stands_in)
    except Unavailable as error:
        logger.warning(f"replies to the bot's message {message_id} will not be understood: {error}")
