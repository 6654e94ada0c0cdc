"""The public pages as HTML and Markdown: Jinja templates in `pages/`; text written by members is always escaped."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.chapters import clock
from plugins._talk.documents.minutes import Minutes, Video
from plugins._talk.foreign_text import shortened
from plugins._talk.lifecycle import STATES, talk_name
from plugins._talk.links.canonical import find_addresses
from plugins._talk.render.chat import names
from plugins._talk.render.markdown import autolink, linked
from plugins._talk.render.marking import marked
from plugins._talk.render.minutes import as_markdown, at_second, markdown_environment, minutes_document
from plugins._talk.series import Series

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PAGES = Path(__file__).parent / "pages"
REL = "nofollow noopener ugc"


@dataclass(frozen=True)
class Site:
    """What all pages share: the series, the public address without a slash at its end, the version of the assets."""

    series: Series
    base: str
    assets: str

    @cached_property
    def root(self) -> str:
        """The path under which the pages are, "" at the top of a host."""
        return urlsplit(self.base).path


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a page says of itself: title, one line about it, its path, its other forms, a picture to show with it."""

    title: str
    description: str
    path: str
    kind: str = "website"
    forms: Mapping[str, str] | None = None
    picture: str = ""


@cache
def _html() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # imported late to keep startup fast

    files = FileSystemLoader([PAGES, PAGES.parent])
    made = Environment(loader=files, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    filters: dict[str, Any] = {
        "at": at_second,
        "brief": shortened,
        "clock": clock,
        "host": _host,
        "iso": _iso,
        "linked": _linked,
        "marked": _marked,
        "recording": _recording,
        "talk": talk_name,
        "when": say_local,
        "without_name": _without_name,
    }
    made.filters.update(filters)
    given: dict[str, Any] = {"states": STATES}
    made.globals.update(given)
    return made


def template(name: str) -> Any:
    """A Jinja template for HTML, which escapes everything."""
    return _html().get_template(name)


def page(site: Site, name: str, head: Head, it: object, codes: Mapping[int, str], **more: object) -> str:
    """A page as HTML. `it` is its document, `codes` the public addresses of the people in it, by QQ number."""
    return str(template(f"{name}.html").render(site=site, it=it, codes=codes, **vars(head), **more))


def markdown_page(site: Site, kind: str, title: str, it: object) -> str:
    """A list as Markdown, everything in it escaped."""
    made = markdown_environment(PAGES)
    written = made.get_template("index.md.jinja").render(
        site=site,
        kind=kind,
        title=title,
        it=it,
        states=STATES,
        names=names,
        address=as_markdown(autolink),
        linked=as_markdown(linked),
    )
    return re.sub(r"\n{3,}", "\n\n", written).strip() + "\n"


def minutes_body(site: Site, minutes: Minutes) -> "Markup":
    """The minutes' Markdown as HTML, for the page: headings below the page's own, links as on the other pages."""
    from markupsafe import Markup

    pictures = f"{site.root}/pictures"
    return Markup(html_of(minutes_document(minutes, pictures).document, below=1, pictures=f"{pictures}/"))  # noqa: S704


def html_of(markdown: str, below: int = 0, pictures: str | None = None) -> str:
    """Markdown rendered as HTML: raw HTML is escaped, and only URLs with a scheme are autolinked, as on GitHub.

    Only http and https are links. For a page, headings are `below` its own so many levels, links say what they are, and
    a picture whose address does not begin with `pictures` is a link to it.
    """
    reader = _reader()
    tokens = reader.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + below)}"
        if pictures is not None and (style := str(token.attrs.pop("style", ""))):
            token.attrSet("class", style.partition(":")[2])  # of a table's column: the pages' policy forbids styles
        for child in token.children or ():
            if pictures is None:
                continue
            if child.type == "link_open":
                child.attrSet("rel", REL)
            elif child.type == "image" and not str(child.attrGet("src")).startswith(pictures):
                child.type, child.attrs, child.tag = "foreign_image", {"href": str(child.attrGet("src"))}, "a"
    return str(reader.renderer.render(tokens, reader.options, {}))


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt  # imported late to keep startup fast
    from markdown_it.common.utils import escapeHtml

    reader = MarkdownIt("gfm-like", {"html": False})
    if reader.linkify:
        reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    reader.validateLink = lambda url: re.match(r"https?://|[^:]*$|[^:]*[/#?]", url, re.IGNORECASE) is not None

    def foreign_image(_self: object, tokens: Sequence[Any], place: int, _options: object, _env: object) -> str:
        token = tokens[place]
        return f'<a href="{escapeHtml(token.attrGet("href"))}" rel="{REL}">{escapeHtml(token.content or "图片")}</a>'

    reader.add_render_rule("foreign_image", foreign_image)
    return reader


def _linked(text: str) -> "Markup":
    """Text of several lines, escaped, with its http and https addresses as links."""
    from markupsafe import Markup, escape

    parts: list[Markup] = []
    end = 0
    for found in find_addresses(text):
        link = Markup('<a href="{}" rel="{}">{}</a>').format(found.link.url, REL, text[found.start : found.end])
        parts += [escape(text[end : found.start]), link]
        end = found.end
    return Markup("").join([*parts, escape(text[end:])])


def _marked(text: str, words: Sequence[str]) -> "Markup":
    """Text, escaped, with the found words marked."""
    from markupsafe import Markup, escape

    parts = (Markup("<mark>{}</mark>").format(part) if hit else escape(part) for part, hit in marked(text, words))
    return Markup("").join(parts)


def _iso(moment: datetime) -> str:
    """A moment as HTML's `datetime` takes it: at most milliseconds."""
    return moment.isoformat(timespec="milliseconds")


def _without_name(title: str) -> str:
    """An article's title without the talk's name before it."""
    return re.sub(r"^【[^】]*】(?:本期提要[:：]\s*)?", "", title)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _recording(video: Video) -> str:
    """The address of a recording, at the moment at which the talk begins in it."""
    return at_second(video.url, video.offset) if video.offset and video.offset > 0 else video.url
