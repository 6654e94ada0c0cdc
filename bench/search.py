"""Searching 100,000 items by the index, and by LIKE as the floor."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, insert, text

from bench.figures import Figure, ratios
from db.enums import TalkState, TitleSource
from db.models import Item, Talk
from db.opening import open_database
from db.queries import search
from plugins._talk.links.canonical import KEY_VERSION

TALKS, ITEMS, ROUNDS = 2_000, 100_000, 9
PEOPLE = 50  # who send in: each has one of a talk's items
CHINESE = "大模型 长文本 检索增强 对齐 推理 加速 量化 微调 知识 数据 多模态 代码 开源 社区 训练 评测 强化学习".split()
ENGLISH = "transformer attention LoRA QLoRA GPT-4 LLaMA RWKV MOSS RLHF PPO vLLM FlashAttention agent benchmark".split()
ASKED = ("模型", "量化", "检索增强 LoRA", "gpt-4", "长文", "林溪", "不存在")


async def measure() -> list[Figure]:
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/talk.db")
        with database.writer.begin() as connection:
            fill(connection, TALKS, ITEMS)
            began = time.perf_counter()
            search.refresh(connection)
            seconds = time.perf_counter() - began
            rounds = [_timed(connection, words) for words in ASKED]
        database.close()
    slowest = max(ours for ours, _ in rounds)
    return [
        Figure(
            name=f"search in {ITEMS:,} items",
            against="LIKE",
            values=ratios(*zip(*rounds, strict=True)),
            reach=0.5,
            detail=f"{len(ASKED)} searches; indexed in {seconds:.1f} s",
        ),
        Figure(name="the slowest of these searches", against="–", values=[slowest], reach=10, unit="ms"),
    ]


def _timed(connection: Connection, words: str) -> tuple[float, float]:
    """Milliseconds of the first page by the index, ranked, and of counting with LIKE."""
    like = " AND ".join(f"(title LIKE :w{i} OR note LIKE :w{i})" for i, _ in enumerate(words.split()))
    values = {f"w{i}": f"%{word}%" for i, word in enumerate(words.split())}
    floor = text(f"SELECT count(*) FROM items WHERE {like}")  # noqa: S608 our own words
    ours = _median(lambda: search.find(connection, words.split(), 5))
    return ours, _median(lambda: connection.execute(floor, values).scalar_one())


def _median(query: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        query()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def fill(connection: Connection, talks: int, items: int) -> None:
    """Fill an empty database with so many talks that are over, and so many items in them."""
    chance = random.Random(1)  # noqa: S311 titles, not secrets
    people = [{"qq": qq, "card": {1: "林溪", 2: "阿凯"}.get(qq, f"群友{qq}")} for qq in range(1, PEOPLE + 1)]
    connection.execute(text("INSERT INTO members (qq, card) VALUES (:qq, :card)"), people)
    first = datetime(1980, 1, 5, 13, tzinfo=UTC)
    connection.execute(
        insert(Talk),
        [
            {
                "number": number,
                "scheduled_at": first + timedelta(weeks=number),
                "state": TalkState.PUBLISHED,
                "collecting_from": first + timedelta(weeks=number - 1),
                "last_item": items // talks,
                "ended_at": first + timedelta(weeks=number, hours=2),
            }
            for number in range(talks)
        ],
    )
    connection.execute(
        insert(Item),
        [
            {
                "talk": number % talks,
                "number": number // talks + 1,
                "section": "news",
                "url": f"https://a{number % 50}.com/{number}",
                "key": f"a{number % 50}.com/{number}",
                "key_version": KEY_VERSION,
                "title": " ".join(chance.choices(CHINESE, k=3) + chance.choices(ENGLISH, k=2)),
                "title_source": TitleSource.CARD,
                "note": "".join(chance.choices(CHINESE, k=2)),
                "submitter": 1 + number // talks % PEOPLE,
                "created_at": first + timedelta(weeks=number % talks, hours=-1),
            }
            for number in range(items)
        ],
    )
