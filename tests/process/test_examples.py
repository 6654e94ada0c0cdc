"""The series in `examples/`: a week of each as a whole process, in which nothing of another community shows through."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from plugins._onebot.group import Account
from tests.chat.loopback import text_of, text_of_segments
from tests.people import AKAI, BOT, CHUQI, GROUP, LINXI, MOMO
from tests.process.bot_process import BotProcess, Line, Night, connected, make_group, without_faketime

EXAMPLES = Path(__file__).parents[2] / "examples"
SHANGHAI = ZoneInfo("Asia/Shanghai")
# The first process starts before something is due, the later ones after it: they post it at once.
BEFORE, AFTER = timedelta(seconds=-12), timedelta(seconds=5)
FOREIGN = (
    "OpenLLM",
    "LLM",
    "新闻",
    "主持人",
    "编辑",
    "本周推荐",
    "Free Talk",
    "序章",
    "知乎",
    "羡鱼",
    "周六",
    "21:00",
    "周日",
)


class Say(NamedTuple):
    """Somebody says something, and the answer has these words."""

    who: Account
    words: str
    answer: str


class Scene(NamedTuple):
    """What was due at `due` the bot posts by itself, messages with these words; then people talk."""

    due: datetime
    posts: Sequence[str]
    talk: Sequence[Say]


def at(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"2026-{day}T{time}:00").replace(tzinfo=SHANGHAI)


READING = (
    Scene(
        at("11-26", "12:00"),
        ["000 期 2026-12-02 周三 19:30\n还缺 领读、摘抄负责人：发 /认领 加角色，例如 /认领 领读"],
        [
            Say(AKAI, "/认领 领读", "000 期的领读就是你啦"),
            Say(LINXI, "/摘抄 第 12 页：山月不知心里事", "000 期摘抄 #1"),
            Say(MOMO, "/荐书 湘行散记", "000 期下一本读什么 #2"),
            Say(CHUQI, "/提问 写信的人后来怎么样了？", "000Q1 记下了"),
            Say(LINXI, "/帮助", "提一个问题，留到 漫谈 聊"),
            Say(MOMO, "/帮助 全部", "/荐书"),
            Say(LINXI, "/分工", "领读：阿凯"),
            Say(CHUQI, "/加入", "谁都可以来"),
        ],
    ),
    Scene(at("12-01", "12:00"), ["000 期 2026-12-02 周三 19:30 开始"], [Say(LINXI, "/本期", "在哪开：二楼小教室")]),
    Scene(
        at("12-02", "18:30"),
        ["领读 @", "[forward]", "山月读书会 000 议程[image]"],
        [
            Say(AKAI, "/选定 #2", "下一本读什么现在讲 1/1 条"),
            Say(AKAI, "/开始", "开场啦 领读 @"),
            Say(AKAI, "/下一项", "▶ 摘抄 · #1"),
            Say(AKAI, "/下一项 #2", "▶ 下一本读什么 · #2"),
            Say(LINXI, "/回答 Q1 他去了沅水上游", "林溪 的回答"),
            Say(AKAI, "/下一项 漫谈", "▶ 漫谈"),
            Say(AKAI, "/结束", "还差纪要，有空时收个尾"),
            Say(AKAI, "/纪要", "山月读书会-000-纪要.md"),
        ],
    ),
    Scene(at("12-04", "12:00"), ["领读发 /转下期"], [Say(LINXI, "/本期", "001 · 2026-12-16 周三 19:30")]),
)

PAPERS = (
    Scene(
        at("12-01", "10:00"),
        ["000 期 2026-12-03 周四 15:00\n还缺 轮值、论文负责人"],
        [
            Say(AKAI, "/认领 轮值", "000 期的轮值就是你啦"),
            Say(LINXI, "/论文 https://arxiv.org/abs/2106.09685 低秩适配", "000 期论文精读 #1"),
            Say(CHUQI, "https://openaccess.thecvf.com/x /论文", "000 期论文精读 #2"),
            Say(MOMO, "/进展 消融实验跑完了", "000 期进展 #3"),
            Say(CHUQI, "/提问 秩怎么选？", "000Q1 记下了"),
            Say(CHUQI, "/帮助", "提一个问题，到时候聊"),
            Say(CHUQI, "/加入", "问问群主"),
        ],
    ),
    Scene(at("12-02", "17:00"), ["提名待定：#3 消融实验跑完了"], [Say(LINXI, "/议程", "轮值 阿凯")]),
    Scene(
        at("12-03", "14:45"),
        ["轮值 @", "[forward]", "Vision Lab 组会 000 议程[image]"],
        [
            Say(AKAI, "/开始", "开场啦 轮值 @"),
            Say(AKAI, "/下一项", "▶ 论文精读 · #2"),
            Say(AKAI, "/下一项 进展", "▶ 进展 · #3"),
            Say(AKAI, "/结束", "轮值发 /转下期"),
            Say(AKAI, "/纪要", "Vision-Lab-组会-000-纪要.md"),
        ],
    ),
    Scene(
        at("12-04", "10:00"),
        ["轮值发 /转下期"],
        [
            Say(LINXI, "/认领 轮值", "001 期的轮值就是你啦"),
            Say(LINXI, "/顺延 下周五 4点", "下午就写 16:00"),
            Say(LINXI, "/顺延 下周五 16:00", "001 期改到 2026-12-11 周五 16:00"),
        ],
    ),
)


@without_faketime
@pytest.mark.parametrize(("file", "scenes"), [("reading-group", READING), ("paper-meeting", PAPERS)])
async def test_a_week(tmp_path: Path, file: str, scenes: Sequence[Scene]) -> None:
    night = Night(scenes[0].due + BEFORE)
    group = make_group(night)
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]", TALK_FILE=str(EXAMPLES / f"{file}.toml")).by(night)
    seen: list[str] = []
    for scene in scenes:
        night.jump(scene.due + (AFTER if seen else BEFORE))
        since = len(group.messages)
        await bot.start()
        async with connected(group, bot) as line:
            said = await line.hears(since, len(scene.posts))
            for words, posted in zip(scene.posts, said, strict=True):
                assert words in posted
            for say in scene.talk:
                await says(line, say)
            seen += [text_of(each) for each in group.messages[since:] if each.user_id == BOT.user_id]
            seen += [text_of_segments(segments) for _, segments in line.onebot.private]
        await bot.stop()
    assert "Traceback" not in bot.output
    seen += [str(nodes) for nodes in group.forwards.values()]
    seen += [each.body.decode() for each in group.files if each.name.endswith(".md")]
    assert any(each.startswith("# ") for each in seen)  # the minutes
    for words in FOREIGN:
        assert not [each for each in seen if words in each], words


async def says(line: Line, say: Say) -> None:
    """Wait for an answer with the words; what the bot says by itself may come before it."""
    since = len(line.group.messages) + 1
    heard = await line.asks(say.who, say.words)
    while not any(say.answer in each for each in heard):
        try:
            heard = await line.hears(since, len(heard) + 1)
        except TimeoutError:
            raise AssertionError(f"{say.words}: {heard}") from None
