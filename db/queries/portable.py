"""All talks as rows that another database can take in: members by a number of the file, no QQ numbers, no messages.

What stands in a file follows from the tables: references lead to rows of the file, by the order in which these stand
there, so that a file that was taken in and written again is the same file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, func, insert, literal, select, update

from db.enums import ItemState, PageState
from db.models import (
    Attachment,
    FinalMinutes,
    Item,
    Member,
    Offer,
    Page,
    Pick,
    Picture,
    PublishedName,
    Question,
    QuestionNumber,
    Remark,
    RemarkLine,
    RoleHolder,
    Suggestion,
    Supporter,
    Talk,
    Theme,
    Turn,
    Vote,
)
from db.models.base import Base, Instant
from db.queries.members import display_name

Row = dict[str, Any]
Rows = dict[str, list[Row]]
ADDRESSES = ("url", "article", "video")
YEARS, MOST_NUMBER = (1990, 2200), 999_999_999  # what the rest of the program can reckon with
MESSAGE = ("group_id", "message_id", "receipt")  # where something was said: another database has other messages


@dataclass(frozen=True)
class _Kept:
    """A table that is written out: without some columns, in this order, and only what fits `where`."""

    model: type[Base]
    order: tuple[Any, ...]
    without: tuple[str, ...] = ()
    where: ColumnElement[bool] | None = None

    @property
    def table(self) -> Table:
        return cast(Table, self.model.__table__)

    @property
    def columns(self) -> list[str]:
        return [each.name for each in self.table.columns if each.name not in self.without]


# In an order in which each refers to those before it.
_TABLES = (
    _Kept(Talk, (Talk.number,), without=("host_seen_at",)),
    _Kept(Picture, (Picture.name,), without=("content", "unused_since")),
    _Kept(RoleHolder, (RoleHolder.talk, RoleHolder.role, RoleHolder.slot)),
    _Kept(
        Item,
        (Item.talk, Item.number),
        without=("state", "removed_at", "removed_by", "removed_why", "same_as"),
        where=Item.state == ItemState.LISTED,
    ),
    _Kept(Page, (Page.key,), without=("tries", "next_try_at", "why"), where=Page.state == PageState.READ),
    _Kept(Supporter, (Supporter.item, Supporter.created_at, Supporter.member)),
    _Kept(Attachment, (Attachment.item, Attachment.id), without=MESSAGE),
    _Kept(Pick, (Pick.item,)),
    _Kept(Offer, (Offer.item,)),
    _Kept(Theme, (Theme.talk, Theme.section)),
    _Kept(Suggestion, (Suggestion.talk, Suggestion.id), without=MESSAGE),
    _Kept(Question, (Question.id,), where=Question.removed_at.is_(None)),
    _Kept(QuestionNumber, (QuestionNumber.talk, QuestionNumber.number)),
    _Kept(Vote, (Vote.question, Vote.voted_at, Vote.member)),
    _Kept(Remark, (Remark.talk, Remark.said_at, Remark.id), without=MESSAGE),
    _Kept(RemarkLine, (RemarkLine.remark, RemarkLine.position)),
    _Kept(Turn, (Turn.talk, Turn.position)),
    _Kept(FinalMinutes, (FinalMinutes.talk,)),
    _Kept(PublishedName, (PublishedName.talk, PublishedName.name, PublishedName.member)),
)


def dump(connection: Connection, *, with_pictures: bool) -> Rows:
    """All talks, as rows by table; `people` are the members that they name. Moments are ISO 8601 in UTC.

    Without pictures what is nothing but one is left out.
    """
    places: dict[str, dict[Any, int]] = {}  # of rows that others refer to by number: their places in the file
    rows: Rows = {}
    for kept in _TABLES:
        found = rows[kept.table.name] = []
        own = places.setdefault(kept.table.name, {}) if "id" in kept.table.columns else None
        for record in _records(connection, kept):
            row = _portable(kept, record, places)
            if row is None or (row.get("picture") and not with_pictures):
                continue
            if own is not None:
                own[record["id"]] = row["id"] = len(own) + 1
            found.append(row)
    for table, column in (("pages", "key"), ("pictures", "name")):
        used = {
            row.get(each)
            for each in ("key", "picture")
            for name in _TABLES
            for row in rows[name.table.name]
            if name.table.name != table
        }
        rows[table] = [row for row in rows[table] if row[column] in used]
    return {"people": _people(connection, rows), **rows}


def _records(connection: Connection, kept: _Kept) -> Sequence[Row]:
    columns = [kept.table.columns[name] for name in kept.columns]
    query = select(*columns).order_by(*kept.order)
    found = connection.execute(query if kept.where is None else query.where(kept.where)).mappings()
    return [dict(row) for row in found]


def _portable(kept: _Kept, record: Mapping[str, Any], places: Mapping[str, Mapping[Any, int]]) -> Row | None:
    """A row with references by place; None for one that needs something that is not in the file."""
    row: Row = {}
    for name in kept.columns:
        value, table = record[name], _refers_to(kept.table, name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        elif table is not None and table in places and value is not None:
            value = places[table].get(value)
            if value is None and not kept.table.columns[name].nullable:
                return None
        row[name] = value
    return row


def _refers_to(table: Table, column: str) -> str | None:
    """The table whose rows a column refers to."""
    return next((each.column.table.name for each in table.columns[column].foreign_keys), None)


def _people(connection: Connection, rows: Rows) -> list[Row]:
    """The members in these rows, in the order of their QQ numbers; in the rows, their places come instead."""
    columns = [(kept.table.name, name) for kept in _TABLES for name in _columns_of_members(kept)]
    named = {row[name] for table, name in columns for row in rows[table]} - {None}
    places = {qq: place for place, qq in enumerate(sorted(named), 1)}
    for table, name in columns:
        for row in rows[table]:
            row[name] = places.get(row[name])
    query = select(Member.qq, display_name(), Member.code, Member.anonymous).order_by(Member.qq)
    found = (row for row in connection.execute(query) if row[0] in places)
    return [{"id": places[row[0]], "name": row[1], "code": row[2], "anonymous": row[3]} for row in found]


def _columns_of_members(kept: _Kept) -> list[str]:
    return [name for name in kept.columns if _refers_to(kept.table, name) == "members"]


def pictures(connection: Connection, names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
    """The contents of these pictures."""
    for name in names:
        yield name, connection.execute(select(Picture.content).where(Picture.name == name)).scalar_one()


def load(connection: Connection, rows: Rows, contents: Mapping[str, bytes]) -> tuple[list[int], list[int]]:
    """Take in the talks that are not there yet; returns their numbers, and those that were left out.

    A member with the code of one who is there is that one; others get a negative number, as nobody's account.
    Pictures that are neither in `contents` nor there are left out, with what shows them.
    """
    if any(not 0 <= row["number"] <= MOST_NUMBER for row in rows["talks"]):
        raise ValueError("期号最多九位")
    there = set(connection.scalars(select(Talk.number)))
    left_out = [row["number"] for row in rows["talks"] if row["number"] in there]
    ids: dict[str, dict[Any, Any]] = {"members": _members(connection, rows["people"])}
    ids["talks"] = {row["number"]: row["number"] for row in rows["talks"] if row["number"] not in there}
    known = set(connection.scalars(select(Picture.name)))
    ids["pictures"] = {row["name"]: row["name"] for row in rows["pictures"] if row["name"] in {*contents, *known}}
    for kept in _TABLES:
        table, own = kept.table, dict[Any, Any]()
        last = connection.execute(select(func.max(table.columns["id"]))).scalar_one() if "id" in table.columns else 0
        for row in rows[table.name]:
            record = _record(kept, row, ids)
            if record is None or not _is_new(connection, table, record, ids, known):
                continue
            if "id" in table.columns:
                own[row["id"]] = record["id"] = last = (last or 0) + 1
            record |= _made_up(table.name, record, contents)
            connection.execute(insert(table).values(**record))
        if "id" in table.columns:
            ids[table.name] = own
            _go_on_from(connection, table, last or 0)
    return sorted(ids["talks"]), left_out


def _members(connection: Connection, people: Sequence[Row]) -> dict[int, int]:
    """The QQ numbers of the file's people: those of members, or made-up ones below zero, in the file's order."""
    codes = connection.execute(select(Member.code, Member.qq).where(Member.code.is_not(None)))
    by_code = {row[0]: row[1] for row in codes}
    lowest = min(0, connection.execute(select(func.min(Member.qq))).scalar_one() or 0)
    found: dict[int, int] = {}
    for place, person in enumerate(people):
        qq = by_code.get(person["code"])
        if qq is None:
            qq = lowest - len(people) + place
            new = {"qq": qq, "card": person["name"], "anonymous": person["anonymous"], "code": person["code"]}
            connection.execute(insert(Member).values(**new))
        found[person["id"]] = qq
    nobodys = [found[person["id"]] for person in people if person["code"] is None]
    connection.execute(update(Member).where(Member.qq.in_(nobodys)).values(code=None))  # what is made for new members
    return found


def _record(kept: _Kept, row: Row, ids: Mapping[str, Mapping[Any, Any]]) -> Row | None:
    """A row with this database's references; None for one that needs what is not taken in."""
    record: Row = {}
    for name in kept.columns:
        value, column = row[name], kept.table.columns[name]
        table = _refers_to(kept.table, name)
        if value is not None and isinstance(column.type, Instant):
            value = _moment(value)
        elif value is not None and (name in ADDRESSES or (row.get("kind") == "link" and name == "body")):
            if not str(value).startswith(("https://", "http://")):
                raise ValueError(f"{name} 不是网址")
        elif value is not None and table is not None:
            value = ids[table].get(value)
            if value is None and not column.nullable:
                return None
            if value is None and name == "picture":  # a line or attachment that is nothing but the picture
                return None
        record[name] = value
    record.pop("id", None)
    return record


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise ValueError(f"{text} 太早或太晚")
    return found


def _is_new(
    connection: Connection, table: Table, record: Row, ids: Mapping[str, Mapping[Any, Any]], known: set[str]
) -> bool:
    if table.name == "talks":
        return record["number"] in ids["talks"]
    if table.name == "pictures":
        return record["name"] in ids["pictures"] and record["name"] not in known
    if table.name == "pages":
        there = select(literal(1)).where(Page.key == record["key"])
        return connection.execute(there).first() is None
    return True


def _made_up(table: str, record: Row, contents: Mapping[str, bytes]) -> Row:
    """Values that the file lacks and the table requires: a placeholder message, a state, a picture's content."""
    match table:
        case "remarks" | "suggestions":
            return {"group_id": 0, "message_id": -record["id"]}
        case "items":
            return {"state": ItemState.LISTED}
        case "pictures":
            return {"content": contents[record["name"]]}
        case "pages":
            return {"tries": 0}
        case _:
            return {}


def _go_on_from(connection: Connection, table: Table, last: int) -> None:
    """Let PostgreSQL number the next row after the ones that were taken in."""
    if connection.dialect.name == "postgresql" and last:
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
