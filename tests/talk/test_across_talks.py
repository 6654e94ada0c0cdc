"""What is told across talks, names that are forgotten, and talks as rows of a file: on SQLite, and on PostgreSQL."""

import pytest
from sqlalchemy import String

from db.models import Base
from db.queries import members, portable, search
from db.queries.forgetting import TEXTS
from db.queries.search import Within
from plugins._talk.documents.found import item_list
from plugins._talk.documents.home import home
from plugins._talk.documents.people import people, profile
from plugins._talk.documents.stage import stage
from plugins._talk.documents.statistics import statistics
from plugins._talk.render.marking import marked
from plugins._talk.usecases import forgetting, questions, remarks, roles
from plugins._talk.usecases.desk import ItemRef, QuestionRef, Refused
from plugins._talk.usecases.submissions import add
from tests.people import AKAI, LINXI, MOMO, SUC
from tests.talk.desks import Lobby


def filled(lobby: Lobby) -> None:
    """A talk with items of three members in two sections, a question and its answer."""
    lobby.submit(AKAI, "news", "https://arxiv.org/abs/2306.17806 大模型的 CFG")
    lobby.submit(LINXI, "news", "https://github.com/a/b 知识编辑")
    lobby.submit(MOMO, "rec", "https://kipp.ly/x 推理算法")
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.visit(MOMO, questions.ask, "怎么入门？")
    lobby.visit(AKAI, remarks.answer, QuestionRef(1), "先看 @林溪 的讲稿")
    search.refresh(lobby.connection)


def titles(lobby: Lobby, words: str, within: Within = search.EVERYWHERE, year: int | None = None) -> list[str]:
    found = item_list(lobby.connection, lobby.rules.series, words, within, year, 1)
    assert found.count == len(found.items)
    return [each.title for each in found.items]


def test_items_are_found_by_what_they_are(lobby: Lobby) -> None:
    filled(lobby)
    assert titles(lobby, "cfg") == ["大模型的 CFG"]
    assert titles(lobby, "", Within(section="rec")) == ["推理算法"]
    assert titles(lobby, "", Within(section="news", category="项目")) == ["知识编辑"]
    assert titles(lobby, "", Within(person=MOMO.user_id)) == ["推理算法"]
    assert titles(lobby, "", Within(section="news"), lobby.clock().year) == ["大模型的 CFG", "知识编辑"]
    assert titles(lobby, "知识", Within(section="rec")) == []
    assert titles(lobby, "", Within(section="news"), 1999) == []
    with pytest.raises(LookupError):
        item_list(lobby.connection, lobby.rules.series, "cfg", search.EVERYWHERE, None, 2)


def test_what_members_did_is_counted(lobby: Lobby) -> None:
    filled(lobby)
    found = people(lobby.connection, lobby.rules.series, None, lobby.clock()).people
    assert {each.person.name: (each.items, each.answers) for each in found} == {
        "阿凯": (1, 1),
        "林溪": (1, 0),
        "Momo": (1, 0),
    }
    codes = members.codes_of(lobby.connection, [AKAI.user_id])
    shown = profile(lobby.connection, lobby.rules.series, codes[AKAI.user_id], 1)
    assert [each.title for each in shown.items] == ["大模型的 CFG"]
    assert [each.question for each in shown.answers] == ["怎么入门？"]
    momos = profile(lobby.connection, lobby.rules.series, _code(lobby, MOMO.user_id), 1)
    assert [each.number for each in momos.questions] == [1]
    numbers = statistics(lobby.connection, lobby.rules.series, None, lobby.clock())
    assert (numbers.items, numbers.contributors) == (3, 3)
    assert dict(numbers.sites) == {"arxiv.org": 1, "github.com": 1, "kipp.ly": 1}
    first = home(lobby.connection, lobby.rules.series, lobby.clock())
    assert first.coming is not None
    assert first.coming.number == 4
    coming = stage(lobby.connection, lobby.rules.series)
    assert coming is not None
    assert (coming.live, coming.number, len(coming.questions)) == (False, 4, 0)


def _code(lobby: Lobby, qq: int) -> str:
    return members.codes_of(lobby.connection, [qq])[qq]


def test_a_forgotten_name_is_in_no_row_of_any_table(lobby: Lobby) -> None:
    filled(lobby)
    members.upsert_member(lobby.connection, 77, "林溪溪")
    lobby.visit(MOMO, add, ItemRef(3), "谢谢 @林溪 和 @林溪溪，@林溪讲得好", [])
    code = _code(lobby, LINXI.user_id)
    with pytest.raises(Refused, match="/匿名 我"):
        lobby.visit(LINXI, forgetting.forget_me, "他")
    instead = lobby.visit(LINXI, forgetting.forget_me, "我")
    search.refresh(lobby.connection)
    rows = portable.dump(lobby.connection, with_pictures=True)
    text = repr(rows).replace("林溪溪", "")
    assert "林溪" not in text
    assert instead in text
    assert "林溪溪" in repr(rows)  # somebody else
    assert members.by_code(lobby.connection, code) is None
    assert members.upsert_member(lobby.connection, LINXI.user_id, "林溪").name == instead  # the card comes back in vain
    lobby.visit(LINXI, roles.set_nick, "小林")
    assert members.codes_of(lobby.connection, [LINXI.user_id])
    assert members.upsert_member(lobby.connection, LINXI.user_id, "林溪").name == "小林"


def test_rows_are_taken_in_as_they_were(lobby: Lobby) -> None:
    filled(lobby)
    rows = portable.dump(lobby.connection, with_pictures=True)
    assert [each["name"] for each in rows["people"]] == ["阿凯", "林溪", "Momo"]
    assert str(AKAI.user_id) not in repr(rows)
    assert portable.load(lobby.connection, rows, {}) == ([], [4])  # it is there
    for row in rows["talks"]:
        row.update(number=9, scheduled_at="2020-01-04T13:00:00+00:00")
    for table, found in rows.items():
        for row in found:
            if table not in ("talks", "people") and "talk" in row:
                row["talk"] = 9
    assert portable.load(lobby.connection, rows, {}) == ([9], [])
    search.refresh(lobby.connection)
    assert titles(lobby, "", Within(talks=[9], section="news")) == ["大模型的 CFG", "知识编辑"]
    assert lobby.visit(AKAI, roles.set_nick, "阿凯") == ("阿凯", True)  # the one in the file may be him
    assert members.add_without_account(lobby.connection, "故人", page=True).qq < 0
    assert lobby.visit(MOMO, roles.set_nick, "故人") == ("故人", True)
    stranger = lobby.submit(SUC, "news", "https://c.com/1 还能投稿")
    assert stranger.accepted


@pytest.mark.parametrize(
    ("text", "words", "parts"),
    [
        ("大模型的 CFG", ["cfg"], [("大模型的 ", False), ("CFG", True)]),
        ("ＣＦＧ 和 cfg", ["CFG"], [("ＣＦＧ", True), (" 和 ", False), ("cfg", True)]),
        ("ababab", ["aba"], [("ababa", True), ("b", False)]),
        ("Straße", ["strasse"], [("Straße", True)]),
        ("什么都没有", ["", "x"], [("什么都没有", False)]),
        ("", ["x"], []),
    ],
)
def test_the_words_of_a_search_are_marked(text: str, words: list[str], parts: list[tuple[str, bool]]) -> None:
    assert marked(text, words) == parts


# Text columns that no name goes into, or that are dealt with in another way.
WITHOUT_NAMES = {
    *(
        "members.card",
        "members.nick",
        "members.code",
        "published_names.name",
        "final_minutes.body",
        "remark_lines.speaker",
    ),
    *("changes.command", "changes.said", "changes.images", "changes.section"),  # deleted where they have it
    *("search_texts.title", "search_texts.words", "search_texts.people"),  # made anew
    *(
        "items.section",
        "items.category",
        "items.url",
        "items.key",
        "items.title_source",
        "items.state",
        "items.moved_from",
    ),
    *("attachments.kind", "attachments.key", "attachments.picture", "item_messages.part"),
    *("pages.key", "pages.url", "pages.state", "pages.title", "pages.authors", "pages.site", "pages.excerpt"),
    *("pages.leads_to", "pages.why", "items.site", "pictures.name", "pictures.type", "invitations.picture"),
    *("talks.state", "talks.article", "talks.video", "role_holders.role", "departures.role", "turns.section"),
    *("remarks.kind", "remark_lines.kind", "remark_lines.picture", "discussion_messages.part"),
    *("themes.section", "suggestions.section", "troubles.code"),
}


def test_every_text_that_people_write_is_looked_through() -> None:
    looked = {f"{column.class_.__tablename__}.{column.key}" for column in TEXTS}
    texts = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String) and not table.name.startswith(("deliver", "alarm", "lease"))
    }
    assert texts - looked == WITHOUT_NAMES & texts
    assert not texts - looked - WITHOUT_NAMES
