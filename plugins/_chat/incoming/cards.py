"""QQ link cards, as created by the 'share' button of other apps.

Parses the formats of NapCat, LLBot and go-cqhttp; a card that cannot be parsed is ignored.
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any, cast

from nonebot.adapters.onebot.v11 import MessageSegment

from db.enums import TitleSource
from plugins._talk.foreign_text import one_line, storable
from plugins._talk.links.canonical import canonical, find_links
from plugins._talk.links.share import Share
from plugins._talk.links.share_text import Heading, recognise
from plugins._talk.web.markup import parsed

_NOT_THE_PAGE = ("m.q.qq.com",)  # the mini program's own address, not what it shows
_MARKDOWN_LINK = re.compile(r"\[(?P<title>[^\[\]\n]{1,300})\]\((?P<url>https?://[^\s()<>]+)\)")


def read_cards(segment: MessageSegment) -> Sequence[Share]:
    """The links of a `json`, `share`, `xml` or `markdown` segment, with their titles. Never raises."""
    data = segment.data
    match segment.type:
        case "json":
            found = _json(data.get("data"))
        case "share":
            found = _share(data.get("url"), data.get("title"))
        case "xml":
            found = _xml(data.get("data"))
        case "markdown":
            return _markdown(data.get("content"))
        case _:
            return ()
    return (found,) if found else ()


def forward_id(segment: MessageSegment) -> str | None:
    """The id of a merged forward, from a `forward` segment or from a card."""
    if segment.type == "forward":
        return str(segment.data.get("id") or "") or None
    card = _dict(_parsed(segment.data.get("data"))) if segment.type == "json" else {}
    if card.get("app") != "com.tencent.multimsg":
        return None
    return str(_dict(_dict(card.get("meta")).get("detail")).get("resid") or "") or None


def _parsed(data: object) -> object:
    try:
        return json.loads(data) if isinstance(data, str) else data
    except (ValueError, RecursionError):
        return None


def _json(data: object) -> Share | None:
    card = _dict(_parsed(data))
    meta = _dict(card.get("meta"))
    if notice := _dict(meta.get("mannounce")):
        return _notice(notice)
    if detail := _dict(meta.get("detail_1")):  # a mini program: `title` is the app, `desc` the page
        return _share(detail.get("qqdocurl"), detail.get("desc"), detail.get("title"))
    news = _dict(meta.get("news")) or _dict(meta.get("miniapp"))
    return _share(news.get("jumpUrl"), news.get("title"), news.get("tag") or news.get("source"))


def _notice(notice: dict[str, Any]) -> Share | None:
    """A group notice: its text is base64 and may contain a link."""
    try:
        words = storable(base64.b64decode(str(notice.get("text") or "")).decode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return None
    found = find_links(words)
    return Share(found[0].link) if found else None


def _xml(data: object) -> Share | None:
    """go-cqhttp's older cards, parsed leniently like HTML; no entities are expanded."""
    if not isinstance(data, str):
        return None
    tree = parsed(data, "msg", "title", "source")
    message, title, source = tree.css_first("msg"), tree.css_first("title"), tree.css_first("source")
    if message is None:
        return None
    name = source.attributes.get("name") if source else None
    return _share(message.attributes.get("url"), title.text() if title else None, name)


def _markdown(content: object) -> Sequence[Share]:
    if not isinstance(content, str):
        return ()
    named = [_share(match["url"], match["title"]) for match in _MARKDOWN_LINK.finditer(content)]
    bare = [Share(each.link) for each in find_links(_MARKDOWN_LINK.sub(" ", content))]
    return [share for share in (*named, *bare) if share]


def _share(url: object, title: object, site: object = None) -> Share | None:
    link = canonical(url) if isinstance(url, str) else None
    if link is None or link.host in _NOT_THE_PAGE:
        return None
    words = _words(title, 200)
    if not words:
        return Share(link)
    heading = recognise(words, link.host) or Heading(words, site=_words(site, 40) or None)
    return Share(link, heading=heading, source=TitleSource.CARD)


def _words(value: object, most: int) -> str:
    return one_line(value)[:most] if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
