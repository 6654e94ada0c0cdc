"""Talk 1000, and names that show nothing: no QQ number anywhere that people read."""

import json
import re
from dataclasses import replace

import httpx
import nonebot
import pytest

from db.names import stand_in
from db.queries import members
from plugins._chat.service import Service
from plugins._onebot.group import Account
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.foreign_text import clean_name, storable
from plugins._talk.render.chat import announcement, nodes
from plugins._talk.render.data import agenda_json, minutes_json
from plugins._talk.render.markdown import agenda_document
from plugins._talk.render.minutes import minutes_document
from plugins._talk.render.picture import agenda_data
from tests.chat.evening import Evening
from tests.people import LINXI, MOMO, Clock

INVISIBLE = [
    *("\u3164", "\u2800", "\u115f", "\uffa0", "\u034f", "\u0301", "\u200b", "\u202e"),
    *(" \u3000 ", "\u00ad", "\u3164\u2800\u0301"),
]


@pytest.mark.parametrize("name", INVISIBLE)
def test_what_shows_nothing_is_no_name(name: str) -> None:
    assert clean_name(name) == ""


def test_names_that_show_something_stay() -> None:
    for name in ("林溪", "🌱", "é", "꧁༺ 龘 ༻꧂", "👩‍💻 全家桶", "a\u0301b", "~", "1"):
        assert clean_name(name) == name
    assert clean_name("林\u202e\u3164溪\n\0") == "林溪"
    assert storable("a\0b\ud800") == "ab?"


async def test_nobody_is_called_by_number_in_anything_that_people_read(evening: Evening) -> None:
    people = [Account(2_345_600_000 + place, name, name) for place, name in enumerate([*INVISIBLE, "2345600011"])]
    for who in people:
        evening.onebot.group.accounts[who.user_id] = who
    for place, who in enumerate(people):
        await evening.says(who, f"/news https://a.com/{place}")
        await evening.says(who, f"/ask 问题 {place}？")
        await evening.says(who, f"/suggest 实践 愿望 {place}")
        await evening.says(who, f"/answer Q{place + 1} 答", to=people[0])
    await evening.says(people[1], "/claim 编辑")
    series = evening.service.series
    agenda = await evening.service.db.read(compile_agenda, series, 4)
    minutes = await evening.service.db.read(compile_minutes, series, 4, evening.clock())
    spoken = (segment for message in evening.onebot.group.messages for segment in message.segments)
    said = [str(segment["data"].get("text", "")) for segment in spoken]
    told = [each for each in announcement(agenda) if isinstance(each, str)]
    shown = [
        json.dumps(agenda_data(agenda, 100, None), ensure_ascii=False), agenda_json(agenda).document,
        minutes_json(minutes).document, agenda_document(agenda).document, minutes_document(minutes).document,
        *(node.text for node in nodes(agenda)), *told, *said,
    ]  # fmt: skip
    assert not [text for text in shown if re.search(r"23456000\d\d", text)]
    assert stand_in(people[0].user_id) in shown[0]
    assert len({stand_in(each.user_id) for each in people}) == len(people)


async def test_a_nick_is_no_number_and_shows_something(evening: Evening) -> None:
    for nick in (str(LINXI.user_id), f"QQ{LINXI.user_id}", "\u3164", "\u2800\u0301"):
        assert "记住了" not in (await evening.says(LINXI, f"/nick {nick}") or [""])[0]
    name = await evening.service.db.read(members.name_of, LINXI.user_id)
    assert name == "林溪"


async def test_talk_one_thousand(service: Service, clock: Clock) -> None:
    service.rules = replace(service.rules, first_number=999)
    evening = Evening(service, clock)
    await evening.says(LINXI, "/news https://a.com/0 零")
    evening.clock.forward(days=6)
    assert (await evening.says(LINXI, "/news https://a.com/1 甲"))[0].startswith("1000 期本周新闻 #1")
    await evening.says(LINXI, "/ask 怎么样？")
    assert (await evening.says(LINXI, "/edit 1000#1 乙"))[0].startswith("1000#1 已修改")
    assert (await evening.says(MOMO, "/answer 1000Q1 好"))[0].startswith("1000Q1 收到")
    assert (await evening.says(LINXI, "/roles 1000"))[0].startswith("1000 期分工")
    assert (await evening.says(LINXI, "/claim 新闻 1001"))[0].startswith("1001 期的新闻负责人")
    assert "1000 ·" in (await evening.says(LINXI, "/talk 1000"))[0]
    assert (await evening.says(LINXI, "/agenda 1000"))[0].startswith("1000 期议程")
    assert "群文件里有 OpenLLM-Talk-1000.md" in (await evening.says(MOMO, "/agenda 1000"))[-1]
    assert (await evening.says(MOMO, "/minutes 1000"))[-1].startswith("1000 期的纪要")
    assert (await evening.says(MOMO, "/video https://a.com/v 999"))[0].startswith("999 期的视频")
    await evening.says(MOMO, "/article https://a.com/999 999")
    from plugins.web import open_pages

    open_pages()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(nonebot.get_asgi()), base_url="http://localhost") as web:
        assert (await web.get("/talks/1000")).status_code == 200
        minutes = (await web.get("/talks/1000/minutes.json")).json()
    assert minutes["earlier"][0]["article"] == "https://a.com/999"
