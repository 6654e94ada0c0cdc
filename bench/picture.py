"""Drawing the agenda: sixty items against one, a second look against the first, and how long the event loop stood."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine

from db.models import Base
from plugins._chat.stores.drawings import Drawings
from plugins._talk.documents.agenda import Agenda
from plugins._talk.series_file import load_series
from plugins._talk.usecases.desk import Rules
from tests.people import Clock
from tests.talk.desks import Lobby
from tests.talk.worst_cases import PAGE, compiled, one_item, sixty_items

ROUNDS = 7


async def compare() -> None:
    """Print milliseconds and ratios; each round draws anew, into a folder of its own."""
    rules = Rules.of(load_series(), 4)
    few, many = (_agenda(rules, case) for case in (one_item, sixty_items))
    times: dict[str, list[float]] = {"one": [], "sixty": [], "again": []}
    stalls: list[float] = []
    for turn in range(ROUNDS + 1):
        with tempfile.TemporaryDirectory() as folder:
            drawings = Drawings(Path(folder))
            took = [await _timed(drawings, each, stalls) for each in (few, many, many)]
        if turn:  # the first round reads the fonts
            for name, each in zip(times, took, strict=True):
                times[name].append(each)
    one, sixty, again = (statistics.median(each) for each in times.values())
    print(f"picture of 1 item {one:.0f} ms, of 60 {sixty:.0f} ms, {sixty / one:.2f} times that; again {again:.1f} ms")
    print(f"the event loop stood for {max(stalls[3:]):.1f} ms at most while they were drawn")


def _agenda(rules: Rules, case: Callable[[Lobby], None]) -> Agenda:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        found = compiled(Lobby(connection, rules, Clock()), case)
    engine.dispose()
    return found


async def _timed(drawings: Drawings, agenda: Agenda, stalls: list[float]) -> float:
    """How many milliseconds a drawing took; beside it, how long the loop did not come round."""
    began = time.perf_counter()
    drawing = asyncio.ensure_future(drawings.agenda(agenda, 100, PAGE))
    worst, last = 0.0, began
    while not drawing.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    await drawing
    stalls.append(worst * 1000)
    return (time.perf_counter() - began) * 1000
