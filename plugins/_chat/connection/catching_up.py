"""After downtime: read each group's history back to its mark and run the missed commands, in order, once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot, GroupMessageEvent

from db.engine import Unavailable
from db.names import stand_in
from db.queries import chats
from db.queries.chats import Mark
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.dispatcher import answer_all, calls_for
from plugins._chat.commands.hearing import group_seq, hear
from plugins._chat.commands.replying import remember
from plugins._chat.commands.understanding import Heard
from plugins._chat.deliveries.alarms import superusers
from plugins._chat.incoming.adapter import parsed
from plugins._chat.incoming.message import EPOCH, as_number, from_timestamp
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.history import MOST_PAGES, PAGE, Raw, Shut, holes, pages_back, seq_of
from plugins._chat.outgoing.sending import Fate
from plugins._chat.service import Service
from plugins._talk.calendar.slots import say_local
from plugins._talk.render.rich import Mention

# A command may have been in progress when the mark moved past it: look a little further back than the mark.
OVERLAP = timedelta(minutes=2)
# QQ timestamps have a resolution of one second: a missed command counts as sent at the end of its second.
WITHIN_A_SECOND = timedelta(microseconds=999_999)
LISTED = 10
LONGEST_LINE = 90
PACE = 2.0
_one_at_a_time = asyncio.Lock()


@dataclass(frozen=True)
class History:
    """The messages of a group's history, oldest first; `complete`: it goes back to the mark.

    `missing` are gaps (first, last) in the group's sequence numbers since then, `newest` is the last number.
    """

    messages: Sequence[GroupMessageEvent]
    complete: bool
    missing: Sequence[tuple[int, int]] = ()
    newest: int | None = None


async def catch_up(service: Service, bot: Bot) -> None:
    """Catch up, sequentially, with the groups in which this account answers.

    Deliveries wait for it, so that they include the missed commands. Other groups were covered by another account.
    """
    async with _one_at_a_time:
        groups = [group_id for group_id in service.groups if service.accounts.answers(bot, group_id)]
        service.listening.catching_up.update(groups)
        service.listening.caught_up.difference_update(
            groups
        )  # until it succeeds, no mark moves past messages that may have been missed
        try:
            for group_id in groups:
                await _catch_up(service, bot, group_id)
                service.listening.catching_up.discard(group_id)
            logger.debug(f"caught up with {groups}")
        except Unavailable as error:
            logger.error(f"what was missed could not be stored, the next connection tries again: {error}")
        except Exception:
            logger.exception("catching up failed, the next connection tries again")
        finally:
            service.listening.catching_up.clear()


async def _catch_up(service: Service, bot: Bot, group_id: int) -> None:
    mark = await _begin(service, group_id)
    past = await read_back(bot, group_id, mark)
    if past is None:
        await _not_reached(service, bot, group_id, mark, "读不到历史消息")
        return
    if _is_first(mark):
        before = _before(mark, past.messages, is_new=group_id in service.listening.begun)
        last = (before[-1].message_id, from_timestamp(before[-1].time)) if before else (None, EPOCH)
        mark = await service.db.write(chats.begin_after, group_id, *last)
        service.listening.begun.discard(group_id)
    if not past.complete:
        await _not_reached(service, bot, group_id, mark, "历史消息只到一部分")
    elif past.missing:
        count = sum(last - first + 1 for first, last in past.missing)
        await _not_reached(service, bot, group_id, mark, f"历史消息中间缺了 {count} 条")
    await _take_up(service, bot, group_id, _after(mark, past.messages))
    if past.newest is not None:
        service.listening.newest_seq[group_id] = past.newest
    if past.messages:
        newest = past.messages[-1]
        service.timekeeping.observe_earlier(from_timestamp(newest.time))
        await service.db.write(chats.move_mark, group_id, newest.message_id, from_timestamp(newest.time))
    service.listening.caught_up.add(group_id)


async def begin_marks(service: Service) -> None:
    """Create missing marks before anything else, so that later messages are not lost."""
    for group_id in service.groups:
        try:
            await _begin(service, group_id)
        except Unavailable as error:
            logger.warning(f"since when group {group_id} is heard could not be stored: {error}")


async def _begin(service: Service, group_id: int) -> Mark:
    mark, is_new = await service.db.write(chats.begin, group_id, service.now())
    if is_new:
        service.listening.begun.add(group_id)
    return mark


def _before(mark: Mark, past: Sequence[GroupMessageEvent], *, is_new: bool) -> list[GroupMessageEvent]:
    """The messages from before the bot was first connected; QQ timestamps have a resolution of one second.

    Messages of that same second count as earlier, unless an earlier process created the mark and has ended since.
    """
    end = mark.met_at if is_new else mark.met_at.replace(microsecond=0) - WITHIN_A_SECOND
    return [event for event in past if from_timestamp(event.time) <= end]


def _is_first(mark: Mark) -> bool:
    """Whether the group's history has not been read since the bot was first connected."""
    return mark.message_id is None and mark.met_id is None


def _after(mark: Mark, past: Sequence[GroupMessageEvent]) -> list[GroupMessageEvent]:
    """Possibly missed messages: from a little before the mark, but none from before the bot was first connected."""
    ids = [event.message_id for event in past]
    said_at = from_timestamp(past[ids.index(mark.message_id)].time) if mark.message_id in ids else mark.said_at
    if mark.met_id in ids:
        past = past[ids.index(mark.met_id) + 1 :]
    else:
        past = [event for event in past if from_timestamp(event.time) >= mark.met_at]
    return [event for event in past if from_timestamp(event.time) >= said_at - OVERLAP]


async def _take_up(service: Service, bot: Bot, group_id: int, past: Sequence[GroupMessageEvent]) -> None:
    """Run the missed commands as of the time they were sent; one message summarises them for the group."""
    done: list[tuple[Call, Heard, Reply]] = []
    known = await service.db.read(chats.handled, group_id, [event.message_id for event in past])
    for event in past:
        heard = await _hear(bot, event) if _is_new(event, known) else None
        if heard is None or heard.only_asks:
            continue
        said_at = min(from_timestamp(event.time) + WITHIN_A_SECOND, service.now())
        calls = calls_for(service, bot, event, heard, said_at)
        if reply := await answer_all(calls, heard):
            done.append((calls[-1], heard, reply))
    if not done:
        return
    logger.info(f"group {group_id}: {len(done)} commands were missed and are done now")
    if not service.accounts.may_speak(bot, group_id):
        return
    await service.wait_turn(group_id, PACE)
    outcome = await sending.say(bot, group_id, sending.to_message(_summary(service, done)))
    if outcome.fate is not Fate.SENT:
        logger.warning(f"group {group_id}: what was caught up could not be told: {outcome.why}")
    elif outcome.message_id is not None:
        await remember(service, group_id, outcome.message_id, [reply for _, _, reply in done])


def _is_new(event: GroupMessageEvent, known: Mapping[int, int | None]) -> bool:
    """Whether a message was not handled yet; a reused id with another sequence number is another message."""
    if event.message_id not in known:
        return True
    before, seq = known[event.message_id], group_seq(event)
    return before is not None and seq is not None and before != seq


async def _hear(bot: Bot, event: GroupMessageEvent) -> Heard | None:
    """Parse a message as a command; an error is logged, so that the other messages are still processed."""
    try:
        return await hear(bot, event)
    except Exception:
        logger.exception(f"message {event.message_id} of the history could not be read")
        return None


def _summary(service: Service, done: Sequence[tuple[Call, Heard, Reply]]) -> str:
    first, last = (call.visit.said_at.astimezone(service.series.zone) for call in (done[0][0], done[-1][0]))
    span = f"{first:%m-%d %H:%M}" + (f" 到 {last:%m-%d %H:%M}" if f"{first:%d%H%M}" != f"{last:%d%H%M}" else "")
    rows = [f"刚才不在，补上了 {len(done)} 条命令（{span}）："]
    for call, heard, reply in done[:LISTED]:
        text = "".join(part.name if isinstance(part, Mention) else part for part in reply.text)
        row = f"{call.visit.card or stand_in(call.visit.qq)} /{heard.commands[0].by}：{text.partition(chr(10))[0]}"
        rows.append(f"· {row if len(row) <= LONGEST_LINE else f'{row[: LONGEST_LINE - 1]}…'}")
    if len(done) > LISTED:
        rows.append(f"…… 还有 {len(done) - LISTED} 条，发 /我的 看自己的")
    return "\n".join(rows)


async def _not_reached(service: Service, bot: Bot, group_id: int, mark: Mark | None, why: str) -> None:
    since = (
        f"{say_local(mark.said_at.astimezone(service.series.zone))} 之后" if mark and mark.said_at > EPOCH else "之前"
    )
    told = f"群 {group_id}：{why}，{since}可能有命令没有听到，请看一眼群里"
    logger.warning(told)
    if service.try_acquire("history", group_id, timedelta(hours=12)):
        await sending.tell(bot, superusers(bot), told)


async def read_back(bot: Bot, group_id: int, mark: Mark) -> History | None:
    """Read the history back to the mark and a little further; None if it cannot be read.

    NapCat reports an empty history as a failure: if the mark has no message, the history counts as empty.
    """
    messages: list[Raw] = []
    complete = False
    try:
        async for page in pages_back(bot, group_id, MOST_PAGES):
            messages = [*page, *messages]  # pages come newest first
            ids = {message_id for each in page if (message_id := as_number(each.get("message_id"))) is not None}
            complete = complete or mark.message_id in ids
            oldest = from_timestamp(page[0].get("time"))
            if oldest < mark.said_at - OVERLAP or mark.met_id in ids or (_is_first(mark) and oldest <= mark.met_at):
                break
        else:
            complete = complete or mark.message_id is None  # read to the end of the history
    except Shut as shut:
        logger.info(f"group {group_id}: no history: {shut.outcome.why}")
        return History([], True) if mark.message_id is None else None
    complete = complete or any(from_timestamp(each.get("time")) <= mark.said_at for each in messages)
    since = [each for each in messages if from_timestamp(each.get("time")) >= mark.said_at - OVERLAP]
    events: list[GroupMessageEvent] = []
    for place, each in enumerate(messages):
        if event := _event(bot, each):
            events.append(event)
        if place % PAGE == 0:
            await asyncio.sleep(0)
    newest = max((number for each in messages if (number := seq_of(each))), default=None)
    return History(events, complete, holes(since), newest)


def _event(bot: Bot, raw: dict[str, Any]) -> GroupMessageEvent | None:
    """Convert a history entry to its event; None for the bot's own, recalled or unreadable messages."""
    if raw.get("status") == "deleted" or raw.get("recalled") or raw.get("is_recalled"):
        return None
    whole = {
        "sub_type": "normal",
        "font": 0,
        "raw_message": "",
        **raw,
        "self_id": int(bot.self_id),
        "post_type": "message",
        "message_type": "group",
    }
    sender = cast(dict[str, Any], whole.get("sender") or {})
    whole.setdefault("user_id", sender.get("user_id"))
    event = parsed(whole)
    return event if isinstance(event, GroupMessageEvent) and event.user_id != event.self_id else None


async def store_marks(service: Service) -> None:
    """Store the marks of the groups, except those that are still being caught up with."""
    for group_id in service.listening.heard_in_full():
        if (last := service.listening.last_heard.pop(group_id, None)) is not None:
            try:
                await service.db.write(chats.move_mark, group_id, last[0], from_timestamp(last[1]))
            except Unavailable as error:
                logger.warning(f"how far group {group_id} was heard could not be written down: {error}")
