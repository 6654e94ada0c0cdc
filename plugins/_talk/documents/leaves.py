"""Walking through documents made of frozen dataclasses and tuples: people, texts and other single values in them."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from db.queries.members import Person
from plugins._talk.series import Series

T = TypeVar("T")


def leaves(value: object) -> Iterator[object]:
    """Everything in a document that is not made of parts; a person is one."""
    if isinstance(value, tuple) and not isinstance(value, Person):
        for part in cast(tuple[object, ...], value):
            yield from leaves(part)
    elif is_dataclass(value) and not isinstance(value, type | Series):
        for each in fields(value):
            yield from leaves(getattr(value, each.name))
    else:
        yield value


def rebuilt(value: T, change: Callable[[object], object]) -> T:
    """The same document with every leaf changed."""
    return cast(T, _rebuilt(value, change))


def _rebuilt(value: Any, change: Callable[[object], object]) -> Any:
    if isinstance(value, tuple) and not isinstance(value, Person):
        parts = [_rebuilt(part, change) for part in cast(tuple[Any, ...], value)]
        make = getattr(type(cast(object, value)), "_make", tuple)  # a named tuple keeps its type
        return make(parts)
    if is_dataclass(value) and not isinstance(value, type | Series):
        return replace(value, **{each.name: _rebuilt(getattr(value, each.name), change) for each in fields(value)})
    return change(value)
