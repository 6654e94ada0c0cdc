"""The clock: asks what is due at start, on every connection and at the next due time; announces moved talks."""

import asyncio
from datetime import UTC, datetime, timedelta

import nonebot
from nonebot import logger, require
from nonebot.adapters.onebot.v11 import Bot
from nonebot.plugin import PluginMetadata

from plugins._chat.catching_up import catch_up, keep_marks
from plugins._chat.deliverer import deliver_due
from plugins._chat.kinds import add_kind
from plugins._chat.service import service
from plugins._talk import reminders
from plugins._talk.deliveries import Kind

require("nonebot_plugin_apscheduler")
from nonebot_plugin_apscheduler import scheduler  # noqa: E402

__plugin_meta__ = PluginMetadata(name="日程", description="按时发提醒和议程", usage="自动运行")

LONGEST_NAP = timedelta(minutes=1)  # a clock that was set or a machine that slept is noticed within this
JOB = "talk-clock"
driver = nonebot.get_driver()
catching_up: dict[Bot, asyncio.Task[None]] = {}


async def tick() -> None:
    """Post what is due, then wake again at the next due time, whatever happened."""
    at = service()
    now, upcoming = at.now(), None
    try:
        await keep_marks(at)
        await at.titles(())
        upcoming = await deliver_due(at)
        logger.debug(f"looked for what is due; next: {upcoming}")
    except Exception:
        logger.exception("the clock could not look for what is due")
    finally:
        wait = min(upcoming - now if upcoming else LONGEST_NAP, LONGEST_NAP)
        _wake_in(max(wait, timedelta(seconds=1)))


def _wake_in(wait: timedelta) -> None:
    scheduler.add_job(
        tick, "date", run_date=datetime.now(UTC) + wait, id=JOB, replace_existing=True, misfire_grace_time=None
    )


@driver.on_startup
async def start() -> None:
    _wake_in(timedelta(0))


@driver.on_bot_connect
async def connected(bot: Bot) -> None:
    catching_up[bot] = asyncio.create_task(catch_up(service(), bot))
    await asyncio.wait([catching_up[bot]])
    _wake_in(timedelta(seconds=1))


@driver.on_bot_disconnect
async def disconnected(bot: Bot) -> None:
    if task := catching_up.pop(bot, None):
        task.cancel()  # its calls would wait for answers that cannot come, and the next connection for it
    await keep_marks(service())


add_kind(
    Kind(
        "moved",
        lambda series, talk: talk.moved_from and series.reminders.call.around(talk.moved_from, series.zone),
        reminders.moved,
    )
)
