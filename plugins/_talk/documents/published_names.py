"""Names in published talks: people keep the names that they had at publication, even if they change them later."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from db.queries import published_names
from db.queries.members import Person
from plugins._talk.series import Series

T = TypeVar("T")


def keep(connection: Connection, talk: int, document: object) -> None:
    """Store the names of all people in a talk's document, when it is published."""
    published_names.put(connection, talk, dict(people_in(document)))


def as_published(connection: Connection, talk: int, document: T) -> T:
    """The document with the names stored at the talk's publication; unchanged if the talk is not published."""
    names = published_names.of_talk(connection, talk)
    return renamed(document, names) if names else document


def people_in(value: object) -> Iterator[Person]:
    """Everybody who is named in a document made of frozen dataclasses and tuples."""
    if isinstance(value, Person):
        yield value
    for part in _parts(value):
        yield from people_in(part)


def renamed(value: T, names: Mapping[int, str]) -> T:
    """The same document, with these names (by QQ number) for the people in it."""
    return cast(T, _renamed(value, names))


def _renamed(value: Any, names: Mapping[int, str]) -> Any:
    if isinstance(value, Person):
        return Person(value.qq, names.get(value.qq, value.name))
    if is_dataclass(value) and not isinstance(value, type | Series):
        return replace(value, **{each.name: _renamed(getattr(value, each.name), names) for each in fields(value)})
    if isinstance(value, tuple):
        parts = [_renamed(part, names) for part in cast(tuple[Any, ...], value)]
        make = getattr(type(cast(object, value)), "_make", tuple)  # a named tuple keeps its type
        return make(parts)
    return value


def _parts(value: object) -> Iterator[object]:
    if is_dataclass(value) and not isinstance(value, type | Series):
        for each in fields(value):
            yield getattr(value, each.name)
    elif isinstance(value, tuple) and not isinstance(value, Person):
        yield from cast(tuple[object, ...], value)
