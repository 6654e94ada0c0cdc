"""Extracting a page's title, authors and site. Pure functions of the response's bytes."""

import codecs
import html
import re
from collections.abc import Sequence

import webencodings

from plugins._talk.foreign_text import one_line
from plugins._talk.hosts import is_within
from plugins._talk.links.share_text import Heading, recognise
from plugins._talk.web.gates import is_no_title
from plugins._talk.web.markup import head_of, parsed

LONGEST_TITLE = 300
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_MSG_TITLE = re.compile(r"var\s+msg_title\s*=\s*(?:htmlDecode\()?[\"'](?P<title>[^\"']{1,300})[\"']")
_SITES = {
    "github.com": "GitHub",
    "huggingface.co": "Hugging Face",
    "hf-mirror.com": "Hugging Face",
    "bilibili.com": "哔哩哔哩",
    "zhihu.com": "知乎",
    "mp.weixin.qq.com": "微信公众号",
    "youtube.com": "YouTube",
    "x.com": "X",
    "openreview.net": "OpenReview",
    "aclanthology.org": "ACL Anthology",
    "arxiv.org": "arXiv",
    "modelscope.cn": "ModelScope",
    "juejin.cn": "掘金",
    "csdn.net": "CSDN",
}


# Many servers declare these for every page, whatever its charset is.
_UNRELIABLE = {"iso-8859-1", "latin1", "us-ascii", "ascii"}


class Blocked(Exception):
    """The site shows a bot check instead of the page."""


def read_page(body: bytes, content_type: str, host: str) -> Heading | None:
    """The heading of an HTML page, or None if it has no usable title. Raises Blocked."""
    text = decoded(body, content_type)
    if "环境异常" in text and "js_content" not in text:
        raise Blocked("asks whether we are human")
    tree = parsed(head_of(text), "meta", "title")
    metas: dict[str, list[str]] = {}
    for node in tree.css("meta"):
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
        value = _words(node.attributes.get("content"))
        if name and value:
            metas.setdefault(name, []).append(value)
    shown = tree.css_first("title")
    titles = [
        *(metas.get(name, [""])[0] for name in ("citation_title", "og:title", "twitter:title")),
        _from_script(match["title"]) if (match := _MSG_TITLE.search(text)) else "",
        _words(shown.text()) if shown else "",
    ]
    title = next((each for each in titles if each and not is_no_title(each)), None)
    if title is None:
        return None
    heading = recognise(title, host) or Heading(title)
    site = heading.site or _site(host) or metas.get("og:site_name", [""])[0][:40] or None
    return Heading(_clean(heading.title, host), heading.authors or _authors(metas), site)


def _clean(title: str, host: str) -> str:
    """A title without the site's own decoration."""
    if host.endswith("bilibili.com"):
        title = re.sub(r"_(?:bilibili|哔哩哔哩)(?:_bilibili)?$", "", title)
    if host == "github.com":
        title = re.sub(r"^GitHub - | · GitHub$", "", title)
    return title[:LONGEST_TITLE]


def _authors(metas: dict[str, list[str]]) -> str | None:
    """The authors that a page names, unless what it names is an address."""
    for name in ("citation_author", "og:article:author", "article:author", "author"):
        people = [each for each in metas.get(name, []) if "://" not in each and len(each) <= 80]
        if people:
            return author_list(people)
    return None


def author_list(people: Sequence[str]) -> str:
    """Authors in one line: all of three, else the first and 'et al.'."""
    return "、".join(people) if len(people) <= 3 else f"{people[0]} et al."


def _site(host: str) -> str | None:
    return next((name for each, name in _SITES.items() if is_within(host, each)), None)


def _from_script(value: str) -> str:
    """A JavaScript string as WeChat writes one: `\\x26` and the like, and entities within."""
    plain = re.sub(r"\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), value)
    return _words(html.unescape(plain))


def _words(value: str | None) -> str:
    return one_line(value or "")


def decoded(body: bytes, content_type: str) -> str:
    """Decode a body: as UTF-8 if valid, whatever the page declares; else by its declared charset; else as GB18030.

    Labels mean what the WHATWG encoding standard says; GBK is read as GB18030, which contains it.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace").lstrip("\ufeff")
    try:
        # the body may end within a character
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        pass
    claims = [*re.findall(r"charset\s*=\s*[\"']?([\w-]+)", content_type, re.I)]
    claims += [each.decode("ascii", "replace") for each in _META_CHARSET.findall(body[:4096])]
    for claim in claims:
        encoding = None if claim.lower() in _UNRELIABLE else webencodings.lookup(claim)
        if encoding is not None and encoding.name not in ("utf-8", "utf-16le", "utf-16be", "gbk", "replacement"):
            return encoding.codec_info.incrementaldecoder("replace").decode(body)
    return body.decode("gb18030", "replace")
