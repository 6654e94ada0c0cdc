"""An agenda or minutes as a web page; text written by members is always escaped."""

from functools import cache
from pathlib import Path
from typing import Any

from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.minutes import Minutes
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.minutes import minutes_document
from plugins._talk.render.rendered import Rendered


@cache
def template(name: str) -> Any:
    """A Jinja template for HTML in this folder, which escapes everything."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # imported late to keep startup fast

    files = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=files, autoescape=True, undefined=StrictUndefined, trim_blocks=True).get_template(name)


def page(agenda: Agenda) -> Rendered[str]:
    """The page of a talk, as HTML. Its links are those that were stored: http and https."""
    body = template("agenda.html").render(
        agenda=agenda, name=talk_name(agenda.number), when=say_local(agenda.scheduled_at)
    )
    return Rendered(body, warnings_of(agenda))


def minutes_page(minutes: Minutes, pictures: str) -> Rendered[str]:
    """The minutes as HTML, rendered from their Markdown without raw HTML. `pictures` is the pictures' base URL."""
    written = minutes_document(minutes, pictures)
    body = template("minutes.html").render(title=minutes.title, body=html_of(written.document))
    return Rendered(body, written.warnings)


def html_of(markdown: str) -> str:
    """Markdown rendered as HTML: raw HTML is escaped, and only URLs with a scheme are autolinked, as on GitHub."""
    from markdown_it import MarkdownIt  # imported late to keep startup fast

    reader = MarkdownIt("gfm-like", {"html": False})
    if reader.linkify:
        reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return str(reader.render(markdown))
