"""What remains of a talk: where its article and its video are."""

import re
from typing import Literal

from db.queries import talks
from db.words import TalkState
from plugins._talk.deliveries import OVER
from plugins._talk.desk import Desk, Refused
from plugins._talk.links import find_links
from plugins._talk.prose import without_links
from plugins._talk.talks import talk_name

Record = Literal["article", "video"]


def attach(desk: Desk, what: Record, text: str) -> tuple[int, bool]:
    """Note a talk's article or video from `<link> [number]`; returns the talk's number, and whether one was replaced.

    Without a number it is the last talk that was held.
    """
    found = find_links(text)
    if len(found) != 1:
        raise Refused("请带上一个链接，需要的话再写期号 003")
    number = re.search(r"(?<!\d)\d{1,3}(?!\d)", without_links(text, found))
    talk = desk.find_talk(int(number[0])) if number else None
    if talk is None:
        held = talks.recent(desk.connection, OVER, 1)
        if not held:
            raise Refused("还没有办过的期，办完再来登记吧")
        talk = held[0]
    desk.must_host(talk)
    if talk.state == TalkState.COLLECTING:
        raise Refused(f"{talk_name(talk.number)} 期还没有办，办完再来登记吧")
    talks.set_record(desk.connection, talk.number, what, found[0].link.url)
    return talk.number, (talk.article if what == "article" else talk.video) is not None
