"""Feeds, the calendar and the site map: what other programs subscribe to. Names of people only, as everywhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from db.enums import ENDED
from plugins._talk.documents.archive import ItemLine, TalkLine
from plugins._talk.foreign_text import one_line
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.page import Site

ALARM = timedelta(minutes=-30)
SITE_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"  # the protocol's namespace, at sitemaps.org


def calendar(site: Site, talks: Sequence[TalkLine], length: timedelta, now: datetime) -> bytes:
    """All these talks as iCalendar (RFC 5545); one that moved keeps its UID and has a higher SEQUENCE."""
    from icalendar import Alarm, Calendar, Event  # imported late to keep startup fast

    made = Calendar()
    made.add("prodid", f"-//{one_line(site.series.name)}//talk bot//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", site.series.name)
    made.add("refresh-interval;value=duration", "PT6H")
    host = urlsplit(site.base).hostname or "localhost"
    for talk in talks:
        event, page = Event(), f"{site.base}/talks/{talk_name(talk.number)}"
        event.add("uid", f"talk-{talk_name(talk.number)}@{host}")
        event.add("sequence", talk.sequence)
        event.add("dtstamp", now)
        event.add("dtstart", talk.scheduled_at)
        event.add("dtend", max(talk.ended_at or talk.scheduled_at + length, talk.scheduled_at))
        event.add("summary", f"{site.series.name} {talk_name(talk.number)}")
        event.add("url", page)
        event.add("description", "\n".join(["；".join(talk.highlights), page]).strip())
        event.add("status", "CANCELLED" if talk.state == "cancelled" else "CONFIRMED")
        if talk.place:
            event.add("location", talk.place)
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{site.series.name} {talk_name(talk.number)}")
        alarm.add("trigger", ALARM)
        event.add_component(alarm)
        made.add_component(event)
    made.add_missing_timezones()
    return bytes(made.to_ical())


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

    return Atom1Feed(title=title, link=f"{site.base}/", description="", feed_url=f"{site.base}{path}", language="zh-CN")


def _clean(text: str) -> str:
    """Text without the characters that XML may not have."""
    return "".join(each for each in text if each.isprintable() or each in "\n\t")
