"""No QQ number of a member in any document, page, picture or file, wherever people put it."""

import io
import json
import zipfile

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.names import stand_in
from plugins._onebot.implementation import Json
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.leaves import leaves, rebuilt
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.render.chat import forwards, short
from plugins._talk.render.data import agenda_json, minutes_json
from plugins._talk.render.markdown import agenda_document
from plugins._talk.render.minutes import minutes_document
from plugins._talk.render.picture import agenda_data, timeline_data
from tests.chat.evening import Evening
from tests.chat.loopback import text_of
from tests.chat.test_discussion import words
from tests.crawl import crawl
from tests.pages import BASE, minutes_html, talk_html
from tests.people import AKAI, LINXI, MOMO, PEOPLE, SUC, XU, Account

NUMBERS = [str(each.user_id) for each in PEOPLE.values()]


def at(who: Account, name: str | None = None) -> Json:
    data = {"qq": str(who.user_id), **({"name": name} if name else {})}
    return {"type": "at", "data": data}


@pytest.fixture
async def held(evening: Evening) -> Evening:
    """An evening in which people are @ed and called by their numbers everywhere."""
    akai, suc = str(AKAI.user_id), str(SUC.user_id)
    for each in (AKAI, SUC, XU):
        await evening.says(each, "/我的")
    await evening.at(28, 20, 50)
    await evening.says(MOMO, "/认领 主持人")
    await evening.speaks(LINXI, [words("/新闻 https://a.com/1 谢谢 "), at(AKAI), words(f"和 {suc} 的分享")])
    await evening.speaks(LINXI, [words("/补充 #1 见 "), at(SUC, f"@{suc}"), words(f" 的讲稿，请{akai}也看")])
    await evening.says(LINXI, f"/推荐 {akai} 说过的量化")
    await evening.says(LINXI, f"/新闻 https://zhuanlan.zhihu.com/p/{akai} 链接里的不动")
    await evening.says(LINXI, f"/建议 推荐 请 @{suc} 来讲")
    await evening.says(MOMO, f"/主题 推荐 {suc} 专场")
    await evening.says(MOMO, f"/提要 #1 {akai} 的分享")
    await evening.says(MOMO, f"/改题 #2 QQ{akai} 的量化")
    await evening.says(MOMO, f"/会议 找 {suc} 要会议号")
    await evening.says(MOMO, "/开始")
    await evening.later(minutes=1)
    await evening.says(MOMO, "/下一项")
    await evening.later(minutes=5)
    await evening.speaks(LINXI, [words("/提问 "), at(AKAI), words(f" 和 {suc} 怎么看？")])
    await evening.speaks(XU, [words("/回答 Q1 "), at(AKAI), words(f" 说：{suc} 讲得对")])
    shared = await evening.speaks(AKAI, [at(SUC), words(f" 我是 {akai}，加我")])
    await evening.speaks(LINXI, [{"type": "reply", "data": {"id": str(shared.message_id)}}, words(f"/收录 {suc} 的话")])
    await evening.later(minutes=5)
    await evening.says(MOMO, "/结束")
    return evening


async def test_no_number_is_in_any_byte_of_the_pages(held: Evening) -> None:
    from plugins.web import OnDemand

    held.service.public_url = held.service.site = BASE
    async with httpx.AsyncClient(transport=httpx.ASGITransport(OnDemand()), base_url=BASE) as client:
        answers = await crawl(client)
    assert len(answers) > 40
    for address, answer in answers.items():
        kept = (
            answer.content.decode("utf-8", "replace").replace(f"/p/{AKAI.user_id}", "").replace(f"p{AKAI.user_id}", "")
        )
        kept = kept.replace(f"%2Fp%2F{AKAI.user_id}", "")  # an address is an address
        assert not [number for number in NUMBERS if number in kept + address], address


async def test_no_number_is_in_anything_that_is_published(held: Evening) -> None:
    series, now = held.service.series, held.service.now()
    agenda = await held.service.db.read(compile_agenda, series, 4)
    minutes = await held.service.db.read(compile_minutes, series, 4, now)
    await held.says(MOMO, "/议程 004")
    await held.says(MOMO, "/纪要")
    published = [
        short(agenda),
        *(f"{node.name} {node.text}" for forward in forwards(agenda) for node in forward),
        agenda_document(agenda).document,
        talk_html(agenda),
        agenda_json(agenda).document,
        json.dumps(agenda_data(agenda, 100, None), ensure_ascii=False),
        minutes_document(minutes).document,
        minutes_html(minutes),
        minutes_json(minutes).document,
        json.dumps(timeline_data("004", minutes.timeline), ensure_ascii=False),
        *(file.name + file.body.decode(errors="replace") for file in held.onebot.group.files),
    ]
    for file in held.onebot.group.files:
        if file.name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
                published += [archive.read(name).decode(errors="replace") for name in archive.namelist()]
    for text in published:
        kept = text.replace(f"/p/{AKAI.user_id}", "").replace(f"%2Fp%2F{AKAI.user_id}", "")  # an address is an address
        assert not [number for number in NUMBERS if number in kept]
    document = minutes_document(minutes).document
    assert "谢谢 @阿凯 和 @suc16 的分享" in document
    assert "说：@suc16 讲得对 —— 阿凯（老徐 转）" in document
    assert "我是 @阿凯，加我" in document
    assert f"<https://zhuanlan.zhihu.com/p/{AKAI.user_id}>" in document


async def test_somebody_whom_nobody_knows_is_a_stand_in(evening: Evening) -> None:
    stranger = Account(9_988_776_655, "")
    await evening.speaks(LINXI, [words("/新闻 https://a.com/1 谢谢 "), at(stranger)])
    assert text_of(evening.onebot.group.messages[-1]).endswith(f"谢谢 @{stand_in(stranger.user_id)}")


@given(st.text())
def test_walking_through_a_document_changes_nothing(text: str) -> None:
    document = ((text, 1, None), (AKAI.user_id,))
    assert rebuilt(document, lambda leaf: leaf) == document
    assert list(leaves(document)) == [text, 1, None, AKAI.user_id]


async def test_other_numbers_stay(evening: Evening) -> None:
    text = "2306.17806 20261128 100000 13800138000 QQ群 740679327"
    assert await evening.service.db.read(without_numbers, text) == text


@pytest.mark.parametrize(
    "written", ["qq={}", "QQ-{}", "QQ/{}", "v.{}", "#{}", "+{}", "{}-林溪", "{}/", "{}%", "qq{}", "({})"]
)
async def test_a_number_is_found_however_it_is_written(evening: Evening, written: str) -> None:
    from plugins._talk.documents.private_numbers import without_numbers

    await evening.says(AKAI, "/我的")
    text = f"联系 {written.format(AKAI.user_id)} 。"
    assert str(AKAI.user_id) not in await evening.service.db.read(without_numbers, text)
    kept = f"https://a.com/p/{AKAI.user_id} x{AKAI.user_id}y 1{AKAI.user_id}"
    assert await evening.service.db.read(without_numbers, kept) == kept
