"""The only NoneBot matcher: its rule looks commands up in the registry, its handler answers them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import cast

import nonebot
from nonebot import logger
from nonebot.adapters import Bot as BaseBot
from nonebot.adapters import Event as BaseEvent
from nonebot.adapters.onebot.v11 import Bot, Event, GroupMessageEvent, MessageEvent
from nonebot.matcher import Matcher, MatcherSource
from nonebot.typing import T_DependencyCache, T_State

from db.engine import Unavailable
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.hearing import HEARD, NOTICED, ears, group_seq, is_for_us, is_of_use
from plugins._chat.commands.notices import Notice, notices
from plugins._chat.commands.references import MOST, Ref, references
from plugins._chat.commands.registry import Takes, commands
from plugins._chat.commands.replying import send
from plugins._chat.commands.understanding import Heard, Invocation
from plugins._chat.incoming.adapter import ReverseWebSocket
from plugins._chat.incoming.message import Content, as_number
from plugins._chat.rate_limit import Verdict
from plugins._chat.service import Service, current_service
from plugins._chat.tally import Ending
from plugins._talk.foreign_text import clean_name
from plugins._talk.render.rich import Mention, each_once
from plugins._talk.usecases.desk import AlreadyHandled, EitherRef, ItemRef, QuestionRef, Refused, Visit

LONGEST_RECORD = 80  # characters of a command as /undo tells it
GRACE = 8.0  # seconds in which another account may act on a message first
OURS = ("plugins", "nonebot_plugin_apscheduler")  # the packages of plugins that look at no message beside the matcher


class CommandMatcher(Matcher):
    """The one matcher: NoneBot runs every matcher for every message, so one is enough.

    Its rule and its handler are called as they are: NoneBot would start a task for each of their parameters.
    """

    @classmethod
    async def check_rule(
        cls,
        bot: BaseBot,
        event: BaseEvent,
        state: T_State,
        stack: AsyncExitStack | None = None,
        dependency_cache: T_DependencyCache | None = None,
    ) -> bool:
        return isinstance(bot, Bot) and isinstance(event, Event) and await is_for_us(bot, event, state)

    async def run(
        self,
        bot: BaseBot,
        event: BaseEvent,
        state: T_State,
        stack: AsyncExitStack | None = None,
        dependency_cache: T_DependencyCache | None = None,
    ) -> None:
        await dispatch(cast(Bot, bot), cast(Event, event), state)


def listen() -> None:
    """Set up the matcher. Chat that is not for the bot is not even parsed, unless another plugin may want it."""
    CommandMatcher.new(priority=10, block=True, source=MatcherSource(module_name=__name__))
    others = [each for each in nonebot.get_loaded_plugins() if each.module_name.partition(".")[0] not in OURS]
    if not others:
        ReverseWebSocket.is_of_use = staticmethod(is_of_use)


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
        await send(calls[-1], reply)


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
        await send(call, Reply("问得有点快，我先歇一会儿，过一分钟再来吧"))
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
        await send(call, Reply("这会儿查不到你在不在群里，请在群里发"))
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
    blank = Call(
        reminder="",
        service=service,
        bot=bot,
        event=event,
        visit=visit,
        content=Content(text="", reply_to=None, cards=(), pictures=(), to_other=False),
        argument="",
        without_command=ears().without_command,
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
