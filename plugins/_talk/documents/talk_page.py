"""A talk as its page tells it: the agenda, what became of it, and where its article and video are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import talks
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.headline import summary
from plugins._talk.documents.minutes import Minutes, Video, compile_minutes, video_of
from plugins._talk.series import Series


@dataclass(frozen=True, kw_only=True)
class TalkPage:
    """An agenda with the talk's state; `covered` are the numbers of the items that had their turn."""

    series: str
    number: int
    state: str
    scheduled_at: datetime
    place: str
    agenda: Agenda
    summary: tuple[str, ...]
    covered: tuple[int, ...]
    article: str | None
    video: Video | None


@dataclass(frozen=True)
class MinutesPage:
    """Minutes with their article's address."""

    minutes: Minutes
    article: str | None


def talk_page(connection: Connection, series: Series, number: int) -> TalkPage:
    """A talk's page. Raises LookupError for an unknown talk."""
    evening = evening_of(connection, series, number)
    talk = talks.by_number(connection, number)
    if talk is None:
        raise LookupError(number)
    return TalkPage(
        series=evening.agenda.series,
        number=number,
        state=talk.state,
        scheduled_at=evening.agenda.scheduled_at,
        place=evening.agenda.place,
        agenda=evening.agenda,
        summary=summary(evening.agenda, series.limits.title),
        covered=tuple(item.number for item in evening.covered) if evening.ran else (),
        article=talk.article,
        video=video_of(talk),
    )


def minutes_page(connection: Connection, series: Series, number: int, now: datetime) -> MinutesPage:
    """The page of a talk's minutes as they stand now. Raises LookupError for an unknown talk."""
    talk = talks.by_number(connection, number)
    return MinutesPage(compile_minutes(connection, series, number, now), talk.article if talk else None)
