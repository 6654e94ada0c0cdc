"""What is heard: which events NoneBot need look at, and what a person's message means."""

from typing import Any, cast

import nonebot
from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot, Event, GroupMessageEvent, Message, MessageEvent
from nonebot.typing import T_State

from db.engine import Unavailable
from db.queries import message_ids, talks
from plugins._chat.commands.notices import OWN, Health, notices, read_notice
from plugins._chat.commands.registry import commands
from plugins._chat.commands.understanding import Ears, Heard, signs_of
from plugins._chat.incoming.message import Content, from_timestamp, off_loop_if_long, plain, read_async
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.history import seq_of
from plugins._chat.service import Service, current_service

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


def is_of_use(raw: dict[str, Any]) -> bool:
    """Whether NoneBot need parse an event (as OneBot sends it): it costs several times what this look at it does.

    Of a group's chat only what can be for the bot; of the rest it is noted here how far the group was heard.
    """
    if raw.get("post_type") != "message" or raw.get("message_type") != "group":
        return True
    service, said = current_service(), _text_of(raw.get("message"), str(raw.get("self_id")))
    if said is None or ears().may_be_meant(said):
        return True
    group_id, message_id, second, user_id = (raw.get(each) for each in ("group_id", "message_id", "time", "user_id"))
    if not (isinstance(group_id, int) and isinstance(message_id, int) and isinstance(second, int)):
        return True  # the adapter makes numbers of them, or complains
    if not isinstance(user_id, int) or user_id in service.listening.awaited:
        return True
    if group_id in service.groups:
        _note(service, group_id, message_id, second, seq_of(raw))
        logger.debug("message {} is not for the bot: {}", message_id, said)
    return False


def _text_of(message: object, self_id: str) -> str | None:
    """The text of a raw message, other people's names included; None where more than its text decides."""
    if isinstance(message, str):
        return None if "[CQ:" in message else plain(message)
    if not isinstance(message, list):
        return None
    pieces: list[str] = []
    for segment in cast(list[object], message):
        kind, data = _segment(segment)
        if kind is None or kind == "reply" or (kind == "at" and str(data.get("qq")) == self_id):
            return None
        if kind in ("text", "at"):
            pieces.append(str(data.get("text", "")) if kind == "text" else f"@{data.get('name')} ")
    return plain("".join(pieces))


def _segment(segment: object) -> tuple[str | None, dict[str, Any]]:
    """Type and data of a segment; None for what is none."""
    whole = cast(dict[str, Any], segment) if isinstance(segment, dict) else {}
    kind, data = whole.get("type"), whole.get("data")
    fits = isinstance(kind, str) and isinstance(data, dict)
    return (kind, cast(dict[str, Any], data)) if fits else (None, {})


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
    _note(service, event.group_id, event.message_id, event.time, group_seq(event))


def _note(service: Service, group_id: int, message_id: int, second: int, seq: int | None) -> None:
    if service.listening.hear(group_id, message_id, second, seq):
        service.timekeeping.observe(from_timestamp(second))


def group_seq(event: GroupMessageEvent) -> int | None:
    """The group's sequence number of a message, if the OneBot implementation reports it."""
    return seq_of({**(event.model_extra or {}), "message_id": event.message_id})


def _is_bot(user_id: int) -> bool:
    ours = {bot.self_id for bot in current_service().bots()}
    return str(user_id) in ours or any(user_id in numbers for numbers in _NOBODYS)


async def hear(bot: Bot, event: MessageEvent) -> Heard | None:
    """What a person's message means; None if it is not for the bot."""
    if event.user_id == event.self_id or _is_bot(event.user_id):
        return None
    message: Message = event.original_message
    content = await read_async(message, event.self_id)
    to_me = content.to_me and not (content.by_itself and await _replies_to_own(bot, event, content))
    heard = await off_loop_if_long(len(content.text), ears().understand, content, to_me=to_me)
    if heard is None and content.reply_to is not None and (words := ears().reply_words(content)):
        return words if await _is_about_something(event, content.reply_to) else None
    return heard


_ears: list[tuple[Service, Ears]] = []


def ears() -> Ears:
    """By what chat is understood: the settings of NoneBot and of the series."""
    service = current_service()
    if not _ears or _ears[0][0] is not service:
        config = nonebot.get_driver().config
        made = Ears(
            commands=commands,
            signs=signs_of(config.command_start),
            nicknames=config.nickname,
            others=service.series.hearing.others,
            help=commands.first_steps(),
        )
        _ears[:] = [(service, made)]
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
