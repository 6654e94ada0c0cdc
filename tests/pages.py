"""Pages drawn from documents alone, without a server."""

from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.minutes import Minutes
from plugins._talk.documents.talk_page import MinutesPage, TalkPage
from plugins._talk.render.page import Head, Site, minutes_body, page
from plugins._talk.series import Series
from plugins._talk.series_file import load_series

BASE = "https://talk.example.org"


def site(series: Series | None = None) -> Site:
    return Site(series or load_series(), BASE, "1")


def talk_html(agenda: Agenda, state: str = "collecting") -> str:
    """A talk's page."""
    shown = TalkPage(
        series=agenda.series,
        number=agenda.number,
        state=state,
        scheduled_at=agenda.scheduled_at,
        place=agenda.place,
        agenda=agenda,
        summary=agenda.highlights,
        covered=(),
        article=None,
        video=None,
    )
    return page(site(), "talk", Head(title=agenda.series, description="", path="/talks/004"), shown, {})


def minutes_html(minutes: Minutes) -> str:
    """The page of a talk's minutes."""
    head, body = Head(title=minutes.title, description="", path="/talks/004/minutes"), minutes_body(site(), minutes)
    return page(site(), "minutes", head, MinutesPage(minutes, None), {}, body=body, agenda=minutes.agenda)
