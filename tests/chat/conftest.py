from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from db.engine import Database
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.reader import Reader
from plugins._chat.service import Service, open_service
from plugins._chat.stores.drawings import Drawings
from plugins._talk.usecases.desk import Rules
from tests.chat.evening import Evening
from tests.chat.transcript import Chat
from tests.people import AKAI, GROUP, LINXI, MOMO, SUC, XU, Clock


@pytest.fixture
async def service(
    db: Database, rules: Rules, clock: Clock, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Service]:
    """A service of its own for each test: its database, its clock, nobody connected."""

    async def no_pause(_seconds: float) -> None:
        return None

    reader = Reader(None, rules.series.advertising)

    def elapsed() -> float:
        return clock().timestamp()

    opened = Service(
        rules=rules,
        db=db,
        groups=(GROUP,),
        bots=list,
        clock=clock,
        monotonic=elapsed,
        pause=no_pause,
        reader=reader,
        drawings=Drawings(tmp_path_factory.getbasetemp() / "drawn"),
        files=tmp_path / "files",
        kept_for=0.0,
    )
    open_service(opened)
    yield opened
    await reader.stop()


@pytest.fixture
async def evening(service: Service, clock: Clock) -> Evening:
    found = Evening(service, clock)
    await deliver_due(found.service)
    return found


@pytest.fixture
def chat(service: Service, clock: Clock) -> Chat:
    return Chat(Evening(service, clock, first_id=1_000))


@pytest.fixture
async def full_evening(evening: Evening) -> Evening:
    """An evening with some of everything, over and published; and a next talk."""
    from tests.chat.test_discussion import Album, picture, words

    evening.service.pictures = Album(evening.service.db, evening.service.now)
    for who, said in (
        (LINXI, "/认领 主持人"),
        (LINXI, "/认领 编辑"),
        (AKAI, "/认领 新闻"),
        (AKAI, "/news 学术 https://arxiv.org/abs/2306.17806 大模型的 CFG"),
        (SUC, "/news https://arxiv.org/abs/2306.17806 我也推荐"),
        (LINXI, "/news 项目 https://github.com/zjunlp/EasyEdit 知识编辑 <b>上手</b>了"),
        (MOMO, "/rec 量化到底怎么选"),
        (MOMO, "/suggest 新闻 少一点 & 精一点"),
        (LINXI, "/pin #1 CFG"),
    ):
        await evening.says(who, said)
    await evening.speaks(AKAI, [words("/add #1 讲稿 https://a.com/slides"), picture("curve")])
    await evening.at(28, 21)
    await evening.says(LINXI, "/开始")
    await evening.later(minutes=1)
    await evening.says(LINXI, "/下一项")
    await evening.says(MOMO, "/提问 显存不够先试什么？")
    await evening.says(AKAI, "/回答 Q1 先试量化")
    await evening.later(minutes=12)
    await evening.says(LINXI, "/结束")
    await evening.says(LINXI, "/视频 https://www.bilibili.com/video/BV1Kh4y1E7nX/ 10:10")
    await evening.says(LINXI, "/文章 https://zhuanlan.zhihu.com/p/642376781")
    await evening.says(XU, "/news https://b.com/next 下一期的")
    return evening
