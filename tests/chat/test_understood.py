"""What is understood as what: every line of `docs/understood.md`."""

import re
from pathlib import Path

import pytest

from tests.chat.understood import meaning

TABLE = Path(__file__).parents[2] / "docs" / "understood.md"
ROWS = re.findall(r"^\| `(.+?)` \| (.+?) \|$", TABLE.read_text("utf-8"), re.MULTILINE)


def test_the_table_is_long_enough_to_say_something() -> None:
    assert len(ROWS) == len({typed for typed, _ in ROWS}) >= 150


@pytest.mark.parametrize(("typed", "understood"), ROWS)
def test_what_is_understood(typed: str, understood: str) -> None:
    assert meaning(typed) == understood
