"""The agenda of sixty items: compiled, against its rows by raw SQL; and written as text, Markdown and HTML."""

import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from bench.figures import Figure, both, ratios
from db.opening import open_database
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.render.chat import forwards, plain
from plugins._talk.render.markdown import agenda_document
from plugins._talk.series import Series
from plugins._talk.series_file import load_series
from plugins._talk.usecases.desk import Rules
from tests.pages import talk_html
from tests.people import Clock
from tests.talk.desks import Lobby
from tests.talk.worst_cases import sixty_items

ROUNDS, TIMES = 9, 20
TALK = 4
FORMS: dict[str, Callable[[Agenda], object]] = {
    "text": lambda agenda: [plain(each) for each in forwards(agenda)],
    "Markdown": agenda_document,
    "HTML": talk_html,
}


async def measure() -> list[Figure]:
    series = load_series()
    with _talk_of_sixty(series) as connection:
        rows = _statements(connection, lambda: compile_agenda(connection, series, TALK))
        raw = _driver(connection)
        ours, theirs = _rounds(lambda: compile_agenda(connection, series, TALK), lambda: _read(raw, rows))
        agenda = compile_agenda(connection, series, TALK)
    compiled = Figure(
        name="agenda of 60 items compiled",
        against="its rows by raw SQL",
        values=ratios(ours, theirs),
        reach=4,
        detail=f"{both(ours, theirs, 'ms')}; {len(rows)} statements",
    )
    return [compiled, *(_written(name, write, agenda) for name, write in FORMS.items())]


def _written(name: str, write: Callable[[Agenda], object], agenda: Agenda) -> Figure:
    times, _ = _rounds(lambda: write(agenda), lambda: None)
    return Figure(name=f"that agenda as {name}", against="–", values=times, reach=5, unit="ms")


def _rounds(one: Callable[[], object], other: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Milliseconds of both, in turns."""
    rounds = [(_timed(one), _timed(other)) for _ in range(ROUNDS + 1)][1:]
    return [each[0] for each in rounds], [each[1] for each in rounds]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        work()
    return (time.perf_counter() - began) * 1000 / TIMES


@contextmanager
def _talk_of_sixty(series: Series) -> Generator[Connection]:
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder)}/talk.db")
        with database.writer.connect() as connection:
            sixty_items(Lobby(connection, Rules.of(series, TALK), Clock()))
            connection.commit()
            yield connection
        database.close()


def _driver(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("the floor is SQLite")
    return raw


def _statements(connection: Connection, work: Callable[[], object]) -> list[str]:
    """The statements that `work` runs, their values in them."""
    said: list[str] = []
    raw = _driver(connection)
    raw.set_trace_callback(said.append)
    work()
    raw.set_trace_callback(None)
    return [each for each in said if each.lstrip().startswith("SELECT")]


def _read(raw: sqlite3.Connection, statements: Sequence[str]) -> None:
    for each in statements:
        raw.execute(each).fetchall()
