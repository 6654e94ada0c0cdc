"""A series' TOML file: the built-in one, and what is wrong with others."""

from pathlib import Path

import pytest

from plugins._talk.series import BUILT_IN, BadSeries, Series, load_series


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("主持人", "host"),
        ("host", "host"),
        ("HOST", "host"),
        ("编辑", "editor"),
        ("新闻", "news"),
        ("新闻负责人", "news"),
        ("新闻 负责人", "news"),
        ("本周新闻", "news"),
        ("news", "news"),
        ("free talk", "free"),
        ("打杂", None),
        ("", None),
    ],
)
def test_roles_by_what_people_call_them(series: Series, words: str, key: str | None) -> None:
    role = series.role_called(words)
    assert (role and role.key) == key


def test_links_go_where_their_site_belongs(series: Series) -> None:
    news, rec = series.section("news"), series.section("rec")
    assert news.category_of("https://arxiv.org") == "学术"
    assert news.category_of("https://github.com") == "项目"
    assert news.category_of("https://notgithub.com") == "工业界"
    assert rec.category_of("https://huggingface.co") == "模型"
    assert rec.category_of("") == "杂项"
    assert rec.category_of("https://huggingface.co/datasets/a/b") == "项目"
    assert rec.category_of("https://huggingface.co/datasets-of-mine/b") == "模型"
    assert rec.category_of("https://github.com/a/b") == "项目"
    assert rec.category_of("https://www.modelscope.cn/models/a/b") == "模型"
    for paper in ("openreview.net/forum?id=x", "aclanthology.org/2023.acl-long.1/", "doi.org/10.1/x", "dl.acm.org/x"):
        assert news.category_of(f"https://{paper}") == "学术"
    for project in ("gitee.com/a/b", "huggingface.co/a/b", "hf-mirror.com/a/b", "modelscope.cn/models/a/b"):
        assert news.category_of(f"https://{project}") == "项目"
    assert news.category_of("https://openai.com/blog") == "工业界"
    assert series.section("classic").category_of("https://arxiv.org") is None


BROKEN = [
    ("not = [toml", "not = [toml", "Expected|Unclosed|Invalid"),
    ('zone = "Asia/Shanghai"', 'zone = "Asia/Atlantis"', "zone.*Atlantis"),
    ('time = "21:00"', 'time = "quarter past"', "meeting.time"),
    ("capacity = 1", "capacity = 0", "roles.0.capacity"),
    ('default_category = "工业界"', 'default_category = "八卦"', "八卦"),
    ('key = "rec"', 'key = "news"', "used twice: news"),
    ('key = "editor"', 'key = "writer"', "lacks editor"),
    ('name = "OpenLLM Talk"', 'nmae = "OpenLLM Talk"', "name|nmae"),
    ("agenda = { minutes = -30 }", "agenda = { days = 1 }", "reminders.agenda"),
]


@pytest.mark.parametrize(("good", "bad", "says"), BROKEN)
def test_a_file_that_makes_no_sense_is_refused_in_one_line(tmp_path: Path, good: str, bad: str, says: str) -> None:
    path = tmp_path / "series.toml"
    text = BUILT_IN.read_text("utf-8")
    path.write_text(bad if good == bad else text.replace(good, bad, 1), "utf-8")
    with pytest.raises(BadSeries, match=says) as caught:
        load_series(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadSeries, match="No such file"):
        load_series(tmp_path / "none.toml")
