"""What one process serves: opened once by bot.py (or a test) before the plugins are loaded."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from db.engine import Database
from plugins._chat.pictures import PictureStore
from plugins._talk.desk import House
from plugins._talk.series import Series


def _wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass
class Service:
    """The one seam to the outside: database, clock, pauses and files come from here."""

    house: House
    db: Database
    groups: tuple[int, ...]
    pictures: PictureStore = field(default_factory=lambda: PictureStore(Path("data/pictures")))
    now: Callable[[], datetime] = _wall_clock
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def series(self) -> Series:
        return self.house.series


_open: list[Service] = []


def open_service(new: Service) -> None:
    """Make `new` what this process serves."""
    _open[:] = [new]


def service() -> Service:
    """What this process serves. Raises LookupError before it is opened."""
    if not _open:
        raise LookupError("no service is open: start with bot.py")
    return _open[0]
