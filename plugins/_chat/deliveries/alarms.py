"""Sends alarms to the superusers, in private and once, through any account that reaches them."""

from datetime import timedelta

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.queries import alarms
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate
from plugins._chat.service import Service

RETRY = timedelta(minutes=10)  # after all superusers were refused
REACHED = (Fate.SENT, Fate.UNKNOWN)


async def tell_alarms(service: Service) -> None:
    """Send the pending alarms to the superusers; an alarm that reached none of them is retried."""
    for alarm in await service.db.read(alarms.untold):
        bots, turn = service.accounts.online(), f"alarm {alarm.id}"
        if not bots or not service.try_acquire(turn, 0, RETRY):
            continue
        if not await service.db.write(alarms.tell, alarm.id, service.now()):
            continue
        logger.warning(alarm.said)
        people = superusers(bots[0])
        fates = [await _tell(service, person, alarm.said) for person in people]
        if people and not any(fate in REACHED for fate in fates):
            await service.db.write(alarms.not_told, alarm.id)
            if all(fate is Fate.UNSENT for fate in fates):
                service.release(turn, 0)  # no account is connected: the next connection retries
                return


def superusers(bot: Bot) -> list[int]:
    """The QQ numbers of the superusers; other values in the setting are ignored."""
    return sorted(int(each) for each in bot.config.superusers if each.isdecimal())


async def _tell(service: Service, person: int, said: str) -> Fate:
    """Send to one person, through the first account that reaches them."""
    fate = Fate.UNSENT
    for bot in service.accounts.online():
        outcome = await sending.attempt(bot, "send_private_msg", user_id=person, message=sending.to_message(said))
        fate = outcome.fate
        if fate in REACHED:
            break
        logger.warning(f"superuser {person} was not reached through {bot.self_id}: {outcome.why}")
    return fate
