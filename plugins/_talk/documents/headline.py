"""本期提要: the one-line summary of a talk, and its article's title. Pure functions."""

import re
from collections.abc import Iterable, Sequence

from plugins._talk.documents.agenda import Agenda
from plugins._talk.foreign_text import shortened
from plugins._talk.lifecycle import talk_name

SEPARATOR = "; "
_BRACKETS = ("()", "（）", "[]", "【】", "《》", "「」", "“”")
_PARTS = re.compile(r"[:：|｜,，。!！?？;；]|\s[-–—]|——|…")
SHORT = 20  # maximum characters of a title without a tag
FEW = 8  # a summary with this many parts is not topped up


def summary(agenda: Agenda, longest: int) -> tuple[str, ...]:
    """The pinned highlights, then the first titles as long as the article's title has at most `longest` characters."""
    parts = list(agenda.highlights)
    length = len(title(agenda, parts, 10**6))
    for called in _titles(agenda):
        if len(parts) >= FEW or called in parts:
            continue
        length += len(called) + (len(SEPARATOR) if parts else 0)
        if length > longest:
            break
        parts.append(called)
    return tuple(parts)


def _titles(agenda: Agenda) -> Iterable[str]:
    """The first titles, section by section, cut short."""
    for section in agenda.shown:
        for item in section.presented:
            if item.titled and not item.nominated and not item.pinned:
                yield brief(item.called)


def brief(called: str) -> str:
    """A name in at most SHORT characters: what stands before its first colon, dash or comma, if that will do."""
    if len(called) <= SHORT:
        return called
    first = _PARTS.split(called, maxsplit=1)[0].strip()
    return first if 2 <= len(first) <= SHORT and _is_whole(first) else shortened(called, SHORT)


def _is_whole(part: str) -> bool:
    """Whether every bracket in it is closed."""
    return all(
        part.count(begin) == part.count(end) for begin, end in ("()", "（）", "[]", "【】", "《》", "「」", "“”")
    )


def title(agenda: Agenda, parts: Sequence[str], longest: int) -> str:
    """The article's title, `【OpenLLM Talk 004】本期提要: …`, with as many whole parts as fit in `longest`."""
    name = f"【{agenda.series} {talk_name(agenda.number)}】"
    said = ""
    for part in parts:
        longer = f"{said}{SEPARATOR if said else ''}{part}"
        if len(name) + len("本期提要: ") + len(longer) > longest:
            break
        said = longer
    return f"{name}本期提要: {said}" if said else name
