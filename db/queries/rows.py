"""Rows as they are read: the columns of a query follow from the fields of the row, so that no order couples the two."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, select

from db.models import Member
from db.queries.members import Person, display_name

R = TypeVar("R", bound=tuple[Any, ...])
Query = Select[*tuple[Any, ...]]  # of rows of one type, which their `RowOf` knows
Values = Mapping[str, object]


class RowOf(Generic[R]):
    """How rows of one type (a NamedTuple) are read.

    Each field is the model's column of that name, or what is `given` for it: another column, or the `RowOf` of a row
    nested in this one. Nested rows must be the last fields; one whose first column is NULL is read as None. Raises
    TypeError for a row that cannot be read so.
    """

    def __init__(self, row: type[R], model: type, **given: Any) -> None:
        fields = list(row.__annotations__)
        nested: list[RowOf[Any]] = [given[each] for each in fields if isinstance(given.get(each), RowOf)]
        self._make: Callable[..., R] = row
        self._own = len(fields) - len(nested)
        if [given.get(each) for each in fields[self._own :]] != nested or not given.keys() <= set(fields):
            raise TypeError(f"{row.__name__}: nested rows stand last, and only fields are given")
        self.columns: tuple[Any, ...] = tuple(
            given[each] if each in given else getattr(model, each) for each in fields[: self._own]
        )
        self._nested: list[tuple[RowOf[Any], int, int]] = []
        for each in nested:
            begin = len(self.columns)
            self.columns += each.columns
            self._nested.append((each, begin, len(self.columns)))

    def select(self) -> Query:
        """A query of all that there are."""
        return select(*self.columns)

    def read(self, values: Sequence[Any]) -> R:
        """A row from the values of `columns`."""
        if not self._nested:
            return self._make(*values)
        nested = [None if values[begin] is None else row.read(values[begin:end]) for row, begin, end in self._nested]
        return self._make(*values[: self._own], *nested)

    def all(self, connection: Connection, query: Query, values: Values | None = None) -> list[R]:
        """The rows of a query in its order; `values` are its parameters."""
        return [self.read(row) for row in connection.execute(query, values)]

    def first(self, connection: Connection, query: Query, values: Values | None = None) -> R | None:
        """The first row of a query, or None."""
        row = connection.execute(query, values).first()
        return None if row is None else self.read(row)


def person(member: type[Member] = Member) -> RowOf[Person]:
    """A person nested in a row, by the (aliased) model that the query joins for it."""
    return RowOf(Person, member, name=display_name(member))
