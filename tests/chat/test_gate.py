"""The look at an event before it is parsed: what it keeps out means nothing, and nothing is lost of what it notes."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import MessageSegment

from plugins._chat.commands.hearing import ears, is_of_use
from plugins._chat.commands.registry import commands
from plugins._chat.incoming.adapter import ReverseWebSocket
from plugins._chat.incoming.message import as_message, read
from tests.chat.evening import Evening
from tests.chat.test_understood import ROWS
from tests.chat.understood import AT, EARS, LINE, PICTURE, REPLY, REPLY_TO_BOT
from tests.people import BOT, GROUP

ME = BOT.user_id

Segment = dict[str, Any]
WORDS = st.deferred(lambda: st.sampled_from([name for each in commands for name in (each.name, *each.names)]))
PIECES = st.sampled_from(
    [
        *("/", "／", "、", "\\", " ", "\n", "\u3000", "\u200b", "\u200d", "\0", "\r", "小助手", "@", "#3", "Q2", "，"),
        *("https://a.com/b", "https://a.com/news", "news", "新闻", "撤回", "帮助", "吃饭了吗", "1/2", "他/她", "://"),
    ]
)
TEXTS = st.one_of(st.lists(st.one_of(PIECES, WORDS), max_size=8).map("".join), st.text(max_size=20))
SEGMENTS = st.one_of(
    TEXTS.map(lambda text: {"type": "text", "data": {"text": text}}),
    st.tuples(st.sampled_from([str(ME), "10001", "all"]), TEXTS).map(
        lambda each: {"type": "at", "data": {"qq": each[0], "name": each[1]}}
    ),
    st.sampled_from(
        [
            {"type": "reply", "data": {"id": "7"}},
            {"type": "image", "data": {"file": "a.png", "url": "https://gchat.qpic.cn/1"}},
            {"type": "face", "data": {"id": "1"}},
            {"type": "json", "data": {"data": "{}"}},
            {"type": "text"},
            {"type": "text", "data": None},
            {},
            "/news",
        ]
    ),
)


def raw(message: object, **fields: object) -> dict[str, Any]:
    """A group message as OneBot sends it."""
    event: dict[str, Any] = {
        "time": int(time.time()),
        "self_id": ME,
        "post_type": "message",
        "message_type": "group",
        "sub_type": "normal",
        "message_id": 5,
        "group_id": GROUP,
        "user_id": 10_001,
        "raw_message": "",
        "font": 0,
        "message": message,
        "sender": {"user_id": 10_001, "nickname": "甲"},
    }
    return event | fields


def means_something(segments: list[Segment]) -> bool:
    content = read(as_message(segments), ME)
    heard = ears().understand(content, to_me=content.to_me)
    return heard is not None or (content.reply_to is not None and ears().reply_words(content) is not None)


@given(st.lists(SEGMENTS, max_size=5))
def test_what_is_kept_out_means_nothing(segments: list[Segment]) -> None:
    if means_something(segments):
        assert is_of_use(raw(segments))


@given(TEXTS)
def test_nor_does_it_with_a_nickname(text: str) -> None:
    content = read([MessageSegment.text(text)], ME)
    if EARS.understand(content) is not None:
        assert EARS.may_be_meant(content.text)


@pytest.mark.parametrize("typed", [typed for typed, _ in ROWS])
def test_what_the_table_understands_is_let_in(typed: str) -> None:
    words = typed.removeprefix(REPLY_TO_BOT).removeprefix(REPLY).replace(AT, "").replace(PICTURE, "")
    content = read([MessageSegment.text(words.replace(LINE, "\n"))], ME)
    if EARS.understand(content) is not None:
        assert EARS.may_be_meant(content.text)


CHAT = ["晚上一起来吗", "看看这个 https://a.com/news", "1/2 的人", "他/她", "（笑）", "http://a.com/新闻 不错", ""]


@pytest.mark.parametrize("text", CHAT)
def test_chat_is_kept_out(text: str) -> None:
    assert not is_of_use(raw([{"type": "text", "data": {"text": text}}]))
    assert not is_of_use(raw(text))
    assert not is_of_use(raw([{"type": "face", "data": {"id": "1"}}, {"type": "image", "data": {"file": "a"}}]))


@pytest.mark.parametrize(
    "event",
    [
        raw("[CQ:reply,id=7]撤回"),
        raw(None),
        raw({"type": "text"}),
        raw("早", message_id="5"),
        raw("早", time=1.5),
        raw("早", user_id=[10_001]),
        raw("早", message_type="private"),
        raw("早", message_type=["group"]),
        {"post_type": "notice", "notice_type": "group_recall"},
        {"post_type": ["message"]},
        {"post_type": "meta_event", "meta_event_type": "heartbeat"},
    ],
)
def test_what_only_the_adapter_can_judge_is_left_to_it(event: dict[str, Any]) -> None:
    assert is_of_use(event)


def test_the_adapter_asks(evening: Evening) -> None:
    assert ReverseWebSocket.json_to_event(raw("早")) is None
    assert ReverseWebSocket.json_to_event(raw([{"type": "text", "data": {"text": "/news"}}])) is not None


async def test_how_far_the_group_was_heard_is_noted(evening: Evening) -> None:
    listening = evening.service.listening
    before = dict(listening.last_heard)
    assert not is_of_use(raw("早", message_id=77, time=1_800_000_000, group_id=GROUP + 1))
    assert listening.last_heard == before
    assert not is_of_use(raw("早", message_id=78, time=1_800_000_000))
    assert listening.last_heard[GROUP] == (78, 1_800_000_000)


async def test_a_host_for_whom_a_talk_waits_is_seen(evening: Evening) -> None:
    evening.service.listening.awaited[10_001] = 4
    assert is_of_use(raw("来了来了"))
    evening.service.listening.awaited.clear()
    assert not is_of_use(raw("来了来了"))
