"""Themes of and suggestions for the sections of a talk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from db.models import Member, Suggestion, Theme
from db.queries.members import Person, display_name
from db.queries.talks import OPEN
from db.statements import Prepared

_THEMES = Prepared(select(Theme.section, Theme.topic).where(Theme.talk == bindparam("talk")))


class SuggestionRow(NamedTuple):
    """A suggestion for a section."""

    section: str
    body: str
    by: Person
    id: int = 0
    talk: int = 0


_SUGGESTIONS = (
    select(Suggestion.section, Suggestion.body, Member.qq, display_name(), Suggestion.id, Suggestion.talk)
    .join(Member, Member.qq == Suggestion.member)
    .order_by(Suggestion.id)
)
_OF_TALK = Prepared(_SUGGESTIONS.where(Suggestion.talk == bindparam("talk")))


def themes(connection: Connection, talk: int) -> Mapping[str, str]:
    """Themes by section; a section without one is missing."""
    return {row[0]: row[1] for row in _THEMES.all(connection, talk=talk)}


def name_theme(connection: Connection, talk: int, section: str, topic: str | None, by: int, now: datetime) -> None:
    """Set or replace the theme of a section; None removes it."""
    connection.execute(delete(Theme).where(Theme.talk == talk, Theme.section == section))
    if topic is not None:
        connection.execute(insert(Theme).values(talk=talk, section=section, topic=topic, set_by=by, set_at=now))


def suggest(
    connection: Connection, talk: int, section: str, body: str, by: int, message: tuple[int, int], now: datetime
) -> int:
    """Keep a suggestion; `message` is the (group, id) that it is. Returns its id."""
    group_id, message_id = message
    return connection.execute(
        insert(Suggestion)
        .values(talk=talk, section=section, body=body, member=by, said_at=now, group_id=group_id, message_id=message_id)
        .returning(Suggestion.id)
    ).scalar_one()


def answered(connection: Connection, suggestion: int, message_id: int) -> None:
    """The bot's message that said a suggestion was kept: a reply to it means the suggestion."""
    connection.execute(update(Suggestion).where(Suggestion.id == suggestion).values(receipt=message_id))


def suggestion_of(connection: Connection, group_id: int, message_id: int) -> SuggestionRow | None:
    """The suggestion that a message is, or is the receipt of."""
    is_it = or_(Suggestion.message_id == message_id, Suggestion.receipt == message_id)
    return next(map(_suggestion, connection.execute(_SUGGESTIONS.where(Suggestion.group_id == group_id, is_it))), None)


def remove_suggestion(connection: Connection, suggestion: int) -> None:
    """Delete a suggestion."""
    connection.execute(delete(Suggestion).where(Suggestion.id == suggestion))


def suggestions(connection: Connection, talk: int) -> Sequence[SuggestionRow]:
    """All suggestions of a talk, in the order they came."""
    return [_suggestion(row) for row in _OF_TALK.all(connection, talk=talk)]


def take_suggestion_back(connection: Connection, group_id: int, message_id: int) -> SuggestionRow | None:
    """Delete the suggestion made by a recalled message; returns it."""
    of_message = (Suggestion.group_id == group_id, Suggestion.message_id == message_id, Suggestion.talk.in_(OPEN))
    taken = next(map(_suggestion, connection.execute(_SUGGESTIONS.where(*of_message))), None)
    connection.execute(delete(Suggestion).where(*of_message))
    return taken


def _suggestion(row: Iterable[Any]) -> SuggestionRow:
    section, body, qq, name, number, talk = row
    return SuggestionRow(section, body, Person(qq, name), number, talk)
