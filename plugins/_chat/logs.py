"""Logging set-up: one handler, which redacts secrets at every level."""

import re
import sys
from collections.abc import Iterable
from typing import TextIO
from urllib.parse import quote, quote_plus

from nonebot.log import default_format, logger, logger_id

HIDDEN = "***"


class Redacted:
    """A stream that replaces secrets with `***`, also in percent-encoded form."""

    def __init__(self, stream: TextIO, secrets: Iterable[str]) -> None:
        self._stream = stream
        spellings = {form for each in secrets if each for form in (each, quote(each, safe=""), quote_plus(each))}
        secrets = "|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True))
        self._secret = re.compile(secrets) if secrets else None

    def write(self, message: str) -> None:
        self._stream.write(self._secret.sub(HIDDEN, message) if self._secret else message)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def set_up_log(level: str, secrets: Iterable[str]) -> None:
    """Log to standard output from `level` on; call it before NoneBot logs anything.

    NoneBot's own handler is removed: it formats every line before checking the level, and logs its whole
    configuration at DEBUG.
    """
    logger.remove(logger_id)
    logger.add(Redacted(sys.stdout, secrets), level=level, format=default_format, diagnose=False)
