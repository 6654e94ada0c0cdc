"""The scheduler job: checks for due deliveries at startup, on connection, on change and at the next due time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import nonebot
from nonebot import logger, require

from db.engine import Unavailable
from db.queries import chats, pictures
from plugins._chat import health
from plugins._chat.backups import back_up_nightly
from plugins._chat.connection import duty
from plugins._chat.connection.catching_up import store_marks
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.service import current_service

require("nonebot_plugin_apscheduler")
from nonebot_plugin_apscheduler import scheduler  # noqa: E402

SWEEP = timedelta(minutes=10)  # interval between deletions of unused pictures, looks at backups and disk
LONGEST_NAP = timedelta(minutes=1)  # clock changes and system sleep are noticed within this
AT_ONCE = timedelta(milliseconds=50)
MOST_AT_ONCE = 2  # one running, one waiting
LEASE_SECONDS = 5  # renewal interval, if processes share a database
JOB, LEASE_JOB = "talk-clock", "talk-leases"
_minding: list[asyncio.Task[None]] = []
_running: set[asyncio.Task[None]] = set()


def start() -> None:
    """Start and stop the job with NoneBot."""
    driver = nonebot.get_driver()
    driver.on_startup(open_clock)
    driver.on_shutdown(close_clock)


async def tick() -> None:
    """Post due deliveries, then schedule the next run, even after an error."""
    service = current_service()
    now, upcoming = service.now(), None
    try:
        await store_marks(service)
        service.read_pages()
        upcoming = await deliver_due(service)
        logger.debug(f"looked for what is due; next: {upcoming}")
        if service.try_acquire("sweep", 0, SWEEP):
            await service.db.write(pictures.sweep, service.now())
            await back_up_nightly(service)
            await health.tell(service)
        service.ticked_at = service.monotonic()
    except Exception:
        logger.exception("the clock could not look for what is due")
    finally:
        wait = min(upcoming - now if upcoming else LONGEST_NAP, LONGEST_NAP)
        _wake_in(max(wait, timedelta(seconds=1)), unless_sooner=True)


async def _ring() -> None:
    """Run `tick` as a separate task: at shutdown APScheduler would log a running job as an error."""
    if not _minding or len(_running) >= MOST_AT_ONCE:  # closed: a disconnection at shutdown wakes it once more
        return
    task = asyncio.create_task(tick())
    _running.add(task)
    task.add_done_callback(_running.discard)


def _wake_in(wait: timedelta, *, unless_sooner: bool = False) -> None:
    """Schedule the single job after `wait`; with `unless_sooner`, keep an earlier run that is already scheduled."""
    run_date = datetime.now(UTC) + wait
    if unless_sooner and (waiting := cast(Any, scheduler).get_job(JOB)) and waiting.next_run_time <= run_date:
        return
    scheduler.add_job(_ring, "date", run_date=run_date, id=JOB, replace_existing=True, misfire_grace_time=None)


def wake() -> None:
    """Check for due deliveries at once."""
    _wake_in(AT_ONCE)


async def mind_the_job() -> None:
    """Run the job at once if its wait exceeds the maximum, which happens when the clock was set back."""
    while True:
        await asyncio.sleep(LONGEST_NAP.total_seconds() / 2)
        job = cast(Any, scheduler).get_job(JOB)
        rings_at = getattr(job, "next_run_time", None)  # unset until the scheduler has started
        if rings_at is None or rings_at - datetime.now(UTC) > LONGEST_NAP * 1.5:
            wake()


async def open_clock() -> None:
    """On startup: check for due deliveries and, if the database is shared, renew leases periodically."""
    service = current_service()
    service.wake = wake
    try:
        for group_id in service.groups:  # a clock behind the last stored message is wrong
            if (mark := await service.db.read(chats.mark, group_id)) is not None:
                service.timekeeping.observe_earlier(mark.said_at)
    except Unavailable as error:
        logger.warning(f"when something was last said could not be looked up: {error}")
    _minding.append(asyncio.create_task(mind_the_job()))
    if service.db.shared:
        service.accounts.on_duty = set()
        scheduler.add_job(
            duty.renew_leases,
            "interval",
            args=(service,),
            seconds=LEASE_SECONDS,
            id=LEASE_JOB,
            replace_existing=True,
            misfire_grace_time=None,
        )
    wake()


async def close_clock() -> None:
    """On shutdown: cancel running tasks and release the leases, so that another process takes over."""
    while _minding:
        _minding.pop().cancel()
    for task in list(_running):
        task.cancel()
    await asyncio.gather(*_running, return_exceptions=True)
    await duty.leave(current_service())
