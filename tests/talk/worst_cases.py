"""Talks that are hard to draw. As a program it draws them all: `python -m tests.talk.worst_cases docs/pictures`."""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from db.models import Base
from plugins._onebot.group import Account
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.timeline import Timeline, timeline
from plugins._talk.render.picture import agenda_picture, timeline_picture
from plugins._talk.series_file import load_series
from plugins._talk.usecases import choices, evening, moderation, questions, roles, submissions
from plugins._talk.usecases.desk import Desk, ItemRef, Rules
from tests.people import AKAI, LINXI, MOMO, SUC, Clock
from tests.talk.desks import Lobby

PAGE = "https://talk.example.org/talks/004"
NAMES = [
    "🌱 路过的研究生 🇨🇳",
    "👩‍💻👨‍👩‍👧‍👦 全家桶",
    "𠮷田さん ❤️‍🔥",
    "꧁༺ 龘靐齉 ༻꧂",
    "한국어 이름 ✨ 𝓐𝓫𝓬 ☀",
    "مرحبا 1️⃣ ไทย",
]
TITLES = [
    "将上下文长度扩展到 256k，无限上下文版本的 LongLLaMA 来了？",
    "MOSS-RLHF & “Secrets of RLHF in Large Language Models Part I: PPO”",
    "ztxz16/fastllm：纯 C++ 的全平台 LLM 加速库，支持 Python 调用",
    "2023 年 7 月 11 日，百川智能正式发布参数量 130 亿的通用大语言模型 Baichuan-13B-Base",
    "GPT-4 细节泄露",
    "单样本微调给 ChatGLM2 注入知识～",
]


def sixty_items(lobby: Lobby) -> None:
    """A full week: sixty items, everything claimed."""
    for role in ("主持人", "编辑", "新闻", "推荐"):
        lobby.visit(LINXI, roles.claim, role)
    lobby.visit(SUC, roles.claim, "新闻")
    for place in range(60):
        section = ("news", "news", "rec", "practice")[place % 4]
        who = (AKAI, MOMO, SUC, LINXI)[place % 4]
        words = f"{TITLES[place % 6]} 第 {place + 1} 条" + ("\n第三节最好看，代码也放出来了" if place % 5 == 0 else "")
        lobby.submit(who, section, f"https://example{place}.org/papers/{place} {words}")
    lobby.visit(LINXI, moderation.pin, [ItemRef(1)], "长驼")


def one_item(lobby: Lobby) -> None:
    """A quiet week: one item, all roles open."""
    lobby.submit(AKAI, "news", "https://arxiv.org/abs/2306.17806 CFG 用到了 LLM 上")


def long_titles(lobby: Lobby) -> None:
    """Titles of 200 characters, addresses of 300, tokens without an end."""
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(AKAI, "news", f"https://a.com/1 {'大语言模型的上下文长度外推与检索增强' * 12}"[:215])
    lobby.submit(AKAI, "news", f"https://a.com/2 {'Pneumonoultramicroscopicsilicovolcanoconiosis' * 5}"[:215])
    lobby.submit(MOMO, "news", f"https://a.com/{'very-long-path/' * 20}")
    lobby.submit(MOMO, "rec", f"https://b.com/1 看这里\n{'一口气说了很多话没有停顿' * 30}")
    lobby.submit(
        SUC, "rec", "https://b.com/2 #let x = 1; *bold* _it_ $x$ `code` <label> @ref // no \\ markup [CQ:at,qq=all]"
    )


def emoji_names(lobby: Lobby) -> None:
    """Names in emoji and rare characters, nominations, questions."""
    people = [Account(1_900_000_000 + place, name, name) for place, name in enumerate(NAMES)]
    lobby.visit(people[0], roles.claim, "主持人")
    lobby.visit(people[1], roles.claim, "编辑")
    lobby.visit(people[3], roles.claim, "新闻")
    for place, who in enumerate(people):
        lobby.submit(who, "news", f"https://a.com/{place} {TITLES[place]} 🎉")
    lobby.submit(people[2], "classic", "量化 🔢")
    lobby.submit(people[4], "classic", "𰻝𰻝面与䶮")
    lobby.visit(people[0], submissions.second, ItemRef(7))
    lobby.visit(people[0], choices.name_theme, "推荐 检索增强 🔍")
    lobby.visit(people[5], choices.suggest, "实践 专门做一期数据专题 🙏🏽")
    lobby.visit(people[5], questions.ask, "怎么抽时间看论文？🤔")


def an_evening(lobby: Lobby) -> Timeline:
    """An evening that was run by the clock: its timeline."""
    lobby.visit(LINXI, roles.claim, "主持人")
    for place in range(4):
        lobby.submit(AKAI, "news", f"https://a.com/{place} {TITLES[place]}")
    lobby.submit(AKAI, "rec", "https://b.com/1 推荐")
    lobby.submit(MOMO, "classic", "量化")
    lobby.clock.at = lobby.clock.at.replace(day=28, hour=13, minute=2)
    lobby.visit(LINXI, evening.start)

    def go_on(desk: Desk) -> object:
        return evening.go_on(desk, "", ItemRef())

    for wait in (3, 5, 4, 4, 3, 9, 21):
        lobby.clock.forward(minutes=wait)
        lobby.visit(LINXI, go_on)
    lobby.clock.forward(minutes=40)
    lobby.visit(LINXI, evening.end)
    return timeline(evening_of(lobby.connection, lobby.rules.series, 4), lobby.clock())


CASES: tuple[Callable[[Lobby], None], ...] = (sixty_items, one_item, long_titles, emoji_names)


def compiled(lobby: Lobby, case: Callable[[Lobby], None]) -> Agenda:
    case(lobby)
    return compile_agenda(lobby.connection, lobby.rules.series, 4)


def main(folder: Path) -> None:
    """Draw all of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = Rules.of(load_series(), 4)
    for case in CASES:
        with _lobby(rules) as lobby:
            _put(folder, case.__name__, agenda_picture(compiled(lobby, case), 100, PAGE).document)
    with _lobby(rules) as lobby:
        _put(folder, "an_evening", timeline_picture("OpenLLM Talk 004", an_evening(lobby)).document)


@contextmanager
def _lobby(rules: Rules) -> Generator[Lobby]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        yield Lobby(connection, rules, Clock())
    engine.dispose()


def _put(folder: Path, name: str, drawn: Sequence[bytes]) -> None:
    for place, body in enumerate(drawn, 1):
        number = f"-{place}" if len(drawn) > 1 else ""
        (folder / f"{name.replace('_', '-')}{number}.png").write_bytes(body)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
