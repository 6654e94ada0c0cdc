"""Two hundred groups in one process, against one group."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, compared
from bench.processes import BOT, GROUP, news, running

GROUPS = tuple(range(GROUP, GROUP + 200))
ROUNDS, MESSAGES = 6, 400
ANSWERED_AT_START = 5.0  # seconds without a question after which a bot of many groups is taken to have asked all


async def measure() -> list[Figure]:
    with TemporaryDirectory() as folder:
        one, many = Path(folder) / "one", Path(folder) / "many"
        async with running(BOT, one) as single, running(BOT, many, GROUPS) as wide:
            await wide.quiet(ANSWERED_AT_START)
            rounds = [
                (
                    (await wide.many_at_once([news() for _ in range(MESSAGES)], GROUPS))[0],
                    (await single.many_at_once([news() for _ in range(MESSAGES)]))[0],
                )
                for _ in range(ROUNDS + 1)
            ][1:]
            memory = wide.memory - single.memory
    return [
        compared(
            name=f"{len(GROUPS)} groups, rate at 50 in flight",
            against="one group",
            rounds=rounds,
            unit="/s",
            reach=0.9,
            at="least",
        ),
        Figure(name=f"{len(GROUPS)} groups, memory", against="one group", values=[memory], reach=10, unit="MB more"),
    ]
