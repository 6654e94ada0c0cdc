"""Commands in a database of 2,000 talks with 100,000 items, against one of ten talks."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, compared
from bench.processes import BOT, GROUP, Program, news, running
from bench.search import fill
from db.opening import open_database
from db.queries import search

SIZES = {"few": (10, 500), "many": (2_000, 100_000)}
ROUNDS, MESSAGES = 6, 20
GROUPS = tuple(range(GROUP, GROUP + (ROUNDS + 1) * MESSAGES))  # a group is not sent the agenda twice in half a minute
ASKED = {"/news": None, "/talk": "/talk", "/agenda": "/agenda", "/search": "/search 量化"}


async def measure() -> list[Figure]:
    with TemporaryDirectory() as folder:
        few, many = (filled(Path(folder) / name, *size) for name, size in SIZES.items())
        async with running(BOT, few, GROUPS) as one, running(BOT, many, GROUPS) as other:
            return [await _compared(name, text, one, other) for name, text in ASKED.items()]


def filled(folder: Path, talks: int, items: int) -> Path:
    """A folder with the database of so many talks and items."""
    folder.mkdir()
    database = open_database(f"sqlite:///{folder}/talk.db")
    with database.writer.begin() as connection:
        fill(connection, talks, items)
        search.refresh(connection)
    database.close()
    return folder


async def _compared(name: str, text: str | None, few: Program, many: Program) -> Figure:
    """The median times of a command, in turns."""

    async def asked(program: Program, turn: int) -> float:
        own = GROUPS[turn * MESSAGES : (turn + 1) * MESSAGES]
        times = 1 if text == "/agenda" else 4
        return await program.one_by_one([text or news() for _ in own * times], own)

    rounds = [(await asked(many, turn), await asked(few, turn)) for turn in range(ROUNDS + 1)][1:]
    what = f"{name} with 2,000 talks and 100,000 items"
    return compared(name=what, against="10 talks", rounds=rounds, unit="ms", reach=1.2)
