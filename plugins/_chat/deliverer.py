"""Giving the groups what they are owed: claim and commit, send, commit the outcome."""

import asyncio
from datetime import datetime, timedelta

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Unavailable
from db.queries import deliveries
from db.words import DeliveryState
from plugins._chat import sending
from plugins._chat.kinds import kinds
from plugins._chat.sending import Fate, Outcome
from plugins._chat.service import Service
from plugins._talk.deliveries import CannotCompose, Owed, Part, claim, plan

PACE = 2.0  # seconds between messages that the bot posts by itself
MUTE = timedelta(minutes=5)  # how long a group is left alone that does not let the bot speak
STEP = 100  # a part stands at 0, 100, 200 …; what is said instead of it behind it
_one_at_a_time = asyncio.Lock()
_STATES = {
    Fate.SENT: DeliveryState.SENT,
    Fate.REJECTED: DeliveryState.FAILED,
    Fate.UNKNOWN: DeliveryState.UNKNOWN,
}


class _NotNow(Exception):
    """Nothing leaves for this group at present: the delivery is owed again."""


async def deliver_due(at: Service) -> datetime | None:
    """Post all that is due and can be posted; returns when to ask again (None: the database could not be asked)."""
    async with _one_at_a_time:
        try:
            if taken_up := await at.db.write(deliveries.resume, at.now()):
                logger.warning(f"{taken_up} deliveries were interrupted and are taken up again")
            upcoming = await at.db.write(plan, at.house, list(kinds.values()), at.groups, at.now())
            while bots := at.bots():
                owed = await _claim(at)
                if owed is None or not await _deliver(at, bots[0], owed):
                    break
        except Unavailable as error:
            logger.error(f"what is due could not be looked up or written down: {error}")
            return None
        return upcoming


async def _claim(at: Service) -> Owed | None:
    while True:
        try:
            return await at.db.write(claim, at.house, kinds, at.reachable(), at.now())
        except CannotCompose as error:
            logger.opt(exception=error).error(str(error))
            await at.db.write(deliveries.give_up, error.row.id, at.now(), "could not be composed")


async def _deliver(at: Service, bot: Bot, owed: Owed) -> bool:
    """Send a claimed delivery; False when nothing can leave the house at all now."""
    try:
        outcomes = [await _send(at, bot, owed, index * STEP, part) for index, part in enumerate(owed.parts)]
    except _NotNow:
        await at.db.write(deliveries.unclaim, owed.row.id)
        return owed.row.group_id not in at.reachable()
    worst = next((state for state in (DeliveryState.UNKNOWN, DeliveryState.FAILED) if state in outcomes), None)
    told = f"{owed.row.kind} of talk {owed.row.talk} for group {owed.row.group_id}: {worst or DeliveryState.SENT}"
    logger.log("WARNING" if worst else "INFO", told)
    await at.db.write(deliveries.finish, owed.row.id, worst or DeliveryState.SENT, at.now())
    return True


async def _send(at: Service, bot: Bot, owed: Owed, position: int, part: Part) -> DeliveryState:
    """Send a part, unless it was begun before, and what stands in for it where it was rejected."""
    state, outcome = await _send_once(at, bot, owed, position, part)
    if state is not DeliveryState.FAILED:
        return state
    pieces = sending.instead(part, outcome)
    states = [(await _send_once(at, bot, owed, position + 1 + i, text))[0] for i, text in enumerate(pieces)]
    return max(states, key=_WORSE.index) if states else state


_WORSE = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)


async def _send_once(at: Service, bot: Bot, owed: Owed, position: int, part: Part) -> tuple[DeliveryState, Outcome]:
    if (before := owed.begun.get(position)) is not None:
        return before, Outcome(Fate.REJECTED)
    row = owed.row
    await at.breathe(row.group_id, PACE)
    await at.db.write(deliveries.begin_part, row.id, position, at.now())
    outcome = await sending.post(bot, row.group_id, part)
    if outcome.fate in (Fate.UNSENT, Fate.MUTED):
        if outcome.fate is Fate.MUTED:
            at.leave_alone(row.group_id, MUTE)
        logger.warning(f"{row.kind} of talk {row.talk} did not leave, it waits: {outcome.why}")
        await at.db.write(deliveries.forget_part, row.id, position)
        raise _NotNow
    state = _STATES[outcome.fate]
    await at.db.write(deliveries.end_part, row.id, position, state, outcome.message_id, at.now(), outcome.why)
    return state, outcome
