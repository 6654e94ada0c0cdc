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
from plugins._chat.incoming.message import as_message, from_timestamp, read
from plugins._chat.outgoing.history import holes, identity, seq_of
from plugins._talk.foreign_text import clean_name, one_line
from plugins._talk.links.canonical import find_links
from plugins._talk.links.share import read_shared
from plugins._talk.render.page import html_of  # pyright: ignore[reportPrivateUsage]
from plugins._talk.series import BUILT_IN, BadSeries, load_series
from plugins._talk.web.markup import head_of
from plugins._talk.web.page_title import Blocked, read_page

SECONDS = 1.0
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
    begun = time.perf_counter()
    do()
    assert time.perf_counter() - begun < SECONDS


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
