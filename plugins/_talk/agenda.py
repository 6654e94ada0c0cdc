"""The agenda of a talk, compiled from the database in a fixed number of queries."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import items, roles, talks
from db.queries.items import AttachmentRow, ItemRow
from db.queries.members import Person
from db.words import AttachmentKind
from plugins._talk.series import Section, Series
from plugins._talk.share import headline


@dataclass(frozen=True)
class AgendaItem:
    """An item as it will be presented; `note` is what its sender said beyond the headline."""

    number: int
    headline: str
    url: str | None
    note: str
    submitter: Person
    via: Person | None
    links: tuple[str, ...]
    texts: tuple[str, ...]
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class AgendaSection:
    """A section with its clock times (None: no limit), its leads and its items by category."""

    key: str
    name: str
    optional: bool
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
    """A talk's agenda. `open_roles` are those that nobody holds yet, optional sections' leads aside."""

    series: str
    number: int
    starts_at: datetime
    hosts: tuple[Person, ...]
    editors: tuple[Person, ...]
    sections: tuple[AgendaSection, ...]
    open_roles: tuple[str, ...]

    @property
    def shown(self) -> tuple[AgendaSection, ...]:
        """The sections worth printing: optional ones only when something is in them."""
        return tuple(each for each in self.sections if each.groups or each.leads or not each.optional)


def compile_agenda(connection: Connection, series: Series, number: int) -> Agenda:
    """The agenda of talk `number` as it stands now; times are in the series' zone."""
    talk = talks.by_number(connection, number)
    if talk is None:
        raise LookupError(f"no talk {number}")
    holders = roles.holders(connection, number)
    further: dict[int, list[AttachmentRow]] = {}
    for attachment in items.attachments(connection, number):
        further.setdefault(attachment.item, []).append(attachment)
    listed = items.listed(connection, number)
    sections: list[AgendaSection] = []
    clock = talk.starts_at.astimezone(series.zone)
    for section in series.sections:
        groups = _groups(section, [item for item in listed if item.section == section.key], further)
        leads = tuple(holders.get(section.key, ()))
        begins = clock
        if groups or leads or not section.optional:
            clock += timedelta(minutes=section.minutes)
        sections.append(
            AgendaSection(
                section.key,
                section.name,
                section.optional,
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
    )


def open_roles(series: Series, held: Container[str]) -> tuple[str, ...]:
    """The roles that a talk cannot do without and that are not `held`."""
    spare = {section.key for section in series.sections if section.optional or not section.submissions}
    return tuple(role.name for role in series.all_roles if role.key not in held and role.key not in spare)


def _groups(
    section: Section, rows: Sequence[ItemRow], further: dict[int, list[AttachmentRow]]
) -> tuple[tuple[str | None, tuple[AgendaItem, ...]], ...]:
    order: list[str | None] = [category.name for category in section.categories] or [None]
    order += [row.category for row in rows if row.category not in order]
    grouped = (
        (category, tuple(_item(row, further.get(row.id, ())) for row in rows if row.category == category))
        for category in dict.fromkeys(order)
    )
    return tuple((category, group) for category, group in grouped if group)


def _item(row: ItemRow, further: Sequence[AttachmentRow]) -> AgendaItem:
    title = headline(row.title, row.note, row.url)
    first, _, rest = row.note.partition("\n")
    of_kind = {kind: tuple(each.body for each in further if each.kind == kind) for kind in AttachmentKind}
    return AgendaItem(
        row.number,
        title,
        row.url,
        rest if first == title else row.note,
        row.submitter,
        row.via,
        of_kind[AttachmentKind.LINK],
        of_kind[AttachmentKind.TEXT],
        of_kind[AttachmentKind.PICTURE],
    )
