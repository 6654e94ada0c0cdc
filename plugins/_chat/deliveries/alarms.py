"""Telling those who run the bot, in private and once, through whichever account can."""

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.queries import alarms
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate
from plugins._chat.service import Service


async def tell_alarms(service: Service) -> None:
    """Tell the superusers what they have not been told; while no account can, it waits."""
    for alarm in await service.db.read(alarms.untold):
        bots = service.accounts.online()
        if not bots or not await service.db.write(alarms.tell, alarm.id, service.now()):
            continue
        logger.error(alarm.said)
        people = superusers(bots[0])
        fates = [await _tell(service, person, alarm.said) for person in people]
        if people and all(fate is Fate.UNSENT for fate in fates):
            await service.db.write(alarms.not_told, alarm.id)
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
        if fate in (Fate.SENT, Fate.UNKNOWN):
            break
        logger.warning(f"superuser {person} was not reached through {bot.self_id}: {outcome.why}")
    return fate
