"""Rows as they are read: the columns of a query follow from the fields of the row, so that no order couples the two."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, select

from db.models import Member
from db.queries.members import Person, display_name
from db.statements import Prepared

R = TypeVar("R", bound=tuple[Any, ...])
Query = Select[*tuple[Any, ...]]  # of rows of one type, which their `RowOf` knows


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

    def prepare(self, query: Query) -> "Rows[R]":
        """A query of such rows that is compiled once."""
        return Rows(self, query)

    def all(self, connection: Connection, query: Query) -> list[R]:
        """The rows of a query in its order."""
        return [self.read(row) for row in connection.execute(query)]

    def first(self, connection: Connection, query: Query) -> R | None:
        """The first row of a query, or None."""
        row = connection.execute(query).first()
        return None if row is None else self.read(row)


class Rows(Generic[R]):
    """A query of rows of one type that is compiled once; its values are given by name."""

    def __init__(self, row: RowOf[R], query: Query) -> None:
        self._row = row
        self.query = Prepared(query)

    def all(self, connection: Connection, **values: object) -> list[R]:
        """The rows in the query's order."""
        return [self._row.read(row) for row in self.query.all(connection, **values)]

    def first(self, connection: Connection, **values: object) -> R | None:
        """The first row, or None."""
        row = self.query.first(connection, **values)
        return None if row is None else self._row.read(row)


def person(member: type[Member] = Member) -> RowOf[Person]:
    """A person nested in a row, by the (aliased) model that the query joins for it."""
    return RowOf(Person, member, name=display_name(member))
