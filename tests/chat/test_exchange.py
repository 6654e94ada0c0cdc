"""Talks as files and out of them: what is written, taken in and written again is the same; articles are understood."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from db.opening import open_database
from db.refusals import CannotBackUp
from plugins._chat.config import Settings
from plugins._operations import exchange
from plugins._talk.exchange import talks_file
from plugins._talk.exchange.article import read_article
from plugins._talk.exchange.markdown_file import documents
from tests.chat.evening import Evening
from tests.chat.test_fuzz import quick
from tests.people import AKAI, PEOPLE, XU

SEED = Path(__file__).parents[1] / "process" / "seed" / "openllm-talk-004.md"


def at(folder: Path) -> Settings:
    return Settings(root=folder, talk_groups=(1,))


def taken_in(folder: Path, evening: Evening, file: Path, address: str | None = None) -> list[str]:
    return list(exchange.take_in(at(folder), evening.service.series, file, address))


@pytest.fixture
def source(full_evening: Evening) -> Settings:
    """The settings of the bot whose evening it was."""
    engine = full_evening.service.db.writer
    return Settings(root=Path("/"), talk_groups=(1,), database_url=str(engine.url))


@pytest.mark.parametrize("form", ["json", "md", "zip"])
async def test_what_is_taken_in_is_written_again_byte_for_byte(
    full_evening: Evening,
    source: Settings,
    tmp_path: Path,
    form: str,
) -> None:
    first, second = tmp_path / f"first.{form}", tmp_path / f"second.{form}"
    exchange.write(source, full_evening.service.series, first)
    told = taken_in(tmp_path, full_evening, first)
    assert told[0].startswith("004 期：3 条" if form == "md" else "收进来 2 期：004、005")
    exchange.write(at(tmp_path), full_evening.service.series, second)
    assert second.read_bytes() == first.read_bytes()
    for number in (str(each.user_id) for each in PEOPLE.values()):
        assert number.encode() not in first.read_bytes()
    assert "没有" in taken_in(tmp_path, full_evening, first)[0]  # a second time nothing is new


async def test_what_was_taken_in_is_a_talk_like_any(full_evening: Evening, source: Settings, tmp_path: Path) -> None:
    from plugins._talk.documents.agenda import compile_agenda

    file = tmp_path / "talks.zip"
    exchange.write(source, full_evening.service.series, file)
    taken_in(tmp_path, full_evening, file)
    old = await full_evening.service.db.read(compile_agenda, full_evening.service.series, 4)
    database = open_database(at(tmp_path).database)
    with database.writer.begin() as connection:
        new = compile_agenda(connection, full_evening.service.series, 4)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    database.close()
    assert [item.title for item in new.sections[0].items] == [item.title for item in old.sections[0].items]
    assert [item.pictures for item in new.sections[0].items] == [item.pictures for item in old.sections[0].items]
    assert [each.name for each in new.hosts] == ["林溪"]
    assert new.discussion.threads[0].said[0].author.name == "阿凯"
    assert all(each.qq < 0 for each in new.hosts)


async def test_what_was_withdrawn_or_said_elsewhere_is_not_in_the_file(
    full_evening: Evening,
    source: Settings,
    tmp_path: Path,
) -> None:
    await full_evening.says(XU, "/news https://secret.example/1 不想让人看到")
    await full_evening.says(XU, "/撤回 005#3")
    await full_evening.says(AKAI, "/匿名 我")
    file = tmp_path / "talks.json"
    exchange.write(source, full_evening.service.series, file)
    text = file.read_text("utf-8")
    assert "secret.example" not in text
    assert "阿凯" not in text
    assert "message_id" not in text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{}", "不是 export"),
        (b"[1, 2", "不是 JSON"),
        (b'{"format": "talk-bot talks", "version": 9}', "第 9 版"),
        (b'{"format": "talk-bot talks", "version": 1, "people": []}', "缺了或写错了什么"),
        (b'{"format": "talk-bot talks", "version": 1, "people": 1, "talks": [{"number": "x"}]}', "缺了或写错了什么"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_a_file_that_is_none_is_refused_and_nothing_stored(
    evening: Evening, tmp_path: Path, body: bytes, why: str
) -> None:
    file = tmp_path / "talks.json"
    file.write_bytes(body)
    with pytest.raises(CannotBackUp, match=why):
        taken_in(tmp_path, evening, file)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("talks", "state", "nonsense"),
        ("talks", "number", 10**30),
        ("talks", "scheduled_at", "yesterday"),
        ("talks", "scheduled_at", "2026-01-01T00:00:00"),
        ("talks", "scheduled_at", "0001-01-01T00:00:00+00:00"),
        ("talks", "scheduled_at", "9999-12-31T00:00:00+00:00"),
        ("talks", "number", 10**12),
        ("talks", "article", "javascript:alert(1)"),
        ("items", "url", "data:text/html,x"),
        ("items", "url", None),
        ("items", "number", -1),
        ("items", "submitter", 999),
        ("remark_lines", "body", ""),
        ("people", "name", ""),
        ("people", "id", [1]),
    ],
)
async def test_a_row_that_breaks_a_rule_stores_nothing(
    full_evening: Evening, source: Settings, tmp_path: Path, table: str, column: str, value: object
) -> None:
    file = tmp_path / "talks.json"
    exchange.write(source, full_evening.service.series, file)
    whole = json.loads(file.read_text("utf-8"))
    whole[table][0][column] = value
    file.write_text(json.dumps(whole), "utf-8")
    try:
        taken_in(tmp_path, full_evening, file)
    except CannotBackUp:
        database = open_database(at(tmp_path).database)
        with database.writer.begin() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM talks").scalar_one() == 0
        database.close()
    else:
        assert (table, column, value) == ("items", "submitter", 999)  # an item of nobody is left out


def test_a_picture_that_is_another_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("talks.json", json.dumps({"format": "talk-bot talks", "version": 1}))
        archive.writestr(f"pictures/{'0' * 32}.png", b"\x89PNG\r\n\x1a\n")
    with pytest.raises(talks_file.NotTalks, match="对不上"):
        talks_file.unpacked(file.getvalue())
    with pytest.raises(talks_file.NotTalks, match="不是 export"):
        talks_file.unpacked(b"PK")


def test_the_seed_is_understood(evening: Evening, tmp_path: Path) -> None:
    article = read_article(SEED.read_text("utf-8"), evening.service.series)
    assert (article.number, f"{article.at:%Y-%m-%d %H:%M}") == (4, "2023-07-15 21:00")
    assert article.roles == {"host": ["羡鱼"], "editor": ["羡鱼", "suc16"]}
    assert article.summary[:2] == ["检索+LLM", "抱抱脸 daily papers"]
    found = {each.title: each for each in article.items}
    first = article.items[0]
    assert (first.section, first.category, first.url) == ("news", "学术", "https://zhuanlan.zhihu.com/p/642587159")
    assert found["GPT-4 细节泄露"].url == "https://semianalysis.com/p/gpt-4-architecture-infrastructure"
    assert found["transformer 推理算法分析"].category == "资料"
    assert found["量化"].section == "classic"
    assert len([each for each in article.items if each.url]) == 17
    assert [each.number for each in article.questions] == list(range(1, 11))
    lora = article.questions[7]
    assert (lora.said[0].by, lora.said[0].lines) == ("羡鱼", ["个人喜欢 lora 方案"])
    assert article.wishes[0][:2] == ("news", "可以考虑 GitHub 的讨论区,看个人习惯;论文可以写个摘要;")
    assert [line for _, line in article.not_understood] == ["refs:"]
    told = taken_in(tmp_path, evening, SEED, "https://zhuanlan.zhihu.com/p/643000000")
    assert told[0] == "004 期：24 条，10 个问题，12 个回答"
    assert "  没看懂的 1 行（原文在定稿里都留着）：" in told


async def test_the_bots_own_article_comes_back_whole(full_evening: Evening) -> None:
    from plugins._talk.documents.minutes import compile_minutes
    from plugins._talk.render.minutes import minutes_document

    minutes = await full_evening.service.db.read(
        compile_minutes, full_evening.service.series, 4, full_evening.service.now()
    )
    article = read_article(minutes_document(minutes, timeline=False).document, full_evening.service.series)
    assert article.number == 4
    assert article.video.startswith("https://www.bilibili.com/video/BV1Kh4y1E7nX/")
    assert article.roles["news"] == ["阿凯"]
    titles = {(each.title.partition(" - ")[0], each.by, each.number) for each in article.items}
    assert titles >= {("大模型的 CFG", "阿凯", 1), ("知识编辑 <b>上手</b>了", "林溪", 2)}
    (question,) = article.questions
    assert (question.text, question.by, question.said[0].by) == ("显存不够先试什么？", "Momo", "阿凯")
    assert article.wishes == [("news", "少一点 & 精一点", "Momo")]


def test_lines_of_nothing_but_markup_are_empty(evening: Evening) -> None:
    text = "# OpenLLM Talk 004\n\n**\n\n# 本周新闻\n\n<b></b>\n\n<sup>\n\n****\n\n甲\n\nhttps://a.com/1\n"
    article = read_article(text, evening.service.series)
    assert [(each.title, each.url) for each in article.items] == [("甲", "https://a.com/1")]
    assert article.not_understood == []


def test_lines_that_fit_nothing_are_told_with_their_numbers(evening: Evening) -> None:
    lines = (
        "# OpenLLM Talk 007",
        "没有归处的一行",
        "# 本期记录",
        "【时间】: 2023-08-05 晚上八点半",
        "【天气】: 晴",
        "乱写",
    )
    article = read_article("\n\n".join(lines), evening.service.series)
    assert article.number == 7
    assert f"{article.at:%m-%d %H:%M}" == "08-05 20:30"
    assert article.not_understood == [(3, "没有归处的一行"), (9, "【天气】: 晴"), (11, "乱写")]


@pytest.mark.parametrize(
    "text", ["", "# 随便\n\n写写", "# OpenLLM Talk 004\n", "# OpenLLM Talk 004\n\n# 本期记录\n\n【时间】: 某天"]
)
def test_an_article_without_number_or_time_is_not_taken_in(evening: Evening, tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.md"
    file.write_text(text, "utf-8")
    assert "没有找到" in taken_in(tmp_path, evening, file)[0]


HOSTILE = (
    "a" * 200_000,
    " " * 100_000 + "—",
    "——" * 50_000,
    "【" * 50_000,
    "1. " * 50_000,
    "[" * 50_000,
    "Q1" + " " * 4_000 + "x",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_lines_take_no_time(evening: Evening, hostile: str) -> None:
    head, short = "# OpenLLM Talk 004\n\n# 本周新闻\n\n", hostile[:4_900]
    for line in (hostile, f"【建议区】: {hostile}", f"{hostile} https://a.com/1", short, f"【建议区】: {short}"):
        text = f"{head}{line}\n\n# 线上讨论\n\n{line}\n"
        quick(lambda text=text: read_article(text, evening.service.series))


def test_a_document_may_look_like_the_mark_between_documents() -> None:
    from plugins._talk.exchange.markdown_file import _ESCAPED, _LIKE_A_MARK  # pyright: ignore[reportPrivateUsage]

    hostile = "<!-- talk 005 -->\n<!--- talk 006 -->\n正文"
    written = "<!-- talk 004 -->\n\n" + _LIKE_A_MARK.sub(r"<!--\1- talk ", hostile)
    assert list(documents(written)) == [hostile + "\n"]
    assert _ESCAPED.pattern
