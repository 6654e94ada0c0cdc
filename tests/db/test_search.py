"""The search index: pairs of characters, kept up by the database's own triggers."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, text

from db.enums import AttachmentKind, ItemState, TitleSource
from db.migrate import upgrade
from db.queries import attachments, items, members, pages, search, supporters, talks
from db.queries.items import ItemRow
from db.queries.members import Person
from plugins._talk.usecases.search import look_for

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LINXI, AKAI = Person(1, "林溪"), Person(2, "阿凯_CatGPT")


@pytest.fixture(autouse=True)
def group(connection: Connection) -> None:
    for person in (LINXI, AKAI):
        members.upsert_member(connection, *person)
    talks.create(connection, 4, NOW, NOW, None, None)


def submit(connection: Connection, title: str | None = None, note: str = "", **more: Any) -> ItemRow:
    number = talks.take_item_number(connection, 4)
    given: dict[str, Any] = {
        "talk": 4,
        "number": number,
        "section": "news",
        "category": None,
        "url": f"https://a.com/{number}",
        "key": f"a.com/{number}",
        "key_version": 2,
        "title": title,
        "title_source": TitleSource.CARD if title else None,
        "authors": None,
        "site": None,
        "note": note,
        "submitter": LINXI,
        "via": None,
        "now": NOW,
    }
    return items.create(connection, **{**given, **more})


def found(connection: Connection, *words: str) -> list[int]:
    search.refresh(connection)
    count, best = search.find(connection, words, 5)
    assert count >= len(best)
    rows = items.by_ids(connection, best)
    return [rows[each].number for each in best]


def test_two_chinese_characters_are_found_wherever_they_stand(connection: Connection) -> None:
    submit(connection, "大模型的长文本能力")
    submit(connection, "LongLLaMA: 256k context", "无限上下文")
    assert found(connection, "模型") == [1]
    assert found(connection, "的长") == [1]
    assert found(connection, "下文") == [2]
    assert found(connection, "型") == [1]
    assert found(connection, "长文本能力") == [1]
    assert found(connection, "力大") == []
    assert found(connection, "ongllama") == [2]
    assert found(connection, "LLAMA", "256K") == [2]
    assert found(connection, "llama", "模型") == []
    assert found(connection, "ｌｌａｍａ") == [2]
    assert sorted(found(connection, "a.com")) == [1, 2]


def test_titles_count_more_than_notes(connection: Connection) -> None:
    submit(connection, "别的", "这里提到了量化")
    submit(connection, "量化入门")
    submit(connection, "别的", "这里也提到了量化")
    assert found(connection, "量化")[0] == 2


def test_people_are_found_by_any_part_of_their_names(connection: Connection) -> None:
    first = submit(connection, "一")
    submit(connection, "二", submitter=AKAI, via=LINXI)
    supporters.add(connection, first.id, AKAI.qq, "", NOW, main=True)
    assert found(connection, "林溪") == [2, 1]
    assert found(connection, "catgpt") == [2, 1]
    assert found(connection, "阿凯", "一") == [1]
    members.set_nick(connection, AKAI.qq, "新名字")
    assert found(connection, "新名") == [2, 1]


def test_what_changes_is_found_as_it_is_now(connection: Connection) -> None:
    item = submit(connection, None, "旧的说法")
    assert found(connection, "旧的") == [1]
    items.set_note(connection, item.id, "新的说法")
    assert (found(connection, "旧的"), found(connection, "新的")) == ([], [1])
    pages.found(connection, item.key or "", "页面标题", "某作者", "某站点", None)
    assert (found(connection, "页面"), found(connection, "某作者"), found(connection, "站点")) == ([1], [1], [1])
    attachments.add(connection, item.id, AttachmentKind.TEXT, "补充的话", None, None, 1, (1, 1), NOW)
    assert found(connection, "补充") == [1]
    attachments.take_back(connection, 1, 1)
    assert found(connection, "补充") == []
    items.remove(connection, item.id, ItemState.REJECTED, LINXI.qq, "x", NOW)
    assert found(connection, "新的") == []
    row = items.by_number(connection, 4, 1)
    assert row is not None
    items.restore(connection, row, 2, NOW)
    assert found(connection, "新的") == [1]


def test_the_index_forgets_completely(connection: Connection) -> None:
    item = submit(connection, "要消失的标题")
    search.refresh(connection)
    items.remove(connection, item.id, ItemState.WITHDRAWN, None, None, NOW)
    search.refresh(connection)
    connection.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))
    assert connection.execute(text("SELECT count(*) FROM search_texts")).scalar_one() == 0


def test_of_very_many_the_newest_come_first(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    for _ in range(4):
        submit(connection, "量化")
    search.refresh(connection)
    assert search.find(connection, ["量化"], 5) == (3, [4, 3, 2, 1])
    results = look_for(connection, "量化")
    assert (results.count, results.more) == (2, True)
    monkeypatch.setattr(search, "MOST_COUNTED", 4)
    assert not look_for(connection, "量化").more


@cache
def migrated() -> Engine:
    engine = create_engine("sqlite://")
    upgrade(engine)
    return engine


@settings(max_examples=60)
@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=3), st.text(max_size=20))
def test_any_words_are_only_words(said: list[str], title: str) -> None:
    """Whatever is asked, it is looked for and never read as the index's own language."""
    with migrated().connect() as connection:
        members.upsert_member(connection, 1, "林溪")
        talks.create(connection, 4, NOW, NOW, None, None)
        submit(connection, title or None, "n")
        search.refresh(connection)
        search.find(connection, said, 5)
        for word in title.replace("\x00", "").split():
            assert search.find(connection, [word], 5)[0] == 1
