"""The minutes of a talk, compiled from the database in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection

from db.queries import final_minutes, talks
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.documents.agenda import Agenda, AgendaSection
from plugins._talk.documents.chapters import Chapter, chapters
from plugins._talk.documents.contributors import contributors
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.headline import summary, title
from plugins._talk.documents.invitation import JoinCode, way_in
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.documents.published_names import as_published
from plugins._talk.documents.timeline import Timeline, timeline
from plugins._talk.links.canonical import find_addresses
from plugins._talk.series import Series

MOST_EARLIER = 30  # talks that were published before


@dataclass(frozen=True)
class Video:
    """A recording; `offset` is where in it, in seconds, the talk's clock is at zero (None: unknown)."""

    url: str
    offset: int | None


@dataclass(frozen=True)
class Earlier:
    """A talk that was published before: its article's title, its article and its video."""

    title: str
    article: str | None
    video: Video | None


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """The minutes of a talk. `references` are the links in notes and discussion, then those of the series.

    `expired`: the newest QR code has expired. `final` is the Markdown that an editor finished by hand.
    """

    series: Series
    agenda: Agenda
    summary: tuple[str, ...]
    title: str
    contributors: tuple[Person, ...]
    video: Video | None
    chapters: tuple[Chapter, ...]
    timeline: Timeline
    references: tuple[str, ...]
    earlier: tuple[Earlier, ...]
    invitation: JoinCode | None
    expired: bool
    final: str | None = None

    @property
    def kept(self) -> tuple[AgendaSection, ...]:
        """The sections that have a heading: the optional ones only when something is in them."""
        return tuple(each for each in self.agenda.sections if each.takes_place or each.suggestions)

    @property
    def pictures(self) -> tuple[str, ...]:
        """All pictures in it, by their file names, each once."""
        hung = (item.pictures for section in self.agenda.sections for item in section.items)
        said = (each.pictures for thread in self.agenda.discussion.threads for each in thread.said)
        invited = (self.invitation.picture,) if self.invitation else ()
        return tuple(dict.fromkeys((*chain.from_iterable(hung), *chain.from_iterable(said), *invited)))


def compile_minutes(connection: Connection, series: Series, number: int, now: datetime) -> Minutes:
    """The minutes of talk `number` as they stand now. Raises LookupError when there is no such talk."""
    evening, way = evening_of(connection, series, number), way_in(connection, series, now)
    agenda, talk = evening.agenda, talks.by_number(connection, number)
    if talk is None:
        raise LookupError(f"no talk {number}")
    final = final_minutes.of_talk(connection, number)
    called = summary(agenda, series.limits.title)
    ran = evening.ran and talk.started_at is not None
    compiled = Minutes(
        series=series,
        agenda=agenda,
        summary=called,
        title=talk.summary or title(agenda, called, series.limits.title),
        contributors=_people(agenda, as_published(connection, number, tuple(contributors(connection, number)))),
        video=video_of(talk),
        chapters=tuple(chapters(evening, talk.clock_zero, talk.video_offset or 0)) if ran else (),
        timeline=timeline(evening, talk.ended_at or now),
        references=tuple(dict.fromkeys((*_links(agenda), *series.texts.references))),
        earlier=_earlier(connection, series, number),
        invitation=way.invitation,
        expired=way.expired,
        final=final.body if final else None,
    )
    return without_numbers(connection, compiled)


def video_of(talk: TalkRow) -> Video | None:
    return Video(talk.video, talk.video_offset) if talk.video else None


def _people(agenda: Agenda, others: Iterable[Person]) -> tuple[Person, ...]:
    """Everybody who held a role, then all contributors; each once, in a stable order."""
    leads = (person for section in agenda.sections for person in section.leads)
    return tuple(dict.fromkeys((*agenda.hosts, *agenda.editors, *leads, *others)))


def _links(agenda: Agenda) -> Iterable[str]:
    """The URLs in the notes and texts of items, then those in the discussion."""
    items = (item for section in agenda.sections for item in section.items)
    noted = (
        text
        for item in items
        for text in (item.note, *(each.text for each in item.texts), *(each.note for each in item.seconds))
    )
    threads = agenda.discussion.threads
    asked = (thread.question for thread in threads)
    said = (line.text for thread in threads for each in thread.said for line in each.lines)
    for text in (*noted, *asked, *said):
        yield from (found.link.url for found in find_addresses(text))


def _earlier(connection: Connection, series: Series, number: int) -> tuple[Earlier, ...]:
    """The talks published earlier, newest first; then those from before the bot was in use; MOST_EARLIER in all."""
    published = talks.published_before(connection, number, MOST_EARLIER)
    own = [Earlier(talk.summary or "", talk.article, video_of(talk)) for talk in published]
    return (*own, *earlier_than_the_bot(connection, series))[:MOST_EARLIER]


def earlier_than_the_bot(connection: Connection, series: Series) -> tuple[Earlier, ...]:
    """The talks that the series' file tells of, without those that are in the database as well."""
    there = talks.with_articles(connection, [each.article for each in series.texts.past if each.article])
    return tuple(
        Earlier(each.title, each.article or None, Video(each.video, each.video_offset) if each.video else None)
        for each in series.texts.past
        if not each.article or each.article not in there
    )
