"""Sends due deliveries to the groups: claim and commit, send, commit the outcome."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Unavailable
from db.enums import DeliveryState
from db.queries import deliveries, leases, troubles
from plugins._chat.deliveries.alarms import tell_alarms
from plugins._chat.outgoing import history, sending
from plugins._chat.outgoing.sending import Fate, Outcome
from plugins._chat.service import Service
from plugins._talk.calendar.slots import say_when
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.parts import BESIDE, Part, Whisper
from plugins._talk.deliveries.planning import CannotCompose, Owed, back_off, claim, end, give_up, plan
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases.standing_in import awaited

CLOCK = "clock"  # the trouble of a clock that is wrong
PACE = 2.0  # seconds between messages that the bot posts by itself
STEP = 100  # parts have positions 0, 100, 200 …; a part's fallback pieces follow its position
MOST_LOOKS = 3  # attempts to read the history before a delivery is sent anyway
LOOKS = (2.0, 10.0)  # seconds before each search of the history for a part that may have arrived
SEEN = timedelta(seconds=20)  # a process that has not renewed its lease for this long counts as gone
_one_at_a_time = asyncio.Lock()
_STATES = {
    Fate.SENT: DeliveryState.SENT,
    Fate.REJECTED: DeliveryState.FAILED,
    Fate.UNKNOWN: DeliveryState.UNKNOWN,
}


@dataclass(frozen=True)
class _End:
    """The final state of a part, and the reason."""

    state: DeliveryState
    why: str = ""


class _NotNow(Exception):
    """Nothing can be sent to this group now: the delivery is unclaimed, with a back-off if `later`."""

    def __init__(self, *, later: bool) -> None:
        super().__init__()
        self.later = later


async def deliver_due(service: Service) -> datetime | None:
    """Post all due deliveries that can be posted; returns when to check again (None: clock wrong or no database)."""
    async with _one_at_a_time:
        try:
            if not await _clock_is_right(service):
                await tell_alarms(service)
                return None
            upcoming = await _plan(service)
            while owed := await _claim(service):
                await _deliver(service, owed)
                upcoming = await _plan(service)
            await tell_alarms(service)
        except Unavailable as error:
            logger.error(f"what is due could not be looked up or written down: {error}")
            return None
        return upcoming


async def _clock_is_right(service: Service) -> bool:
    """Whether the clock may be used to start, end or post anything; raises an alarm if it is wrong."""
    if service.timekeeping.is_right():
        if service.timekeeping.told_wrong:
            service.timekeeping.told_wrong = False
            await service.db.write(deliveries.try_now)
            await service.db.write(troubles.end, CLOCK, "时钟又准了，照常开场、收场和发提醒", service.now())
            logger.warning("the clock is right again")
        return True
    if not service.timekeeping.told_wrong:
        service.timekeeping.told_wrong = True
        minutes = round(service.timekeeping.difference() / timedelta(minutes=1))
        how = f"快了 {minutes} 分钟" if minutes > 0 else f"慢了 {-minutes} 分钟"
        when = say_when(service.now(), service.series)
        said = f"这台机器的时钟和群里的时间差太多（{how}；群里是 {when}）。校准以前，不会自动开场、收场和发提醒"
        logger.error(said)
        await service.db.write(troubles.begin, CLOCK, said, service.now())
    return False


async def _plan(service: Service) -> datetime:
    others = await service.db.read(leases.at_work, service.now() - SEEN) if service.db.shared else ()
    service.listening.awaited = dict(await service.db.read(awaited, service.series, service.now()))
    if taken_up := await service.db.write(deliveries.resume, [each for each in others if each != service.process]):
        logger.warning(f"{taken_up} deliveries were interrupted and are taken up again")
    return await service.db.write(plan, service.rules, list(kinds.values()), service.groups, service.now())


async def _claim(service: Service) -> Owed | None:
    while True:
        try:
            return await service.db.write(
                claim, service.rules, kinds, service.reachable(), service.process, service.now()
            )
        except CannotCompose as error:
            logger.opt(exception=error).error(str(error))
            await service.db.write(give_up, error.row, _called(error.row.kind), service.now())


def _called(kind: str) -> str:
    return kinds[kind].called if kind in kinds else kind


async def _deliver(service: Service, owed: Owed) -> None:
    """Send a claimed delivery; unclaim it if it cannot be sent now."""
    row = owed.row
    try:
        if await _stands_there(service, owed):
            logger.warning(f"{row.kind} of talk {row.talk} stands in group {row.group_id} already: it counts as sent")
            await service.db.write(
                end, row, _called(row.kind), DeliveryState.SENT, "it stood in the history", service.now()
            )
            return
        ends = [await _send(service, owed, index * STEP, part) for index, part in enumerate(owed.parts)]
    except _NotNow as wait:
        await service.db.write(deliveries.unclaim, row.id, service.now() + back_off(row.tries) if wait.later else None)
        return
    needed = [each for each, part in zip(ends, owed.parts, strict=True) if not isinstance(part, BESIDE)]
    worst = max(needed, key=lambda each: _WORSE.index(each.state), default=_End(DeliveryState.SENT))
    if worst.state is DeliveryState.SENT:
        logger.info(f"{row.kind} {talk_name(row.talk)} sent to group {row.group_id}")
    else:
        logger.warning(f"{row.kind} {talk_name(row.talk)} for group {row.group_id}: {worst.state} {worst.why}")
    await service.db.write(end, row, _called(row.kind), worst.state, worst.why, service.now())


async def _stands_there(service: Service, owed: Owed) -> bool:
    """Whether a delivery that was due before this process started is in the history but not in the database.

    This happens after a restore from a backup. Raises _NotNow, a limited number of times, if the history is unreadable.
    """
    row, known_by = owed.row, history.heading(owed.parts[0])
    if owed.begun or row.due >= service.started_at or kinds[row.kind].fleeting or not known_by:
        return False
    bot = service.accounts.speaker(row.group_id)
    if bot is None:
        raise _NotNow(later=False)
    found = await history.find_heading(bot, row.group_id, known_by, row.due)
    if found.fate in (Fate.UNKNOWN, Fate.UNSENT) and row.tries < MOST_LOOKS:
        raise _NotNow(later=True)
    return found.fate is Fate.SENT


_WORSE = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)


async def _send(service: Service, owed: Owed, position: int, part: Part) -> _End:
    """Send a part, and its fallback if it was rejected; a part that may have arrived is not sent again.

    A private message to a host is sent once, however many groups share the talk.
    """
    if isinstance(part, Whisper) and owed.row.group_id != service.groups[0]:
        return _End(DeliveryState.SENT)
    ended = await _send_once(service, owed, position, part)
    if ended.state is not DeliveryState.FAILED:
        return ended
    pieces = sending.instead(part, ended.why, service.page_of(owed.row.talk))
    ends = [await _send(service, owed, position + 1 + 2 * place, piece) for place, piece in enumerate(pieces)]
    return max(ends, key=lambda each: _WORSE.index(each.state)) if ends else ended


async def _send_once(service: Service, owed: Owed, position: int, part: Part) -> _End:
    """Send a part. If sending was begun before, use its stored state, or search the history for it."""
    row, begun = owed.row, owed.begun.get(position)
    if begun is not None and begun.state is not DeliveryState.SENDING:
        return _End(begun.state, begun.note)
    bot = service.accounts.speaker(row.group_id)
    if bot is None:
        raise _NotNow(later=False)
    if begun is None:
        known_by, account, since = history.digest(part), int(bot.self_id), service.now()
        outcome = await _post(service, bot, owed, position, part)
    else:
        known_by, account, since = begun.digest, begun.account, begun.begun_at
        outcome = Outcome(Fate.UNKNOWN, why="interrupted while it was sent")
    if outcome.fate is Fate.UNKNOWN:
        outcome = await _look(service, row.group_id, known_by, account, since, outcome.why)
    state = _STATES[outcome.fate]
    await service.db.write(deliveries.end_part, row.id, position, state, outcome.message_id, service.now(), outcome.why)
    return _End(state, outcome.why)


async def _post(service: Service, bot: Bot, owed: Owed, position: int, part: Part) -> Outcome:
    """Record that a part is being sent, then send it. If it was not sent, delete the record and raise _NotNow."""
    row = owed.row
    await service.wait_turn(row.group_id, 0 if kinds[row.kind].prompt else PACE)
    at_all = position == 0 and await _may_call_all(service, bot, row.kind, row.group_id)
    await service.db.write(
        deliveries.begin_part, row.id, position, history.digest(part), int(bot.self_id), service.now()
    )
    outcome = await sending.post(bot, row.group_id, part, service.draw, at_all=at_all)
    if outcome.fate in (Fate.UNSENT, Fate.MUTED):
        logger.warning(f"{row.kind} of talk {row.talk} did not leave, it waits: {outcome.why}")
        await service.db.write(deliveries.forget_part, row.id, position)
        if outcome.fate is Fate.MUTED:
            await service.accounts.refresh(bot, row.group_id)
            if service.accounts.may_speak(bot, row.group_id):
                service.accounts.refused(bot.self_id, row.group_id)
        raise _NotNow(later=outcome.fate is Fate.UNSENT)
    return outcome


async def _look(
    service: Service, group_id: int, known_by: str, account: int | None, since: datetime, why: str
) -> Outcome:
    """Search the history for a part that may have arrived; UNKNOWN after two unsuccessful searches."""
    for wait in LOOKS:
        await service.pause(wait)
        bot = service.accounts.speaker(group_id) or service.accounts.first(group_id)
        found = await history.find(bot, group_id, known_by, account, since) if bot else Outcome(Fate.UNSENT)
        if found.fate is Fate.SENT:
            return found
        if found.fate is not Fate.REJECTED:
            logger.warning(f"group {group_id}: nobody could look for what may have arrived: {found.why}")
            raise _NotNow(later=True)
    return Outcome(Fate.UNKNOWN, why=why)


async def _may_call_all(service: Service, bot: Bot, kind: str, group_id: int) -> bool:
    """Whether the series and QQ's quota allow this kind of delivery to @ everybody."""
    if kind not in service.series.reminders.at_all:
        return False
    left = await sending.attempt(bot, "get_group_at_all_remain", group_id=group_id)
    quota = left.data or {}
    return bool(
        left.fate is Fate.SENT
        and quota.get("can_at_all")
        and quota.get("remain_at_all_count_for_group")
        and quota.get("remain_at_all_count_for_uin")
    )
