"""Looking pages up, with what that needs imported only when the first one is asked for."""

import asyncio
from collections.abc import Collection

from plugins._talk.web.details import Lookup, PageDetails


class LookupOnDemand:
    """Looks pages up on these ports; what speaks HTTP and reads HTML (60 ms, 8 MB) is imported for the first one."""

    def __init__(self, ports: Collection[int]) -> None:
        self._ports = ports
        self._lookup: Lookup | None = None
        self._one_at_a_time = asyncio.Lock()

    async def look_up(self, key: str, url: str) -> PageDetails:
        async with self._one_at_a_time:
            if self._lookup is None:
                self._lookup = await asyncio.to_thread(_titles, self._ports)
        return await self._lookup.look_up(key, url)


def _titles(ports: Collection[int]) -> Lookup:
    from plugins._talk.web.fetch import Fetcher
    from plugins._talk.web.lookup import Titles

    return Titles(Fetcher(ports))
