"""What commands changed, as images of the rows before and after, and taking it back."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from db.models import (
    Attachment,
    Base,
    Carryover,
    Change,
    DiscussionMessage,
    Instant,
    Item,
    ItemMessage,
    Member,
    Offer,
    Pick,
    Question,
    QuestionNumber,
    Remark,
    RemarkLine,
    Supporter,
    Talk,
    Theme,
    Turn,
)
from db.queries.members import Person
from db.queries.rows import RowOf, person
from db.statements import savepoint

Key = tuple[Any, ...]
Row = dict[str, Any]
Snapshot = Mapping[str, Mapping[Key, Row]]


class Image(NamedTuple):
    """A row that was changed, by its key: before (None: it was not there) and after (None: it is gone)."""

    table: str
    before: Row | None
    after: Row | None


class ChangeRow(NamedTuple):
    """A command that changed something: in which talk and section, by whom, and how it reads."""

    id: int
    talk: int
    section: str | None
    command: str
    said: str
    done_at: datetime
    images: str
    member: Person


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def _of_items(column: Any) -> Callable[[Sequence[int]], ColumnElement[bool]]:
    return lambda talks: column.in_(select(Item.id).where(Item.talk.in_(talks)))


def _of_questions(column: Any) -> Callable[[Sequence[int]], ColumnElement[bool]]:
    return lambda talks: column.in_(select(QuestionNumber.question).where(QuestionNumber.talk.in_(talks)))


def _of_remarks(column: Any) -> Callable[[Sequence[int]], ColumnElement[bool]]:
    return lambda talks: column.in_(select(Remark.id).where(Remark.talk.in_(talks)))


# The tables whose rows can be taken back, and which of their rows belong to some talks. What people say in is not in
# here, but for what a command moves from one row to another.
_TABLES: Mapping[Table, Callable[[Sequence[int]], ColumnElement[bool]]] = {
    _table(Talk): lambda talks: Talk.number.in_(talks),
    _table(Item): lambda talks: Item.talk.in_(talks),
    _table(Pick): _of_items(Pick.item),
    _table(Offer): _of_items(Offer.item),
    _table(ItemMessage): _of_items(ItemMessage.item),
    _table(Supporter): _of_items(Supporter.item),
    _table(Attachment): _of_items(Attachment.item),
    _table(Theme): lambda talks: Theme.talk.in_(talks),
    _table(Turn): lambda talks: Turn.talk.in_(talks),
    _table(Carryover): lambda talks: Carryover.talk.in_(talks),
    _table(Question): _of_questions(Question.id),
    _table(QuestionNumber): lambda talks: QuestionNumber.talk.in_(talks),
    _table(Remark): lambda talks: Remark.talk.in_(talks),
    _table(RemarkLine): _of_remarks(RemarkLine.remark),
    _table(DiscussionMessage): lambda talks: or_(
        _of_questions(DiscussionMessage.question)(talks), _of_remarks(DiscussionMessage.remark)(talks)
    ),
}
_BY_NAME = {table.name: table for table in _TABLES}
_KEPT = {"talks": {"last_item", "last_question"}}  # numbers that were given out stay so


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name not in _KEPT.get(table.name, ())]


def snapshot(connection: Connection, talks: Sequence[int]) -> Snapshot:
    """All rows of these talks that a command may change and that can be taken back."""
    found: dict[str, dict[Key, Row]] = {}
    for table, belongs in _TABLES.items():
        rows = connection.execute(select(*_columns(table)).where(belongs(talks))).mappings()
        found[table.name] = {_key(table, row): dict(row) for row in rows}
    return found


def _key(table: Table, row: Mapping[Any, Any]) -> Key:
    return tuple(row[column.name] for column in table.primary_key)


def difference(before: Snapshot, after: Snapshot) -> list[Image]:
    """The rows that differ, parents before children. A talk that is new is none: it stays."""
    found: list[Image] = []
    for table in Base.metadata.sorted_tables:
        old, new = before.get(table.name, {}), after.get(table.name, {})
        keys = old if table.name == Talk.__tablename__ else {**old, **new}
        found += [Image(table.name, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
    return found


def places(connection: Connection, images: Sequence[Image]) -> set[tuple[int, str | None]]:
    """The talks, and the sections of them (None: the talk as a whole), whose rows these are."""
    rows = [(image.table, row) for image in images for row in (image.before, image.after) if row]
    found: set[tuple[int, str | None]] = {(row["number"], None) for table, row in rows if table == Talk.__tablename__}
    found |= {(row["talk"], row.get("section")) for _, row in rows if row.get("talk") is not None}
    items = {row["item"] for _, row in rows if row.get("item") is not None}
    of_items = connection.execute(select(Item.talk, Item.section).where(Item.id.in_(items)))
    return found | {(row[0], row[1]) for row in of_items}


def keep(
    connection: Connection,
    *,
    talk: int,
    section: str | None,
    member: int,
    command: str,
    said: str,
    now: datetime,
    images: Sequence[Image],
) -> None:
    """Keep what a command changed."""
    connection.execute(
        insert(Change).values(
            talk=talk,
            section=section,
            member=member,
            command=command,
            said=said,
            done_at=now,
            images=json.dumps([image._asdict() for image in images], default=datetime.isoformat),
        )
    )


def forget(connection: Connection, before: datetime) -> None:
    """Delete what was done before this moment."""
    connection.execute(delete(Change).where(Change.done_at < before))


_ROW = RowOf(ChangeRow, Change, member=person())


def since(connection: Connection, moment: datetime) -> Sequence[ChangeRow]:
    """What was done since then and is not taken back, the newest first."""
    query = _ROW.select().join(Member, Member.qq == Change.member)
    query = query.where(Change.done_at >= moment, Change.undone_at.is_(None))
    return _ROW.all(connection, query.order_by(Change.id.desc()))


def last_undone(connection: Connection, talk: int) -> ChangeRow | None:
    """What was taken back last of a talk."""
    query = _ROW.select().join(Member, Member.qq == Change.member)
    query = query.where(Change.talk == talk, Change.undone_at.is_not(None))
    return _ROW.first(connection, query.order_by(Change.undone_at.desc(), Change.id.desc()).limit(1))


def take_back(connection: Connection, change: ChangeRow, by: int, now: datetime) -> bool:
    """Put the rows back as they were; False, and nothing is changed, where they were changed or used since."""
    images = [
        Image(each["table"], _row(each["table"], each["before"]), _row(each["table"], each["after"]))
        for each in json.loads(change.images)
    ]
    if not all(_is_as_left(connection, image) for image in images):
        return False
    try:
        with savepoint(connection):
            _put_back(connection, images)
    except IntegrityError:  # somebody referred to what would go
        return False
    connection.execute(update(Change).where(Change.id == change.id).values(undone_at=now, undone_by=by))
    return True


def _row(table: str, row: Row | None) -> Row | None:
    """A row as it was before it was written as JSON."""
    if row is None:
        return None
    instants = {column.name for column in _BY_NAME[table].columns if isinstance(column.type, Instant)}
    return {
        name: datetime.fromisoformat(value) if name in instants and value is not None else value
        for name, value in row.items()
    }


def _where(image: Image) -> ColumnElement[bool]:
    table, row = _BY_NAME[image.table], image.after or image.before or {}
    first, *others = [column == row[column.name] for column in table.primary_key]
    for each in others:
        first = first & each
    return first


def _is_as_left(connection: Connection, image: Image) -> bool:
    """Whether a row is as the command left it: of one that it changed, in what it changed."""
    table = _BY_NAME[image.table]
    found = connection.execute(select(*_columns(table)).where(_where(image))).mappings().one_or_none()
    if image.after is None or found is None:
        return (image.after is None) == (found is None)
    changed = image.after if image.before is None else _changes(image.before, image.after)
    return all(found[name] == image.after[name] for name in changed)


def _changes(before: Row, after: Row) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def _put_back(connection: Connection, images: Sequence[Image]) -> None:
    for image in reversed(images):
        if image.before is None:
            connection.execute(delete(_BY_NAME[image.table]).where(_where(image)))
    for image in _in_order([image for image in images if image.before is not None and image.after is not None]):
        before, after = image.before or {}, image.after or {}
        values = {name: before[name] for name in _changes(before, after)}
        connection.execute(update(_BY_NAME[image.table]).where(_where(image)).values(**values))
    for image in images:
        if image.after is None:
            connection.execute(insert(_BY_NAME[image.table]).values(**(image.before or {})))


def _in_order(images: Sequence[Image]) -> list[Image]:
    """Updates in an order in which no two talks ever have the same time (a unique column)."""
    talks = [image for image in images if image.table == Talk.__tablename__]
    later = [each for each in talks if _time(each.before) > _time(each.after)]
    return [*reversed(later), *(each for each in images if each not in later)]


def _time(row: Row | None) -> datetime:
    return (row or {})["scheduled_at"]
