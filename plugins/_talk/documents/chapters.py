"""Where in a recording what begins: the video's chapter list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugins._talk.documents.running_order import Evening

OPENING = "开场"


@dataclass(frozen=True)
class Chapter:
    """What begins at so many seconds of the recording."""

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
    """The chapters of a recording in which the evening's clock stood at zero after `offset` seconds (maybe before).

    Players want the first chapter at the very beginning, so that is always the opening; what came before the
    recording is left out, but for the last of it.
    """
    found: list[Chapter] = [Chapter(0, OPENING)]
    for turn in evening.turns:
        name = evening.name_of(turn)
        seconds = int((turn.began_at - clock_zero).total_seconds()) + offset
        if name is None:
            continue
        if seconds < 0:
            found = [Chapter(0, name)]
        else:
            found.append(Chapter(seconds, name))
    return found
