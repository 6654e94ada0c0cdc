"""Keys of older rules are worked out anew; nothing is lost and nobody's item disappears."""

from sqlalchemy import Connection, text

from db.enums import ItemState
from db.queries import items, supporters
from plugins._talk.links.canonical import KEY_VERSION
from plugins._talk.usecases import submissions
from plugins._talk.usecases.desk import ItemRef
from plugins._talk.usecases.rekey import bring_keys_up_to_date
from tests.people import AKAI, LINXI, Clock
from tests.talk.desks import Lobby


def age(connection: Connection, keys: dict[int, str]) -> None:
    """Make the items' keys what older rules said."""
    for number, key in keys.items():
        connection.execute(
            text("UPDATE items SET key = :key, key_version = 1 WHERE number = :number"), {"key": key, "number": number}
        )


def keys(connection: Connection) -> list[tuple[int, str | None, str]]:
    rows = connection.execute(text("SELECT number, key, state FROM items ORDER BY talk, number"))
    return [(row.number, row.key, row.state) for row in rows]


def test_keys_follow_the_rules(lobby: Lobby, clock: Clock) -> None:
    lobby.submit(LINXI, "news", "https://github.com/A/B https://a.com/1 量化")
    lobby.visit(LINXI, submissions.add, ItemRef(1), "https://youtu.be/kCc8FmEb1nY", ())
    age(lobby.connection, {1: "github.com/A/B", 2: "a.com/old"})
    lobby.connection.execute(text("UPDATE attachments SET key = 'x', key_version = 1"))
    lobby.connection.execute(text("UPDATE pages SET key = 'github.com/A/B', key_version = 1 WHERE key LIKE 'github%'"))
    assert bring_keys_up_to_date(lobby.connection, clock()) == 3
    assert keys(lobby.connection) == [(1, "github:a/b", "listed"), (2, "a.com/1", "listed")]
    assert lobby.connection.execute(text("SELECT key FROM attachments")).scalar_one() == "youtube:kCc8FmEb1nY"
    known = lobby.connection.execute(text("SELECT key, key_version FROM pages ORDER BY key")).all()
    assert [tuple(row) for row in known] == [("a.com/1", KEY_VERSION), ("github:a/b", KEY_VERSION)]
    assert bring_keys_up_to_date(lobby.connection, clock()) == 0


def test_keys_may_change_places(lobby: Lobby, clock: Clock) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1 https://a.com/2")
    age(lobby.connection, {1: "between"})
    age(lobby.connection, {2: "a.com/1"})
    age(lobby.connection, {1: "a.com/2"})
    bring_keys_up_to_date(lobby.connection, clock())
    assert keys(lobby.connection) == [(1, "a.com/1", "listed"), (2, "a.com/2", "listed")]


def test_two_that_turn_out_to_be_one_become_one_while_the_talk_collects(lobby: Lobby, clock: Clock) -> None:
    lobby.submit(LINXI, "news", "https://github.com/a/b 甲")
    lobby.submit(AKAI, "news", "https://a.com/x 乙")
    lobby.connection.execute(text("UPDATE items SET url = 'https://github.com/A/B.git' WHERE number = 2"))
    age(lobby.connection, {1: "github.com/a/b", 2: "github.com/A/B.git"})
    bring_keys_up_to_date(lobby.connection, clock())
    assert keys(lobby.connection) == [(1, "github:a/b", "listed"), (2, "github:a/b", "withdrawn")]
    seconds = supporters.of_talk(lobby.connection, 4)
    assert [(each.person.name, each.note) for each in seconds] == [("阿凯", "乙")]
    gone = items.by_number(lobby.connection, 4, 2)
    assert gone is not None
    assert (gone.state, gone.removed_why) == (ItemState.WITHDRAWN, "和 004#1 是同一个链接")


def test_of_a_talk_that_is_over_nothing_is_taken_away(lobby: Lobby, clock: Clock) -> None:
    lobby.submit(LINXI, "news", "https://github.com/a/b https://a.com/x")
    lobby.connection.execute(text("UPDATE items SET url = 'https://github.com/A/B.git' WHERE number = 2"))
    lobby.connection.execute(text("UPDATE talks SET state = 'published'"))
    age(lobby.connection, {1: "one", 2: "two"})
    bring_keys_up_to_date(lobby.connection, clock())
    assert keys(lobby.connection) == [(1, "github:a/b", "listed"), (2, "github:a/b#2", "listed")]
