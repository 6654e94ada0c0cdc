"""Rows as they are read: the columns of a query follow from the fields of the row, so that no order couples the two."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, select

from db.queries.members import Person

R = TypeVar("R", bound=tuple[Any, ...])
Query = Select[*tuple[Any, ...]]  # of rows of one type, which their `RowOf` knows


class PersonColumns(NamedTuple):
    """The columns of a person: the QQ number, which may be NULL, and the name."""

    qq: Any
    name: ColumnElement[str]


class RowOf(Generic[R]):
    """How rows of one type (a NamedTuple) are read.

    Each field is the model's column of that name, or the column that is `given` for it. People (`PersonColumns`) must
    be the last fields; a person whose number is NULL is None. Raises TypeError for a row that cannot be read so.
    """

    def __init__(self, row: type[R], model: type, **given: Any) -> None:
        fields = list(row.__annotations__)
        people = [each for each in fields if isinstance(given.get(each), PersonColumns)]
        self._make: Callable[..., R] = row
        self._own = len(fields) - len(people)
        if fields[self._own :] != people or not given.keys() <= set(fields):
            raise TypeError(f"{row.__name__}: people stand last, and only fields are given")
        own = [given[each] if each in given else getattr(model, each) for each in fields[: self._own]]
        self.columns: tuple[Any, ...] = (*own, *(column for each in people for column in given[each]))

    def select(self) -> Query:
        """A query of all that there are."""
        return select(*self.columns)

    def read(self, values: Sequence[Any]) -> R:
        """A row from the values of `columns`."""
        people = [
            None if values[place] is None else Person(values[place], values[place + 1])
            for place in range(self._own, len(values), 2)
        ]
        return self._make(*values[: self._own], *people)

    def read_all(self, rows: Iterable[Sequence[Any]]) -> list[R]:
        """Rows in the order of the query."""
        return [self.read(row) for row in rows]
