"""Nothing is filed under another talk, item or question than the number names, whatever there is and whenever it is."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from plugins._talk.usecases import either, evening, questions, remarks, submissions
from plugins._talk.usecases.desk import EitherRef, ItemRef, QuestionRef, Refused, Rules, only_seen
from tests.people import LINXI, MOMO, Clock
from tests.talk.desks import Lobby

AT = {
    "collecting": datetime(2026, 11, 28, 12, 0, tzinfo=UTC),
    "live": datetime(2026, 11, 28, 13, 30, tzinfo=UTC),
    "after": datetime(2026, 11, 29, 6, 0, tzinfo=UTC),
    "called": datetime(2026, 12, 2, 12, 1, tzinfo=UTC),
}
MEANT = {"collecting": (4,), "live": (4,), "after": (4, 5), "called": (5,)}  # by a number without a talk
COUNTS = st.integers(0, 2)


@contextmanager
def _database(empty: sqlite3.Connection) -> Generator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        copy = opened.connection.driver_connection
        assert isinstance(copy, sqlite3.Connection)
        empty.backup(copy)
        yield opened
    engine.dispose()


def _world(lobby: Lobby, moment: str, filed: tuple[int, int], asked: tuple[int, int], *, gone: bool) -> None:
    """Items and questions of talk 4, then of talk 5 where it is late enough for these; nobody answered.

    `gone`: the first item was withdrawn.
    """
    lobby.visit(LINXI, only_seen)
    for each in range(filed[0]):
        lobby.submit(LINXI, "news", f"https://a.com/4/{each} 旧条目{each + 1}")
    for each in range(asked[0]):
        lobby.visit(LINXI, questions.ask, f"旧问题{each + 1}？")
    if gone and filed[0]:
        lobby.visit(LINXI, submissions.withdraw, [ItemRef(1)])
    lobby.clock.at = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    if moment != "collecting":
        lobby.visit(MOMO, evening.start)
        for each in range(filed[1]):
            lobby.submit(LINXI, "news", f"https://a.com/5/{each} 新条目{each + 1}")
    if moment in ("after", "called"):
        lobby.clock.at = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)
        lobby.visit(MOMO, evening.end)
        for each in range(asked[1]):
            lobby.visit(LINXI, questions.ask, f"新问题{each + 1}？")
    lobby.clock.at = AT[moment]


def _items(moment: str, filed: tuple[int, int]) -> dict[tuple[int, int], str]:
    there = {(4, each): f"旧条目{each}" for each in range(1, filed[0] + 1)}
    return there | ({(5, each): f"新条目{each}" for each in range(1, filed[1] + 1)} if moment != "collecting" else {})


def _questions(moment: str, asked: tuple[int, int]) -> dict[tuple[int, int], str]:
    """Those that nobody answered go on, and come first."""
    there = {(4, each): f"旧问题{each}？" for each in range(1, asked[0] + 1)}
    if moment in ("after", "called"):
        there |= {(5, each): f"旧问题{each}？" for each in range(1, asked[0] + 1)}
        there |= {(5, asked[0] + each): f"新问题{each}？" for each in range(1, asked[1] + 1)}
    return there


def _stored(connection: Connection) -> set[tuple[object, ...]]:
    """All that a command of this test may store, with what it belongs to."""
    rows = """
        SELECT 'note', talk, COALESCE(note, title) || '@' || number FROM items
        UNION ALL SELECT 'second', items.talk, items.note FROM supporters JOIN items ON items.id = supporters.item
        UNION ALL SELECT 'answer', remarks.talk, questions.text FROM remarks
            JOIN questions ON questions.id = remarks.question
        UNION ALL SELECT 'vote', 0, questions.text FROM votes JOIN questions ON questions.id = votes.question
    """
    return {tuple(row) for row in connection.execute(text(rows))}


@given(
    moment=st.sampled_from(sorted(AT)),
    filed=st.tuples(COUNTS, COUNTS),
    asked=st.tuples(COUNTS, COUNTS),
    number=st.integers(1, 4),
    talk=st.sampled_from((None, None, 4, 5)),
    gone=st.booleans(),
    does=st.sampled_from(("edit", "answer", "vote")),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_belongs_to_what_the_number_names(
    empty: sqlite3.Connection,
    rules: Rules,
    moment: str,
    filed: tuple[int, int],
    asked: tuple[int, int],
    number: int,
    talk: int | None,
    gone: bool,
    does: str,
) -> None:
    with _database(empty) as connection:
        lobby = Lobby(connection, rules, Clock())
        _world(lobby, moment, filed, asked, gone=gone)
        there = (talk,) if talk else MEANT[moment]
        listed = {key: said for key, said in _items(moment, filed).items() if not (gone and key == (4, 1))}
        meant_items = {(each, number): said for each in there if (said := listed.get((each, number)))}
        known = _questions(moment, asked)
        meant_questions = {said for each in there if (said := known.get((each, number)))}
        candidates = {
            "edit": len(meant_items),
            "answer": len(meant_questions),
            "vote": len(meant_items) + len(meant_questions),
        }
        before = _stored(connection)
        try:
            if does == "edit":
                lobby.visit(MOMO, submissions.edit, ItemRef(number, talk), "改过了")
            elif does == "answer":
                lobby.visit(MOMO, remarks.answer, QuestionRef(number, talk), "答了")
            else:
                lobby.visit(MOMO, either.vote, [EitherRef(number, talk)])
        except Refused as refusal:
            assert candidates[does] != 1, refusal
            assert _stored(connection) == before
            return
        assert candidates[does] == 1
        new = _stored(connection) - before
        if does == "answer":
            (question,) = meant_questions
            last = max(each for each in there if known.get((each, number)) == question)
            assert new == {("answer", last, question)}
        elif does == "edit":
            ((where, _),) = meant_items
            assert new == {("note", where, f"改过了@{number}")}
        elif meant_items:
            (((where, _), title),) = meant_items.items()
            assert new == {("second", where, title)}
        else:
            (question,) = meant_questions
            assert new == {("vote", 0, question)}
