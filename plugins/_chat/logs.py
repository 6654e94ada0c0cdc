"""The log: one handler, and no secret in it at any level."""

import re
import sys
from collections.abc import Iterable
from typing import TextIO
from urllib.parse import quote, quote_plus

from nonebot.log import default_format, logger, logger_id

HIDDEN = "***"


class Redacted:
    """A stream that writes `***` in place of secrets, also where they stand percent-encoded."""

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
    """Log to standard output from `level` on, before NoneBot says its first word.

    NoneBot's own handler is taken away: it formats every line before it looks at the level, and shows its whole
    configuration at DEBUG.
    """
    logger.remove(logger_id)
    logger.add(Redacted(sys.stdout, secrets), level=level, format=default_format, diagnose=False)
