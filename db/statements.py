"""Statements that are compiled once and run by the driver itself, and savepoints.

Running a statement through `Connection.execute` takes ten times as long as the database needs for it. What is on every
message's way is therefore compiled once for each kind of database, by SQLAlchemy and with its types, and run on the
driver's cursor.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Values = Mapping[str, object]
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    """A statement's text for one kind of database, and how its parameters and rows are converted."""

    sql: str
    arguments: Callable[[Values], Any]
    converts: tuple[tuple[int, _Convert], ...]

    def row(self, values: Row) -> Row:
        """A row with the types that the columns have in Python."""
        if not self.converts:
            return values
        converted = list(values)
        for place, convert in self.converts:
            if converted[place] is not None:
                converted[place] = convert(converted[place])
        return tuple(converted)


class Prepared:
    """A statement whose text depends on no value: parameters are `bindparam`s, and given by name.

    An insert names its `columns`; defaults in Python are not filled in. TypeError when it is run first for a statement
    that cannot be prepared so; what the database refuses is SQLAlchemy's error (`DBAPIError`).
    """

    def __init__(self, statement: Executable, *columns: str) -> None:
        self._statement = statement
        self._columns = columns or None
        self._compiled: dict[str, _Compiled] = {}

    def all(self, connection: Connection, **values: object) -> list[Row]:
        """Run it; returns its rows."""
        return self._fetched(connection, values)

    def first(self, connection: Connection, **values: object) -> Row | None:
        """Run it; returns its first row, or None."""
        return next(iter(self._fetched(connection, values, most=1)), None)

    def value(self, connection: Connection, **values: object) -> Any:
        """Run it; returns the first column of its first row, or None."""
        row = self.first(connection, **values)
        return None if row is None else row[0]

    def run(self, connection: Connection, **values: object) -> int:
        """Run it; returns how many rows it changed."""
        _, cursor = self._run(connection, values)
        changed = int(cursor.rowcount)
        cursor.close()
        return changed

    def sql(self, dialect: Dialect) -> str:
        """Its text for one kind of database."""
        return self._for(dialect).sql

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, dialect, self._columns)
        return found

    def _fetched(self, connection: Connection, values: Values, *, most: int | None = None) -> list[Row]:
        compiled, cursor = self._run(connection, values)
        try:
            return [compiled.row(row) for row in (cursor.fetchall() if most is None else cursor.fetchmany(most))]
        except connection.dialect.loaded_dbapi.Error as error:
            raise _translated(connection, compiled.sql, error) from error
        finally:
            cursor.close()

    def _run(self, connection: Connection, values: Values) -> tuple[_Compiled, Any]:
        compiled = self._for(connection.dialect)
        _begin(connection)
        return compiled, _execute(connection, compiled.sql, compiled.arguments(values))


def run_text(connection: Connection, sql: str) -> None:
    """Run SQL without parameters and rows, in whatever transaction there is."""
    _execute(connection, sql, ()).close()


@contextmanager
def savepoint(connection: Connection) -> Generator[None]:
    """Roll back what is done meanwhile if it ends with an exception, and nothing before it."""
    _begin(connection)
    run_text(connection, "SAVEPOINT step")
    try:
        yield
    except BaseException as error:
        try:
            run_text(connection, "ROLLBACK TO SAVEPOINT step")
            run_text(connection, "RELEASE SAVEPOINT step")
        except DBAPIError as lost:  # the transaction is gone as a whole, as SQLite does when the disk is full
            raise (error if isinstance(error, DBAPIError) else lost) from None
        raise
    run_text(connection, "RELEASE SAVEPOINT step")


def _begin(connection: Connection) -> None:
    """Begin a transaction where none is, as `Connection.execute` does."""
    if not connection.in_transaction():
        connection.begin()


def _execute(connection: Connection, sql: str, arguments: Any) -> Any:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, arguments)
    except connection.dialect.loaded_dbapi.Error as error:
        cursor.close()
        raise _translated(connection, sql, error) from error
    return cursor


def _translated(connection: Connection, sql: str, error: Exception) -> BaseException:
    """The driver's error as SQLAlchemy's, which says whether the connection is lost; without anybody's values."""
    dialect = connection.dialect
    raw = connection.connection.dbapi_connection
    is_lost = raw is not None and dialect.is_disconnect(error, raw, None)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        sql, None, error, base, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
    )


def _compile(statement: Executable, dialect: Dialect, columns: Sequence[str] | None) -> _Compiled:
    element = cast(ClauseElement, statement)
    compiled = cast(SQLCompiler, element.compile(dialect=dialect, column_keys=columns))
    if compiled.post_compile_params:
        raise TypeError(f"the text depends on values, as that of `in_` does unless they are literals: {compiled}")
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError(f"defaults in Python are not filled in: {compiled}")
    converts = [_result_of(each.type, dialect) for each in getattr(statement, "exported_columns", ())]
    return _Compiled(
        str(compiled),
        _arguments(compiled, dialect),
        tuple((place, convert) for place, convert in enumerate(converts) if convert is not None),
    )


def _result_of(column_type: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return column_type.dialect_impl(dialect).result_processor(dialect, None)


def _arguments(compiled: SQLCompiler, dialect: Dialect) -> Callable[[Values], Any]:
    """From values by name to what the driver takes: a tuple in the statement's order, or a dict."""
    names = compiled.positiontup if compiled.positional else list(compiled.params)
    slots = [(name, *_slot(compiled, dialect, name)) for name in names or ()]

    def listed(values: Values) -> tuple[object, ...]:
        return tuple(
            [
                fixed if is_fixed else values[name] if convert is None else convert(values[name])
                for name, is_fixed, fixed, convert in slots
            ]
        )

    if compiled.positional:
        return listed
    return lambda values: dict(zip(names or (), listed(values), strict=True))


def _slot(compiled: SQLCompiler, dialect: Dialect, name: str) -> tuple[bool, object, _Convert | None]:
    """Of one parameter: whether its value stands in the statement, that value, and how one is converted."""
    parameter = compiled.binds[name]
    convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    if parameter.required:
        return False, None, convert
    return True, parameter.value if convert is None else convert(parameter.value), convert
