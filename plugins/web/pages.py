"""The pages: what each shows under its address, and in its other forms."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Path, Query

from db.engine import Connection
from db.queries import members, talks
from db.queries.search import Within
from plugins._chat.commands.registry import commands
from plugins._talk.deliveries.parts import Image
from plugins._talk.documents import home, listing, people
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.command_list import CommandList, ListedCommand
from plugins._talk.documents.found import Found, item_list
from plugins._talk.documents.statistics import Statistics, statistics
from plugins._talk.documents.talk_page import MinutesPage, TalkPage, minutes_page, talk_page
from plugins._talk.lifecycle import talk_name
from plugins._talk.render import feeds
from plugins._talk.render.article import article
from plugins._talk.render.charts import items_chart, minutes_chart, sites_chart
from plugins._talk.render.data import agenda_json, document_json, minutes_json
from plugins._talk.render.markdown import agenda_document
from plugins._talk.render.minutes import minutes_document
from plugins._talk.render.page import Head, markdown_page, minutes_body
from plugins.web.live import Live
from plugins.web.site import Shown, Web, with_forms

MOST = 999_999_999  # highest talk number
IN_CALENDAR, IN_FEED, LINKS = 200, 20, 50
SVG, ATOM = "image/svg+xml", "application/atom+xml; charset=utf-8"
Number = Annotated[int, Path(ge=0, le=MOST, description="The talk's number")]
Page = Annotated[int, Query(ge=1, le=10_000, description="Which page of the list")]
Year = Annotated[int | None, Query(ge=1, le=9998)]
Code = Annotated[str, Path(pattern=r"^[0-9a-f]{10}$", description="A member's public address")]
Key = Annotated[str, Path(pattern=r"^[a-z]{1,30}$", description="A section's key")]
Picture = Annotated[str, Path(pattern=r"^[0-9a-f]{32}\.(png|jpg|gif|webp)$")]
Words = Annotated[str, Query(max_length=200)]
Short = Annotated[str, Query(max_length=40)]


def register(web: Web) -> None:
    """Serve all pages, files and the stage."""
    for each in (_Files, _Talks, _Lists):  # files first: `/talks/{number}` would fit `004.png`
        each(web)
    Live(web).register()


def _titled(title: str, description: str, path: str, query: str = "", **more: Any) -> Head:
    return with_forms(Head(title=title, description=" ".join(description.split())[:160], path=path, **more), query)


class _Pages:
    """Pages of one kind, over the same service."""

    def __init__(self, web: Web) -> None:
        self.web, self.service, self.series = web, web.service, web.service.series
        self.register()

    def register(self) -> None:
        raise NotImplementedError

    def listed(self, kind: str, title: Callable[[Any], str]) -> dict[str, Any]:
        """The other forms of a page that is a list."""

        def markdown(it: Any) -> str:
            return markdown_page(self.web.site, kind, title(it), it)

        return {"markdown": markdown, "data": document_json}


class _Talks(_Pages):
    """The pages of one talk."""

    def register(self) -> None:
        self.web.page("/talks/{number}/minutes", self.minutes)
        self.web.page("/talks/{number}", self.talk)

    def talk(self, number: Number) -> Shown:
        """A talk's agenda, as it stands now."""

        def head(it: TalkPage) -> Head:
            name = f"{it.series} {talk_name(number)}"
            path = f"/talks/{talk_name(number)}"
            told = "；".join(it.summary) or f"{name}的议程"
            return _titled(name, told, path, kind="article", picture=f"{path}.png")

        return Shown(
            template="talk",
            compiled=lambda connection: talk_page(connection, self.series, number),
            head=head,
            markdown=lambda it: agenda_document(it.agenda).document,
            data=lambda it: agenda_json(it.agenda).document,
        )

    def minutes(self, number: Number) -> Shown:
        """A talk's minutes: the final ones, else as they are compiled now."""
        now = self.service.now()
        pictures = f"{self.web.site.base}/pictures"

        def head(it: MinutesPage) -> Head:
            path, told = f"/talks/{talk_name(number)}", "；".join(it.minutes.summary) or it.minutes.title
            return _titled(it.minutes.title, told, f"{path}/minutes", kind="article", picture=f"{path}.png")

        return Shown(
            template="minutes",
            compiled=lambda connection: minutes_page(connection, self.series, number, now),
            head=head,
            markdown=lambda it: minutes_document(it.minutes, pictures).document,
            data=lambda it: minutes_json(it.minutes).document,
            more=lambda it: {"body": minutes_body(self.web.site, it.minutes), "agenda": it.minutes.agenda},
        )


class _Lists(_Pages):
    """The pages across talks."""

    def register(self) -> None:
        for path, asked in (
            ("/", self.home),
            ("/talks", self.talks),
            ("/search", self.search),
            ("/sections/{key}", self.section),
            ("/people", self.people),
            ("/people/{code}", self.person),
            ("/stats", self.numbers),
            ("/help", self.help),
        ):
            self.web.page(path, asked)

    def home(self) -> Shown:
        """The talk that is on, the next one, and the last ones."""
        now, name = self.service.now(), self.series.name

        def head(it: home.Home) -> Head:
            coming = it.live or it.coming
            told = f"下一期 {talk_name(coming.number)}" if coming else name
            return _titled(name, told, "/", picture=f"/talks/{talk_name(coming.number)}.png" if coming else "")

        return Shown(
            template="home",
            compiled=lambda connection: home.home(connection, self.series, now),
            head=head,
            **self.listed("home", lambda _: name),
        )

    def talks(self, page: Page = 1) -> Shown:
        """All talks, the newest first."""
        title = f"{self.series.name} 各期"
        return Shown(
            template="talks",
            compiled=lambda connection: listing.talk_list(connection, self.series, page),
            head=lambda _: _titled("各期", title, "/talks", f"?page={page}" if page > 1 else ""),
            more=lambda _: {"turn": "/talks?page="},
            **self.listed("talks", lambda _: title),
        )

    def search(
        self,
        q: Words = "",
        section: Short = "",
        category: Short = "",
        person: Short = "",
        year: Short = "",
        page: Page = 1,
    ) -> Shown:
        """Items by words, section, category, member and year."""
        asked = {"q": q, "section": section, "category": category, "person": person, "year": year}
        asked = {name: value for name, value in asked.items() if value}
        if section and section not in [each.key for each in self.series.sections]:
            raise LookupError(section)
        when = int(year) if year.isdecimal() and 0 < int(year) < 9999 else None

        def compiled(connection: Connection) -> Found:
            who = members.by_code(connection, person) if person else None
            if person and who is None:
                raise LookupError(person)
            within = Within(section or None, category or None, who.qq if who else None)
            return item_list(connection, self.series, q, within, when, page)

        return self._found("/search", asked, f"搜索 {q}" if q else "搜索", compiled, searching=True)

    def section(self, key: Key, category: Short = "", page: Page = 1) -> Shown:
        """A section's items across talks, the newest first."""
        if key not in [each.key for each in self.series.sections]:
            raise LookupError(key)
        name = self.series.section(key).name
        within = Within(key, category or None)

        def compiled(connection: Connection) -> Found:
            return item_list(connection, self.series, "", within, None, page)

        asked = {"category": category} if category else {}
        title = f"{name} · {category}" if category else name
        return self._found(f"/sections/{key}", asked, title, compiled, searching=False)

    def _found(
        self,
        path: str,
        asked: dict[str, str],
        title: str,
        compiled: Callable[[Connection], Found],
        *,
        searching: bool,
    ) -> Shown:
        query = f"?{urlencode(asked, quote_via=quote)}" if asked else ""
        categories = dict.fromkeys(each.name for own in self.series.submitting for each in own.categories)
        more: dict[str, object] = {
            "searching": searching,
            "asked": bool(asked) or not searching,
            "categories": list(categories),
            "turn": f"{path}{query}{'&' if query else '?'}page=",
        }
        return Shown(
            template="found",
            compiled=compiled,
            head=lambda it: _titled(title, f"{it.count} 条", path, query),
            more=lambda _: more,
            fresh_index=True,
            **self.listed("found", lambda _: title),
        )

    def people(self, year: Year = None) -> Shown:
        """Who brought, hosted and answered in a year."""
        now = self.service.now()
        return Shown(
            template="people",
            compiled=lambda connection: people.people(connection, self.series, year, now),
            head=lambda it: _titled("大家", f"{it.year} 年一起办的人", "/people", f"?year={year}" if year else ""),
            **self.listed("people", lambda it: f"大家 {it.year}"),
        )

    def person(self, code: Code, page: Page = 1) -> Shown:
        """What a member brought, hosted and answered."""
        return Shown(
            template="person",
            compiled=lambda connection: people.profile(connection, self.series, code, page),
            head=lambda it: _titled(
                it.person.name,
                f"{it.person.name} 带来了 {it.count} 条",
                f"/people/{code}",
                f"?page={page}" if page > 1 else "",
                kind="profile",
            ),
            more=lambda _: {"turn": f"/people/{code}?page="},
            **self.listed("person", lambda it: it.person.name),
        )

    def numbers(self, year: Year = None) -> Shown:
        """A year in numbers."""
        now = self.service.now()
        return Shown(
            template="statistics",
            compiled=lambda connection: statistics(connection, self.series, year, now),
            head=lambda it: _titled("统计", f"{it.year} 年的数字", "/stats", f"?year={year}" if year else ""),
            **self.listed("statistics", lambda it: f"统计 {it.year}"),
        )

    def help(self) -> Shown:
        """Every command of the bot."""
        return Shown(
            template="help",
            compiled=lambda _: command_list(self.series.in_charge),
            head=lambda _: _titled("帮助", "在群里怎么用", "/help"),
            **self.listed("help", lambda _: "在群里怎么用"),
        )


def command_list(in_charge: str) -> CommandList:
    """The registry's commands, by who may give them."""
    groups: dict[str, list[ListedCommand]] = {}
    for each in commands:
        who = each.who.called(in_charge)
        usage, example = each.told(each.usage, each.alias), each.told(each.example, each.alias)
        listed = ListedCommand(each.name, each.alias, each.help, usage, example)
        groups.setdefault(who, []).append(listed)
    return CommandList(tuple((who, tuple(found)) for who, found in groups.items()))


class _Files(_Pages):
    """What is no page: pictures, charts, feeds, the calendar, the site map."""

    def register(self) -> None:
        for path, made in (
            ("/talks/{number}.png", self.agenda_picture),
            ("/talks/{number}/minutes/rich.html", self.rich),
            ("/pictures/{name}", self.picture),
            ("/stats/items.svg", self.items_chart),
            ("/stats/sites.svg", self.sites_chart),
            ("/stats/minutes.svg", self.minutes_chart),
            ("/calendar.ics", self.calendar),
            ("/feed.atom", self.minutes_feed),
            ("/links.atom", self.links_feed),
            ("/sitemap.xml", self.site_map),
            ("/robots.txt", self.robots),
        ):
            self.web.file(path, made)

    async def agenda_picture(self, number: Number) -> tuple[bytes, str]:
        """A talk's agenda as a picture: the first sheet of it."""
        agenda = await self.service.db.read(compile_agenda, self.series, number)
        return (await self.service.draw(Image(talk_name(number), agenda)))[0], "image/png"

    async def rich(self, number: Number) -> tuple[bytes, str]:
        """A talk's minutes as HTML to be pasted into an editor, with all styles inline."""
        now, pictures = self.service.now(), f"{self.web.site.base}/pictures"
        shown = await self.service.db.read(minutes_page, self.series, number, now)

        def written() -> str:
            return article(shown.minutes.title, minutes_document(shown.minutes, pictures).document, {})

        return (await asyncio.to_thread(written)).encode(), "text/html; charset=utf-8"

    async def picture(self, name: Picture) -> tuple[bytes, str]:
        """A member's picture."""
        kept = await self.service.pictures.read(name)
        if kept is None:
            raise LookupError(name)
        return kept.content, kept.type

    async def items_chart(self, year: Year = None) -> tuple[bytes, str]:
        """The items of a year's talks, as a chart."""
        return await self._drawn(year, items_chart)

    async def sites_chart(self, year: Year = None) -> tuple[bytes, str]:
        """The sites of a year's links, as a chart."""
        return await self._drawn(year, sites_chart)

    async def minutes_chart(self, year: Year = None) -> tuple[bytes, str]:
        """The planned and the real minutes of a year's sections, as a chart."""
        return await self._drawn(year, minutes_chart)

    async def _drawn(self, year: int | None, draw: Callable[[Statistics], str]) -> tuple[bytes, str]:
        shown = await self.service.db.read(statistics, self.series, year, self.service.now())
        return (await asyncio.to_thread(draw, shown)).encode(), SVG

    async def calendar(self) -> tuple[bytes, str]:
        """The newest talks as a calendar to subscribe to."""
        found = await self.service.db.read(listing.newest_talks, self.series, IN_CALENDAR)
        made = await asyncio.to_thread(feeds.calendar, self.web.site, found)
        return made, "text/calendar; charset=utf-8"

    async def minutes_feed(self) -> tuple[bytes, str]:
        """The published minutes as a feed."""
        published = await self.service.db.read(listing.published_talks, self.series, IN_FEED)
        return feeds.minutes_feed(self.web.site, published).encode(), ATOM

    async def links_feed(self, section: Short = "") -> tuple[bytes, str]:
        """The newest links as a feed, of all sections or of one."""
        if section and section not in [each.key for each in self.series.sections]:
            raise LookupError(section)
        items = await self.service.db.read(listing.newest_items, self.series, LINKS, section or None)
        path = f"/links.atom?section={section}" if section else "/links.atom"
        return feeds.links_feed(self.web.site, items, path).encode(), ATOM

    async def site_map(self) -> tuple[bytes, str]:
        """The addresses of all pages."""
        states = await self.service.db.read(talks.states)
        return feeds.site_map(self.web.site, states).encode(), "application/xml"

    async def robots(self) -> tuple[bytes, str]:
        """Where the site map is."""
        told = f"User-agent: *\nDisallow: {self.web.site.root}/search\nSitemap: {self.web.site.base}/sitemap.xml\n"
        return told.encode(), "text/plain; charset=utf-8"
