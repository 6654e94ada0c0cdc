"""QQ's link cards: what somebody shares by tapping 'share' in another app.

Shapes as NapCat, LLBot and go-cqhttp report them; a card that cannot be read is no card.
"""

import json
from typing import Any, cast

from nonebot.adapters.onebot.v11 import MessageSegment

from plugins._talk.links import canonical
from plugins._talk.share import Share, sound

_NOT_THE_PAGE = ("m.q.qq.com",)  # the mini program's own address, not what it shows


def read_card(segment: MessageSegment) -> Share | None:
    """The link and title of a `json` or `share` segment, or None. Never raises."""
    if segment.type == "share":
        return _share(segment.data.get("url"), segment.data.get("title"))
    if segment.type != "json":
        return None
    data = segment.data.get("data")
    try:
        card = json.loads(data) if isinstance(data, str) else data
    except (ValueError, RecursionError):
        return None
    meta = _dict(_dict(card).get("meta"))
    if detail := _dict(meta.get("detail_1")):  # a mini program: `title` is the app, `desc` the page
        return _share(detail.get("qqdocurl"), detail.get("desc"))
    news = _dict(meta.get("news")) or _dict(meta.get("miniapp"))
    return _share(news.get("jumpUrl"), news.get("title"))


def _share(url: object, title: object) -> Share | None:
    link = canonical(url) if isinstance(url, str) else None
    if link is None or link.host in _NOT_THE_PAGE:
        return None
    words = " ".join(sound(title).split()) if isinstance(title, str) else ""
    return Share(link, title=words[:200] or None)


def _dict(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
