"""Logging set-up: to standard output and a rotated file, without secrets, and from INFO up without what people say."""

import json
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO
from urllib.parse import quote, quote_plus

from nonebot.log import default_format, logger, logger_id
from pydantic import ValidationError

if TYPE_CHECKING:
    from loguru import Record

HIDDEN = "***"
FILE_SIZE, FILES = 10_000_000, 5  # bytes; the file and its predecessors
EVENTS = ("message", "matcher")  # NoneBot's modules that log every event: its text, its sender, what handles it
SOCKETS = ("connection closed", "connection rejected")  # uvicorn's, for every try to connect
PROBES = re.compile(r'"GET /(?:health|metrics) ')
UNREADABLE = "Failed to parse event."  # the adapter goes on with the whole event


class Redactor:
    """Replaces secrets in a text with `***`, also in percent-encoded form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {form for each in secrets if each for form in (each, quote(each, safe=""), quote_plus(each))}
        found = "|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True))
        self._secret = re.compile(found) if found else None

    def __call__(self, text: str) -> str:
        return self._secret.sub(HIDDEN, text) if self._secret else text


class Redacted:
    """A stream without secrets."""

    def __init__(self, stream: TextIO, redact: Redactor) -> None:
        self._stream, self._redact = stream, redact

    def write(self, message: str) -> None:
        self._stream.write(self._redact(message))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


class RedactedFile(RotatingFileHandler):
    """A log file without secrets, rotated by size."""

    def __init__(self, path: Path, redact: Redactor) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=FILE_SIZE, backupCount=FILES - 1, encoding="utf-8")
        self._redact = redact
        self.terminator = ""

    def format(self, record: Any) -> str:
        return self._redact(record.getMessage())


def set_up_log(
    level: str, secrets: Iterable[str], file: Path | None = None, shape: Literal["text", "json"] = "text"
) -> None:
    """Log from `level` on; call it before NoneBot logs anything. Raises OSError if `file` cannot be written.

    NoneBot's own handler is removed: it formats every line before checking the level, and logs its whole
    configuration at DEBUG. Below INFO what people say is logged as well: that is what these levels are for.
    """
    redact = Redactor(secrets)
    keep = None if says_everything(level) else _discreet
    form = _as_json if shape == "json" else default_format
    logger.remove(logger_id)
    logger.add(Redacted(sys.stdout, redact), level=level, format=form, filter=keep, diagnose=False)
    if file is not None:
        logger.add(RedactedFile(file, redact), level=level, format=form, filter=keep, diagnose=False)


def says_everything(level: str) -> bool:
    """Whether what people say is logged at this level."""
    return logger.level(level).no < logger.level("INFO").no


def _discreet(record: "Record") -> bool:
    """Whether to log a record of INFO or above, once what people said is taken out of it."""
    ours = not str(record["name"]).startswith("nonebot")
    if not ours and record["module"] in EVENTS and record["level"].name in ("INFO", "SUCCESS"):
        return False
    if record["message"].startswith(SOCKETS) or '" 403' in record["message"] or PROBES.search(record["message"]):
        return False  # of what is refused `Doors` says why, once an hour
    if UNREADABLE in record["message"]:
        record["message"] = UNREADABLE
    error = record["exception"]
    if error is not None and (plain := _plain(error.value)) is not None:
        record["exception"] = error._replace(type=type(plain), value=plain)
    return True


def _plain(error: BaseException | None) -> Exception | None:
    """An error in place of one that quotes its input: from pydantic, or from the database about a row."""
    if isinstance(error, ValidationError):
        places = ", ".join(".".join(map(str, each["loc"])) + f" {each['type']}" for each in error.errors()[:5])
        return ValueError(f"{error.error_count()} values of {error.title} are not valid: {places}")
    driver = getattr(error, "orig", None)
    return RuntimeError(f"{type(error).__name__}: {str(driver).partition(chr(10))[0]}") if driver is not None else None


def _as_json(record: "Record") -> str:
    """Loguru's format for a line of JSON: time, level, module, message, and the traceback if there is one."""
    line: dict[str, str] = {
        "time": record["time"].isoformat(),
        "level": record["level"].name,
        "module": str(record["name"]),
        "message": record["message"],
    }
    if (error := record["exception"]) is not None:
        line["error"] = "".join(traceback.format_exception(error.type, error.value, error.traceback))
    record["extra"]["line"] = json.dumps(line, ensure_ascii=False)
    return "{extra[line]}\n"


class Once:
    """Remarks that are made once an hour for each source, of which a limited number is remembered."""

    def __init__(self, monotonic: Callable[[], float], seconds: float = 3600, most: int = 1000) -> None:
        self._monotonic, self._seconds, self._most = monotonic, seconds, most
        self._said: dict[object, float] = {}

    def is_due(self, source: object) -> bool:
        """Whether it was not said in the last hour."""
        last = self._said.get(source)
        return last is None or self._monotonic() - last >= self._seconds

    def say(self, source: object) -> bool:
        """Whether to say it now; then it is said."""
        if not self.is_due(source):
            return False
        if len(self._said) >= self._most:
            self._said.clear()
        self._said[source] = self._monotonic()
        return True
