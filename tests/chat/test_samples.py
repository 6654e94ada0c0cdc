"""Every sample event of the four implementations, replayed as it would come over the socket."""

import json
from pathlib import Path
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import Adapter, MessageEvent
from nonebot.log import logger

from plugins._chat.incoming.message import read
from plugins._chat.service import Service, open_service
from tests.chat.loopback import LoopbackBot, Moody, group
from tests.people import BOT, Clock

SAMPLES = Path(__file__).with_name("samples")
FILES = sorted(each.name for each in SAMPLES.glob("*.json"))
EVENTS = [name for name in FILES if "_resp_" not in name]
GET_MSG = {"1500000777": "143_resp_napcat_get_msg_ok", "-1203344556": "145_resp_llbot_get_msg_deleted"}


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / name).read_text("utf-8"))


def test_the_samples_are_here() -> None:
    assert len(EVENTS) > 60


@pytest.mark.parametrize("name", EVENTS)
async def test_no_event_causes_a_traceback(name: str, service: Service, clock: Clock) -> None:
    onebot = Moody(BOT.user_id, group(clock))
    bot = LoopbackBot(onebot)
    service.bots = lambda: [bot]
    open_service(service)
    for message_id in ("1500000777", "-1203344556"):
        onebot.will("get_msg", sample(f"{GET_MSG[message_id]}.json")) if message_id in json.dumps(
            sample(name)
        ) else None
    logged: list[str] = []
    handler = logger.add(logged.append, level="ERROR", format="{message}")
    event = Adapter.json_to_event(sample(name))
    assert event is not None
    for _ in range(2):
        await bot.handle_event(event)
    logger.remove(handler)
    assert logged == []


@pytest.mark.parametrize(
    ("name", "url", "title"),
    [
        ("033_napcat_card_tuwen_zhihu.json", "https://www.zhihu.com/question/655501234/answer/98765432101", None),
        ("034_llbot_card_tuwen_mp_weixin.json", "https://mp.weixin.qq.com/s?__biz=MzI4NTAwMDAwMQ", None),
        ("036_napcat_card_miniapp_bilibili_qqdocurl.json", "https://b23.tv/", "从零手写 KV Cache（附代码）"),
        ("043_gocqhttp_card_string_format_entities.json", "https://www.zhihu.com/question/655501234", None),
    ],
)
def test_cards_are_read(name: str, url: str, title: str | None) -> None:
    event = Adapter.json_to_event(sample(name))
    assert isinstance(event, MessageEvent)
    cards = read(event.message, event.self_id).cards
    assert len(cards) == 1
    assert cards[0].link is not None
    assert cards[0].link.url.startswith(url)
    assert title is None or (cards[0].heading and cards[0].heading.title == title)


@pytest.mark.parametrize(
    "name", ["038_napcat_card_miniapp_lua_qzone_style.json", "041_napcat_card_truncated_json.json"]
)
def test_cards_without_a_link_are_none(name: str) -> None:
    event = Adapter.json_to_event(sample(name))
    assert isinstance(event, MessageEvent)
    assert read(event.message, event.self_id).cards == ()
