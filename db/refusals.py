"""Why a database is not opened, backed up or restored, in words for the operator. Imports nothing."""


class CannotOpen(Exception):
    """The database cannot be served; the message says why in one line. `newer`: a newer program made it."""

    def __init__(self, said: str, *, newer: bool = False) -> None:
        super().__init__(said)
        self.newer = newer


class CannotBackUp(Exception):
    """A backup could not be made, read or put back; the message says why in one line, and that nothing was changed."""
