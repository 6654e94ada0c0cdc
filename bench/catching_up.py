"""A thousand commands that were missed, read from the history and done in order, against the same said live."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.processes import BOT, Program, event, news, running

COMMANDS, ROUNDS = 1_000, 3
A_SECOND_LATER = 1.5  # QQ's times are in whole seconds: what is missed must not lie in the second of the first meeting


async def measure() -> list[Figure]:
    ratios: list[float] = []
    stood: list[float] = []
    for _ in range(ROUNDS):
        with TemporaryDirectory() as folder:
            missed, longest = await _missed(Path(folder) / "missed")
            ratios.append(missed / await _live(Path(folder) / "live"))
            stood.append(longest)
    return [
        Figure(
            name=f"catching up with {COMMANDS:,} missed commands, each",
            against="said live one by one",
            values=ratios,
            reach=1.0,
        ),
        Figure(name="the event loop stands while catching up", against="–", values=[max(stood)], reach=50, unit="ms"),
    ]


async def _missed(folder: Path) -> tuple[float, float]:
    """The milliseconds of one missed command, and for how many the loop did not answer a ping."""
    before = event("早")
    async with running(BOT, folder, history=[before]):
        pass  # the group is met
    await asyncio.sleep(A_SECOND_LATER)
    history = [before, *(event(news()) for _ in range(COMMANDS))]
    async with running(BOT, folder, history=history, patience=0) as bot:
        longest = await _until_told(bot)
        return _took(bot.calls) * 1000 / COMMANDS, longest * 1000


async def _until_told(bot: Program) -> float:
    """Ping until the group is told what was caught up; returns the longest wait, in seconds."""
    longest = 0.0
    while not any(action == "send_group_msg" for action, _ in bot.calls):
        began = time.perf_counter()
        await (await bot.socket.ping())
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(0.001)
    return longest


def _took(calls: Sequence[tuple[str, float]]) -> float:
    """Seconds from the first look at the history until the group is told."""
    began = next(moment for action, moment in calls if action == "get_group_msg_history")
    return next(moment for action, moment in calls if action == "send_group_msg") - began


async def _live(folder: Path) -> float:
    """The milliseconds of one command, said when the last one is answered."""
    async with running(BOT, folder) as bot:
        await bot.many_at_once([news() for _ in range(200)])
        return await bot.one_by_one([news() for _ in range(COMMANDS // 2)])
