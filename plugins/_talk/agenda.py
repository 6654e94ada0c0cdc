"""The agenda of a talk, compiled from the database in a fixed number of queries."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import attachments, items, roles, supporters, talks
from db.queries.attachments import AttachmentRow
from db.queries.items import ItemRow
from db.queries.members import Person
from db.queries.supporters import SupporterRow
from db.words import AttachmentKind
from plugins._talk.discussion import Discussion, compile_discussion
from plugins._talk.headings import byline, title_of
from plugins._talk.series import Section, Series


@dataclass(frozen=True)
class Second:
    """Somebody who sent in the same, and what they said of it."""

    person: Person
    note: str


@dataclass(frozen=True)
class AgendaItem:
    """An item as it will be presented; `note` is what its sender said beyond the headline.

    `source` is what the page is called by others, title, authors and site as far as the headline does not say it.
    `called` is the shortest that it is known by: what the highlights call it, else its headline.
    """

    id: int
    number: int
    headline: str
    called: str
    source: str
    url: str | None
    note: str
    submitter: Person
    via: Person | None
    links: tuple[str, ...]
    texts: tuple[str, ...]
    pictures: tuple[str, ...]
    seconds: tuple[Second, ...]


@dataclass(frozen=True)
class AgendaSection:
    """A section with its clock times (None: no limit), its leads and its items by category.

    `minutes` 0 means no limit; the one that is `open` takes no submissions: it is for questions and discussion.
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

    @property
    def items(self) -> tuple[AgendaItem, ...]:
        return tuple(item for _, group in self.groups for item in group)


@dataclass(frozen=True)
class Agenda:
    """A talk's agenda. `open_roles` are those that nobody holds yet, optional sections' leads aside.

    `highlights` are what the host pinned, in that order.
    """

    series: str
    number: int
    starts_at: datetime
    hosts: tuple[Person, ...]
    editors: tuple[Person, ...]
    sections: tuple[AgendaSection, ...]
    open_roles: tuple[str, ...]
    highlights: tuple[str, ...]
    discussion: Discussion

    @property
    def shown(self) -> tuple[AgendaSection, ...]:
        """The sections worth printing: optional ones only when something is in them."""
        return tuple(each for each in self.sections if each.groups or each.leads or not each.optional)

    @property
    def has_place_to_talk(self) -> bool:
        """Whether the discussion has a section of its own; else it stands at the end."""
        return any(section.open for section in self.shown)


def compile_agenda(connection: Connection, series: Series, number: int) -> Agenda:
    """The agenda of talk `number` as it stands now; times are in the series' zone."""
    talk = talks.by_number(connection, number)
    if talk is None:
        raise LookupError(f"no talk {number}")
    holders = roles.holders(connection, number)
    listed = items.listed(connection, number)
    below = _Below(attachments.of_talk(connection, number), supporters.of_talk(connection, number))
    sections: list[AgendaSection] = []
    clock = talk.began_at.astimezone(series.zone)
    for section in series.sections:
        groups = _groups(section, [item for item in listed if item.section == section.key], below)
        leads = tuple(holders.get(section.key, ()))
        begins = clock
        if groups or leads or not section.optional:
            clock += timedelta(minutes=section.minutes)
        sections.append(
            AgendaSection(
                section.key,
                section.name,
                section.optional,
                not section.submissions,
                section.minutes,
                begins,
                clock if section.minutes else None,
                leads,
                section.leads - len(leads),
                groups,
            )
        )
    return Agenda(
        series.name,
        number,
        talk.starts_at.astimezone(series.zone),
        tuple(holders.get("host", ())),
        tuple(holders.get("editor", ())),
        tuple(sections),
        open_roles(series, holders),
        tuple(item.tag or title_of(item) for item in sorted(listed, key=_pinned) if item.pinned_at),
        compile_discussion(connection, series, talk),
    )


def _pinned(item: ItemRow) -> tuple[datetime, int]:
    return item.pinned_at or item.created_at, item.number


class _Below:
    """What hangs under items: attachments, and who seconded them."""

    def __init__(self, attachments: Sequence[AttachmentRow], supporters: Sequence[SupporterRow]) -> None:
        self._attachments: dict[int, list[AttachmentRow]] = {}
        self._seconds: dict[int, list[Second]] = {}
        for attachment in attachments:
            self._attachments.setdefault(attachment.item, []).append(attachment)
        for each in supporters:
            self._seconds.setdefault(each.item, []).append(Second(each.person, each.note))

    def of_kind(self, item: int, kind: AttachmentKind) -> tuple[str, ...]:
        return tuple(each.body for each in self._attachments.get(item, ()) if each.kind == kind)

    def seconds(self, item: int) -> tuple[Second, ...]:
        return tuple(self._seconds.get(item, ()))


def open_roles(series: Series, held: Container[str]) -> tuple[str, ...]:
    """The roles that a talk cannot do without and that are not `held`."""
    spare = {section.key for section in series.sections if section.optional or not section.submissions}
    return tuple(role.name for role in series.all_roles if role.key not in held and role.key not in spare)


def _groups(
    section: Section, rows: Sequence[ItemRow], below: _Below
) -> tuple[tuple[str | None, tuple[AgendaItem, ...]], ...]:
    order: list[str | None] = [category.name for category in section.categories] or [None]
    order += [row.category for row in rows if row.category not in order]
    grouped = (
        (category, tuple(_item(row, below) for row in rows if row.category == category))
        for category in dict.fromkeys(order)
    )
    return tuple((category, group) for category, group in grouped if group)


def _item(row: ItemRow, below: _Below) -> AgendaItem:
    said = title_of(row)
    first, _, rest = row.note.partition("\n")
    named = [row.title] if row.title and not said.startswith(row.title[: len(said) - 1]) else []
    return AgendaItem(
        row.id,
        row.number,
        said,
        row.tag or said,
        " - ".join([*named, *filter(None, [byline(row.authors, row.site, row.key)])]),
        row.url,
        (rest if first == said else row.note) or ("" if row.note else row.excerpt or ""),
        row.submitter,
        row.via,
        below.of_kind(row.id, AttachmentKind.LINK),
        below.of_kind(row.id, AttachmentKind.TEXT),
        below.of_kind(row.id, AttachmentKind.PICTURE),
        below.seconds(row.id),
    )
