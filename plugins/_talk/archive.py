"""What remains of a talk: where its article and its video are."""

import re
from typing import Literal

from db.queries import talks
from plugins._talk.deliveries import OVER
from plugins._talk.desk import Desk, Refused
from plugins._talk.links import find_links, without_links

Record = Literal["article", "video"]


def attach(desk: Desk, what: Record, text: str) -> int:
    """Note a talk's article or video from `<link> [number]`; returns the talk's number.

    Without a number it is the last talk that was held.
    """
    found = find_links(text)
    if len(found) != 1:
        raise Refused("请带上一个链接，例：/文章 https://zhuanlan.zhihu.com/p/642376781 003")
    number = re.search(r"(?<!\d)\d{1,3}(?!\d)", without_links(text, found))
    talk = desk.find_talk(int(number[0])) if number else None
    if talk is None:
        held = talks.recent(desk.connection, OVER, 1)
        if not held:
            raise Refused("还没有办过的期，请写上期号，例：/文章 链接 003")
        talk = held[0]
    desk.must_host(talk)
    talks.set_record(desk.connection, talk.number, what, found[0].link.url)
    return talk.number
