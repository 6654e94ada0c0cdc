"""The clock: asks what is due at start, on every connection, on every change and at the next due time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import nonebot
from nonebot import logger, require
from nonebot.adapters.onebot.v11 import Bot

from db.engine import Unavailable
from db.queries import alarms, chats, deliveries, watches
from plugins._chat.accounts.lineup import EVER
from plugins._chat.commands.notices import Admin, Health, Joined, Mute, wait_for
from plugins._chat.deliveries.deliverer import SEEN, deliver_due
from plugins._chat.presence.catching_up import catch_up, keep_marks
from plugins._chat.service import Service, service
from plugins._talk.calendar.slots import say_when

require("nonebot_plugin_apscheduler")
from nonebot_plugin_apscheduler import scheduler  # noqa: E402

LONGEST_NAP = timedelta(minutes=1)  # a clock that was set or a machine that slept is noticed within this
AT_ONCE = timedelta(milliseconds=50)
WATCH = 5  # seconds between two signs of life, where processes share a database
JOB, WATCH_JOB = "talk-clock", "talk-watch"
catching_up: dict[Bot, asyncio.Task[None]] = {}
_minding: list[asyncio.Task[None]] = []


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
        _wake_in(max(wait, timedelta(seconds=1)), unless_sooner=True)


def _wake_in(wait: timedelta, *, unless_sooner: bool = False) -> None:
    """Let the one job ring then; `unless_sooner` somebody has asked for an earlier look meanwhile."""
    run_date = datetime.now(UTC) + wait
    if unless_sooner and (waiting := cast(Any, scheduler).get_job(JOB)) and waiting.next_run_time <= run_date:
        return
    scheduler.add_job(
        tick, "date", run_date=run_date, id=JOB, replace_existing=True, misfire_grace_time=None, max_instances=2
    )


def wake() -> None:
    """Look what is due at once."""
    _wake_in(AT_ONCE)


async def stand_watch() -> None:
    """Keep watch; where this process has just come on duty, see first that nothing was missed in between."""
    at = service()
    for bot in {bot for group_id in await keep_watch() if (bot := at.first(group_id))}:
        if bot not in catching_up or catching_up[bot].done():
            catching_up[bot] = asyncio.create_task(catch_up(at, bot))


async def keep_watch() -> set[int]:
    """Say where this process can speak, and learn where it is on duty: of several the first, until it is gone.

    Returns the groups that it is newly on duty for.
    """
    at = service()
    if not at.db.shared:
        return set()
    before = at.on_duty or set()
    try:
        now = at.now()
        at.on_duty = await at.db.write(watches.keep, at.process, at.speakable(), now, now - SEEN)
    except Unavailable as error:
        at.on_duty = set()
        logger.error(f"off duty, the database cannot be written: {error}")
    if new := at.on_duty - before:
        logger.info(f"on duty for {sorted(at.on_duty)}")
        wake()
    return new


async def mind_the_job() -> None:
    """Ring at once where the job waits for longer than it ever should: the clock was put back under it."""
    while True:
        await asyncio.sleep(LONGEST_NAP.total_seconds() / 2)
        job = cast(Any, scheduler).get_job(JOB)
        rings_at = getattr(job, "next_run_time", None)  # a job that waits for the scheduler to start has no time yet
        if rings_at is None or rings_at - datetime.now(UTC) > LONGEST_NAP * 1.5:
            wake()


async def open_clock() -> None:
    """At start: sweep, and where the database is shared, keep watch."""
    at = service()
    at.wake = wake
    try:
        for group_id in at.groups:  # a clock that is behind what was heard before is wrong
            if (mark := await at.db.read(chats.mark, group_id)) is not None:
                at.timekeeping.known(mark.said_at)
    except Unavailable as error:
        logger.warning(f"when something was last said could not be looked up: {error}")
    _minding.append(asyncio.create_task(mind_the_job()))
    if at.db.shared:
        at.on_duty = set()
        scheduler.add_job(
            stand_watch, "interval", seconds=WATCH, id=WATCH_JOB, replace_existing=True, misfire_grace_time=None
        )
    wake()


async def close_clock() -> None:
    """At the end: somebody else may go on at once."""
    at = service()
    while _minding:
        _minding.pop().cancel()
    if at.db.shared:
        try:
            await at.db.write(watches.leave, at.process)
        except Unavailable as error:
            logger.warning(f"the others will take over a little later: {error}")


async def connected(bot: Bot) -> None:
    """Learn how things stand for the account, catch up, and look what is due."""
    service().lineup.offline.discard(bot.self_id)
    await _come_back(bot)


async def _come_back(bot: Bot) -> None:
    task = catching_up[bot] = asyncio.create_task(_look_around(bot))
    await asyncio.wait([task])
    wake()


async def _look_around(bot: Bot) -> None:
    at = service()
    for group_id in at.groups:
        await at.lineup.look(bot, group_id, at.now())
    await keep_watch()
    await catch_up(at, bot)
    try:
        await at.db.write(deliveries.try_now)
    except Unavailable as error:
        logger.warning(f"what waits to be tried again waits on: {error}")


async def disconnected(bot: Bot) -> None:
    """Stop what needs the account; another one takes over where it was the first."""
    if task := catching_up.pop(bot, None):
        task.cancel()  # its calls would wait for answers that cannot come, and the next connection for it
    at = service()
    await keep_marks(at)
    await keep_watch()
    if set(at.groups) - at.caught_up and (others := [other for other in at.online() if other is not bot]):
        catching_up[others[0]] = asyncio.create_task(catch_up(at, others[0]))
    wake()


async def muted(at: Service, bot: Bot, mute: Mute) -> None:
    """Nothing is tried while the account may not speak; when it may again, what waited goes out."""
    until = EVER if mute.seconds is None else at.now() + timedelta(seconds=mute.seconds)
    if mute.member == 0:
        (at.lineup.lift_all if mute.seconds == 0 else at.lineup.mute_all)(mute.group_id)
    elif str(mute.member) == bot.self_id and mute.seconds != 0:
        at.lineup.mute(bot.self_id, mute.group_id, until)
    elif str(mute.member) == bot.self_id:
        at.lineup.lift(bot.self_id, mute.group_id)
    else:
        return
    logger.warning(f"group {mute.group_id}: {mute}")
    await keep_watch()
    if mute.seconds == 0:
        wake()


async def admin(at: Service, bot: Bot, change: Admin) -> None:
    if str(change.member) == bot.self_id:
        at.lineup.set_admin(bot.self_id, change.group_id, is_admin=change.is_admin)


async def joined(at: Service, bot: Bot, someone: Joined) -> None:
    if str(someone.member) == bot.self_id:
        at.lineup.joined(bot.self_id, someone.group_id)
        wake()


async def health(at: Service, bot: Bot, report: Health) -> None:
    """An account that is not logged in to QQ any more says nothing; others tell of it. Back again, it catches up."""
    known_offline = bot.self_id in at.lineup.offline
    if report.online and known_offline:
        at.lineup.offline.discard(bot.self_id)
        logger.warning(f"account {bot.self_id} is online again")
        await _come_back(bot)
    elif not report.online and not known_offline:
        at.lineup.offline.add(bot.self_id)
        when = say_when(at.now(), at.series)
        why = f"，{report.why}" if report.why else ""
        said = f"账号 {bot.self_id} 掉线了（{when}{why}），请重新登录；欠群里的消息会留着"
        await at.db.write(alarms.raise_once, f"offline {bot.self_id} {when}", said, at.now())
        logger.warning(said)
        await keep_watch()
        wake()


def start() -> None:
    """Wind the clock up: it begins with NoneBot."""
    driver = nonebot.get_driver()
    driver.on_startup(open_clock)
    driver.on_shutdown(close_clock)
    driver.on_bot_connect(connected)
    driver.on_bot_disconnect(disconnected)
    wait_for(Mute, muted)
    wait_for(Admin, admin)
    wait_for(Joined, joined)
    wait_for(Health, health)
