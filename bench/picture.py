"""Drawing the agenda of 41 items: the first time in a process, drawn anew, and how long the event loop stood.

Beside it the memory that drawing takes at its worst: a process of its own for each kind of text.
"""

import asyncio
import gc
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine

from bench.figures import Figure
from bench.worst import TEXTS
from db.models import Base
from plugins._chat.stores.drawings import Drawings
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.series_file import load_series
from plugins._talk.usecases.desk import Rules
from tests.people import AKAI, MOMO, Clock
from tests.talk.desks import Lobby
from tests.talk.worst_cases import PAGE, TITLES

ROOT = Path(__file__).parents[1]
ITEMS, ROUNDS, FIRSTS = 41, 7, 5
REACH = 150  # MB that drawing adds at its worst, fonts included


async def measure() -> list[Figure]:
    firsts = [float(_run("bench.picture")) for _ in range(FIRSTS)]
    agenda = agenda_of(ITEMS)
    await _drawn(agenda)  # reads the fonts
    gc.collect()
    gc.freeze()  # as the bot does at its start
    rounds = [await _drawn(agenda) for _ in range(ROUNDS)]
    name = f"picture of {ITEMS} items"
    return [
        Figure(name=f"{name}, the first of a process", against="–", values=firsts, reach=400, unit="ms"),
        Figure(name=f"{name}, later", against="–", values=[each[0] for each in rounds], reach=200, unit="ms"),
        Figure(
            name="the event loop stands while it is drawn",
            against="–",
            values=[max(each[1] for each in rounds)],
            reach=10,
            unit="ms",
        ),
        *(
            Figure(
                name=f"memory that the worst picture takes, {kind}",
                against="–",
                values=[float(_run("bench.worst", kind))],
                reach=REACH,
                unit="MB",
            )
            for kind in TEXTS
        ),
    ]


def agenda_of(items: int) -> Agenda:
    """A talk's agenda with so many items."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        lobby = Lobby(connection, Rules.of(load_series(), 4), Clock())
        for place in range(items):
            words = f"{TITLES[place % len(TITLES)]} 第 {place + 1} 条"
            section = ("news", "rec")[place % 2]
            lobby.submit((AKAI, MOMO)[place % 2], section, f"https://example{place}.org/papers/{place} {words}")
        found = compile_agenda(connection, lobby.rules.series, 4)
    engine.dispose()
    return found


async def _drawn(agenda: Agenda) -> tuple[float, float]:
    """The milliseconds that a drawing took, into an empty folder; and how long the loop did not come round."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        drawing = asyncio.ensure_future(Drawings(Path(folder)).agenda(agenda, 100, PAGE))
        longest, last = 0.0, began
        while not drawing.done():
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        await drawing
        return (time.perf_counter() - began) * 1000, longest * 1000


def _run(*words: str) -> str:
    """What a module of this package prints, run as a process."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 ourselves


if __name__ == "__main__":
    print(asyncio.run(_drawn(agenda_of(ITEMS)))[0])
