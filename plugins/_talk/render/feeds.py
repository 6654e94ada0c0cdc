"""Feeds, the calendar and the site map: what other programs subscribe to. Names of people only, as everywhere."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit
from xml.etree import ElementTree

from db.enums import ENDED, TalkState
from plugins._talk.documents.listing import ItemLine, TalkLine
from plugins._talk.foreign_text import one_line
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.page import Site

EMPTY_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ALARM = timedelta(minutes=-30)
SITE_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"  # the protocol's namespace, at sitemaps.org


def calendar(site: Site, talks: Sequence[TalkLine]) -> bytes:
    """All these talks as iCalendar (RFC 5545); one that moved keeps its UID and has a higher SEQUENCE."""
    from icalendar import Calendar  # imported late to keep startup fast

    made = Calendar()
    made.add("prodid", f"-//{one_line(site.series.name)}//talk bot//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", site.series.name)
    whole = made.to_ical()
    end = whole.rindex(b"END:VCALENDAR")
    length = site.series.usual_length
    events = (
        _event(
            site.base,
            site.series.name,
            talk.number,
            talk.sequence,
            talk.told_at,
            talk.scheduled_at,
            max(talk.ended_at or talk.scheduled_at + length, talk.scheduled_at + timedelta(minutes=1)),
            talk.place,
            "；".join(talk.highlights),
            talk.state == TalkState.CANCELLED,
        )
        for talk in talks
    )
    return b"".join([whole[:end], *events, whole[end:]])


@lru_cache(maxsize=2_000)  # what is over does not change, and an event takes the library half a millisecond
def _event(
    base: str,
    series: str,
    number: int,
    sequence: int,
    told_at: datetime,
    begins: datetime,
    ends: datetime,
    place: str,
    highlights: str,
    cancelled: bool,
) -> bytes:
    from icalendar import Alarm, Event

    event, name = Event(), talk_name(number)
    address = urlsplit(base)
    event.add("uid", f"talk-{name}@{address.hostname or 'localhost'}{address.path}")
    event.add("sequence", sequence)
    event.add("dtstamp", told_at.astimezone(UTC))
    event.add("dtstart", begins.astimezone(UTC))
    event.add("dtend", ends.astimezone(UTC))
    event.add("summary", f"{series} {name}")
    event.add("url", f"{base}/talks/{name}")
    event.add("description", f"{highlights}\n{base}/talks/{name}".strip())
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if place:
        event.add("location", place)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"{series} {name}")
    alarm.add("trigger", ALARM)
    event.add_component(alarm)
    return bytes(event.to_ical())


def minutes_feed(site: Site, talks: Sequence[TalkLine]) -> str:
    """The published minutes as Atom (RFC 4287)."""
    feed = _feed(site, f"{site.series.name} 纪要", "/feed.atom")
    for talk in talks:
        address = f"{site.base}/talks/{talk_name(talk.number)}/minutes"
        feed.add_item(
            title=_clean(talk.title or f"{site.series.name} {talk_name(talk.number)}"),
            link=address,
            unique_id=address,
            description=_clean("；".join(talk.highlights)),
            pubdate=_over(talk),
            updateddate=_over(talk),
            author_name=_clean("、".join(each.name for each in talk.hosts)) or None,
        )
    return str(feed.writeString("utf-8"))


def links_feed(site: Site, items: Sequence[ItemLine], path: str) -> str:
    """The newest items as Atom, each with its section."""
    feed = _feed(site, f"{site.series.name} 新链接", path)
    for item in items:
        address = f"{site.base}/talks/{talk_name(item.talk)}#i{item.number}"
        feed.add_item(
            title=_clean(item.title),
            link=item.url or address,
            unique_id=address,
            description=_clean(item.note),
            pubdate=item.said_at,
            updateddate=item.said_at,
            author_name=_clean(item.submitter.name),
            categories=[_clean(each) for each in (item.section, item.category) if each],
        )
    return str(feed.writeString("utf-8"))


def site_map(site: Site, talks: Sequence[tuple[int, str]]) -> str:
    """The addresses of all pages, for search engines; `talks` are numbers and states."""
    whole = ElementTree.Element("urlset", xmlns=SITE_MAP)
    sections = [f"/sections/{each.key}" for each in site.series.submitting]
    pages = ["/", "/talks", "/people", "/stats", "/help", *sections]
    for number, state in talks:
        pages.append(f"/talks/{talk_name(number)}")
        pages += [f"/talks/{talk_name(number)}/minutes"] if state in ENDED else []
    for page in pages:
        ElementTree.SubElement(ElementTree.SubElement(whole, "url"), "loc").text = f"{site.base}{page}"
    return ElementTree.tostring(whole, encoding="unicode", xml_declaration=True)


def _over(talk: TalkLine) -> datetime:
    return talk.ended_at or talk.scheduled_at


def _feed(site: Site, title: str, path: str) -> Any:
    from feedgenerator import Atom1Feed  # imported late to keep startup fast

    class Feed(Atom1Feed):
        """One that does not change while it is empty."""

        def latest_post_date(self) -> datetime:
            return cast(datetime, super().latest_post_date()) if self.items else EMPTY_SINCE

    address = f"{site.base}{path}"
    name = site.series.name
    return Feed(title=title, link=f"{site.base}/", description="", feed_url=address, language="zh-CN", author_name=name)


def _clean(text: str) -> str:
    """Text without the characters that XML 1.0 may not have."""
    return _NOT_IN_XML.sub("", text)
