"""What the screen of the meeting shows: what is on, until when, what comes next, and the questions that wait."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import talks
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.documents.discussion import Thread
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.running_order import Stop
from plugins._talk.series import Series

MOST_QUESTIONS = 6


@dataclass(frozen=True, kw_only=True)
class OnStage:
    """What is on: a section, an item or a question of it, whose it is, and its link ("" for none)."""

    section: str
    title: str
    label: str
    people: tuple[Person, ...]
    url: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The talk that is live, or else the next one (`live` False, until `scheduled_at`).

    `until` is when the time of what is on is up (None: no limit), `began_at` since when it is on.
    """

    series: str
    number: int
    live: bool
    scheduled_at: datetime
    place: str
    hosts: tuple[Person, ...]
    on: OnStage | None
    began_at: datetime | None
    until: datetime | None
    ahead: OnStage | None
    questions: tuple[Thread, ...]


def stage(connection: Connection, series: Series) -> Stage | None:
    """The stage as it is now; None without any talk to come."""
    unfinished = talks.unfinished(connection)
    live = next((talk for talk in unfinished if talk.state == TalkState.LIVE), None)
    talk = live or next(iter(unfinished), None)
    return None if talk is None else _staged(connection, series, talk, live=live is not None)


def _staged(connection: Connection, series: Series, talk: TalkRow, *, live: bool) -> Stage:
    evening = evening_of(connection, series, talk.number)
    floor = talk.floor if live else None
    return Stage(
        series=series.name,
        number=talk.number,
        live=live,
        scheduled_at=talk.scheduled_at.astimezone(series.zone),
        place=evening.agenda.place,
        hosts=evening.agenda.hosts,
        on=_shown(evening.current) if live else None,
        began_at=floor.began_at.astimezone(series.zone) if floor else None,
        until=floor.until.astimezone(series.zone) if floor and floor.until else None,
        ahead=_shown(evening.ahead),
        questions=tuple(evening.agenda.discussion.waiting[:MOST_QUESTIONS]),
    )


def _shown(stop: Stop | None) -> OnStage | None:
    if stop is None:
        return None
    item, question = stop.item, stop.question
    if item is not None:
        via = (item.via,) if item.via else ()
        label, title, people = f"#{item.number}", item.title, (item.submitter, *via)
    elif question is not None:
        label, title = f"Q{question.number}", question.question
        people = (question.asker,) if question.asker else ()
    else:
        label, title, people = "", "", stop.section.leads
    url = (item.url if item else None) or ""
    return OnStage(section=stop.section.name, title=title, label=label, people=people, url=url)
