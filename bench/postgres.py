"""The same bot on a PostgreSQL on this machine, with one process and with two, against SQLite."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from bench.figures import Figure, compared
from bench.processes import BOT, GROUP, Program, free_port, news, running
from tests.db.postgres import running as postgres

ROUNDS, MESSAGES = 5, 300


async def measure() -> list[Figure]:
    with TemporaryDirectory() as folder, postgres(free_port(), durable=True) as engine:
        return await _compared(Path(folder), engine)


async def _compared(folder: Path, engine: Engine) -> list[Figure]:
    for name in ("single", "shared"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    groups = (GROUP, GROUP + 1)
    async with AsyncExitStack() as stack:

        async def start(name: str, account: int, groups: Sequence[int], database: str = "") -> Program:
            own = folder / f"{name}{account}"
            url = engine.url.set(database=database).render_as_string(hide_password=False)
            address = {"DATABASE_URL": url} if database else {}
            return await stack.enter_async_context(running(BOT, own, groups, account, environment=address))

        file = await start("sqlite", 1, groups)
        single = await start("single", 1, groups, "single")
        shared = [await start("shared", place + 1, [group], "shared") for place, group in enumerate(groups)]
        rounds = [await _round(file, single, shared, groups) for _ in range(ROUNDS + 1)][1:]
    alone = [(one, file) for file, one, _ in rounds]
    together = [(two, file) for file, _, two in rounds]
    return [
        compared(name=name, against="SQLite", rounds=rates, unit="/s", reach=0.5, at="least")
        for name, rates in (
            ("PostgreSQL, /news at 50 in flight", alone),
            ("PostgreSQL, two processes", together),
        )
    ]


async def _round(
    file: Program, single: Program, shared: Sequence[Program], groups: Sequence[int]
) -> tuple[float, float, float]:
    """Answers a second: SQLite, PostgreSQL, and of both processes that share one."""

    def texts() -> Sequence[str]:
        return [news() for _ in range(MESSAGES)]

    one, _ = await file.many_at_once(texts(), groups)
    other, _ = await single.many_at_once(texts(), groups)
    both = await asyncio.gather(
        *(each.many_at_once(texts(), [group]) for each, group in zip(shared, groups, strict=True))
    )
    return one, other, sum(rate for rate, _ in both)
