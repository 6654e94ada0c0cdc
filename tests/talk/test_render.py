"""The agenda as messages and as a document."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.render.chat import MAX_NODES, announcement, forwards, nodes, plain, short
from plugins._talk.render.markdown import agenda_document, autolink, escape, linked
from plugins._talk.render.pieces import LIMIT, pieces
from plugins._talk.render.rich import Mention
from plugins._talk.series import Series
from plugins._talk.usecases import questions as asking
from plugins._talk.usecases import roles, submissions
from plugins._talk.usecases.desk import ItemRef, only_seen
from tests.people import AKAI, LINXI, MOMO, SUC
from tests.talk.desks import Lobby

NASTY = "[CQ:at,qq=all] *b* <script>alert(1)</script> [x](javascript:1) `` # & | ~~"

GITHUB = MarkdownIt("gfm-like", {"html": False})
assert GITHUB.linkify
GITHUB.linkify.set({"fuzzy_link": False, "fuzzy_email": False})


@pytest.fixture
def agenda(lobby: Lobby) -> Agenda:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.visit(SUC, roles.claim, "编辑")
    lobby.visit(LINXI, roles.claim, "新闻")
    lobby.submit(AKAI, "news", "https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上\n第三节最好看")
    lobby.submit(AKAI, "news", "https://github.com/ztxz16/fastllm")
    lobby.submit(MOMO, "news", f"工业界 https://a.com/x_(y)?q=1&r=<2> {NASTY}")
    lobby.submit(MOMO, "news", "听说百川要发 13B")
    lobby.submit(LINXI, "classic", "量化")
    lobby.visit(LINXI, submissions.add, ItemRef(5), "https://a.com/1 https://a.com/2 旧的讨论", lobby.pictures("p.png"))
    return compile_agenda(lobby.connection, lobby.rules.series, 4)


def test_announcement(agenda: Agenda, snapshot: SnapshotAssertion) -> None:
    said = announcement(agenda)
    assert "".join(f"@{each.name}" if isinstance(each, Mention) else each for each in said) == snapshot
    asked = [each.qq for each in said if isinstance(each, Mention)]
    assert asked == [LINXI.user_id, SUC.user_id]  # nobody twice


def test_nodes(agenda: Agenda, snapshot: SnapshotAssertion) -> None:
    assert "\n\n".join(f"[{node.name}]\n{node.text}" for node in nodes(agenda)) == snapshot


def test_short(agenda: Agenda, snapshot: SnapshotAssertion) -> None:
    assert short(agenda) == snapshot


def test_document(agenda: Agenda, snapshot: SnapshotAssertion) -> None:
    assert agenda_document(agenda).document == snapshot


def test_document_links_are_live_and_foreign_text_is_text(agenda: Agenda) -> None:
    html = GITHUB.render(agenda_document(agenda).document)
    linked = re.findall(r'<a href="([^"]+)">', html)
    assert linked == [
        "https://arxiv.org/abs/2306.17806",
        "https://github.com/ztxz16/fastllm",
        "https://a.com/x_(y)?q=1&amp;r=",
        "https://a.com/1",
        "https://a.com/2",
    ]
    assert "<script>" not in html
    assert "<em>" not in html
    assert "[CQ:at,qq=all] *b* &lt;script&gt;" in html


def test_an_empty_talk(lobby: Lobby, snapshot: SnapshotAssertion) -> None:
    lobby.visit(LINXI, only_seen)
    empty = compile_agenda(lobby.connection, lobby.rules.series, 4)
    assert [short(empty), *(node.text for node in nodes(empty))] == snapshot


def test_sixty_long_items_fit_and_plain_pieces_carry_the_same_links(lobby: Lobby) -> None:
    for number in range(60):
        lobby.submit(AKAI, "news", f"https://a.com/{'p' * 80}{number} {'长' * 200}")
    big = compile_agenda(lobby.connection, lobby.rules.series, 4)
    urls = [item.url for section in big.sections for item in section.items]
    sent = [node for forward in forwards(big) for node in forward]
    assert all(len(node.text) <= LIMIT for node in sent)
    assert all(len(forward) <= MAX_NODES for forward in forwards(big))
    texts = [text for forward in forwards(big) for text in plain(forward)]
    assert all(len(text) <= LIMIT for text in texts)
    assert [line for text in texts for line in text.split("\n") if line.startswith("http")] == urls
    assert len(short(big)) < 2000


@given(st.lists(st.text(st.characters(exclude_characters="\n"), max_size=60)), st.integers(5, 50))
def test_pieces_lose_nothing_and_keep_the_limit(rows: list[str], limit: int) -> None:
    texts = pieces(rows, limit)
    assert all(0 < len(text) <= limit or text == "" for text in texts)
    assert "".join(texts).replace("\n", "") == "".join(rows)


@given(st.text())
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    shown = " ".join(text.split())
    html = MarkdownIt("commonmark").render(f"甲 {escape(text)} 乙")
    inside = re.fullmatch(r"<p>甲 ?(.*?) ?乙</p>\n", html, re.DOTALL)
    assert inside is not None
    plain_text = inside[1].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert plain_text == shown.replace("\0", "\ufffd")


SIGNS = st.text(st.sampled_from("`*_[]()<>|~&$\\#+-=.!:;\"' 012abc中文（！"), max_size=16)


@pytest.mark.parametrize("kind", ["commonmark", "gfm-like"])
@given(text=SIGNS)
def test_a_line_of_signs_is_shown_as_it_is(kind: str, text: str) -> None:
    """Alone on its line, with GitHub's extensions as well."""
    reader = MarkdownIt(kind)
    html = reader.disable("linkify").render(escape(text)) if kind != "commonmark" else reader.render(escape(text))
    assert unescape(re.sub(r"^<p>|</p>\n$", "", html)) == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "LongLLaMA_v2 is_ok",
        "a * b",
        "C++ & Rust",
        "#7 好",
        "共~10 分钟",
        "$5",
        "[标题] 新版",
        "x-y",
        "AT&T",
        "2 > 1",
        "2.5 倍",
    ],
)
def test_nothing_is_escaped_that_need_not_be(text: str) -> None:
    assert escape(text) == text


WORDS = st.text(st.characters(exclude_characters=":/\0"))


@given(WORDS, WORDS)
def test_addresses_in_a_line_are_live_and_the_rest_is_shown_as_it_is(before: str, behind: str) -> None:
    html = MarkdownIt("commonmark").render(f"甲 {linked(f'{before} https://a.com/x_y_z {behind}')} 乙")
    assert re.findall(r'<a href="([^"]+)">', html) == ["https://a.com/x_y_z"]
    shown = unescape(re.sub(r"</?(?:a|p)[^>]*>", "", html))
    assert shown.split() == f"甲 {before} https://a.com/x_y_z {behind} 乙".split()


def test_a_series_without_a_section_for_it_has_its_discussion_at_the_end(lobby: Lobby, series: Series) -> None:
    bare = series.model_copy(update={"sections": tuple(each for each in series.sections if each.submissions)})
    lobby.visit(LINXI, asking.ask, "甲？")
    compiled = compile_agenda(lobby.connection, bare, 4)
    assert agenda_document(compiled).document.endswith(
        "## 讨论\n\n### 群里讨论\n\n**Q1 甲？ —— 林溪**\n\n（还没有回答）\n"
    )
    assert (nodes(compiled)[-1].name, nodes(compiled)[-1].text) == ("讨论", "Q1 甲？ —— 林溪")


@given(st.text(st.characters(codec="ascii", min_codepoint=33)))
def test_an_address_on_a_line_of_its_own_is_one_link_and_nothing_else(rest: str) -> None:
    url = autolink(f"https://a.com/{rest}")
    html = GITHUB.render(f"甲\n\n{url}\n\n乙")
    assert re.fullmatch(r'<p>甲</p>\n<p><a href="[^"]+">[^<]+</a></p>\n<p>乙</p>\n', html), html
