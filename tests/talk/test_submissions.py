"""Items as use cases: numbers, duplicates, rights."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from db.models import Base
from db.queries import attachments, items, talks
from plugins._talk.series_file import load_series
from plugins._talk.usecases import submissions
from plugins._talk.usecases.desk import AlreadyHandled, ItemRef, Refused, Rules, Visit, only_seen, serve
from tests.people import AKAI, GROUP, LINXI, MOMO, Clock
from tests.talk.desks import Lobby


def test_the_first_talk_has_the_number_that_was_asked_for(lobby: Lobby) -> None:
    done = lobby.submit(LINXI, "news", "https://a.com/1")
    assert (done.talk, [item.number for item in done.accepted]) == (4, [1])
    assert done.accepted[0].category == "工业界"
    assert done.accepted[0].submitter.name == "林溪"


def test_a_link_is_in_a_talk_once_whatever_the_section_and_spelling(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://arxiv.org/abs/2306.17806")
    done = lobby.submit(AKAI, "rec", "https://arxiv.org/pdf/2306.17806v2 https://a.com/1")
    assert [(each.item.number, each.item.submitter.name) for each in done.known] == [(1, "林溪")]
    assert [item.number for item in done.accepted] == [2]


def test_a_withdrawn_number_is_not_given_out_again_and_its_link_is_free(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1")
    lobby.visit(LINXI, submissions.withdraw, [ItemRef(1)])
    done = lobby.submit(AKAI, "news", "https://a.com/1")
    assert [item.number for item in done.accepted] == [2]
    with pytest.raises(Refused, match="已经撤回"):
        lobby.visit(LINXI, submissions.withdraw, [ItemRef(1)])


def test_the_same_message_twice_is_one(lobby: Lobby) -> None:
    visit = Visit(group_id=GROUP, message_id=77, qq=LINXI.user_id, card="林溪", trusted=False, said_at=lobby.clock())
    serve(lobby.connection, lobby.rules, visit, only_seen)
    assert isinstance(serve(lobby.connection, lobby.rules, visit, only_seen), AlreadyHandled)


def test_other_peoples_items_are_theirs(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1")
    with pytest.raises(Refused, match="是 林溪 的"):
        lobby.visit(MOMO, submissions.withdraw, [ItemRef(1)])
    with pytest.raises(Refused, match="是 林溪 的"):
        lobby.visit(AKAI, submissions.edit, ItemRef(1), "x")
    with pytest.raises(Refused, match="是 林溪 的"):
        lobby.visit(AKAI, submissions.add, ItemRef(1), "x", ())


def test_edit_takes_words_a_link_or_both(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1 旧")
    edited = lobby.visit(LINXI, submissions.edit, ItemRef(1), "新的说明")
    assert (edited.url, edited.note) == ("https://a.com/1", "新的说明")
    edited = lobby.visit(LINXI, submissions.edit, ItemRef(1), "https://a.com/2")
    assert (edited.url, edited.note) == ("https://a.com/2", "新的说明")
    lobby.submit(LINXI, "news", "https://a.com/3")
    with pytest.raises(Refused, match="已经发过了"):
        lobby.visit(LINXI, submissions.edit, ItemRef(1), "https://a.com/3")
    with pytest.raises(Refused, match="一个主链接"):
        lobby.visit(LINXI, submissions.edit, ItemRef(1), "https://a.com/4 https://a.com/5")


def test_edit_moves_an_item_to_another_category(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1 好")
    edited = lobby.visit(LINXI, submissions.edit, ItemRef(1), "学术")
    assert (edited.category, edited.note, edited.url) == ("学术", "好", "https://a.com/1")


def test_several_are_withdrawn_or_none(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1 https://a.com/2")
    lobby.submit(AKAI, "news", "https://a.com/3")
    with pytest.raises(Refused, match="是 阿凯 的"):
        lobby.visit(LINXI, submissions.withdraw, [ItemRef(1), ItemRef(3)])
    gone = lobby.visit(LINXI, submissions.withdraw, [ItemRef(1), ItemRef(2), ItemRef(1)])
    assert [each.item.number for each in gone] == [1, 2]
    assert [item.number for item in items.listed(lobby.connection, 4)] == [3]


def test_add_gives_a_nomination_its_link_and_hangs_the_rest_under_it(lobby: Lobby) -> None:
    lobby.submit(LINXI, "rec", "量化到底怎么选")
    added = lobby.visit(
        LINXI, submissions.add, ItemRef(1), "https://a.com/1 https://a.com/2 附录", lobby.pictures("p.png")
    )
    assert (added.became_main, added.links, added.pictures, added.text) == (True, 1, 1, True)
    assert added.item.url == "https://a.com/1"
    under = [(row.kind, row.body) for row in attachments.of_talk(lobby.connection, 4)]
    assert under == [("link", "https://a.com/2"), ("picture", "p.png"), ("text", "附录")]
    again = lobby.visit(LINXI, submissions.add, ItemRef(1), "https://www.a.com/2/", ())
    assert again.links == 0
    done = lobby.submit(AKAI, "news", "https://a.com/2")
    assert [each.item.number for each in done.known] == [1]


def test_a_note_that_is_too_long_is_refused_whole(lobby: Lobby) -> None:
    with pytest.raises(Refused, match="太长"):
        lobby.submit(LINXI, "news", "https://a.com/1 " + "长" * 2001)
    assert items.listed(lobby.connection, 4) == []


def test_what_comes_after_the_start_counts_for_the_next_talk(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1")
    lobby.clock.at = lobby.clock.at.replace(day=28, hour=13, minute=0)  # Saturday 21:00 in Shanghai
    assert lobby.submit(LINXI, "news", "https://a.com/1").talk == 5
    states = {talk.number: talk.state for talk in (talks.by_number(lobby.connection, n) for n in (4, 5)) if talk}
    assert states == {4: "live", 5: "collecting"}
    lobby.clock.forward(hours=6)
    lobby.visit(LINXI, only_seen)
    held = talks.by_number(lobby.connection, 4)
    assert held is not None
    assert held.state == "held"


def test_a_reply_to_a_message_with_several_items_asks_for_a_number(lobby: Lobby) -> None:
    done = lobby.submit(LINXI, "news", "https://a.com/1 https://a.com/2")
    items.speaks_of(lobby.connection, GROUP, 900, [item.id for item in done.accepted])
    with pytest.raises(Refused, match="#1 #2"):
        lobby.visit(LINXI, submissions.withdraw, [ItemRef(message_id=900)])
    with pytest.raises(Refused, match="没看出"):
        lobby.visit(LINXI, submissions.withdraw, [ItemRef(message_id=901)])


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["submit", "withdraw"]), st.integers(1, 6), st.sampled_from([LINXI, AKAI])), max_size=25
)


@settings(max_examples=30, deadline=None)
@given(ACTIONS)
def test_numbers_never_repeat_and_links_stand_once(actions: list[tuple[str, int, object]]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        lobby = Lobby(connection, Rules.of(load_series(), 0), Clock())
        given_out: list[int] = []
        for what, number, who in actions:
            assert who in (LINXI, AKAI)
            account = LINXI if who == LINXI else AKAI
            try:
                if what == "submit":
                    given_out += [i.number for i in lobby.submit(account, "news", f"https://a.com/{number}").accepted]
                else:
                    lobby.visit(account, submissions.withdraw, [ItemRef(number)])
            except Refused:
                continue
            urls = [item.url for item in items.listed(connection, 0)]
            assert len(urls) == len(set(urls))
        assert given_out == list(range(1, len(given_out) + 1))
    engine.dispose()
