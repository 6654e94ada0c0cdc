"""Links: finding them in chat text, and the key that says two of them are the same thing."""

import re
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

from linkify_it import LinkifyIt
from yarl import URL

KEY_VERSION = 1  # raise it whenever a rule below gives some link another key

# What tells a site where a visitor came from, and never what they see.
_TRACKING = re.compile(
    r"utm_.*|mtm_.*|gclid|fbclid|msclkid|twclid|yclid|dclid|spm|mc_cid|mc_eid|_hsenc|_ga|_gl|mkt_tok", re.I
)
# Chinese text goes on after a link without a space: it ends there.
_CHINESE = re.compile(
    r"[\u2018-\u201d\u2026\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)
_SCHEME = re.compile(r"https?://", re.I)
_ARXIV_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?P<version>v\d+)?"
_ARXIV_PATH = re.compile(rf"/(?:abs|pdf|html|format|ps)/{_ARXIV_ID}(?:\.pdf)?/?", re.I)
_ARXIV_MIRROR_PATH = re.compile(rf"/(?:papers|abs|overview)/{_ARXIV_ID}/?", re.I)
_ARXIV_MIRRORS = {"huggingface.co", "hf-mirror.com", "alphaxiv.org"}
_BARE_ARXIV = re.compile(rf"(?<![\w./:-])(?:arxiv:\s?)?{_ARXIV_ID}(?![\w-]|\.\d)", re.I)
MAX_LENGTH = 2_000


@dataclass(frozen=True)
class Link:
    """Something to open (`url`), and the `key` under which all its spellings are one thing."""

    url: str
    key: str
    host: str


@dataclass(frozen=True)
class Found:
    """A link and where in the text it stood."""

    link: Link
    start: int
    end: int


@cache
def _finder() -> Any:
    finder: Any = LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})
    finder.add("ftp:", None).add("mailto:", None).add("//", None)
    return finder


def find_links(text: str) -> list[Found]:
    """The links in a chat text, in order; what only looks like one is left out. Never raises."""
    # Chinese text becomes spaces for the finder, one for one, so that places in the text stay true.
    plain = _CHINESE.sub(" ", text.replace("：//", "://"))
    found: list[Found] = []
    matches: list[Any] = _finder().match(plain) or []
    for match in matches:
        link = canonical(match.raw) if match.schema or _plausible(match.raw) else None
        if link is not None:
            found.append(Found(link, match.index, match.last_index))
    taken = [(each.start, each.end) for each in found]
    for match in _BARE_ARXIV.finditer(plain):
        if match["id"][0].isdigit() or match[0].casefold().startswith("arxiv"):
            outside = all(match.end() <= start or match.start() >= end for start, end in taken)
            if outside and _arxiv_month(match["id"]):
                link = canonical(f"https://arxiv.org/abs/{match['id']}{match['version'] or ''}")
                if link is not None:
                    found.append(Found(link, match.start(), match.end()))
    return sorted(found, key=lambda each: each.start)


def canonical(address: str) -> Link | None:
    """The canonical form of an address, or None when it is none that a browser would open. Never raises."""
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
        port = "" if url.is_default_port() or url.explicit_port is None else f":{url.explicit_port}"
        if not host or url.user is not None or not _public_looking(host):
            return None
        if paper := _arxiv_paper(host, url.path):
            return paper
        pairs = [pair for pair in url.raw_query_string.split("&") if pair]
        kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]
        bare = url.with_query(None).with_fragment(None)
        shown = f"{bare}?{'&'.join(kept)}" if kept else str(bare)
        name = host.removeprefix("www.")
        site = f"[{name}]" if ":" in name else name
        query = f"?{'&'.join(sorted(kept))}" if kept else ""
        fragment = f"#{url.raw_fragment}" if url.raw_fragment else ""
    except (ValueError, TypeError):
        return None
    return Link(shown + fragment, f"{site}{port}{bare.raw_path.rstrip('/')}{query}", name)


def _arxiv_paper(host: str, path: str) -> Link | None:
    site = host.removeprefix("www.").removeprefix("export.").removeprefix("browse.")
    if site == "arxiv.org":
        match = _ARXIV_PATH.fullmatch(path)
    elif site in _ARXIV_MIRRORS:
        match = _ARXIV_MIRROR_PATH.fullmatch(path)
    else:
        return None
    if match is None:
        return None
    number = match["id"].lower()
    return Link(f"https://arxiv.org/abs/{number}{match['version'] or ''}", f"arxiv:{number}", "arxiv.org")


def _arxiv_month(number: str) -> bool:
    """Whether a bare number can be an arXiv id: since April 2007 they begin with year and month."""
    return "/" in number or (number[:4] >= "0704" and 1 <= int(number[2:4]) <= 12)


def _public_looking(host: str) -> bool:
    """Whether a host can be anybody's: a name with a dot, or an address of the open internet."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.rpartition(".")[2].isdigit()


def _plausible(raw: str) -> bool:
    """Whether a word without a scheme is meant as a link: `github.com/x/y` is, `README.md` and `v1.2` are not."""
    host, _, rest = raw.partition("/")
    return bool(rest) or host.casefold().startswith("www.")
