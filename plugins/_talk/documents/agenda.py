"""The agenda of a talk, compiled from the database in a fixed number of queries."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import AttachmentKind
from db.queries import attachments, items, nominations, roles, sections, supporters, talks, turns
from db.queries.attachments import AttachmentRow
from db.queries.items import ItemRow
from db.queries.members import Person
from db.queries.sections import SuggestionRow
from db.queries.talks import TalkRow
from plugins._talk.documents.discussion import Discussion, compile_discussion
from plugins._talk.documents.item_titles import byline, cut, title_of, whole_title
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.documents.published_names import as_published
from plugins._talk.lifecycle import place_of
from plugins._talk.series import Section, Series


@dataclass(frozen=True)
class Second:
    """A member who seconded an item or submitted the same link, with their note ("" for none)."""

    person: Person
    note: str


@dataclass(frozen=True)
class Addition:
    """A text under an item; `by` is who added it if not its submitter."""

    text: str
    by: Person | None


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """An item for presentation; `note` is the sender's text beyond the title, `headline` the title cut short.

    `source` has the page's own title, authors and site, without what `title` already says. `called` is the shortest
    name: the highlight tag, else the headline; `titled` is False when that is only the link's address. A `nominated`
    item is not `chosen` yet; it is chosen once it is `picked` or had a turn in the evening. `rounds` counts the talks
    in which it was nominated; `passed_on`: it was nominated again in a later talk. `rank` is its place among those that
    a host ordered, `edited_by` who wrote its note if not the submitter.
    """

    id: int
    number: int
    title: str
    headline: str
    called: str
    titled: bool
    source: str
    url: str | None
    note: str
    submitter: Person
    via: Person | None
    links: tuple[str, ...]
    texts: tuple[Addition, ...]
    pictures: tuple[str, ...]
    seconds: tuple[Second, ...]
    pinned: bool
    nominated: bool
    picked: bool
    chosen: bool
    passed_on: bool
    rounds: int
    rank: int | None
    edited_by: Person | None

    @property
    def votes(self) -> int:
        return len(self.seconds)


@dataclass(frozen=True, kw_only=True)
class AgendaSection:
    """A section with its clock times (None: no limit), its leads and its items by category.

    `minutes` 0 means no limit; the one that is `open` takes no submissions: it is for questions and discussion. Of the
    items at most `presents` (0: any number) are to be picked for the evening.
    """

    key: str
    name: str
    optional: bool
    open: bool
    minutes: int
    begins: datetime
    ends: datetime | None
    leads: tuple[Person, ...]
    wanted: int
    groups: tuple[tuple[str | None, tuple[AgendaItem, ...]], ...]
    presents: int
    theme: str | None
    suggestions: tuple[SuggestionRow, ...]

    @property
    def items(self) -> tuple[AgendaItem, ...]:
        return tuple(item for _, group in self.groups for item in group)

    @property
    def presented(self) -> tuple[AgendaItem, ...]:
        """The items to present: the picked ones, or all if none was picked."""
        return by_rank(tuple(item for item in self.items if item.picked) or self.items)

    @property
    def nominations(self) -> tuple[AgendaItem, ...]:
        """The nominated items, those with the most votes first."""
        waiting = [item for item in self.items if item.nominated]
        return tuple(sorted(waiting, key=lambda item: (-item.votes, item.number)))

    @property
    def listed(self) -> tuple[tuple[str | None, tuple[AgendaItem, ...]], ...]:
        """The items by category without those that wait to be picked."""
        firm = ((category, tuple(item for item in group if not item.nominated)) for category, group in self.groups)
        return tuple((category, group) for category, group in firm if group)

    @property
    def about(self) -> str:
        """The section's theme, else the names of its picked items, or ""."""
        return self.theme or "; ".join(item.called for item in self.items if item.picked)

    @property
    def takes_place(self) -> bool:
        """An optional section is on only when there is something for it."""
        return bool(self.groups or self.leads or self.theme or not self.optional)


def by_rank(items: tuple[AgendaItem, ...]) -> tuple[AgendaItem, ...]:
    """Items as a host ordered them, then the others as they came."""
    ranked = sorted((item for item in items if item.rank is not None), key=lambda item: item.rank or 0)
    return (*ranked, *(item for item in items if item.rank is None))


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """A talk's agenda. `open_roles` are the names of required roles that nobody holds.

    `highlights` are the names of pinned items, in the order of pinning. `host_role` and `editor_role` are the series'
    names of these roles; where the host makes the minutes too, the second is "" and has nobody. `submit` is a command
    for submitting, such as `/新闻`, `place` where the talk meets ("": nobody has said). Times are in the series' zone.
    """

    series: str
    number: int
    scheduled_at: datetime
    place: str
    hosts: tuple[Person, ...]
    editors: tuple[Person, ...]
    sections: tuple[AgendaSection, ...]
    open_roles: tuple[str, ...]
    host_role: str
    editor_role: str
    submit: str
    highlights: tuple[str, ...]
    discussion: Discussion

    @property
    def shown(self) -> tuple[AgendaSection, ...]:
        """The sections that are on."""
        return tuple(each for each in self.sections if each.takes_place)

    @property
    def has_place_to_talk(self) -> bool:
        """Whether the discussion has a section of its own; else it stands at the end."""
        return any(section.open for section in self.shown)


def compile_agenda(connection: Connection, series: Series, number: int) -> Agenda:
    """The current agenda of talk `number`, with times in the series' zone. Raises LookupError for an unknown talk."""
    talk = talks.by_number(connection, number)
    if talk is None:
        raise LookupError(f"no talk {number}")
    return without_numbers(connection, as_published(connection, number, _compiled(connection, series, talk)))


def _compiled(connection: Connection, series: Series, talk: TalkRow) -> Agenda:
    number = talk.number
    holders = roles.holders(connection, number)
    listed = items.listed(connection, number)
    below = _Below(connection, number)
    themes, wishes = sections.themes(connection, number), sections.suggestions(connection, number)
    compiled: list[AgendaSection] = []
    clock = talk.clock_zero.astimezone(series.zone)
    by_section: dict[str, list[ItemRow]] = {each.key: [] for each in series.sections}
    for item in listed:
        by_section.setdefault(item.section, []).append(item)
    for section in map(series.section, by_section):  # also those that the series had once
        groups = _groups(section, by_section[section.key], below)
        leads = tuple(holders.get(section.key, ()))
        entry = AgendaSection(
            key=section.key,
            name=section.name,
            optional=section.optional,
            open=not section.submissions,
            minutes=section.minutes,
            begins=clock,
            ends=clock + timedelta(minutes=section.minutes) if section.minutes else None,
            leads=leads,
            wanted=section.leads - len(leads),
            groups=groups,
            presents=section.presents,
            theme=themes.get(section.key),
            suggestions=tuple(wish for wish in wishes if wish.section == section.key),
        )
        if entry.takes_place:
            clock = entry.ends or clock
        compiled.append(entry)
    apart = series.editor != series.host
    return Agenda(
        series=series.name,
        number=number,
        scheduled_at=talk.scheduled_at.astimezone(series.zone),
        place=place_of(talk, series),
        hosts=tuple(holders.get(series.host.key, ())),
        editors=tuple(holders.get(series.editor.key, ())) if apart else (),
        sections=tuple(compiled),
        open_roles=open_roles(series, holders),
        host_role=series.host.name,
        editor_role=series.editor.name if apart else "",
        submit=series.submit,
        highlights=tuple(item.tag or title_of(item) for item in sorted(listed, key=_pinned) if item.pinned_at),
        discussion=compile_discussion(connection, series, talk),
    )


def _pinned(item: ItemRow) -> tuple[datetime, int]:
    return item.pinned_at or item.created_at, item.number


class _Below:
    """The data related to a talk's items: attachments, supporters, picks, and nominations repeated in later talks."""

    def __init__(self, connection: Connection, talk: int) -> None:
        self._attachments: dict[tuple[int, str], list[AttachmentRow]] = {}
        self._seconds: dict[int, list[Second]] = {}
        for attachment in attachments.of_talk(connection, talk):
            self._attachments.setdefault((attachment.item, attachment.kind), []).append(attachment)
        for each in supporters.of_talk(connection, talk):
            self._seconds.setdefault(each.item, []).append(Second(each.person, each.note))
        self.picked = nominations.picked(connection, talk)
        self.passed_on = nominations.passed_on(connection, talk)
        self.rounds = nominations.rounds(connection, talk)
        self.chosen = self.picked | {turn.item for turn in turns.of_talk(connection, talk)}

    def of_kind(self, item: int, kind: AttachmentKind) -> tuple[str, ...]:
        return tuple([each.body for each in self._attachments.get((item, kind), ())])

    def texts(self, item: ItemRow) -> tuple[Addition, ...]:
        """The texts under an item, signed where they are not its submitter's."""
        found = self._attachments.get((item.id, AttachmentKind.TEXT), ())
        return tuple([Addition(each.body, None if each.by == item.submitter else each.by) for each in found])

    def seconds(self, item: int) -> tuple[Second, ...]:
        return tuple(self._seconds.get(item, ()))


def open_roles(series: Series, held: Container[str]) -> tuple[str, ...]:
    """The names of required roles whose keys are not in `held`; leads of optional or open sections are optional."""
    spare = {section.key for section in series.sections if section.optional or not section.submissions}
    return tuple(role.name for role in series.all_roles if role.key not in held and role.key not in spare)


def _groups(
    section: Section, rows: Sequence[ItemRow], below: _Below
) -> tuple[tuple[str | None, tuple[AgendaItem, ...]], ...]:
    names: list[str | None] = [category.name for category in section.categories]
    grouped: dict[str | None, list[AgendaItem]] = {name: [] for name in names or [None]}
    for row in rows:
        grouped.setdefault(row.category, []).append(_item(row, section, below))
    return tuple((category, by_rank(tuple(group))) for category, group in grouped.items() if group)


def _item(row: ItemRow, section: Section, below: _Below) -> AgendaItem:
    title = whole_title(row)
    headline = cut(title)
    first, _, rest = row.note.partition("\n")
    named = [row.title] if row.title and row.title not in title else []
    return AgendaItem(
        id=row.id,
        number=row.number,
        title=title,
        headline=headline,
        called=row.tag or headline,
        titled=bool(row.tag or row.title or row.note),
        source=" - ".join([*named, *filter(None, [byline(row.authors, row.site, row.key)])]),
        url=row.url,
        note=(rest if first == title else row.note) or ("" if row.note else row.excerpt or ""),
        submitter=row.submitter,
        via=row.via,
        links=below.of_kind(row.id, AttachmentKind.LINK),
        texts=below.texts(row),
        pictures=below.of_kind(row.id, AttachmentKind.PICTURE),
        seconds=below.seconds(row.id),
        pinned=row.pinned_at is not None,
        nominated=section.nominations and row.url is None and row.id not in below.chosen,
        picked=row.id in below.picked,
        chosen=row.id in below.chosen,
        passed_on=row.id in below.passed_on,
        rounds=below.rounds.get(row.id, 1),
        rank=row.rank,
        edited_by=row.note_by,
    )
