"""The chapter list of a talk's video recording. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugins._talk.documents.running_order import Evening

OPENING = "开场"
AGAIN = "（续）"


@dataclass(frozen=True)
class Chapter:
    """A chapter: its start in the recording, in seconds, and its title."""

    seconds: int
    title: str

    @property
    def line(self) -> str:
        """`10:10 本周新闻 · MOSS-RLHF`"""
        return f"{clock(self.seconds)} {self.title}"


def clock(seconds: int) -> str:
    """`10:10`, `1:02:03`."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def chapters(evening: Evening, clock_zero: datetime, offset: int = 0) -> Sequence[Chapter]:
    """The chapters of a recording in which `clock_zero` is at `offset` seconds (negative: before the recording).

    Players require a first chapter at 0:00: the opening, or the turn that was on when the recording began. Earlier
    turns are left out, and those that lasted only moments; what is on again is marked.
    """
    found: list[Chapter] = [Chapter(0, OPENING)]
    for turn in evening.visits:
        name = evening.name_of(turn)
        seconds = int((turn.began_at - clock_zero).total_seconds()) + offset
        if name is None:
            continue
        name = f"{name}{AGAIN}" if evening.is_again(turn) else name
        if seconds < 0:
            found = [Chapter(0, name)]
        else:
            found.append(Chapter(seconds, name))
    return found
