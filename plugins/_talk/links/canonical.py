"""Links: finding them in chat text, and computing a key that is equal for all spellings of the same page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from linkify_it import LinkifyIt
from yarl import URL

from plugins._talk.links import sites
from plugins._talk.links.public import can_be_public
from plugins._talk.links.sites import Address

KEY_VERSION = 3  # raise it whenever a rule here or in `sites` gives some link another key

# Tracking parameters: they do not affect the page that is shown.
_TRACKING = re.compile(
    r"utm_.*|mtm_.*|tdsourcetag|isappinstalled|gclid|fbclid|msclkid|twclid|yclid|dclid|spm|mc_cid|mc_eid|_hsenc|_ga|_gl|mkt_tok",
    re.I,
)
_FROM_QQ = frozenset(
    f"from={where}" for where in ("singlemessage", "groupmessage", "timeline")
)  # as QQ and WeChat add it
# Chinese and other text may follow a link without a space, so a link ends at the first non-ASCII character, except for
# letters directly after `=`, after a path segment such as `/wiki/` that takes a title or search term, and in a host.
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LETTER = r"[^\W\d_\x00-\x7f]"  # of a script other than ASCII's
_OWN_WORDS = re.compile(
    rf"""(?: = | (?<![:/])/(?:wiki|item|tags?|topics?|search|category)/
        | ://[^\s/]*wiki[^\s/]*/[a-z]{{2,3}}(?:-[a-z]+)?/ )
    (?P<words>
        {_LETTER}(?:{_LETTER}|[\w.~!$'()*,;:@%+-])*
        | (?<=/)[\w.~'()%+-]*?(?-i:[\u00c0-\u024f])(?:{_LETTER}|[\w.~!$'()*,;:@%+-])*
    )
    | ://(?P<host>(?=[\w.-]*{_LETTER})[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{{2,24}}|中国|中國|公司|网络|網絡|网址|香港|台湾|台灣))
        (?=[/:?\#]|[^\w.-]|$)""",
    re.I | re.X,
)
_SCHEME = re.compile(r"https?://", re.I)
_BARE_ARXIV = re.compile(
    r"(?<![\w./:-])(?P<said>arxiv(?::\s?|\s))?(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?P<version>v\d+)?(?:\.pdf)?(?![\w-]|\.\d)",
    re.I,
)
_BARE_BV = re.compile(r"(?<![0-9A-Za-z/_-])BV1[1-9A-HJ-NP-Za-km-z]{9}(?![0-9A-Za-z_-])")
_MAY_BE_LINK = re.compile(r"[./]|BV1")  # every link has one of them
MAX_LENGTH = 2_000
REMEMBERED = 500  # characters of a text whose links are kept for when they are asked for again
MOST_WRAPPERS = 3  # maximum nesting of 'you are leaving this site' links


@dataclass(frozen=True)
class Link:
    """A link: the `url` to open, the `key` shared by all its spellings, and its host without `www.`."""

    url: str
    key: str
    host: str


@dataclass(frozen=True)
class FoundLink:
    """A link and where in the text it stood."""

    link: Link
    start: int
    end: int


@cache
def _finder() -> Any:
    finder: Any = LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})
    finder.add("ftp:", None).add("mailto:", None).add("//", None)
    return finder


def find_links(text: str) -> Sequence[FoundLink]:
    """The links in a chat text, in order, without lookalikes such as `README.md`. Never raises.

    A bare arXiv identifier or Bilibili BV number counts as a link too.
    """
    if len(text) > REMEMBERED:
        return _find_links(text)
    return _find_links_of_short(text)


def _find_links(text: str) -> Sequence[FoundLink]:
    if not _MAY_BE_LINK.search(text):
        return ()
    plain = _without_other_scripts(text.replace("：//", "://"))
    found: list[FoundLink] = []
    matches: list[Any] = _finder().match(plain) or []
    for match in matches:
        link = canonical(match.raw) if match.schema or _plausible(match.raw) else None
        if link is not None:
            found.append(FoundLink(link, match.index, match.last_index))
    taken = [(each.start, each.end) for each in found]
    for start, end, link in _bare(plain):
        if all(end <= begin or start >= stop for begin, stop in taken):
            found.append(FoundLink(link, start, end))
    return tuple(sorted(found, key=lambda each: each.start))


_find_links_of_short = lru_cache(64)(_find_links)  # a message is asked for its links several times


def _without_other_scripts(text: str) -> str:
    """The text with each non-ASCII character that cannot be part of a URL replaced by a space, keeping positions."""
    if text.isascii():
        return text
    kept: list[str] = []
    place = 0
    for match in _OWN_WORDS.finditer(text):
        start, end = match.span("words" if match["words"] else "host")
        kept += [_FOREIGN.sub(" ", text[place:start]), text[start:end]]
        place = end
    return "".join([*kept, _FOREIGN.sub(" ", text[place:])])


def find_addresses(text: str) -> list[FoundLink]:
    """The links in a text that are written out as addresses, with their scheme."""
    return [found for found in find_links(text) if "://" in text[found.start : found.end]]


def _bare(plain: str) -> Iterator[tuple[int, int, Link]]:
    """Bare arXiv identifiers and BV numbers, as (start, end, link)."""
    for match in _BARE_ARXIV.finditer(plain):
        meant = match["said"] or "/" not in match["id"]  # old identifiers look like paths: they need the prefix
        thing = sites.arxiv(match["id"] + (match["version"] or "")) if meant else None
        if thing is not None:
            yield match.start(), match.end(), _link(thing.url, thing.key)
    for match in _BARE_BV.finditer(plain):
        link = canonical(f"https://www.bilibili.com/video/{match[0]}")
        if link is not None:
            yield match.start(), match.end(), link


def canonical(address: str) -> Link | None:
    """The canonical link of an address, or None when it is not a public http(s) URL. Never raises."""
    return _canonical(address, MOST_WRAPPERS)


def _canonical(address: str, wrappers: int) -> Link | None:
    address = address.strip().replace("&amp;", "&")
    if len(address) > MAX_LENGTH:
        return None
    if not _SCHEME.match(address):
        if "://" in address or address.startswith("//"):
            return None
        address = f"https://{address}"
    try:
        url = URL(address)
        host = (url.raw_host or "").rstrip(".").casefold()
        if not host or url.user is not None or not can_be_public(host):
            return None
        parts = Address(host.removeprefix("www."), url.raw_path, _pairs(url), url.raw_fragment)
        return _known(url, parts, wrappers) or _any(url, parts)
    except (ValueError, TypeError):
        return None


def _pairs(url: URL) -> tuple[str, ...]:
    """The query's `name=value` pairs without tracking parameters."""
    pairs = (pair for pair in url.raw_query_string.split("&") if pair)
    return tuple(
        pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0]) and pair.casefold() not in _FROM_QQ
    )


def _known(url: URL, parts: Address, wrappers: int) -> Link | None:
    """The link by a site's own rule, or None; rules apply to the default port only."""
    if not url.is_default_port() and url.explicit_port is not None:
        return None
    if wrappers and (beyond := sites.unwrapped(parts)):
        return _canonical(beyond, wrappers - 1)
    thing = sites.known(parts)
    return _link(thing.url, thing.key) if thing else None


def _link(url: str, key: str) -> Link:
    shown = URL(url)  # normalised like all URLs, so that `canonical` is idempotent
    return Link(str(shown), key, (shown.raw_host or "").removeprefix("www."))


def _any(url: URL, parts: Address) -> Link:
    port = "" if url.is_default_port() or url.explicit_port is None else f":{url.explicit_port}"
    bare = url.with_query(None).with_fragment(None)
    shown = f"{bare}?{'&'.join(parts.pairs)}" if parts.pairs else str(bare)
    host = sites.desktop(parts.host)
    site = f"[{host}]" if ":" in host else host
    query = f"?{'&'.join(sorted(parts.pairs))}" if parts.pairs else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    page = fragment if fragment.startswith(("#/", "#!")) else ""  # a route of a single-page app, not an anchor
    return Link(shown + fragment, f"{site}{port}{bare.raw_path.rstrip('/')}{query}{page}", parts.host)


def _plausible(raw: str) -> bool:
    """Whether a word without a scheme is meant as a link: `github.com/x/y` is, `README.md` and `v1.2` are not."""
    host, _, rest = raw.partition("/")
    return bool(rest) or host.casefold().startswith("www.")
