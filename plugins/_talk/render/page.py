"""An agenda as a web page; whatever people wrote is text there, never markup."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plugins._talk.agenda import Agenda
from plugins._talk.calendar import say_local
from plugins._talk.talks import talk_name

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def page(agenda: Agenda) -> str:
    """The page of a talk, as HTML. Its links are those that were stored: http and https."""
    return _templates.get_template("page.html").render(
        agenda=agenda, name=talk_name(agenda.number), when=say_local(agenda.starts_at)
    )
