"""Everything that the pages offer, found by following their links as a search engine would."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

LINKED = {"a": "href", "link": "href", "img": "src", "script": "src", "form": "action"}
# Addresses that are written down nowhere else.
UNLINKED = ("/live.json", "/live.md", "/sitemap.xml", "/robots.txt")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LINKED and (address := values.get(LINKED[tag])):
            self.found.append(address)
            outside = urlsplit(address).scheme in ("http", "https") and values.get("rel") != "canonical"
            if tag == "a" and outside and values.get("rel") != "nofollow noopener ugc":
                self.problems.append(f"{address} is not marked as foreign")
            if tag != "a" and outside:
                self.problems.append(f"{tag} loads {address}")
        if "style" in values or any(name.startswith("on") for name in values):
            self.problems.append(f"<{tag}> has a style or script of its own: the policy forbids it")


async def crawl(client: httpx.AsyncClient, *starts: str) -> dict[str, httpx.Response]:
    """All answers within the site, by address; whatever does not answer with 200 is an error."""
    waiting, seen = [*(starts or ("/",)), *UNLINKED], dict[str, httpx.Response]()
    while waiting:
        address = waiting.pop().partition("#")[0]
        if address in seen:
            continue
        answer = seen[address] = await client.get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.text[:200])
        if answer.headers["content-type"].startswith("text/html") and not address.endswith("rich.html"):
            waiting += links(answer.text, address)
    return seen


def links(html: str, address: str) -> list[str]:
    """The addresses within the site that a page leads to; what a page may not have is an error."""
    found = _Links()
    found.feed(html)
    assert not found.problems, (address, found.problems)
    assert not re.search(r"<(?:style|iframe|object|embed)\b|javascript:", html), address
    inside = (urljoin(address, each) for each in found.found if not urlsplit(each).scheme)
    return [each for each in inside if each.startswith("/")]
