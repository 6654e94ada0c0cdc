"""Recognising the text that apps write around a shared link: a title, often with author and site.

The patterns are those that the apps' share buttons and browsers' "copy with title" put on the clipboard.
"""

import re
from dataclasses import dataclass

from plugins._talk.hosts import is_within

_SITES = (
    "知乎|哔哩哔哩|掘金|CSDN博客|简书|少数派|博客园|微信公众平台|36氪|机器之心|InfoQ|SegmentFault 思否|V2EX|豆瓣|小红书"
    "|YouTube|Hugging Face|GitHub|OpenReview|ACL Anthology|腾讯云开发者社区|阿里云开发者社区|开源中国|稀土掘金|量子位"
)
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<title>.+?) ?- ?(?P<authors>[^-]{1,40}?)的(?:回答|文章|视频|想法) ?- ?(?P<site>知乎)",
        r"【(?P<title>.+?) - (?P<authors>.+?) \| (?P<site>小红书) - 你的生活(?:兴趣社区|指南)】.*",
        r"【(?P<title>.+?) ?[-_] ?(?P<site>哔哩哔哩)(?:_bilibili)?】",
        r"(?P<title>.+?)_(?P<site>哔哩哔哩)(?:_bilibili)?",
        r"(?P<title>.+?)_(?P<authors>[^_]{1,40}?)的博客-(?P<site>CSDN)博客",
        r"(?P<authors>.{1,60}?) on (?P<site>X|Twitter): [\"“](?P<title>.+)[\"”](?: / X)?",
        r"(?P<site>GitHub) - (?P<title>[\w.-]+/[\w.-]+(?:: .+)?)",
        rf"(?P<title>.+?) ?[-–—|_·] ?(?P<site>{_SITES})",
    )
)
_IN_BRACKETS = re.compile(r"【(?P<title>.+)】")
_WITH_DOMAIN = re.compile(r"(?P<title>.+?) ?\((?P<domain>[a-z0-9-]+(?:\.[a-z0-9-]+)+)\)", re.I)
LONGEST = 300  # characters of a line that an app may have written
# Prompts to open the app, which apps add to their share texts.
_CALLS = re.compile(
    r"(?:.*复制(?:本条|此条|这条|此)?(?:信息|消息|链接|口令)?[，,]?\s*打开.*|😆?\s*\w{10,}\s*😆|打开.{1,10}App查看.*)",
    re.I,
)


@dataclass(frozen=True)
class Heading:
    """A page's title, authors and site, from an app's share text or from the page itself."""

    title: str
    authors: str | None = None
    site: str | None = None


def recognise(line: str, host: str = "") -> Heading | None:
    """Parse a line written by an app; None for a person's own words. `host` is the link's host."""
    line = " ".join(line.split())
    if len(line) > LONGEST:
        return None
    for shape in _SHAPES:
        if match := shape.fullmatch(line):
            parts = match.groupdict()
            return Heading(parts["title"].strip(), (parts.get("authors") or "").strip() or None, parts["site"])
    if (match := _IN_BRACKETS.fullmatch(line)) and (host == "b23.tv" or host.endswith("bilibili.com")):
        return Heading(match["title"].strip(), site="哔哩哔哩")
    match = _WITH_DOMAIN.fullmatch(line)
    if match and is_within(host, match["domain"].lower()):
        return recognise(match["title"], host) or Heading(match["title"].strip())
    return None


_NAMES = {
    "zhihu.com": "知乎",
    "bilibili.com": "哔哩哔哩|b站|B站",
    "weixin.qq.com": "微信|公众号|微信公众号",
    "juejin.cn": "掘金",
    "xiaohongshu.com": "小红书",
    "youtube.com": "油管",
    "huggingface.co": "抱抱脸|hf|hugging face",
}


def is_site_name(words: str, host: str) -> bool:
    """Whether the words beside a link only name its site, as in `arxiv 2306.17806`: they are no title."""
    said = words.strip(" :：,，").casefold()
    known = next((names for domain, names in _NAMES.items() if is_within(host, domain)), "")
    return bool(said) and (said in host.split(".")[:-1] or said == host or said in known.casefold().split("|"))


def is_call(line: str) -> bool:
    """Whether a line only asks to open an app."""
    return len(line) <= LONGEST and _CALLS.fullmatch(line.strip()) is not None
