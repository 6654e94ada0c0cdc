"""Pictures that the bot draws: one at a time, in a thread, cached under a digest of their content."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from plugins._chat.stores import content_store
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.timeline import Timeline
from plugins._talk.render.rendered import Rendered

PNG_BEGINS, PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"  # RFC 2083: its signature, and its last chunk
KEPT = 200  # files; others are drawn again when needed


class Drawings:
    """A folder of cached drawings. The same agenda is drawn once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._one_at_a_time = asyncio.Lock()

    async def agenda(self, agenda: Agenda, longest: int, page: str | None) -> Sequence[bytes]:
        """A talk's agenda as PNGs; `page` is its URL, `longest` its title's limit."""

        def drawn() -> Sequence[bytes]:
            from plugins._talk.render import picture  # deferred: not needed at startup

            shown = picture.look(), picture.agenda_data(agenda, longest, page)
            return self._kept(shown, lambda: picture.agenda_picture(agenda, longest, page))

        return await self._in_turn(drawn)

    async def timeline(self, name: str, shown: Timeline) -> Sequence[bytes]:
        """An evening's timeline, which must not be empty, as a list of one PNG."""

        def drawn() -> Sequence[bytes]:
            from plugins._talk.render import picture

            data = picture.look(), picture.timeline_data(name, shown)
            return self._kept(data, lambda: picture.timeline_picture(name, shown))

        return await self._in_turn(drawn)

    async def forget(self) -> None:
        """Delete all drawings; they are drawn again when they are wanted."""
        async with self._one_at_a_time:
            await asyncio.to_thread(content_store.keep_newest, self.folder, "*.png", 0)

    async def _in_turn(self, drawn: Callable[[], Sequence[bytes]]) -> Sequence[bytes]:
        async with self._one_at_a_time:
            return await asyncio.to_thread(drawn)

    def _kept(self, shown: object, draw: Callable[[], Rendered[Sequence[bytes]]]) -> Sequence[bytes]:
        stem = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]
        there = sorted(self.folder.glob(f"{stem}-*.png"))
        if there and there[0].name.endswith(f"of{len(there)}.png"):
            kept = [each.read_bytes() for each in there]
            if all(body.startswith(PNG_BEGINS) and body.endswith(PNG_ENDS) for body in kept):
                return kept
        for broken in there:  # truncated files, or an incomplete set
            broken.unlink(missing_ok=True)
        drawn = draw().document
        for place, body in enumerate(drawn, 1):
            content_store.put(self.folder / f"{stem}-{place:02d}of{len(drawn)}.png", body)
        content_store.keep_newest(self.folder, "*.png", KEPT)
        return drawn
