"""Parses the numbers by which people refer to items and questions: `#7`, `004Q3`, `7`, `#4 #6`, `#4-#6`."""

import re
from collections.abc import Iterator

from plugins._talk.usecases.desk import EitherRef, ItemRef, QuestionRef

Ref = ItemRef | QuestionRef | EitherRef

MOST = 20  # numbers in one command
_BETWEEN = r"[\s,，、;；和与及]*"
_AFTER = re.compile(r"[\s:：,，、]*")
_TALK = r"(?:(?P<talk>\d{1,9})\s*期?\s*)?"
_NUMBERED = re.compile(
    rf"{_TALK}(?:[#＃]\s*(?P<item>\d{{1,9}})(?!\d)|[QqＱｑ]\s*(?P<question>\d{{1,4}})(?![0-9A-Za-z]))"
    r"|第?(?P<counted>\d{1,4})\s*(?:条|号)(?!\w)"
)
_RANGE = re.compile(r"\s*[-–—~～到至]\s*[#＃QqＱｑ]?\s*(?P<last>\d{1,4})(?!\d)")
_BARE = re.compile(r"(?P<bare>\d{1,4})(?=[\s,，、:：]|$)")
_SEPARATOR = re.compile(_BETWEEN)


def references(argument: str, *, several: bool = True) -> tuple[list[Ref], str]:
    """The references that an argument begins with, and the text after them.

    A number without a sign is an EitherRef. After one with a sign only others with a sign count, and without `several`
    only those: the number in `7 100 examples` belongs to the text. At most MOST + 1 are returned.
    """
    found: list[Ref] = []
    place = 0
    while len(found) <= MOST:
        gap = _SEPARATOR.match(argument, place) if found else None
        start = gap.end() if gap else place
        match = _NUMBERED.match(argument, start)
        if match is None and (not found or (several and isinstance(found[-1], EitherRef))):
            match = _BARE.match(argument, start)
        if match is None:
            break
        last = _RANGE.match(argument, match.end())
        found += _from_to(match, int(last["last"]) if last else None)
        place = last.end() if last else match.end()
    if not found:
        return [], argument
    after = _AFTER.match(argument, place)
    return found[: MOST + 1], argument[after.end() if after else place :].strip()


def _from_to(match: re.Match[str], last: int | None) -> Iterator[Ref]:
    """The reference of a match, or all from its number to the `last` one."""
    parts = match.groupdict()
    talk = int(parts["talk"]) if parts.get("talk") else None
    kind = next(each for each in ("item", "question", "counted", "bare") if parts.get(each))
    make = {"item": ItemRef, "question": QuestionRef}.get(kind, EitherRef)
    first = int(parts[kind])
    for number in range(first, min(max(last or first, first), first + MOST) + 1):
        yield make(number, talk)
