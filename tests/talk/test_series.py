"""A series' TOML file: the built-in one, and what is wrong with others."""

from pathlib import Path

import pytest

from plugins._talk.series import Section, Series
from plugins._talk.series_file import BUILT_IN, BadSeries, lines, load_series


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
    ("not = [toml", "not = [toml", "第 1 行：TOML 写法不对"),
    ("not = [1,", "not = [1,", "TOML 写法不对：最后少了引号或括号"),
    ('zone = "Asia/Shanghai"', 'zone = "Asia/Atlantis"', "zone.*Atlantis"),
    ('time = "21:00"', 'time = "quarter past"', "meeting.time"),
    ("capacity = 1", "capacity = 0", "第 137 行：roles.1.capacity = 0：要大于 0"),
    ('default_category = "工业界"', 'default_category = "八卦"', "八卦"),
    ('key = "rec"', 'key = "news"', "key 写了两次：news"),
    ('name = "本周推荐"', 'name = "新闻"', "「新闻」是 本周新闻，也是 新闻：换一个叫法"),
    ('aliases = ["编辑", "editor"]', 'aliases = ["编辑", "HOST"]', "「HOST」是 主持人，也是 编辑：换一个叫法"),
    ('name = "OpenLLM Talk"', 'name = " "', "第 4 行：name =  ：应为一行文字"),
    ('name = "OpenLLM Talk"', r'name = "a\nb"', "第 4 行：name = a b：应为一行文字"),
    ('name = "OpenLLM Talk"', r'name = "a\u2028b"', "第 4 行：name = .*：应为一行文字"),
    ('name = "OpenLLM Talk"', r'name = "a\u0000"', "第 4 行：name = .*：应为一行文字"),
    ('name = "主持人"', f'name = "{"主" * 41}"', "第 134 行：roles.1.name = 主+：应为一行文字，最多 40 个字"),
    ('key = "classic"', f'key = "{"c" * 31}"', "第 219 行：sections.3.key = c+：最多 30 个字"),
    ('short = "新闻"', f'short = "{"新" * 31}"', "第 151 行：sections.1.short = 新+：最多 30 个字"),
    ('weekday = "sat"', "weekday = 6", 'meeting.weekday = 6：应为文字，例 "…"，或几个的列表'),
    ("[meeting]", "[meeting", r"第 7 行：TOML 写法不对：\[meeting（"),
    ('zone = "Asia/Shanghai"', "zone = Asia/Shanghai", "第 5 行：TOML 写法不对：zone = Asia/Shanghai（文字要加引号"),
    ("[[roles]]", "[[role]]", "第 132 行：role：没有这一项，是不是 roles？"),
    ('runs = "evening"', "", 'runs = "evening"'),
    ('runs = "minutes"', 'runs = ["evening", "minutes"]', "只能有一个角色"),
    ('weekday = "sat"', 'weekday = "someday"', "第 8 行：meeting.weekday"),
    ('policy = "next_week"', 'polcy = "next_week"', "holidays.polcy：没有这一项，是不是 policy？"),
    ('makeup_days = "hold"', 'country = "XX"', "holidays.country = XX：不认识这个国家代码"),
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


def test_a_file_that_begins_with_a_byte_order_mark(tmp_path: Path, series: Series) -> None:
    path = tmp_path / "series.toml"
    path.write_text(BUILT_IN.read_text("utf-8"), "utf-8-sig")
    assert load_series(path) == series


def test_a_name_may_hold_what_people_write(tmp_path: Path) -> None:
    path = tmp_path / "series.toml"
    for name in ("👩\u200d💻 读书会 ❤️", "Vision Lab & Friends", "文" * 40):
        path.write_text(BUILT_IN.read_text("utf-8").replace('"OpenLLM Talk"', f'"{name}"', 1), "utf-8")
        assert load_series(path).name == name


def test_the_lead_of_a_section_with_the_longest_name_has_a_name(tmp_path: Path) -> None:
    path = tmp_path / "series.toml"
    for short in ("书" * 30, "b" * 30):
        path.write_text(BUILT_IN.read_text("utf-8").replace('"新闻"', f'"{short}"', 1), "utf-8")
        assert load_series(path).role("news").name.removesuffix("负责人").strip() == short


def test_what_is_gone_is_called_by_its_key(series: Series) -> None:
    assert series.section("x" * 30).name == f"其他（{'x' * 30}）"
    assert series.role("x" * 30).name == "x" * 30


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadSeries, match="没有这个文件"):
        load_series(tmp_path / "none.toml")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "series.toml"
    path.write_text(
        """name = "读书会"
zone = "Asia/Shanghai"
colour = "red"

[meeting]
weekdays = "wed"
time = "19:30"
hours = 200

[[roles]]
key = "reader"
name = "领读"
runs = "evening"

[[sections]]
key = "books"
name = "好书"
minuets = 10
categories = [
    { name = "小说" },
    { nmae = "散文" },
]
""",
        "utf-8",
    )
    with pytest.raises(BadSeries) as caught:
        load_series(path)
    assert [each.removeprefix(f"{path} ") for each in caught.value.problems] == [
        "第 3 行：colour：没有这一项",
        "第 6 行：meeting.weekdays：没有这一项，是不是 weekday？",
        "第 8 行：meeting.hours = 200：最多为 48.0",
        "第 18 行：sections.1.minuets：没有这一项，是不是 minutes？",
        "第 19 行：sections.1.categories.2.nmae：没有这一项，是不是 name？",
    ]


TABLES = """\
[a]
b = 1

[[c]]
d = \"\"\"
two
\"\"\"
[[c.e]]
f = [
  1,
  2,
]
g.h = { i = 1 }
[[c.e]]
[[c]]
[c.j]
k = 1
"""


def test_where_a_key_stands() -> None:
    found = {".".join(map(str, place)): line for place, line in lines(TABLES).items()}
    assert found == {
        "a": 1,
        "a.b": 2,
        "c.0": 4,
        "c.0.d": 5,
        "c.0.e.0": 8,
        "c.0.e.0.f": 9,
        "c.0.e.0.g": 13,
        "c.0.e.0.g.h": 13,
        "c.0.e.0.g.h.i": 13,
        "c.0.e.1": 14,
        "c.1": 15,
        "c.1.j": 16,
        "c.1.j.k": 17,
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"#" * 10_000_000, "超过 256 KB"),
        (b"\xff\xfe", "UTF-8"),
        (b"a = " + b"[" * 20_000, "TOML 写法不对|套得太深"),
        (b"", "name：缺这一项"),
        ('zone = "' + "x" * 5_000 + '"', "没有这个时区"),
        ('zone = "../../etc"', "没有这个时区"),
    ],
    ids=["large", "no text", "deep", "empty", "long zone", "zone that is a path"],
)
def test_files_that_are_none(tmp_path: Path, content: bytes | str, says: str) -> None:
    path = tmp_path / "series.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadSeries, match=says):
        load_series(path)


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ({"key": "books", "name": "好书"}, "好书"),
        ({"key": "books", "name": "好书 2"}, "books"),
        ({"key": "books", "name": "好书", "short": "书"}, "书"),
        ({"key": "papers", "name": "本期论文", "short": "papers"}, "papers"),
        ({"key": "chat", "name": "Free Talk", "submissions": False}, "Free Talk"),
        ({"key": "chat", "name": "谈" * 31, "submissions": False}, "chat"),
        ({"key": "books", "name": "书" * 30}, "书" * 30),
        ({"key": "books", "name": "书" * 31}, "books"),
    ],
)
def test_a_section_without_a_short_name_is_called_by_its_name_or_key(given: dict[str, object], short: str) -> None:
    assert Section.model_validate(given).short == short
