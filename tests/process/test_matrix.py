"""Each delivery × what may go wrong × the moment of kill -9, end to end: seen at most once, and nothing lost that
could be known. A part of the matrix runs with the tests, all of it with `make chaos`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import text

from db.opening import look_into
from plugins._onebot.implementation import Implementation, Json
from plugins._talk.series_file import BUILT_IN
from plugins._talk.usecases import rescheduling
from plugins._talk.usecases.desk import Desk
from tests.chat.loopback import text_of, text_of_segments
from tests.people import BOT, GROUP, MONDAY, SUC
from tests.process.bot_process import (
    PATIENCE,
    BotProcess,
    Night,
    Watched,
    connected,
    make_group,
    open_talk_at,
    without_faketime,
)

pytestmark = without_faketime

# (due in UTC, the action that matters, how what it says begins)
KINDS = {
    "call": (datetime(2026, 11, 25, 12, tzinfo=UTC), "send_group_msg", "004 期 2026-11-28 周六 21:00"),
    "gaps": (datetime(2026, 11, 27, 12, tzinfo=UTC), "send_group_msg", "004 期 2026-11-28 周六 21:00 开始"),
    "agenda": (datetime(2026, 11, 28, 12, 30, tzinfo=UTC), "send_group_forward_msg", "[forward]"),
    "aftercare": (datetime(2026, 11, 29, 12, tzinfo=UTC), "send_group_msg", "004 期辛苦啦！"),
    "moved": (datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC), "send_group_msg", "004 期改到 2026-12-06"),
}
MOMENTS = ("before the claim", "after the claim", "in the send", "after the send")


def _failed(wording: str) -> Json:
    return {"status": "failed", "retcode": 1200, "data": None, "wording": wording}


TIMEOUT = _failed("Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg")
# What the first call is answered with (None: silence, ...: the truth), and whether it is carried out.
FAILURES: dict[str, tuple[Json | None, bool]] = {
    "none": ({}, True),
    "rejected": (_failed("EventChecker Failed: {result: -1, errMsg: rich media transfer failed}"), False),
    "timeout, arrived": (TIMEOUT, True),
    "timeout, lost": (TIMEOUT, False),
    "silence, arrived": (None, True),
    "silence, lost": (None, False),
    "muted": (_failed("当前处于被禁言状态"), False),
    "offline": ({}, True),
}


@dataclass(frozen=True)
class Case:
    kind: str
    failure: str
    moment: str

    @property
    def expected(self) -> tuple[int, str]:
        """How often the group sees it, and how it ends."""
        _, arrives = FAILURES[self.failure]
        if self.moment == "in the send" or (self.moment == "after the send" and not arrives):
            return 0, "unknown"  # it may have arrived, it is not there: nobody can know, and nobody sends it again
        if "lost" in self.failure and self.moment != "after the send":
            return 0, "unknown"
        if self.failure == "rejected" and self.kind != "agenda":
            return 0, "failed"  # a plain text has no other form
        return 1, "sent"


EVERY = [Case(*each) for each in product(KINDS, FAILURES, MOMENTS)]
SHORT = [
    *(Case("agenda", failure, "after the claim") for failure in FAILURES),
    *(Case("call", "none", moment) for moment in MOMENTS),
    Case("moved", "timeout, lost", "before the claim"),
    Case("gaps", "silence, arrived", "after the send"),
    Case("aftercare", "none", "after the send"),
    Case("agenda", "timeout, arrived", "in the send"),
]


class Ill(Implementation):
    """Answers the first call that matters as the case says, and strikes at its moment."""

    def __init__(self, group: Watched, case: Case, strike: Callable[[], Awaitable[None]]) -> None:
        super().__init__(BOT.user_id, group)
        self.case = case
        self._strike = strike
        self.met = False
        self.struck = asyncio.Event()

    async def answer(self, action: str, params: Json) -> Json | None:
        moment = self.case.moment
        if action == "get_group_at_all_remain" and moment == "after the claim":
            return await self._dies()
        if action != KINDS[self.case.kind][1] or self.met:
            return await super().answer(action, params)
        self.met = True
        if moment == "in the send":
            return await self._dies()
        answer, arrives = FAILURES[self.case.failure]
        if self.case.failure == "muted":
            self.group.muted[BOT.user_id] = self.group.now() + 600  # nobody told of it
        truth = await super().answer(action, params) if arrives else None
        if moment == "after the send":
            return await self._dies()
        return truth if answer == {} else answer

    @property
    def looks(self) -> int:
        """How often the bot asked whether it is muted."""
        return sum(action == "get_group_info" for action, _ in self.calls)

    @property
    def asked_to_resend(self) -> int:
        """How often the superuser was told what to do."""
        told = [text_of_segments(message) for person, message in self.private if person == SUC.user_id]
        return sum(f"/resend {self.case.kind}" in each for each in told)

    async def _dies(self) -> None:
        self.case = replace(self.case, moment="")
        await self._strike()
        self.struck.set()


async def play(folder: Path, case: Case) -> None:
    due, _, words = KINDS[case.kind]
    toml = folder / "series.toml"
    toml.write_text(BUILT_IN.read_text("utf-8").replace("at_all = []", f'at_all = ["{case.kind}"]'), "utf-8")
    await open_talk_at(folder, MONDAY, *([_postponed] if case.kind == "moved" else []))
    night = Night(due)
    group = make_group(night)
    group.speak(SUC.user_id, [{"type": "text", "data": {"text": "大家好"}}])
    settings = {
        "TALK_GROUPS": f"[{GROUP}]",
        "TALK_FILE": str(toml),
        "API_TIMEOUT": "5",  # the silences' own; shorter, a busy machine would be silent where the case is not
        "SUPERUSERS": f'["{SUC.user_id}"]',
    }
    first, second = (BotProcess(folder, **settings).by(night) for _ in range(2))
    onebot = Ill(group, case, first.kill)
    try:
        await _meets_its_end(first, group, onebot)
        state = await _goes_on(second, group, onebot)
        await second.stop()
    finally:
        await first.kill()
        await second.kill()
    seen = [text_of(each) for each in group.messages]
    assert (_count(seen, case, words), state) == case.expected, f"{case}: {seen}\n{first.output}\n{second.output}"
    assert onebot.asked_to_resend == (0 if state == "sent" else 1)


async def _meets_its_end(first: BotProcess, group: Watched, onebot: Ill) -> None:
    """The first process runs until it is killed at the case's moment."""
    await first.start()
    await first.listens()
    if onebot.case.moment == "before the claim":
        await first.kill()
    else:
        async with connected(group, first, onebot=onebot):
            await asyncio.wait_for(onebot.struck.wait(), PATIENCE)


async def _goes_on(second: BotProcess, group: Watched, onebot: Ill) -> str:
    """The second process takes up what there is; returns how the delivery ended."""
    await second.start()
    onebot.case = replace(onebot.case, moment="")
    async with connected(group, second, onebot=onebot):
        if onebot.case.failure == "offline":
            await onebot.beat(online=False)
            await second.prints("掉线了")
            await onebot.beat(online=True)
        state = await _ended(second.folder, onebot)
        if state != "sent":
            await _until(lambda: onebot.asked_to_resend > 0)
    return state


def _count(seen: list[str], case: Case, words: str) -> int:
    """How often the words were said, or what stands in for a forward."""
    instead = "【本周新闻】" if case.kind == "agenda" else words
    return sum(each.startswith((words, instead)) for each in seen)


def _postponed(desk: Desk) -> None:
    rescheduling.postpone(desk, "下周日 20:30")


async def _until(there: Callable[[], bool]) -> None:
    """Look again and again: what is waited for shows in another process's file."""
    async with asyncio.timeout(PATIENCE):
        while not there():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _ended(folder: Path, onebot: Ill) -> str:
    """How the delivery ended; a mute is lifted as soon as it was met."""
    engine = look_into(f"sqlite:///{folder}/data/talk.db")
    query = text("SELECT state FROM deliveries WHERE kind = :kind AND talk = 4 AND state NOT IN ('planned', 'sending')")
    states: list[str] = []
    looks = onebot.looks + (1 if onebot.met else 2)  # one on connect, one when the mute is met

    def there() -> bool:
        with engine.connect() as connection:
            states.extend(connection.execute(query, {"kind": onebot.case.kind}).scalars())
        return bool(states)

    try:
        if onebot.case.failure == "muted":
            await _until(lambda: there() or onebot.looks >= looks)
            await onebot.mute(BOT.user_id, 0)
        await _until(there)
    finally:
        engine.dispose()
    return states[0]


@pytest.mark.parametrize("cases", [SHORT] if not os.environ.get("CHAOS") else [EVERY], ids=["matrix"])
async def test_seen_at_most_once_and_nothing_lost_that_could_be_known(tmp_path: Path, cases: list[Case]) -> None:
    at_once = asyncio.Semaphore(4)

    async def one(place: int, case: Case) -> None:
        folder = tmp_path / str(place)
        folder.mkdir()
        async with at_once, asyncio.timeout(4 * PATIENCE):
            await play(folder, case)

    outcomes = await asyncio.gather(*(one(*each) for each in enumerate(cases)), return_exceptions=True)
    failed = [f"{case}: {error!r}" for case, error in zip(cases, outcomes, strict=True) if error]
    assert not failed, "\n\n".join(failed)
