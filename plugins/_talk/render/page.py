"""An agenda or minutes as a web page; whatever people wrote is text there, never markup."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.minutes import Minutes
from plugins._talk.documents.warnings import concerns
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.minutes import minutes_document
from plugins._talk.render.rendered import Rendered

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def page(agenda: Agenda) -> Rendered[str]:
    """The page of a talk, as HTML. Its links are those that were stored: http and https."""
    body = _templates.get_template("agenda.html").render(
        agenda=agenda, name=talk_name(agenda.number), when=say_local(agenda.scheduled_at)
    )
    return Rendered(body, concerns(agenda))


def minutes_page(minutes: Minutes, pictures: str) -> Rendered[str]:
    """The minutes as HTML: the Markdown itself, read with HTML switched off. `pictures` is their address."""
    written = minutes_document(minutes, pictures)
    body = _templates.get_template("minutes.html").render(title=minutes.title, body=_html(written.document))
    return Rendered(body, written.warnings)


def _html(markdown: str) -> str:
    """Markdown as HTML; HTML in it is text, and only what is written as an address is a link, as on GitHub."""
    from markdown_it import MarkdownIt  # a start does not need it

    reader = MarkdownIt("gfm-like", {"html": False})
    if reader.linkify:
        reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return str(reader.render(markdown))
