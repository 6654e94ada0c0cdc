"""What one message shares: links, and the words meant for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.enums import TitleSource
from plugins._talk.documents.item_titles import headline
from plugins._talk.links.canonical import canonical
from plugins._talk.links.share import Share, read_shared
from plugins._talk.links.share_text import Heading
from plugins._talk.series import Series

CASES: list[tuple[str, str, list[tuple[str | None, str]]]] = [
    ("one link", "https://a.com/1", [("a.com/1", "")]),
    ("words after", "https://a.com/1 值得一读", [("a.com/1", "值得一读")]),
    ("words before and after", "看 https://a.com/1 真好", [("a.com/1", "看 真好")]),
    ("a title line, then the link", "LongLLaMA 来了\nhttps://a.com/1", [("a.com/1", "LongLLaMA 来了")]),
    (
        "two links on one line share the words",
        "https://a.com/1 https://a.com/2 对比",
        [("a.com/1", "对比"), ("a.com/2", "对比")],
    ),
    ("a line each", "甲 https://a.com/1\n乙 https://a.com/2", [("a.com/1", "甲"), ("a.com/2", "乙")]),
    ("titles above", "甲\nhttps://a.com/1\n乙\nhttps://a.com/2", [("a.com/1", "甲"), ("a.com/2", "乙")]),
    ("notes below", "https://a.com/1\n甲\nhttps://a.com/2\n乙", [("a.com/1", "甲"), ("a.com/2", "乙")]),
    ("words after each", "https://a.com/1 第一 https://a.com/2 第二", [("a.com/1", "第一"), ("a.com/2", "第二")]),
    ("words for all", "https://a.com/1\nhttps://a.com/2\n都值得看", [("a.com/1", "都值得看"), ("a.com/2", "都值得看")]),
    ("words all over", "头 https://a.com/1 甲 https://a.com/2 乙", [("a.com/1", "头\n甲"), ("a.com/2", "乙")]),
    ("some with words", "头 https://a.com/1 甲 https://a.com/2", [("a.com/1", "头"), ("a.com/2", "甲")]),
    ("a colon", "：https://a.com/1", [("a.com/1", "")]),
    ("a comma after", "https://a.com/1，这个模型很强！", [("a.com/1", "这个模型很强！")]),
    ("in brackets", "（https://a.com/1）", [("a.com/1", "")]),
    ("in a sentence", "看看这个：https://a.com/1。真的不错", [("a.com/1", "看看这个 真的不错")]),
    ("a list", "《好文》https://a.com/1、https://a.com/2；", [("a.com/1", "《好文》"), ("a.com/2", "《好文》")]),
    ("as Markdown", "[标题](https://a.com/1)", [("a.com/1", "[标题]")]),
    ("a full-width colon", "https：//a.com/1 好", [("a.com/1", "好")]),
    ("a word with a dot before it", ".NET 新版 https://a.com/1", [("a.com/1", ".NET 新版")]),
    ("brackets with words", "（官方）https://a.com/1 (中文)", [("a.com/1", "（官方） (中文)")]),
    ("an emoji is a word", "https://a.com/1 👍", [("a.com/1", "👍")]),
    ("the same link twice", "https://a.com/1 https://www.a.com/1/ 好", [("a.com/1", "好")]),
    ("words alone", "量化\n到底怎么选", [(None, "量化\n到底怎么选")]),
    ("nothing", "  \n ", []),
]


@pytest.mark.parametrize(("_name", "text", "expected"), CASES)
def test_words_find_their_links(series: Series, _name: str, text: str, expected: list[tuple[str | None, str]]) -> None:
    shared = read_shared(text, series.section("classic"), 20)
    assert [(each.link.key if each.link else None, each.note) for each in shared.shares] == expected


@pytest.mark.parametrize(
    ("text", "category", "note"),
    [
        ("学术 https://a.com/1 好", "学术", "好"),
        ("论文 https://a.com/1", "学术", ""),
        ("PAPER\nhttps://a.com/1", "学术", ""),
        ("学术界 https://a.com/1", None, "学术界"),
        ("https://a.com/1 学术", "学术", ""),
        ("https://a.com/1 学术 值得一读", "学术", "值得一读"),
        ("https://a.com/1 值得一读 学术", "学术", "值得一读"),
        ("https://a.com/1，项目：fastllm", "项目", "fastllm"),
        ("https://a.com/1 学术界的事", None, "学术界的事"),
        ("项目：fastllm https://a.com/1", "项目", "fastllm"),
        ("学术:CFG\nhttps://a.com/1", "学术", "CFG"),
        ("学术https://a.com/1 好", "学术", "好"),
        ("a.com https://a.com/1", None, ""),
        ("【学术】 https://a.com/1 好", "学术", "好"),
        ("[学术]好 https://a.com/1", "学术", "好"),
        ("-学术 https://a.com/1", "学术", ""),
        ("/学术 https://a.com/1", "学术", ""),
        ("https://a.com/1 （学术）", "学术", ""),
        ("https://a.com/1（学术）好", "学术", "好"),
        ("（官方）版 https://a.com/1", None, "（官方）版"),
    ],
)
def test_the_first_word_may_be_a_category(series: Series, text: str, category: str | None, note: str) -> None:
    shared = read_shared(text, series.section("news"), 20)
    assert (shared.category, shared.shares[0].note) == (category, note)


def test_fifty_links_are_twenty_and_a_word_about_the_rest(series: Series) -> None:
    shared = read_shared(" ".join(f"https://a.com/{n}" for n in range(50)), series.section("news"), 20)
    assert (len(shared.shares), shared.left_out) == (20, 30)


def test_a_card_gets_the_words_that_came_with_it(series: Series) -> None:
    card = Share(canonical("https://a.com/1"), heading=Heading("标题"), source=TitleSource.CARD)
    shared = read_shared("学术 好文", series.section("news"), 20, [card])
    assert list(shared.shares) == [Share(card.link, "好文", Heading("标题"), TitleSource.CARD)]
    assert shared.category == "学术"


@given(st.text(), st.integers(1, 30))
def test_never_raises_and_keeps_the_limit(text: str, limit: int) -> None:
    from plugins._talk.series_file import load_series

    assert len(read_shared(text, load_series().section("news"), limit).shares) <= limit


@pytest.mark.parametrize(
    ("title", "note", "url", "said"),
    [
        (None, "我的话", "https://a.com/1", "我的话"),
        ("卡片标题", "", "https://a.com/1", "卡片标题"),
        ("卡片标题", "我的话", None, "我的话"),
        (None, "", "https://www.a.com/x/?q=1#z", "a.com/x"),
        (None, "第一行\n第二行", None, "第一行"),
        (None, "长" * 61, None, "长" * 59 + "…"),
    ],
)
def test_headline(title: str | None, note: str, url: str | None, said: str) -> None:
    assert headline(title, note, url) == said
