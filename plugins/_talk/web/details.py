"""What is found out about a link's page, and how that fails."""

from dataclasses import dataclass
from typing import Protocol

from plugins._talk.links.canonical import Link
from plugins._talk.links.share_text import Heading


class Closed(Exception):
    """The lookup failed permanently and must not be retried."""


class Later(Exception):
    """The lookup failed and may be retried later."""


@dataclass(frozen=True)
class PageDetails:
    """The result of a lookup: a heading, with an excerpt for arXiv papers; or the target of a short link."""

    heading: Heading | None = None
    excerpt: str | None = None
    leads_to: Link | None = None


class Lookup(Protocol):
    """Who looks pages up."""

    async def look_up(self, key: str, url: str) -> PageDetails:
        """Look up the page of a link, by its key and URL. Raises Closed or Later."""
        ...
