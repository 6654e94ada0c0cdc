"""Giving the groups what they are owed: claim and commit, compile, send, commit the outcome."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Unavailable
from db.queries import deliveries
from db.queries.deliveries import DeliveryRow
from db.words import DeliveryState
from plugins._chat import sending
from plugins._chat.kinds import kinds
from plugins._chat.sending import Fate
from plugins._chat.service import Service
from plugins._talk.deliveries import Part, compose, plan

PACE = 2.0  # seconds between messages that the bot posts by itself
_one_at_a_time = asyncio.Lock()
_STATES = {
    Fate.SENT: DeliveryState.SENT,
    Fate.REJECTED: DeliveryState.FAILED,
    Fate.UNKNOWN: DeliveryState.UNKNOWN,
}


async def deliver_due(at: Service) -> datetime | None:
    """Post all that is due and can be posted; returns when to ask again (None: the database could not be asked)."""
    async with _one_at_a_time:
        try:
            upcoming = await at.db.write(plan, at.house, list(kinds.values()), at.groups, at.now())
            while bots := at.bots():
                owed = await at.db.write(deliveries.claim_next, at.groups, at.now())
                if owed is None or not await _deliver(at, bots[0], owed):
                    break
        except Unavailable as error:
            logger.error(f"what is due could not be looked up: {error}")
            return None
        return upcoming


async def _deliver(at: Service, bot: Bot, owed: DeliveryRow) -> bool:
    """Send one claimed delivery; False when nothing can leave the house now."""
    try:
        parts = await at.db.read(compose, at.series, kinds[owed.kind], owed.talk)
    except Exception:
        logger.exception(f"{owed.kind} of talk {owed.talk} could not be composed")
        await at.db.write(deliveries.finish, owed.id, DeliveryState.FAILED, at.now(), "could not be composed")
        return True
    if not parts:
        await at.db.write(deliveries.finish, owed.id, DeliveryState.SKIPPED, at.now(), "nothing to say")
        return True
    return await _send_parts(at, bot, owed, parts)


async def _send_parts(at: Service, bot: Bot, owed: DeliveryRow, parts: Sequence[Part]) -> bool:
    """Send what was not sent before, in order, each part's outcome committed before the next leaves."""
    outcomes = dict(await at.db.read(deliveries.parts_done, owed.id))
    for position, part in enumerate(parts):
        if position in outcomes:
            continue
        outcome = await sending.post(bot, owed.group_id, part)
        if outcome.fate is Fate.UNSENT:
            logger.warning(f"{owed.kind} of talk {owed.talk} did not leave, it waits: {outcome.why}")
            await at.db.write(deliveries.unclaim, owed.id)
            return False
        outcomes[position] = _STATES[outcome.fate]
        form = "forward" if isinstance(part, sending.Forward) else "text"
        await at.db.write(
            deliveries.record_part,
            owed.id,
            position,
            form,
            outcomes[position],
            outcome.message_id,
            at.now(),
            outcome.why,
        )
        await at.pause(PACE)
    worst = next(
        (state for state in (DeliveryState.UNKNOWN, DeliveryState.FAILED) if state in outcomes.values()),
        DeliveryState.SENT,
    )
    logger.log("INFO" if worst is DeliveryState.SENT else "WARNING", f"{owed.kind} of talk {owed.talk}: {worst}")
    await at.db.write(deliveries.finish, owed.id, worst, at.now())
    return True
