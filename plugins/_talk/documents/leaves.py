"""Walking through documents made of frozen dataclasses and tuples: people, texts and other single values in them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, TypeVar, cast, get_args

from db.queries.members import Person
from plugins._talk.series import Series

T = TypeVar("T")
_PLAIN = {bool, int, float, date, datetime, timedelta, NoneType}  # fields of these have nothing that anybody wrote


def leaves(value: object) -> Iterator[object]:
    """Every person and every text in a document, and what else is not made of parts, but for numbers and times."""
    waiting: list[Sequence[object]] = [(value,)]
    for parts in waiting:  # it grows meanwhile
        for each in parts:
            take_apart = _parts_of(type(each))
            if take_apart is None:
                yield each
            else:
                waiting.append(take_apart(each))


@cache
def _parts_of(kind: type[Any]) -> Callable[[Any], Sequence[object]] | None:
    """What gives the parts of a value of this type; None for one that is not made of parts."""
    if issubclass(kind, tuple) and not issubclass(kind, Person):
        return tuple
    if not is_dataclass(kind) or issubclass(kind, Series):
        return None
    names = [each.name for each in fields(kind) if not set(get_args(each.type) or (each.type,)) <= _PLAIN]
    return attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, name) for name in names]


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
