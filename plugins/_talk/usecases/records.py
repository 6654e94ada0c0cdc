"""The records of a talk: its article, its video, the video's chapters, and the minutes. Use cases for the desk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from db.enums import ENDED, TalkState
from db.queries import final_minutes, talks
from db.queries.talks import TalkRow
from plugins._talk.documents import published_names
from plugins._talk.documents.chapters import Chapter, chapters
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.minutes import Minutes, compile_minutes
from plugins._talk.foreign_text import storable
from plugins._talk.lifecycle import talk_name
from plugins._talk.links.canonical import find_links
from plugins._talk.links.prose import without_links
from plugins._talk.usecases.admission import must_be_welcome
from plugins._talk.usecases.desk import Desk, Refused

Record = Literal["article", "video"]
LONGEST_FINAL = 200_000  # characters of minutes that were finished by hand
_OFFSET = re.compile(
    r"(?P<sign>[-−])?(?<!\d)(?:(?P<hours>\d{1,2})[:：])?(?P<minutes>\d{1,3})[:：](?P<seconds>\d\d)(?!\d)"
)
_IN_LINK = re.compile(r"[?&#]t=(?P<seconds>\d{1,5})s?(?:&|$)")


@dataclass(frozen=True)
class Attached:
    """The records stored for a talk: `linked`: a link was stored, `replaced`: in place of another.

    `published`: this article published the talk; `by` is the name of the member who added it.
    """

    talk: int
    linked: bool
    replaced: bool
    chapters: Sequence[Chapter] = ()
    published: bool = False
    by: str = ""


def attach(desk: Desk, what: Record, text: str) -> Attached:
    """Store a talk's article or video from `<link> [offset] [number]`; the default is the last talk that was held.

    An article publishes a talk that was held. A video's offset (`10:10`, or `t=610` in its link) is where in the
    recording the talk's clock is at zero; it may be given without a link. Hosts only. Raises Refused.
    """
    found = find_links(text)
    rest = without_links(text, found)
    offset, rest = _offset(rest) if what == "video" else (None, rest)
    if len(found) > 1 or (not found and offset is None):
        raise Refused("请带上一个链接，需要的话再写期号 003")
    talk = _meant(desk, rest)
    if not found:
        return Attached(talk.number, False, False, _shifted(desk, talk, offset))
    url = found[0].link.url
    if what == "video" and offset is None and (in_link := _IN_LINK.search(text[found[0].start : found[0].end])):
        offset = int(in_link["seconds"])
    if what == "article" and talk.state == TalkState.LIVE:
        raise Refused(f"{talk_name(talk.number)} 期还没有结束，{desk.series.host.name}发 /结束 以后再登记文章")
    talks.set_record(desk.connection, talk.number, what, url)
    published = what == "article" and talk.state == TalkState.HELD
    if published:
        written = compile_minutes(desk.connection, desk.series, talk.number, desk.visit.said_at)
        talks.publish(desk.connection, talk.number, written.title, desk.member.qq)
        published_names.keep(desk.connection, talk.number, written)
    replaced = (talk.article if what == "article" else talk.video) is not None
    found_chapters = _shifted(desk, talk, offset) if what == "video" else ()
    return Attached(talk.number, True, replaced, found_chapters, published, desk.member.name)


def _offset(argument: str) -> tuple[int | None, str]:
    """`10:10` in seconds, and the other words."""
    match = _OFFSET.search(argument)
    if match is None:
        return None, argument
    seconds = int(match["hours"] or 0) * 3600 + int(match["minutes"]) * 60 + int(match["seconds"])
    rest = f"{argument[: match.start()]} {argument[match.end() :]}".strip()
    return -seconds if match["sign"] else seconds, rest


def _meant(desk: Desk, argument: str) -> TalkRow:
    """The talk with the number in `argument`, or the last that was held. Raises Refused, also for all but its hosts."""
    talk = _named(desk, argument)
    if talk is None:
        held = talks.recent(desk.connection, ENDED, 1)
        if not held:
            raise Refused("还没有办过的期，办完再来登记吧")
        talk = held[0]
    desk.must_host(talk)
    if talk.state == TalkState.COLLECTING:
        raise Refused(f"{talk_name(talk.number)} 期还没有办，办完再来登记吧")
    return talk


@dataclass(frozen=True)
class MadeMinutes:
    """Minutes that are handed out; `first`: for the first time."""

    minutes: Minutes
    first: bool


def minutes_wanted(desk: Desk, argument: str) -> MadeMinutes:
    """The minutes of the talk with the number in `argument`; remembers that they were made. Hosts only. Raises Refused.

    Without a number: of the live talk, else the last held one that is not published, else a draft for the next one.
    """
    talk = _named(desk, argument) or _to_write_up(desk)
    desk.must_host(talk)
    first = talks.minutes_made(desk.connection, talk.number, desk.visit.said_at) if talk.state in ENDED else True
    return MadeMinutes(compile_minutes(desk.connection, desk.series, talk.number, desk.visit.said_at), first)


def may_finish(desk: Desk, argument: str) -> TalkRow:
    """The talk whose minutes may be replaced by an edited file. Hosts only. Raises Refused."""
    talk = _named(desk, argument) or _to_write_up(desk)
    desk.must_host(talk)
    desk.must_be_open(talk.number)
    if talk.state == TalkState.COLLECTING:
        raise Refused(f"{talk_name(talk.number)} 期还没有办，办完再定稿吧")
    return talk


def finish(desk: Desk, argument: str, body: str) -> TalkRow:
    """Let this Markdown be the minutes of the talk with the number in `argument`, from now on. Raises Refused."""
    talk = may_finish(desk, argument)
    body = storable(body).replace("\r\n", "\n").strip()
    if not body:
        raise Refused("这个文件是空的，没有改动")
    if len(body) > LONGEST_FINAL:
        raise Refused(f"定稿最长 {LONGEST_FINAL // 10_000} 万字，这个太长了")
    must_be_welcome(desk, body)
    final_minutes.put(desk.connection, talk.number, f"{body}\n", desk.member.qq, desk.visit.said_at)
    talks.minutes_made(desk.connection, talk.number, desk.visit.said_at)
    return talk


def unfinish(desk: Desk, argument: str) -> TalkRow:
    """Return to the compiled minutes. Raises Refused."""
    talk = may_finish(desk, argument)
    if not final_minutes.forget(desk.connection, talk.number):
        raise Refused(f"{talk_name(talk.number)} 期没有定稿，现在就是自动整理的")
    return talk


def _to_write_up(desk: Desk) -> TalkRow:
    """The talk whose minutes are compiled by default. Raises Refused with a hint to the last talk for non-hosts."""
    unpublished = talks.recent(desk.connection, [TalkState.HELD], 1)
    talk = desk.live or (unpublished[0] if unpublished else desk.talk)
    if talk.state == TalkState.COLLECTING and talk.number and not desk.is_host(talk):
        last = talk_name(talk.number - 1)
        raise Refused(f"{talk_name(talk.number)} 期由它的{desk.series.in_charge}或群管理来出；要上期的发 /纪要 {last}")
    return talk


def _named(desk: Desk, argument: str) -> TalkRow | None:
    """The talk with the number in `argument`, or None without one. Raises Refused for an unknown number.

    A number of more than three digits may be a year, so it counts only if there is no other text.
    """
    number = re.fullmatch(r"\s*(\d{4,9})\s*期?\s*", argument) or re.search(r"(?<!\d)(\d{1,3})(?!\d)", argument)
    return desk.find_talk(int(number[1])) if number else None


def _shifted(desk: Desk, talk: TalkRow, offset: int | None) -> Sequence[Chapter]:
    """Store the video's offset (seconds), if given; returns the chapters, empty if no turns were recorded."""
    if offset is not None:
        talks.set_video_offset(desk.connection, talk.number, offset)
    if talk.started_at is None:
        return ()
    evening = evening_of(desk.connection, desk.series, talk.number)
    known = offset if offset is not None else talk.video_offset
    return chapters(evening, talk.started_at, known or 0) if evening.ran else ()
