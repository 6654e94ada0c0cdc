"""The minutes: what is in them, in the documents that are made of them."""

import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.queries import invitations, talks
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.documents.discussion import Discussion
from plugins._talk.documents.headline import summary, title
from plugins._talk.documents.minutes import Minutes, compile_minutes
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.render.data import agenda_json, minutes_json
from plugins._talk.render.minutes import at_second, check_template, minutes_document
from plugins._talk.series import Series
from plugins._talk.series_file import BUILT_IN, BadSeries, load_series
from plugins._talk.usecases import choices, joining, moderation, questions, records, remarks, roles, submissions
from plugins._talk.usecases.desk import ItemRef, QuestionRef, Refused, only_seen
from tests.pages import minutes_html
from tests.people import AKAI, LINXI, MOMO, MONDAY, SUC
from tests.talk.desks import Lobby
from tests.talk.worst_cases import an_evening


def written(lobby: Lobby, talk: int = 4, series: Series | None = None) -> Minutes:
    return compile_minutes(lobby.connection, series or lobby.rules.series, talk, lobby.clock())


def headings(document: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", document, re.MULTILINE)


def test_an_empty_talk_has_every_heading_but_those_of_optional_sections(lobby: Lobby) -> None:
    lobby.visit(LINXI, only_seen)
    found = headings(minutes_document(written(lobby)).document)
    assert found == (
        "OpenLLM Talk 004|序章|背景介绍|本期记录|注意事项|本周新闻|学术|项目|工业界|本周推荐|资料|模型|项目|杂项|"
        "Free Talk|线上讨论:|群里讨论:|后续计划|加入/赞助我们|往期精彩"
    ).split("|")


def test_what_anybody_typed_is_shown_as_it_is(lobby: Lobby) -> None:
    nasty = "# 标题 *b* <script>alert(1)</script> [x](javascript:1) ![y](z) | ~~a~~ $x$ `c` &amp; [CQ:at,qq=all]"
    lobby.submit(AKAI, "news", f"https://a.com/1 {nasty}\n{nasty}\n1. 一\n- 二")
    lobby.visit(AKAI, submissions.add, ItemRef(1), f"{nasty}\n{nasty}", [])
    lobby.visit(SUC, choices.suggest, f"新闻 {nasty}")
    lobby.visit(MOMO, choices.name_theme, f"推荐 {nasty[:60]}")
    lobby.visit(SUC, questions.ask, nasty)
    html = minutes_html(written(lobby))
    body = html[html.index("<article") : html.index("</article>")]
    assert not re.search(r"<(?:script|em|del|img|code|ol)\b", body)
    assert body.count("[x](javascript:1)") >= 5
    assert headings(minutes_document(written(lobby)).document)[5:7] == ["本周新闻", "学术"]
    assert re.findall(r'href="(?!https?://)', body) == []


def test_an_items_links_texts_and_pictures_stand_under_it(lobby: Lobby) -> None:
    lobby.submit(AKAI, "news", "https://a.com/1 甲")
    lobby.visit(AKAI, submissions.add, ItemRef(1), "讲稿 https://a.com/2", lobby.pictures("p.png"))
    lobby.submit(SUC, "news", "https://a.com/1 也看看 https://b.com/9")
    document = minutes_document(written(lobby)).document
    rows = ["**甲** —— 阿凯（#1）", "<https://a.com/1>", "讲稿", "suc16 也推荐：也看看"]
    assert "\n\n".join(rows) in document
    assert "\n\n<https://a.com/2>\n\n![附图](pictures/p.png)\n" in document
    live = minutes_document(written(lobby), "https://talk.example.org/pictures").document
    assert "![附图](https://talk.example.org/pictures/p.png)" in live
    assert written(lobby).pictures == ("p.png",)


def test_references_are_the_links_of_notes_and_discussion(lobby: Lobby, series: Series) -> None:
    lobby.submit(AKAI, "news", "https://a.com/1 甲\n参考 https://a.com/ref")
    lobby.visit(SUC, questions.ask, "看 https://q.com/1 吗？")
    lobby.visit(LINXI, remarks.answer, QuestionRef(1), "看 https://r.com/1 和 https://q.com/1", [])
    more = series.model_copy(update={"texts": series.texts.model_copy(update={"references": ("https://own.org/",)})})
    assert written(lobby, series=more).references == ("https://q.com/1", "https://r.com/1", "https://own.org/")


def test_the_article_publishes_and_later_talks_have_it_among_the_earlier_ones(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(AKAI, "news", "https://a.com/1 长驼来了")
    lobby.visit(LINXI, moderation.pin, [ItemRef(1)], "长驼")
    lobby.clock.at = lobby.clock.at.replace(day=28, hour=14)
    with pytest.raises(Refused, match="还没有结束"):
        lobby.visit(LINXI, records.attach, "article", "https://zhuanlan.zhihu.com/p/1 004")
    assert lobby.visit(LINXI, records.minutes_wanted, "").minutes.agenda.number == 4  # the live one
    lobby.clock.forward(hours=12)
    assert lobby.visit(LINXI, records.minutes_wanted, "").minutes.agenda.number == 4  # held, not published
    assert not lobby.visit(
        LINXI, records.attach, "video", "https://www.bilibili.com/video/BV1Kh4y1E7nX?t=610"
    ).published
    assert lobby.visit(LINXI, records.attach, "article", "https://zhuanlan.zhihu.com/p/1").published
    four = talks.by_number(lobby.connection, 4)
    assert four is not None
    assert (four.state, four.summary) == ("published", "【OpenLLM Talk 004】本期提要: 长驼")
    assert not lobby.visit(LINXI, records.attach, "article", "https://zhuanlan.zhihu.com/p/2 004").published
    assert lobby.visit(MOMO, records.minutes_wanted, "").minutes.agenda.number == 5  # the next one's draft
    with pytest.raises(Refused, match="要上期的发 /纪要 004"):
        lobby.visit(LINXI, records.minutes_wanted, "")
    assert lobby.visit(LINXI, records.minutes_wanted, "004").minutes.video is not None
    document = minutes_document(written(lobby, 5)).document
    assert document[document.index("# 往期精彩") :].split("\n\n")[1:4] == [
        "【OpenLLM Talk 004】本期提要: 长驼",
        "<https://zhuanlan.zhihu.com/p/2>",
        "【精准空降到 10:10】 <https://www.bilibili.com/video/BV1Kh4y1E7nX?t=610>",
    ]


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://b.com/v", "https://b.com/v?t=610"),
        ("https://b.com/v?a=1&t=3&c=2", "https://b.com/v?a=1&c=2&t=610"),
        ("https://b.com/v/?t=610#x", "https://b.com/v/?t=610#x"),
    ],
)
def test_where_a_video_begins(url: str, there: str) -> None:
    assert at_second(url, 610) == there


def test_an_evening_by_the_clock_has_chapters_and_a_timeline(lobby: Lobby) -> None:
    shown = an_evening(lobby)
    lobby.visit(LINXI, records.attach, "video", "https://b.com/v 10:10")
    minutes = written(lobby)
    assert minutes.timeline == shown
    document = minutes_document(minutes)
    assert "- 00:00 开场\n- 13:10 本周新闻 · 将上下文" in document.document
    assert "\n\n![时间线](timeline.png)\n" in document.document
    assert document.warnings[-2:] == ("本周新闻超时 6 分钟", "本周经典超时 6 分钟")
    assert [each.name for each in shown.real] == ["开场", "本周新闻", "本周推荐", "本周经典", "Free Talk"]


def test_an_invitation_is_printed_until_it_expires(lobby: Lobby) -> None:
    with pytest.raises(Refused, match="主持人"):
        lobby.visit(AKAI, joining.bring, "qr.png", "")
    lobby.pictures("qr.png", "new.png")
    good = lobby.visit(MOMO, joining.bring, "qr.png", "12-01")
    assert good.until == lobby.clock().replace(day=30, hour=16) + timedelta(days=1)  # the end of the day, in Shanghai
    document = minutes_document(written(lobby)).document
    assert "![附图](pictures/qr.png)\n\n该二维码 12 月 01 日前有效\n" in document
    lobby.clock.at = good.until
    after = minutes_document(written(lobby)).document
    assert "qr.png" not in after
    assert "(二维码过期了!)" in after
    assert lobby.visit(AKAI, joining.look).expired
    assert invitations.latest(lobby.connection) is not None
    for words in ("昨天", "2020-01-01", "胡说", "500天"):
        with pytest.raises(Refused, match="到期日"):
            lobby.visit(MOMO, joining.bring, "qr.png", words)
    assert lobby.visit(MOMO, joining.bring, "new.png", "3天").picture == "new.png"


def test_concerns_are_for_the_host(lobby: Lobby) -> None:
    lobby.submit(AKAI, "news", "https://a.com/1")
    lobby.submit(AKAI, "news", "听说百川要发 13B")
    for place in range(4):
        lobby.submit(AKAI, "rec", f"https://a.com/r{place} 推荐 {place}")
    for place in range(16):
        lobby.submit(AKAI, "practice", f"https://a.com/p{place} 实践 {place}")
    assert warnings_of(compile_agenda(lobby.connection, lobby.rules.series, 4)) == (
        "还没人认领：主持人、编辑、新闻负责人、推荐负责人",
        "本周新闻没有链接：#2（发 /补充 #编号 链接）",
        "本周新闻没有标题：#1（发 /改题 #编号 标题）",
        "本周推荐有 4 条，还没选讲哪几条（发 /选定 #编号，最多 3 条）",
        "本周实践 15 分钟要讲 16 条，可能超时",
    )


def test_an_empty_section_is_a_concern(lobby: Lobby) -> None:
    lobby.visit(LINXI, only_seen)
    assert warnings_of(compile_agenda(lobby.connection, lobby.rules.series, 4))[1:] == (
        "本周新闻还空着",
        "本周推荐还空着",
    )


def test_queries_do_not_grow_with_the_talk(lobby: Lobby) -> None:
    raw = lobby.connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)

    def queries() -> int:
        asked: list[str] = []
        raw.set_trace_callback(asked.append)
        written(lobby)
        raw.set_trace_callback(None)
        return len(asked)

    lobby.submit(AKAI, "news", "https://a.com/first")
    lobby.visit(SUC, questions.ask, "甲？")
    lobby.visit(LINXI, remarks.answer, QuestionRef(1), "乙", [])
    few = queries()
    for place in range(30):
        lobby.submit(MOMO, "news", f"https://a.com/{place} 第 {place} 条")
        lobby.visit(MOMO, submissions.add, ItemRef(place + 2), f"https://b.com/{place} 讲稿", lobby.pictures("p.png"))
        lobby.visit(MOMO, questions.ask, f"问题 {place}？")
        lobby.visit(LINXI, remarks.answer, QuestionRef(place + 2), "答", [])
        lobby.visit(MOMO, choices.suggest, f"新闻 建议 {place}")
    assert queries() == few < 40


def test_json_names_people_and_not_their_numbers(lobby: Lobby) -> None:
    lobby.submit(AKAI, "news", "https://a.com/1 甲")
    lobby.visit(SUC, choices.suggest, "新闻 建议")
    agenda = json.loads(agenda_json(compile_agenda(lobby.connection, lobby.rules.series, 4)).document)
    minutes = json.loads(minutes_json(written(lobby)).document)
    assert minutes["agenda"] == agenda
    assert agenda["scheduled_at"] == "2026-11-28T21:00:00+08:00"
    news = agenda["sections"][0]
    assert news["groups"][0][1][0]["submitter"] == "阿凯"
    assert news["suggestions"] == [{"body": "建议", "by": "suc16"}]
    assert str(AKAI.user_id) not in json.dumps(minutes)


def test_the_summary_is_what_is_pinned_topped_up_from_the_first_titles(lobby: Lobby) -> None:
    for place, words in enumerate(["检索来了", "一个很长很长很长很长很长很长很长很长的标题", "", "丙"]):
        lobby.submit(AKAI, "news", f"https://a.com/{place} {words}")
    lobby.visit(MOMO, moderation.pin, [ItemRef(4)], "长驼")
    agenda = compile_agenda(lobby.connection, lobby.rules.series, 4)
    parts = summary(agenda, 100)
    assert parts == ("长驼", "检索来了", "一个很长很长很长很长很长很长很长很长的…")
    assert title(agenda, parts, 100) == f"【OpenLLM Talk 004】本期提要: {'; '.join(parts)}"
    assert summary(agenda, 40) == ("长驼", "检索来了")
    assert title(agenda, (), 100) == "【OpenLLM Talk 004】"


@given(st.lists(st.text(min_size=1, max_size=60), max_size=12), st.integers(30, 120))
def test_a_title_is_never_too_long_and_its_parts_are_whole(parts: list[str], longest: int) -> None:

    agenda = Agenda(
        series="OpenLLM Talk",
        number=4,
        scheduled_at=MONDAY,
        place="",
        hosts=(),
        editors=(),
        sections=(),
        open_roles=(),
        host_role="主持人",
        editor_role="编辑",
        submit="/新闻",
        highlights=tuple(parts),
        discussion=Discussion(),
    )
    assert summary(agenda, longest) == tuple(parts)
    said = title(agenda, parts, longest)
    assert len(said) <= longest
    rest = said.partition("本期提要: ")[2]
    assert rest == "; ".join(parts[: next(n for n in range(len(parts) + 1) if "; ".join(parts[:n]) == rest)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_series_may_bring_a_template_of_its_own(lobby: Lobby, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "own.jinja").write_text(
        '{% extends "minutes.md.jinja" %}\n'
        "{% block prologue %}\n# 写在前面\n\n{{ agenda.sections[0].items[0].title }}\n"
        "{% endblock %}\n{% block earlier %}{% endblock %}\n",
        encoding,
    )
    (tmp_path / "series.toml").write_text(
        BUILT_IN.read_text("utf-8").replace("[texts]\n", '[texts]\ntemplate = "own.jinja"\n'), "utf-8"
    )
    series = load_series(tmp_path / "series.toml")
    check_template(series)
    lobby.submit(LINXI, "news", "https://a.com/1 *不是* <b>标记")
    now = lobby.clock()
    document = minutes_document(compile_minutes(lobby.connection, series, 4, now)).document
    assert "\n\n# 写在前面\n\n\\*不是\\* \\<b>标记\n\n# 背景介绍" in document
    assert "# 序章" not in document
    assert "# 往期精彩" not in document
    assert "# 加入/赞助我们" in document
    assert "\ufeff" not in document


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (b"{% block a %}", "第 1 行：模板写法不对"),
        (b"{{ 1 }}\n{{ 1 +* }}", "第 2 行：模板写法不对"),
        (b"\xff", "不是 UTF-8 编码"),
        (None, "没有这个文件"),
    ],
)
def test_a_template_that_cannot_be_read_is_told_at_the_start(tmp_path: Path, template: bytes | None, says: str) -> None:
    if template is not None:
        (tmp_path / "own.jinja").write_bytes(template)
    (tmp_path / "series.toml").write_text(
        BUILT_IN.read_text("utf-8").replace("[texts]\n", '[texts]\ntemplate = "own.jinja"\n'), "utf-8"
    )
    with pytest.raises(BadSeries, match=rf"own\.jinja.*{says}"):
        check_template(load_series(tmp_path / "series.toml"))
