"""Searching 100,000 items by the index, and by LIKE as the floor."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable

from sqlalchemy import Connection, text

from db.opening import open_database
from db.queries import search

ITEMS, ROUNDS = 100_000, 9
CHINESE = "大模型 长文本 检索增强 对齐 推理 加速 量化 微调 知识 数据 多模态 代码 开源 社区 训练 评测 强化学习".split()
ENGLISH = "transformer attention LoRA QLoRA GPT-4 LLaMA RWKV MOSS RLHF PPO vLLM FlashAttention agent benchmark".split()
ASKED = ("模型", "量化", "检索增强 LoRA", "gpt-4", "长文", "林溪", "不存在")


def compare() -> None:
    """Print, for each query, the milliseconds of the index and of LIKE, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/talk.db")
        with database.writer.begin() as connection:
            _fill(connection)
            began = time.perf_counter()
            search.refresh(connection)
            print(f"search: {ITEMS} items indexed in {time.perf_counter() - began:.1f} s")
            for words in ASKED:
                _compare(connection, words)
        database.close()


def _compare(connection: Connection, words: str) -> None:
    like = " AND ".join(f"(title LIKE :w{i} OR note LIKE :w{i})" for i, _ in enumerate(words.split()))
    values = {f"w{i}": f"%{word}%" for i, word in enumerate(words.split())}
    floor = text(f"SELECT count(*) FROM items WHERE {like}")  # noqa: S608 our own words
    count, _ = search.find(connection, words.split(), 5)
    ours = _median(lambda: search.find(connection, words.split(), 5))
    theirs = _median(lambda: connection.execute(floor, values).scalar_one())
    print(f"search: {words}: {count} found, {ours:.1f} ms; LIKE {theirs:.1f} ms; ratio {ours / theirs:.3f}")


def _median(query: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        query()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _fill(connection: Connection) -> None:
    chance = random.Random(1)  # noqa: S311 titles, not secrets
    connection.execute(text("INSERT INTO members (qq, card) VALUES (1, '林溪'), (2, '阿凯')"))
    connection.execute(
        text(
            "INSERT INTO talks (number, scheduled_at, state, collecting_from, last_item)"
            " VALUES (0, '2023-01-01 00:00:00', 'held', '2023-01-01 00:00:00', 0)"
        )
    )
    connection.execute(
        text(
            "INSERT INTO items (talk, number, section, url, key, key_version, title, title_source, note, submitter,"
            " state, created_at) VALUES (0, :number, 'news', :url, :url, 2, :title, 'card', :note, :submitter,"
            " 'listed', '2023-01-01 00:00:00')"
        ),
        [
            {
                "number": number,
                "url": f"https://a{number % 50}.com/{number}",
                "title": " ".join(chance.choices(CHINESE, k=3) + chance.choices(ENGLISH, k=2)),
                "note": "".join(chance.choices(CHINESE, k=2)),
                "submitter": 1 + number % 2,
            }
            for number in range(1, ITEMS + 1)
        ],
    )
