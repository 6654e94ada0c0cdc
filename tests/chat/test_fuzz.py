"""Whatever comes from outside, whole, broken or made up: no exception that nobody expects, and nothing takes long."""

import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import Adapter, GroupMessageEvent

from plugins._chat.commands.dispatcher import group_seq
from plugins._chat.commands.notices import read_notice
from plugins._chat.commands.registry import commands
from plugins._chat.commands.understanding import Heard
from plugins._chat.incoming.message import Content, as_message, from_timestamp, plain, read
from plugins._chat.outgoing.history import holes, identity, seq_of
from plugins._talk.foreign_text import clean_name, one_line
from plugins._talk.links.canonical import find_links
from plugins._talk.links.share import read_shared
from plugins._talk.render.page import html_of
from plugins._talk.series_file import BUILT_IN, BadSeries, load_series
from plugins._talk.web.markup import head_of
from plugins._talk.web.page_title import Blocked, read_page
from tests.chat.understood import EARS

SECONDS = 3.0  # of one thread's time: far from a text that takes minutes, on a slow machine too
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.sampled_from(
    "post_type message_type notice_type meta_event_type sub_type time self_id user_id group_id message_id message_seq"
    " real_seq message raw_message sender font operator_id duration likes is_add code status online card nickname role"
    " type data text qq id url name".split()
)
JSON = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=20
)


def _event(kind: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {"time": 1, "self_id": 1, "user_id": 2, "group_id": 3, "message_id": 4} | kind | more


EVENTS = st.builds(
    _event,
    st.sampled_from(
        [
            {"post_type": "message", "message_type": "group", "sub_type": "normal", "raw_message": "", "font": 0,
             "message": [{"type": "text", "data": {"text": "/news"}}], "sender": {}},
            {"post_type": "notice", "notice_type": "group_msg_emoji_like"},
            {"post_type": "notice", "notice_type": "group_recall"},
            {"post_type": "notice", "notice_type": "group_ban", "sub_type": "ban"},
            {"post_type": "meta_event", "meta_event_type": "heartbeat"},
        ]
    ),
    st.dictionaries(NAMES, JSON, max_size=5),
)  # fmt: skip


def quick(do: Callable[[], object]) -> None:
    begun = time.thread_time()
    do()
    assert time.thread_time() - begun < SECONDS


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(EVENTS)
def test_events(event: dict[str, Any]) -> None:
    found = Adapter.json_to_event(event)
    if found is None:
        return
    quick(lambda: read_notice(found))
    if isinstance(found, GroupMessageEvent):  # what is less than that is no message to the bot
        quick(lambda: (read(found.original_message, 1), group_seq(found)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.dictionaries(NAMES, JSON, max_size=6), max_size=8))
def test_pages_of_history(page: list[dict[str, Any]]) -> None:
    quick(lambda: holes(page))
    for each in page:
        quick(
            lambda each=each: (
                identity(each),
                seq_of(each),
                from_timestamp(each.get("time")),
                as_message(each.get("message")),
            )
        )


MARKUP = st.lists(
    st.sampled_from(
        ["<title>", "</title>", "<svg>", "</svg>", "<!--", "-->", "<script", "</script>", "<meta property=og:title content='", "'>",
         "<", ">", "&#", "\0", "标题", "</head>", "<body>", "var msg_title = '", "charset=gbk", "\\x26", "環境", "js_content"]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)  # fmt: skip


@given(MARKUP, st.sampled_from(["utf-8", "gb18030", "utf-16"]), st.text(max_size=20))
def test_web_pages(markup: str, encoding: str, kind: str) -> None:
    body = markup.encode(encoding, "replace")
    with suppress(Blocked):
        quick(lambda: read_page(body, kind, "a.com"))
    quick(lambda: head_of(markup))


@given(
    st.lists(
        st.sampled_from("https:// a.com / ? = # wiki/ 中 ✨ ( ) & . [ ] `` ** | 2306.17806 BV1 \n".split(" "))
        | st.text(max_size=4),
        max_size=60,
    )
)
def test_texts_with_links(parts: list[str]) -> None:
    text = "".join(parts)
    section = load_series().sections[0]
    quick(lambda: find_links(text))
    quick(lambda: read_shared(text, section, 20))
    quick(lambda: html_of(text))
    quick(lambda: (one_line(text), clean_name(text)))


@pytest.mark.parametrize(
    "text",
    [
        "https://a.com/" * 3000, "a." * 20_000, "=" * 50_000, "/wiki/量" * 10_000, "://例" * 10_000, "https://例.例." * 5_000,
        "https://" + "a" * 50_000, "【" * 50_000, "(" * 50_000, "中" * 50_000, "[" * 20_000, "*_" * 20_000, "> " * 20_000,
    ],
    ids=range(13),
)  # fmt: skip
def test_long_texts_of_one_kind(text: str) -> None:
    text = text[:20_000]  # what a message may hold is less
    quick(lambda: find_links(text))
    quick(lambda: html_of(text[:4_000]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(tomllib.loads(BUILT_IN.read_text("utf-8")))), JSON)
def test_any_series(tmp_path: Path, name: str, value: object) -> None:
    written = BUILT_IN.read_text("utf-8")
    path = tmp_path / "series.toml"
    path.write_text(f"{name} = {toml(value)}\n" + written.replace(f"\n{name} =", f"\nwas_{name} =", 1), "utf-8")
    try:
        load_series(path)
    except BadSeries as bad:
        assert "\n" not in str(bad) or len(str(bad)) < 2000


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(toml, cast(list[Any], value)))}]"
    if isinstance(value, dict):
        pairs = (f"{key} = {toml(each)}" for key, each in cast(dict[str, Any], value).items())
        return "{" + ", ".join(pairs) + "}"
    return '"' + "".join(each for each in str(value or "") if each.isalnum()) + '"'


def test_any_moment() -> None:
    values: list[object] = [0, -1, 10**18, "x", None, 1e308, float("nan"), True, [], {}]
    for seconds in values:
        assert isinstance(from_timestamp(seconds), datetime)
    assert from_timestamp(1764039600000) == datetime.fromtimestamp(1764039600, UTC)


@st.composite
def known(draw: st.DrawFn) -> str:
    """A name of any command but those that need their exact word."""
    words = {
        word
        for command in commands
        if not command.exact
        for word in (command.name, command.alias, *command.names)
        if not any(other.startswith(word) for other in EARS.others)
    }
    return draw(st.sampled_from(sorted(words)))


@st.composite
def exact(draw: st.DrawFn) -> str:
    """A name of a command that needs its exact word."""
    words = {word for each in commands if each.exact for word in (each.alias, *each.names)}
    return draw(st.sampled_from(sorted(words)))


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=6)
TAILS = CHINESE | st.sampled_from(["", " ", "：", " #7", " Q2", " https://a.com/1", "？", "\n", " 004", " @x", "!"])


def heard(text: str, *, to_me: bool = False) -> Heard | None:
    said = Content(text=plain(text), reply_to=None, cards=(), pictures=(), to_other=False, to_me=to_me)
    return EARS.understand(said, to_me=to_me)


@given(st.sampled_from(["/", "／", "/ ", "小助手 /", "\u200b/"]), known(), TAILS)
def test_no_attempt_with_a_known_word_is_silent(sign: str, word: str, tail: str) -> None:
    glued = word.isascii() and tail[:1] in ("!", "?", "@")
    found = heard(f"{sign}{word}{tail}")
    assert glued or found is not None


@given(st.text(max_size=30))
def test_no_at_is_silent(text: str) -> None:
    quick(lambda: heard(text))
    assert heard(text, to_me=True) is not None or plain(text).startswith(("/", "／"))  # its own help, pasted back


@given(exact(), CHINESE.filter(bool))
def test_what_ends_or_moves_a_talk_needs_its_exact_word(word: str, tail: str) -> None:
    for found in (heard(f"/{word}{tail}"), heard(f"{word} {tail}", to_me=True)):
        assert found is None or all(not each.command.exact or each.by != word for each in found.commands)


@given(
    st.sampled_from([".", "。", "#", "!", "！", "%", "~", "*", "", "-", "//", "/_"]),
    known(),
    st.sampled_from(["", " 1", " 晴天", " on"]),
)
def test_other_signs_are_other_bots(sign: str, word: str, tail: str) -> None:
    assert heard(f"{sign}{word}{tail}") is None


@given(st.from_regex(r"/[a-z]{2,12}( [a-z0-9 ]{0,10})?", fullmatch=True))
def test_unknown_english_words_are_other_bots(text: str) -> None:
    word = text[1:].split(" ")[0]
    found = heard(text)
    assert found is None or commands.named(word) is not None or commands.like(word, text.partition(" ")[2]) is not None


@given(
    st.lists(
        st.sampled_from(["/新闻 https://a.com/1", "甲", "/推荐", "\n", "https://a.com/2", "/我的", " ", "/结束", "//"])
    )
)
def test_any_mixture_of_commands(parts: list[str]) -> None:
    found = heard("".join(parts))
    for place, each in enumerate(found.commands if found else (), 1):
        assert each.part == (0 if found and place == len(found.commands) else place)
