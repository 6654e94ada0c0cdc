"""What the public pages tell across talks: lists of talks and of items, a member's contributions, the next talk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import catalogue, items, members, search, talks
from db.queries.items import ItemRow
from db.queries.members import Person
from db.queries.search import Within
from db.queries.talks import TalkRow
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.documents.invitation import JoinCode, way_in
from plugins._talk.documents.item_titles import title_of, whole_title
from plugins._talk.documents.minutes import Earlier, Video, earlier_than_the_bot, video_of
from plugins._talk.documents.periods import Period, year_of
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.lifecycle import place_of
from plugins._talk.series import Series

TALKS_A_PAGE = 20
ITEMS_A_PAGE = 40
MOST_SAID = 40  # roles, answers and questions on a member's page
MOST_PEOPLE = 200  # on the page of a year


@dataclass(frozen=True)
class Paging:
    """Which page of how many this is, counted from 1."""

    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class TalkLine:
    """A talk in a list; `title` is its article's once it is published, `counts` are the items of its sections.

    `told_at` is when its time was last decided.
    """

    number: int
    scheduled_at: datetime
    ended_at: datetime | None
    told_at: datetime
    place: str
    sequence: int
    state: str
    title: str
    highlights: tuple[str, ...]
    hosts: tuple[Person, ...]
    counts: tuple[tuple[str, int], ...]
    article: str | None
    video: Video | None


@dataclass(frozen=True)
class Talks:
    """A page of all talks, the newest first; on the last also those from before the bot's time."""

    talks: tuple[TalkLine, ...]
    paging: Paging
    past: tuple[Earlier, ...]


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """An item in a list across talks."""

    talk: int
    number: int
    section: str
    category: str | None
    title: str
    url: str | None
    note: str
    submitter: Person
    said_at: datetime


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found: so many items (`more`: even more), of which this is a page."""

    words: tuple[str, ...]
    section: str
    category: str
    person: Person | None
    year: int | None
    years: tuple[int, ...]
    count: int
    more: bool
    items: tuple[ItemLine, ...]
    paging: Paging


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a member brought, hosted and answered; `roles` are talks with the names of roles."""

    person: Person
    roles: tuple[tuple[int, str], ...]
    count: int
    items: tuple[ItemLine, ...]
    answers: tuple[catalogue.Said, ...]
    questions: tuple[catalogue.Said, ...]
    paging: Paging


@dataclass(frozen=True)
class People:
    """Everybody who did something in the talks of a year, the busiest first; `left_out` so many more."""

    year: int
    years: tuple[int, ...]
    people: tuple[catalogue.Activity, ...]
    left_out: int


@dataclass(frozen=True, kw_only=True)
class Home:
    """The talk that is on, the next one, and the last ones; how people join."""

    live: Agenda | None
    coming: Agenda | None
    last: tuple[TalkLine, ...]
    invitation: JoinCode | None


def home(connection: Connection, series: Series, now: datetime) -> Home:
    """What a visitor sees first."""
    unfinished = talks.unfinished(connection)
    by_state = {talk.state: talk.number for talk in reversed(unfinished)}
    agendas = {state: compile_agenda(connection, series, number) for state, number in by_state.items()}
    over = [talk for talk in talks.newest(connection, 3 + len(unfinished)) if talk not in unfinished]
    last = without_numbers(connection, _lines(connection, series, over[:3]))
    return Home(
        live=agendas.get(TalkState.LIVE),
        coming=agendas.get(TalkState.COLLECTING),
        last=last,
        invitation=way_in(connection, series, now).invitation,
    )


def talk_list(connection: Connection, series: Series, page: int) -> Talks:
    """A page of the list of talks. Raises LookupError for a page that there is not."""
    paging = _paging(talks.count(connection), TALKS_A_PAGE, page)
    rows = talks.newest(connection, TALKS_A_PAGE, (page - 1) * TALKS_A_PAGE)
    past = earlier_than_the_bot(connection, series) if paging.page == paging.pages else ()
    return without_numbers(connection, Talks(_lines(connection, series, rows), paging, past))


def newest_talks(connection: Connection, series: Series, most: int) -> tuple[TalkLine, ...]:
    """The newest talks, for calendars and feeds."""
    return without_numbers(connection, _lines(connection, series, talks.newest(connection, most)))


def published_talks(connection: Connection, series: Series, most: int) -> tuple[TalkLine, ...]:
    """The talks that were published last, for a feed."""
    rows = talks.recent(connection, [TalkState.PUBLISHED], most)[::-1]
    return without_numbers(connection, _lines(connection, series, rows))


def item_list(connection: Connection, series: Series, words: str, within: Within, year: int | None, page: int) -> Found:
    """The items that have all these words. Raises LookupError for a page that there is not."""
    years = _years(connection, series)
    if year is not None:
        within = within._replace(talks=[talk.number for talk in _talks_of(connection, series, year)])
    said = tuple(words.split())
    start = (page - 1) * ITEMS_A_PAGE
    count, ids = search.find(connection, said, ITEMS_A_PAGE, start, within)
    counted = min(count, search.MOST_COUNTED)
    rows = items.by_ids(connection, ids)
    person = Person(within.person, members.name_of(connection, within.person)) if within.person is not None else None
    found = Found(
        words=said,
        section=within.section or "",
        category=within.category or "",
        person=person,
        year=year,
        years=years,
        count=counted,
        more=count > search.MOST_COUNTED,
        items=tuple(_line(rows[each], series) for each in ids),
        paging=_paging(counted, ITEMS_A_PAGE, page),
    )
    return without_numbers(connection, found)


def newest_items(connection: Connection, series: Series, most: int, section: str | None) -> tuple[ItemLine, ...]:
    """The items that came last (in one section), for a feed."""
    rows = catalogue.newest_items(connection, most, section)
    return without_numbers(connection, tuple(_line(row, series) for row in rows))


def profile(connection: Connection, series: Series, code: str, page: int) -> Profile:
    """What a member did. Raises LookupError for an unknown code, or a page that there is not."""
    person = members.by_code(connection, code)
    if person is None:
        raise LookupError(code)
    count = catalogue.count_of(connection, person.qq)
    paging = _paging(count, ITEMS_A_PAGE, page)
    rows = catalogue.items_of(connection, person.qq, ITEMS_A_PAGE, (page - 1) * ITEMS_A_PAGE)
    names = {role.key: role.name for role in series.all_roles}
    roles = catalogue.roles_of(connection, person.qq, MOST_SAID)
    found = Profile(
        person=person,
        roles=tuple((talk, names.get(role, role)) for talk, role in roles),
        count=count,
        items=tuple(_line(row, series) for row in rows),
        answers=tuple(catalogue.answers_of(connection, person.qq, MOST_SAID)),
        questions=tuple(catalogue.questions_of(connection, person.qq, MOST_SAID)),
        paging=paging,
    )
    return without_numbers(connection, found)


def people(connection: Connection, series: Series, year: int | None, now: datetime) -> People:
    """Who did something in a year (default: the last with talks). Raises LookupError for a year without."""
    years = _years(connection, series)
    chosen = _chosen(years, year, now)
    held = _talks_of(connection, series, chosen)
    if not held:
        return People(chosen, years, (), 0)
    numbers = [talk.number for talk in held]
    found = catalogue.activity(connection, min(numbers), max(numbers), series.host.key)
    return without_numbers(
        connection, People(chosen, years, tuple(found[:MOST_PEOPLE]), max(0, len(found) - MOST_PEOPLE))
    )


def period_of(connection: Connection, series: Series, year: int | None, now: datetime) -> Period:
    """A year (default: the last with talks), its talks, and the other years. Raises LookupError for one without."""
    years = _years(connection, series)
    chosen = _chosen(years, year, now)
    return Period(chosen, years, tuple(_talks_of(connection, series, chosen)))


def _chosen(years: Sequence[int], year: int | None, now: datetime) -> int:
    if year is not None and year not in years:
        raise LookupError(year)
    return year or max((each for each in years if each <= now.year), default=now.year)


def _years(connection: Connection, series: Series) -> tuple[int, ...]:
    ends = talks.first_and_last(connection)
    if ends is None:
        return ()
    first, last = (each.astimezone(series.zone).year for each in ends)
    return tuple(range(last, first - 1, -1))


def _talks_of(connection: Connection, series: Series, year: int) -> Sequence[TalkRow]:
    return talks.between(connection, *year_of(year, series.zone))


def _paging(count: int, size: int, page: int) -> Paging:
    pages = max(1, -(-count // size))
    if not 1 <= page <= pages:
        raise LookupError(page)
    return Paging(page, pages)


def _lines(connection: Connection, series: Series, rows: Sequence[TalkRow]) -> tuple[TalkLine, ...]:
    if not rows:
        return ()
    first, last = min(row.number for row in rows), max(row.number for row in rows)
    counts: dict[int, dict[str, int]] = {}
    for each in catalogue.section_counts(connection, first, last):
        counts.setdefault(each.talk, {})[each.section] = each.items
    pinned: dict[int, list[str]] = {}
    for item in catalogue.highlights(connection, first, last):
        pinned.setdefault(item.talk, []).append(item.tag or title_of(item))
    hosts: dict[int, list[Person]] = {}
    for held in catalogue.roles(connection, first, last):
        if held.role == series.host.key:
            hosts.setdefault(held.talk, []).append(held.person)
    return tuple(
        TalkLine(
            number=row.number,
            scheduled_at=row.scheduled_at.astimezone(series.zone),
            ended_at=row.ended_at.astimezone(series.zone) if row.ended_at else None,
            told_at=row.moved_at or row.collecting_from,
            place=place_of(row, series),
            sequence=row.sequence,
            state=row.state,
            title=row.summary or "",
            highlights=tuple(pinned.get(row.number, ())),
            hosts=tuple(hosts.get(row.number, ())),
            counts=_named(counts.get(row.number, {}), series),
            article=row.article,
            video=video_of(row),
        )
        for row in rows
    )


def _named(counts: Mapping[str, int], series: Series) -> tuple[tuple[str, int], ...]:
    order = [section.key for section in series.sections]
    keys = sorted(counts, key=lambda key: order.index(key) if key in order else len(order))
    return tuple((series.section(key).name, counts[key]) for key in keys)


def _line(row: ItemRow, series: Series) -> ItemLine:
    title = whole_title(row)
    first, _, rest = row.note.partition("\n")
    return ItemLine(
        talk=row.talk,
        number=row.number,
        section=series.section(row.section).name,
        category=row.category,
        title=title,
        url=row.url,
        note=rest if first == title else row.note,
        submitter=row.submitter,
        said_at=row.created_at.astimezone(series.zone),
    )
