"""The real scheduler, and a clock that is moved under it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import nonebot
import pytest
import time_machine

from plugins._chat.presence.timekeeping import wall_clock
from plugins._chat.service import open_service
from tests.chat.evening import Evening
from tests.chat.loopback import PICTURE, text_of

PATIENCE = 20


@pytest.fixture
def talk_clock() -> Any:
    """The talk's clock: it can be had once NoneBot is there."""
    from plugins.schedule import clock

    return clock


@asynccontextmanager
async def running(evening: Evening, clock: Any, at: datetime) -> AsyncGenerator[Any]:
    """NoneBot's scheduler and the talk's clock at work, at another time that goes on; the traveller moves it."""
    scheduler = clock.scheduler
    with time_machine.travel(at, tick=True) as traveller:
        open_service(replace(evening.service, clock=wall_clock, monotonic=time.time))
        scheduler.start()
        await clock.open_clock()
        try:
            yield traveller
        finally:
            await clock.close_clock()
            scheduler.remove_all_jobs()
            scheduler.shutdown(wait=False)
            await asyncio.sleep(0)


async def hears(evening: Evening, count: int) -> list[str]:
    changed = asyncio.Event()
    evening.onebot.group.watch = lambda _what, _thing: changed.set()
    async with asyncio.timeout(PATIENCE):
        while len(evening.onebot.group.messages) < count:
            changed.clear()
            await changed.wait()
    return [text_of(each).split("\n")[0] for each in evening.onebot.group.messages]


async def test_one_job_rings_at_the_next_due_time(evening: Evening, talk_clock: Any) -> None:
    saturday = datetime(2026, 11, 28, 12, 29, 58, tzinfo=UTC)
    await evening.at(28, 20, 29)  # the gaps, still of use
    before = len(evening.onebot.group.messages)
    async with running(evening, talk_clock, saturday):
        said = await hears(evening, before + 3)
        assert datetime.now(UTC) >= saturday + timedelta(seconds=2)
        await talk_clock.tick()  # behind the one that is at work
        assert [job.id for job in talk_clock.scheduler.get_jobs()] == ["talk-clock"]
    assert said[before:] == ["【OpenLLM Talk 004】2026-11-28 周六 21:00", "[forward]", PICTURE]


async def test_a_machine_that_slept_posts_what_is_still_of_use_and_once(evening: Evening, talk_clock: Any) -> None:
    async with running(evening, talk_clock, datetime(2026, 11, 25, 11, 0, tzinfo=UTC)) as traveller:
        traveller.move_to(datetime(2026, 11, 28, 12, 45, tzinfo=UTC))  # asleep from Wednesday to Saturday
        await talk_clock.tick()  # within a minute it looks by itself
        assert await hears(evening, 3) == ["【OpenLLM Talk 004】2026-11-28 周六 21:00", "[forward]", PICTURE]
        traveller.move_to(datetime(2026, 11, 28, 12, 29, tzinfo=UTC))  # and its clock is set back
        await talk_clock.tick()
        traveller.move_to(datetime(2026, 11, 28, 12, 31, tzinfo=UTC))
        await talk_clock.tick()
        assert len(evening.onebot.group.messages) == 3


async def test_it_never_naps_longer_than_a_minute(evening: Evening, talk_clock: Any) -> None:
    async with running(evening, talk_clock, datetime(2026, 11, 24, 1, 0, tzinfo=UTC)):
        await talk_clock.tick()
        job = talk_clock.scheduler.get_job("talk-clock")
        assert job is not None
        assert job.next_run_time - datetime.now(UTC) <= talk_clock.LONGEST_NAP
        talk_clock.wake()  # something has changed: look again at once
        job = talk_clock.scheduler.get_job("talk-clock")
        assert job is not None
        assert job.next_run_time - datetime.now(UTC) <= talk_clock.AT_ONCE


async def test_a_clock_that_is_put_back_rings_all_the_same(talk_clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rings = asyncio.Event()
    monkeypatch.setattr(talk_clock, "wake", rings.set)
    monkeypatch.setattr(talk_clock, "LONGEST_NAP", timedelta(milliseconds=20))
    scheduler = talk_clock.scheduler
    scheduler.start()
    minding = asyncio.create_task(talk_clock.mind_the_job())
    try:
        in_an_hour = datetime.now(UTC) + timedelta(hours=1)
        scheduler.add_job(lambda: None, "date", run_date=in_an_hour, id=talk_clock.JOB)
        await asyncio.wait_for(rings.wait(), PATIENCE)
    finally:
        minding.cancel()
        scheduler.remove_all_jobs()
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)


async def test_a_stop_while_something_is_planned_is_quiet(
    evening: Evening, talk_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[str] = []
    begun = asyncio.Event()

    async def endless(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(talk_clock, "deliver_due", endless)
    sink = nonebot.logger.add(lambda message: rows.append(str(message)), level="WARNING")
    async with running(evening, talk_clock, datetime(2026, 11, 28, 12, 0, tzinfo=UTC)):
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
    await asyncio.sleep(0)
    nonebot.logger.remove(sink)
    assert rows == []
