"""Account state (connections, mutes, removals), and the leases that decide which process is on duty."""

import asyncio
from datetime import timedelta

import nonebot
from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Unavailable
from db.queries import deliveries, leases, troubles
from plugins._chat.commands.notices import Admin, Health, Joined, Left, Mute, wait_for
from plugins._chat.connection.catching_up import begin_marks, catch_up, store_marks
from plugins._chat.deliveries.deliverer import SEEN
from plugins._chat.presence.accounts import FOREVER
from plugins._chat.service import Service, current_service
from plugins._talk.calendar.slots import say_when

_catching_up: dict[Bot, asyncio.Task[None]] = {}


def register() -> None:
    """Register the handlers for connections and account notices."""
    driver = nonebot.get_driver()
    driver.on_bot_connect(connected)
    driver.on_bot_disconnect(disconnected)
    wait_for(Mute, muted)
    wait_for(Admin, admin)
    wait_for(Joined, joined)
    wait_for(Left, left)
    wait_for(Health, health)


async def renew_leases(service: Service) -> None:
    """Renew the leases; catch up with the groups for which this process has just come on duty."""
    for bot in {bot for group_id in await renew(service) if (bot := service.accounts.first(group_id))}:
        if bot not in _catching_up or _catching_up[bot].done():
            _catching_up[bot] = asyncio.create_task(catch_up(service, bot))


async def renew(service: Service) -> set[int]:
    """Renew leases for the groups that this process can post in. The first process keeps a lease until it is gone.

    Returns the groups that this process is newly on duty for.
    """
    if not service.db.shared:
        return set()
    accounts = service.accounts
    before = accounts.on_duty or set()
    try:
        now = service.now()
        accounts.on_duty = await service.db.write(leases.keep, service.process, accounts.speakable(), now, now - SEEN)
    except Unavailable as error:
        accounts.on_duty = set()
        logger.error(f"off duty, the database cannot be written: {error}")
    if new := accounts.on_duty - before:
        logger.info(f"on duty for {sorted(accounts.on_duty)}")
        service.wake()
    return new


async def leave(service: Service) -> None:
    """Release the leases, so that another process takes over at once."""
    if service.db.shared:
        try:
            await service.db.write(leases.leave, service.process)
        except Unavailable as error:
            logger.warning(f"the others will take over a little later: {error}")


async def connected(bot: Bot) -> None:
    """Refresh the account's state, catch up, and check for due deliveries."""
    service = current_service()
    service.accounts.offline.discard(bot.self_id)
    try:
        await _online_again(service, bot)
    except Unavailable as error:
        logger.warning(f"that account {bot.self_id} is back could not be stored: {error}")
    await _come_back(service, bot)


async def _come_back(service: Service, bot: Bot) -> None:
    task = _catching_up[bot] = asyncio.create_task(_look_around(service, bot))
    await asyncio.wait([task])
    service.wake()


async def _look_around(service: Service, bot: Bot) -> None:
    await begin_marks(service)
    for group_id in service.groups:
        await service.accounts.refresh(bot, group_id)
    await renew(service)
    await catch_up(service, bot)
    try:
        await service.db.write(deliveries.try_now)
    except Unavailable as error:
        logger.warning(f"what waits to be tried again waits on: {error}")


async def disconnected(bot: Bot) -> None:
    """Cancel the account's catching up; another account takes over its groups."""
    if task := _catching_up.pop(bot, None):
        task.cancel()  # its calls would never be answered, and would block the next connection
    service = current_service()
    await store_marks(service)
    await renew(service)
    behind = set(service.groups) - service.listening.caught_up
    if behind and (others := [other for other in service.accounts.online() if other is not bot]):
        _catching_up[others[0]] = asyncio.create_task(catch_up(service, others[0]))
    service.wake()


async def muted(service: Service, bot: Bot, mute: Mute) -> None:
    """Record a mute or unmute; after an unmute, send the waiting deliveries."""
    accounts, group_id = service.accounts, mute.group_id
    if mute.member == 0:
        (accounts.unmute_all if mute.seconds == 0 else accounts.mute_all)(group_id)
    elif str(mute.member) != bot.self_id:
        return
    elif mute.seconds == 0:
        accounts.unmute(bot.self_id, group_id)
    else:
        until = FOREVER if mute.seconds is None else service.now() + timedelta(seconds=mute.seconds)
        accounts.mute(bot.self_id, group_id, until)
    logger.warning(f"group {group_id}: {mute}")
    await renew(service)
    if mute.seconds == 0:
        service.wake()


async def admin(service: Service, bot: Bot, change: Admin) -> None:
    """Record that the account became an admin, or stopped being one."""
    if str(change.member) == bot.self_id:
        service.accounts.set_admin(bot.self_id, change.group_id, is_admin=change.is_admin)


async def joined(service: Service, bot: Bot, someone: Joined) -> None:
    """Record that the account joined a group."""
    if str(someone.member) == bot.self_id:
        service.accounts.joined(bot.self_id, someone.group_id)
        service.wake()


async def left(service: Service, bot: Bot, someone: Left) -> None:
    """Record that the account was removed from a group; another account takes over, if there is one."""
    if str(someone.member) == bot.self_id:
        service.accounts.removed(bot.self_id, someone.group_id)
        logger.error(f"account {bot.self_id} is not in group {someone.group_id} any more")
        await renew(service)


async def _online_again(service: Service, bot: Bot) -> None:
    said = f"账号 {bot.self_id} 又在线了（{say_when(service.now(), service.series)}），接着干活"
    await service.db.write(troubles.end, f"offline {bot.self_id}", said, service.now())


async def health(service: Service, bot: Bot, report: Health) -> None:
    """Record that the account went offline and raise an alarm; when it is online again, catch up."""
    offline = service.accounts.offline
    if report.online and bot.self_id in offline:
        offline.discard(bot.self_id)
        logger.warning(f"account {bot.self_id} is online again")
        await _online_again(service, bot)
        await _come_back(service, bot)
    elif not report.online and bot.self_id not in offline:
        offline.add(bot.self_id)
        when = say_when(service.now(), service.series)
        why = f"，{report.why}" if report.why else ""
        said = f"账号 {bot.self_id} 掉线了（{when}{why}），请重新登录；欠群里的消息会留着"
        await service.db.write(troubles.begin, f"offline {bot.self_id}", said, service.now())
        logger.warning(said)
        await renew(service)
        service.wake()
