"""Checks whether role holders are still members: a role is freed when its holder has left."""

import asyncio

import nonebot
from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Unavailable
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.sending import Fate
from plugins._chat.service import Service, current_service
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases import roles

_looking: set[asyncio.Task[None]] = set()


async def free_roles_of(service: Service, bot: Bot, member: int) -> None:
    """Free the roles of a member who is in none of the groups; do nothing while that is uncertain."""
    if not await _is_gone(service, bot, member):
        return
    for talk, role in await service.db.write(roles.left, member, service.groups, service.now()):
        logger.info(f"{talk_name(talk)} {role} is free: its holder left the group")
    service.wake()


async def _is_gone(service: Service, bot: Bot, member: int) -> bool:
    for group_id in service.groups:
        asker = service.accounts.first(group_id) or bot
        myself = await sending.attempt(
            asker, "get_group_member_info", group_id=group_id, user_id=int(asker.self_id), no_cache=True
        )
        if myself.fate is not Fate.SENT:  # an account outside the group cannot check its members
            return False
        found = await sending.attempt(asker, "get_group_member_info", group_id=group_id, user_id=member, no_cache=True)
        if found.fate is not Fate.REJECTED:
            return False
    return True


async def look_for_holders(service: Service, bot: Bot) -> None:
    """Free the roles of members who left while the bot was offline."""
    try:
        for member in await service.db.read(roles.holders_to_come, service.now()):
            await free_roles_of(service, bot, member)
    except Unavailable as error:
        logger.warning(f"whether everybody is still there could not be looked up: {error}")
    except Exception:
        logger.exception("whether everybody is still there could not be looked up")


def watch() -> None:
    """Check in the background on every connection."""

    async def connected(bot: Bot) -> None:
        task = asyncio.create_task(look_for_holders(current_service(), bot))
        _looking.add(task)
        task.add_done_callback(_looking.discard)

    nonebot.get_driver().on_bot_connect(connected)
