"""The log: rotated by size, lines of JSON where asked for, no secrets, no values out of errors."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nonebot.log import default_format, logger, logger_id
from pydantic import BaseModel, ValidationError

from plugins._chat import logs
from plugins._chat.logs import Once, set_up_log
from tests.people import Clock

SECRET = "token with spaces"  # noqa: S105 nobody's


class Number(BaseModel):
    said: int


@pytest.fixture(autouse=True)
def log_of_the_tests() -> Iterator[None]:
    """`set_up_log` replaces NoneBot's handler; put one back for the other tests."""
    yield
    logger.remove()
    logs.logger_id = logger.add(sys.stdout, level="INFO", format=default_format, diagnose=False)


@pytest.fixture(autouse=True)
def nonebots_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    logger.remove()
    monkeypatch.setattr(logs, "logger_id", logger.add(sys.stdout))
    assert logger_id is not None


def test_a_file_is_rotated_by_size(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "bot.log"
    set_up_log("INFO", [SECRET], file)
    for _ in range(25):
        logger.info("x" * 3_000_000)
    there = sorted(each.name for each in file.parent.iterdir())
    assert there == ["bot.log", *(f"bot.log.{number}" for number in range(1, logs.FILES))]
    assert all(each.stat().st_size <= logs.FILE_SIZE for each in file.parent.iterdir())


def test_lines_of_json(tmp_path: Path) -> None:
    set_up_log("INFO", [SECRET], tmp_path / "bot.log", "json")
    logger.info(f"braces {{like}} these, and {SECRET}")
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError:
        logger.exception("went wrong")
    first, second = (json.loads(line) for line in (tmp_path / "bot.log").read_text("utf-8").splitlines())
    assert (first["level"], first["message"]) == ("INFO", "braces {like} these, and ***")
    assert set(first) == {"time", "level", "module", "message"}
    assert second["error"].endswith("RuntimeError: two\nlines\n")


def test_what_was_said_is_not_quoted_by_an_error(tmp_path: Path) -> None:
    set_up_log("INFO", [], tmp_path / "bot.log")
    said = "后空翻" * 2
    try:
        Number.model_validate({"said": said})
    except ValidationError:
        logger.exception("message 5 could not be read")
    text = (tmp_path / "bot.log").read_text("utf-8")
    assert "said int_parsing" in text
    assert said not in text


def test_a_remark_is_made_once_an_hour_for_each_source(clock: Clock) -> None:
    once = Once(lambda: clock().timestamp(), most=3)
    assert [once.say("a"), once.say("a"), once.say("b")] == [True, False, True]
    clock.forward(minutes=59)
    assert not once.say("a")
    clock.forward(minutes=1)
    assert once.say("a")
    assert [once.say(each) for each in range(1000)] == [True] * 1000  # and no more are remembered than three
