"""Names in published talks: people keep the names that they had at publication, even if they change them later."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from sqlalchemy import Connection

from db.queries import published_names
from db.queries.members import Person
from plugins._talk.documents.leaves import leaves, rebuilt

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
    return (each for each in leaves(value) if isinstance(each, Person))


def renamed(value: T, names: Mapping[int, str]) -> T:
    """The same document, with these names (by QQ number) for the people in it."""

    def named(leaf: object) -> object:
        return Person(leaf.qq, names.get(leaf.qq, leaf.name)) if isinstance(leaf, Person) else leaf

    return rebuilt(value, named)
