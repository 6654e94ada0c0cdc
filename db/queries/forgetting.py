"""Taking a member's names out of everything that is stored."""

import json
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from db.enums import TalkState
from db.models import (
    Attachment,
    Change,
    FinalMinutes,
    Item,
    Member,
    PublishedName,
    Question,
    Remark,
    RemarkLine,
    Suggestion,
    Supporter,
    Talk,
    Theme,
)
from db.queries.members import display_name

# Texts in which a member may be called by @ and name.
TEXTS: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    Attachment.body,
    Item.authors,
    Item.note,
    Item.removed_why,
    Item.tag,
    Item.title,
    Question.text,
    Remark.headline,
    RemarkLine.body,
    Suggestion.body,
    Supporter.note,
    Talk.moved_why,
    Talk.place,
    Talk.summary,
    Theme.topic,
)


def names_of(connection: Connection, qq: int) -> set[str]:
    """Every name that a member has, or had in a talk that was published."""
    own = connection.execute(select(Member.card, Member.nick).where(Member.qq == qq)).one()
    published = connection.scalars(select(PublishedName.name).where(PublishedName.member == qq))
    return {name for name in (*own, *published) if name}


def names_with(connection: Connection, names: Sequence[str], qq: int) -> set[str]:
    """The names of others that have one of these names within them."""
    has = or_(*(display_name().contains(name, autoescape=True) for name in names))
    found = connection.scalars(select(display_name()).where(Member.qq != qq, has))
    return {name for name in found if name not in names}


def replace_speaker(connection: Connection, names: Sequence[str], instead: str) -> None:
    """Let `instead` be who said the lines of merged forwards that these names said."""
    connection.execute(update(RemarkLine).where(RemarkLine.speaker.in_(names)).values(speaker=instead))


def replace_in_texts(connection: Connection, names: Sequence[str], changed: Callable[[str], str]) -> None:
    """Change the texts that have an @ and one of these names in them."""
    for column in TEXTS:
        for name in names:
            _replace(connection, column, f"@{name}", changed)


def documents(connection: Connection, qq: int, names: Sequence[str]) -> Sequence[tuple[int, str, Sequence[str]]]:
    """The minutes that were finished by hand: their talks, texts, and the names that a member goes by in each.

    That is the name of the day on which the talk was published, or, until it is, any of `names`.
    """
    of_the_day = connection.execute(select(PublishedName.talk, PublishedName.name).where(PublishedName.member == qq))
    published = {row[0]: row[1] for row in of_the_day}
    finished = connection.execute(
        select(FinalMinutes.talk, FinalMinutes.body, Talk.state).join(Talk, Talk.number == FinalMinutes.talk)
    )
    return [
        (row[0], row[1], [published[row[0]]] if row[0] in published else names)
        for row in finished
        if row[0] in published or row[2] != TalkState.PUBLISHED
    ]


def put_document(connection: Connection, talk: int, body: str) -> None:
    """Let this be the text of a talk's finished minutes."""
    connection.execute(update(FinalMinutes).where(FinalMinutes.talk == talk).values(body=body))


def forget_changes(connection: Connection, names: Sequence[str], qq: int) -> None:
    """Let nothing be taken back that would bring one of these names back: what a member did, and what has it in it."""
    images = [Change.images.contains(json.dumps(name)[1:-1], autoescape=True) for name in names]
    said = [
        each
        for name in names
        for each in (Change.images.contains(name, autoescape=True), Change.said.contains(name, autoescape=True))
    ]
    connection.execute(delete(Change).where(or_(Change.member == qq, *images, *said)))


def forget_published(connection: Connection, qq: int) -> None:
    """Let published talks show the name that a member has now."""
    connection.execute(delete(PublishedName).where(PublishedName.member == qq))


def _replace(
    connection: Connection,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    part: str,
    changed: Callable[[str], str],
) -> None:
    table = column.class_.__table__
    keys = list(table.primary_key.columns)
    rows = connection.execute(select(*keys, column).where(column.contains(part, autoescape=True))).all()
    for *key, text in rows:
        here = [each == value for each, value in zip(keys, key, strict=True)]
        connection.execute(update(table).where(*here).values({column.key: changed(str(text))}))
