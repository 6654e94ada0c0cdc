"""Classification of database errors: temporary, or a fault of the program."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

# Primary result codes of SQLite that pass: busy, locked, out of memory, read-only, I/O, full, cannot open, protocol.
# Source: https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# Classes and codes of PostgreSQL that pass: connection, serialization and deadlock, read-only transaction, insufficient
# resources, lock not available, operator intervention, system error.
# Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = ("08", "40", "25006", "53", "55P03", "57", "58")


def is_temporary(error: DBAPIError) -> bool:
    """Whether waiting can mend it (locked, full, read-only, no connection): anything else is a fault of the program."""
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)  # None where the driver itself raised it
        return code is not None and code & 0xFF in _SQLITE
    state = getattr(cause, "sqlstate", None)  # psycopg's, which is not there where nobody needs it
    return state.startswith(_POSTGRES) if isinstance(state, str) else isinstance(error, OperationalError)
