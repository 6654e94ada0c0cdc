"""Answering: a reply that quotes the message, and what a reply to that one means."""

from collections.abc import Sequence

from nonebot import logger
from nonebot.adapters.onebot.v11 import Message, MessageSegment

from db.engine import Unavailable
from plugins._chat.commands.call import Call, Reply
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.reactions import react
from plugins._chat.presence.members import chat_group
from plugins._chat.service import Service
from plugins._talk.usecases.desk import speaks_of


async def send(call: Call, reply: Reply) -> None:
    group_id, account = call.visit.group_id, call.bot.self_id
    if call.in_group and not call.service.accounts.may_speak(call.bot, group_id):
        logger.info(f"message {call.event.message_id}: account {account} may not speak in {group_id}, no reply")
        return
    if reply.plain and call.in_group and await _nods(call):
        return
    said = sending.to_message(reply.text)
    outcome = await _reply(call, Message([MessageSegment.reply(call.event.message_id), *said]))
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
        await service.db.write_along(speaks_of, group_id, message_id, about, asked, said, wished, stands_in)
    except Unavailable as error:
        logger.warning(f"replies to the bot's message {message_id} will not be understood: {error}")
