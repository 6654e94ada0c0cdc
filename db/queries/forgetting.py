"""Taking a member's names out of everything that is stored."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from db.models import (
    Attachment,
    FinalMinutes,
    Item,
    Member,
    PublishedName,
    Question,
    RemarkLine,
    Suggestion,
    Supporter,
    Talk,
)

# Texts in which a member may be called by @ and name.
_TEXTS: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    Attachment.body,
    Item.note,
    Item.title,
    Question.text,
    RemarkLine.body,
    Suggestion.body,
    Supporter.note,
)


def names_of(connection: Connection, qq: int) -> set[str]:
    """Every name that a member has, or had in a talk that was published."""
    own = connection.execute(select(Member.card, Member.nick).where(Member.qq == qq)).one()
    published = connection.scalars(select(PublishedName.name).where(PublishedName.member == qq))
    return {name for name in (*own, *published) if name}


def replace_speaker(connection: Connection, names: Sequence[str], instead: str) -> None:
    """Let `instead` be who said the lines of merged forwards that these names said."""
    connection.execute(update(RemarkLine).where(RemarkLine.speaker.in_(names)).values(speaker=instead))


def replace_in_texts(connection: Connection, names: Sequence[str], changed: Callable[[str], str]) -> None:
    """Change the texts that have an @ and one of these names in them."""
    for column in _TEXTS:
        for name in names:
            _replace(connection, column, f"@{name}", changed)


def replace_in_documents(connection: Connection, names: Sequence[str], changed: Callable[[str], str]) -> None:
    """Change the minutes that were finished by hand, and articles' titles, that have one of these names in them."""
    for column in (FinalMinutes.body, Talk.summary):
        for name in names:
            _replace(connection, column, name, changed)


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
