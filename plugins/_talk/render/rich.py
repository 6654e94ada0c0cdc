"""Text with @ mentions: a group message before it is converted for a chat protocol."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.queries.members import Person


@dataclass(frozen=True)
class Mention:
    """An @ of a member."""

    qq: int
    name: str


Rich = Sequence[str | Mention]


def mention(person: Person) -> Mention | str:
    """An @ of a member; the name alone of somebody whose account is not known (from an imported talk)."""
    return Mention(person.qq, person.name) if person.qq > 0 else person.name


def each_once(text: Iterable[str | Mention]) -> Rich:
    """The same text with nobody @ed twice: a second @ becomes the plain name."""
    seen: set[int] = set()
    said: list[str | Mention] = []
    for part in text:
        if isinstance(part, Mention) and part.qq in seen:
            said.append(part.name)
            continue
        if isinstance(part, Mention):
            seen.add(part.qq)
        said.append(part)
    return tuple(said)


def lines(*rows: Sequence[str | Mention]) -> Rich:
    """Rows of text, one under the other; empty rows are left out; nobody is @ed twice."""
    said: list[str | Mention] = []
    for row in rows:
        if row:
            said.extend(("\n", *row) if said else row)
    return each_once(said)


def joined(people: Iterable[Person], separator: str = " ") -> list[str | Mention]:
    """@ed people, separated."""
    said: list[str | Mention] = []
    for person in people:
        said.extend((separator, mention(person)) if said else (mention(person),))
    return said
