"""Thirty people, and everything that goes wrong: a short form with the tests, an hour with `make chaos`.

`CHAOS_SEED=7` plays one seed again, `CHAOS_MINUTES` says how long `make chaos` goes on.
"""

import asyncio
import os
import threading
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

from plugins._talk.usecases.desk import Rules
from tests.chat.chaos import Run, Step, shortest, steps_of

STEPS = 150
SHORT = (1, 2, 3)


class LeftOver(NamedTuple):
    """What a run must give back."""

    threads: int
    tasks: int
    descriptors: int

    def __le__(self, other: tuple[int, ...]) -> bool:
        return all(mine <= theirs for mine, theirs in zip(self, other, strict=True))


def left_over() -> LeftOver:
    folder = Path("/proc/self/fd")
    descriptors = len(list(folder.iterdir())) if folder.exists() else 0
    threads = [each for each in threading.enumerate() if not each.name.startswith("asyncio_")]  # its pool is bounded
    return LeftOver(len(threads), len(asyncio.all_tasks()), descriptors)


async def test_whatever_goes_wrong_what_must_be_true_is(tmp_path: Path, rules: Rules) -> None:
    folders = (tmp_path / str(number) for number in count())
    survived: dict[str, int] = {}

    async def broken(steps: list[Step]) -> list[str]:
        run = Run(next(folders), rules)
        untrue = await run.play(steps)
        for kind, times in run.tally.items():
            survived[kind] = survived.get(kind, 0) + times
        return untrue

    minutes = float(os.environ.get("CHAOS_MINUTES", "60")) if os.environ.get("CHAOS") else 0.0
    seeds = [int(os.environ["CHAOS_SEED"])] if "CHAOS_SEED" in os.environ else SHORT if not minutes else count(1)
    ends = time.monotonic() + minutes * 60
    first = None
    for seed in seeds:
        steps = steps_of(seed, STEPS)
        if untrue := await broken(steps):
            fewest = await shortest(steps, broken)
            raise AssertionError(f"seed {seed}: {untrue}\nshortest: {fewest}\n{await broken(fewest)}")
        first = first or left_over()
        assert left_over() <= first, f"seed {seed}: threads, tasks or descriptors are left over: {left_over()} {first}"
        if minutes and time.monotonic() > ends:
            break
    print(f"survived: {sum(survived.values())} steps, {survived}")  # noqa: T201 what a long run reports
