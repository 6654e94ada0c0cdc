"""Telling those who run the bot, in private and once, through whichever account can."""

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
    """Tell the superusers what they have not been told; what reached none of them is tried again."""
    for alarm in await service.db.read(alarms.untold):
        bots, turn = service.accounts.online(), f"alarm {alarm.id}"
        if not bots or not service.try_acquire(turn, 0, RETRY):
            continue
        if not await service.db.write(alarms.tell, alarm.id, service.now()):
            continue
        logger.error(alarm.said)
        people = superusers(bots[0])
        fates = [await _tell(service, person, alarm.said) for person in people]
        if people and not any(fate in REACHED for fate in fates):
            await service.db.write(alarms.not_told, alarm.id)
            if all(fate is Fate.UNSENT for fate in fates):
                service.release(turn, 0)  # nothing is connected: the next connection tries again
                return


def superusers(bot: Bot) -> list[int]:
    """Those who run the bot; what is no QQ number in the setting is passed over."""
    return sorted(int(each) for each in bot.config.superusers if each.isdecimal())


async def _tell(service: Service, person: int, said: str) -> Fate:
    """One person, through the first account that reaches them."""
    fate = Fate.UNSENT
    for bot in service.accounts.online():
        outcome = await sending.attempt(bot, "send_private_msg", user_id=person, message=sending.to_message(said))
        fate = outcome.fate
        if fate in REACHED:
            break
        logger.warning(f"superuser {person} was not reached through {bot.self_id}: {outcome.why}")
    return fate
