"""Rules for common sites: which parts of an address identify a page, so that all its spellings share one key.

A rule takes an address of its site and returns the URL to open and the key, or None where the general rules apply. The
URL formats are those seen in shared links; arXiv's identifiers follow
https://info.arxiv.org/help/arxiv_identifier.html.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

Rule = Callable[["Address"], "Thing | None"]


@dataclass(frozen=True)
class Thing:
    """The result of a site's rule: the URL to open, and the key shared by all spellings."""

    url: str
    key: str


@dataclass(frozen=True)
class Address:
    """An http(s) address in parts. `host` is in lower case and without `www.`; path and query are still encoded."""

    host: str
    path: str
    pairs: tuple[str, ...] = ()
    fragment: str = ""

    @cached_property
    def steps(self) -> list[str]:
        """The path's steps, decoded."""
        return [unquote(step) for step in self.path.split("/") if step]

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's first value for each name, decoded."""
        found: dict[str, str] = {}
        for pair in self.pairs:
            name, _, value = pair.partition("=")
            found.setdefault(name, unquote(value))
        return found

    def without(self, pattern: re.Pattern[str]) -> list[str]:
        """The query's pairs whose names do not match."""
        return [pair for pair in self.pairs if not pattern.fullmatch(pair.partition("=")[0])]

    def only(self, *names: str) -> list[str]:
        """The query's pairs with these names, in this order, each once."""
        first = {pair.partition("=")[0]: pair for pair in reversed(self.pairs)}
        return [first[name] for name in names if name in first]


def known(address: Address) -> Thing | None:
    """The thing that a known site shows at this address, or None."""
    rule = _rule_of(address.host)
    return rule(address) if rule else None


def known_hosts() -> Iterable[str]:
    """The sites that have rules of their own."""
    return _RULES.keys()


def unwrapped(address: Address) -> str | None:
    """The target of a site's 'you are leaving this site' link, or None if this is no such link."""
    if address.host == "c.pc.qq.com" and re.fullmatch(r"/(?:middle\w*|pc|ios|android|index)\.html", address.path):
        return address.query.get("pfurl") or address.query.get("url") or None
    for host, path, name in _WRAPPERS:
        if address.host == host and address.path.rstrip("/") == path and address.query.get(name):
            return address.query[name]
    return None


def desktop(host: str) -> str:
    """The desktop host of a known mobile host; any other host unchanged."""
    return _MOBILE.get(host, host)


_MOBILE = {
    "m.36kr.com": "36kr.com",
    "m.blog.csdn.net": "blog.csdn.net",
    "juejin.im": "juejin.cn",
    "m.juejin.cn": "juejin.cn",
    "m.weibo.cn": "weibo.com",
    "m.douban.com": "douban.com",
    "m.jiqizhixin.com": "jiqizhixin.com",
    "m.sspai.com": "sspai.com",
    "m.infoq.cn": "infoq.cn",
    "m.thepaper.cn": "thepaper.cn",
    "en.m.wikipedia.org": "en.wikipedia.org",
    "zh.m.wikipedia.org": "zh.wikipedia.org",
}


def is_short(host: str) -> bool:
    """Whether a host is a link shortener, whose target is known only after a request."""
    return host in _SHORTENERS


def expires(url: str) -> bool:
    """Whether an address is valid for a few hours only: links from WeChat's search."""
    return "mp.weixin.qq.com/" in url and "signature=" in url and "timestamp=" in url


# (host, path, query parameter with the target URL)
_WRAPPERS = (
    ("link.zhihu.com", "", "target"),
    ("link.juejin.cn", "", "target"),
    ("link.csdn.net", "", "target"),
    ("gitee.com", "/link", "target"),
    ("oschina.net", "/action/GoToLink", "url"),
    ("jianshu.com", "/go-wild", "url"),
    ("sspai.com", "/link", "target"),
    ("douban.com", "/link2", "url"),
    ("leetcode.cn", "/link", "target"),
    ("leetcode-cn.com", "/link", "target"),
    ("developer.aliyun.com", "/redirect", "target"),
    ("security.feishu.cn", "/link/safety", "target"),
    ("docs.qq.com", "/scenario/link.html", "url"),
    ("youtube.com", "/redirect", "q"),
    ("xie.infoq.cn", "/link", "target"),
    ("links.jianshu.com", "/go", "to"),
    ("jianshu.com", "/go", "to"),
    ("afdian.com", "/link", "target"),
    ("afdian.net", "/link", "target"),
    ("cloud.tencent.com", "/developer/tools/blog-entry", "target"),
    ("l.facebook.com", "/l.php", "u"),
    ("google.com", "/url", "q"),
    ("google.com", "/url", "url"),
    ("weibo.cn", "/sinaurl", "u"),
)
_SHORTENERS = frozenset(
    "b23.tv bili2233.cn bili22.cn bili23.cn bili33.cn t.cn url.cn dwz.cn t.co bit.ly tinyurl.com is.gd goo.gl lnkd.in"
    " aka.ms xhslink.com v.douyin.com".split()
)


def _address(host: str, path: str, pairs: Iterable[str] = ()) -> str:
    query = "&".join(pairs)
    return f"https://{host}{path}{f'?{query}' if query else ''}"


# arXiv and those who show its papers

_ARXIV_ID = re.compile(r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?P<version>v\d+)?", re.I)


def arxiv(identifier: str) -> Thing | None:
    """An arXiv paper by its identifier, with or without a version; the version is shown and not in the key."""
    match = _ARXIV_ID.fullmatch(identifier.removesuffix(".pdf"))
    if match is None:
        return None
    number = match["id"].lower()
    if "/" not in number and not (number[:4] >= "0704" and 1 <= int(number[2:4]) <= 12):
        return None  # since April 2007 they begin with year and month
    if "/" in number:  # `math.GT/0309136` is `math/0309136`: the subject class does not identify
        archive, _, digits = number.partition("/")
        number = f"{archive.partition('.')[0]}/{digits}"
    return Thing(f"https://arxiv.org/abs/{number}{match['version'] or ''}", f"arxiv:{number}")


def _arxiv(address: Address) -> Thing | None:
    first, rest = address.steps[:1], "/".join(address.steps[1:3])
    return arxiv(rest) if first and first[0].lower() in ("abs", "pdf", "html", "format", "ps", "src") else None


def _arxiv_mirror(address: Address) -> Thing | None:
    return (
        arxiv("/".join(address.steps[1:3])) if address.steps[:1] in (["abs"], ["pdf"], ["html"], ["overview"]) else None
    )


def _papers_cool(address: Address) -> Thing | None:
    return arxiv("/".join(address.steps[1:3])) if address.steps[:1] == ["arxiv"] else None


def _doi(address: Address) -> Thing | None:
    name = "/".join(address.steps)
    if not re.match(r"10\.\d{4,}/", name):
        return None
    prefix = "10.48550/arxiv."
    if name.casefold().startswith(prefix) and (paper := arxiv(name[len(prefix) :])):
        return paper
    return Thing(_address("doi.org", address.path.rstrip("/")), f"doi:{name.casefold()}")


# Other papers


def _openreview(address: Address) -> Thing | None:
    paper = address.query.get("id")
    if address.path.rstrip("/") not in ("/forum", "/pdf", "/attachment", "/references/pdf") or not paper:
        return None
    return Thing(_address("openreview.net", "/forum", address.only("id")), f"openreview:{paper}")


def _acl(address: Address) -> Thing | None:
    steps = address.steps[1:] if address.steps[:1] == ["anthology"] else address.steps
    match = (
        re.fullmatch(r"(\d{4}\.[a-z0-9_]+-[a-z0-9]+\.\d+|[A-Z]\d{2}-\d{4})(?:\.pdf|\.bib|\.xml)?", steps[0])
        if len(steps) == 1
        else None
    )
    return Thing(f"https://aclanthology.org/{match[1]}/", f"acl:{match[1].casefold()}") if match else None


# Zhihu

_ZHIHU = (
    (re.compile(r"/(?:question/\d+/)?answer/(\d+)|/tardis/\w+/ans/(\d+)"), "answer"),
    (re.compile(r"/p/(\d+)(?:/edit)?|/tardis/\w+/art/(\d+)|/articles/(\d+)"), "p"),
    (re.compile(r"/question/(\d+)(?:/answers/\w+)?"), "question"),
    (re.compile(r"/pin/(\d+)"), "pin"),
    (re.compile(r"/zvideo/(\d+)"), "zvideo"),
)


def _zhihu(address: Address) -> Thing | None:
    path = address.path.rstrip("/")
    for pattern, kind in _ZHIHU:
        if match := pattern.fullmatch(path):
            number = next(each for each in match.groups() if each)
            if kind == "p":
                return Thing(f"https://zhuanlan.zhihu.com/p/{number}", f"zhihu:p/{number}")
            shown = path if path.startswith(("/question", "/pin", "/zvideo")) else f"/{kind}/{number}"
            return Thing(f"https://www.zhihu.com{shown}", f"zhihu:{kind}/{number}")
    pairs = address.only("q", "type") if path == "/search" else []
    host = "www.zhihu.com" if address.host in ("zhihu.com", "m.zhihu.com") else address.host
    query = f"?{'&'.join(pairs)}" if pairs else ""
    return Thing(f"https://{host}{address.path}{query}", f"{host.removeprefix('www.')}{path}{query}")


# Bilibili

_BILIBILI_JUNK = re.compile(
    r"share_\w+|vd_source|spm_id_from|spmid|from\w*|seid|mid|up_id|msource|bsource|refer_from|timestamp|ts|unique_k"
    r"|plat_id|buvid|bbid|is_story_h5|-Arouter|trackid|launch_id|session_id|request_from"
)
_BV = re.compile(r"(?:bv)(1[0-9A-Za-z]{9}|[0-9A-Za-z]{10})", re.I)


def bilibili_video(name: str) -> str | None:
    """A video's BV number, from a BV number (whose first two letters may be small) or an old av number."""
    if match := _BV.fullmatch(name):
        return f"BV{match[1]}"
    if match := re.fullmatch(r"av(\d{1,15})", name, re.I):
        return _bv_of_av(int(match[1]))
    return None


def _bv_of_av(av: int) -> str:
    """The BV number of an av number (source: the table that the community worked out; av170001 is BV17x411w7KC)."""
    table, mask, secret = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf", 1 << 51, 23442827791579
    rest, name = (mask | av) ^ secret, list("BV1000000000")
    place = len(name) - 1
    while rest:
        rest, digit = divmod(rest, 58)
        name[place] = table[digit]
        place -= 1
    name[3], name[9] = name[9], name[3]
    name[4], name[7] = name[7], name[4]
    return "".join(name)


def _bilibili(address: Address) -> Thing | None:
    steps, query = address.steps, address.query
    place = next((i for i, step in enumerate(steps[:3]) if step in ("video", "bangumi", "read", "opus")), None)
    video = None
    if place is not None and steps[place] == "video" and len(steps) > place + 1:
        video = bilibili_video(steps[place + 1])
    elif address.host in ("player.bilibili.com", "b23.tv") or steps[:1] == ["blackboard"]:
        named = query.get("bvid") or (f"av{query['aid']}" if "aid" in query else steps[0] if steps else "")
        video = bilibili_video(named)
    if video:
        part = query.get("p", query.get("page", ""))
        part = f"p={part}" if re.fullmatch(r"[1-9]\d{0,4}", part, re.ASCII) and part != "1" else ""
        path = f"/video/{video}/" if address.path.endswith("/") else f"/video/{video}"
        pairs = [each for each in (part, *address.only("t")) if each]
        return Thing(_address("www.bilibili.com", path, pairs), f"bilibili:{video}{f'?{part}' if part else ''}")
    if match := re.fullmatch(r"/read/(?:cv|mobile/)(\d+)", address.path.rstrip("/")):
        return Thing(f"https://www.bilibili.com/read/cv{match[1]}", f"bilibili:cv{match[1]}")
    opus = r"(?:/opus|/dynamic)?/(\d+)" if address.host == "t.bilibili.com" else r"/(?:opus|dynamic)/(\d+)"
    if match := re.fullmatch(opus, address.path.rstrip("/")):
        return Thing(f"https://www.bilibili.com/opus/{match[1]}", f"bilibili:opus/{match[1]}")
    if address.host == "b23.tv":
        return Thing(_address("b23.tv", address.path.rstrip("/")), f"b23.tv{address.path.rstrip('/')}")
    kept = address.without(_BILIBILI_JUNK)
    host = {"bilibili.com": "www.bilibili.com", "m.bilibili.com": "www.bilibili.com"}.get(address.host, address.host)
    query_key = f"?{'&'.join(sorted(kept))}" if kept else ""
    return Thing(
        _address(host, address.path or "/", kept), f"{host.removeprefix('www.')}{address.path.rstrip('/')}{query_key}"
    )


# WeChat


def _weixin(address: Address) -> Thing | None:
    path = address.path.rstrip("/")
    if match := re.fullmatch(r"/s/([\w-]+)", path):
        return Thing(f"https://mp.weixin.qq.com/s/{match[1]}", f"weixin:{match[1]}")
    named = address.only("__biz", "mid", "idx", "sn")
    if path == "/s" and len(named) == 4:
        values = [address.query[name] for name in ("__biz", "mid", "idx", "sn")]
        return Thing(_address("mp.weixin.qq.com", "/s", named), f"weixin:{'/'.join(values)}")
    return None


# GitHub

_GITHUB_JUNK = re.compile(r"tab|email_\w+|ref_\w+|notification_referrer_id|readme|source|ref")
_GITHUB_PAGES = frozenset(
    "about apps collections codespaces contact customer-stories enterprise events explore features issues join login"
    " marketplace new notifications orgs organizations pricing pulls readme search security settings site solutions"
    " sponsors stars team topics trending users".split()
)


def _github(address: Address) -> Thing | None:
    steps, path = address.steps, address.path.rstrip("/")
    if not steps or steps[0].lower() in _GITHUB_PAGES:
        return None
    kept = address.without(_GITHUB_JUNK)
    owner = steps[0].lower()
    fragment = f"#{address.fragment}" if address.fragment and address.fragment.casefold() != "readme" else ""
    if len(steps) == 1:
        return Thing(_address("github.com", path, kept), _keyed(f"github:{owner}", kept))
    raw = path.split("/")
    raw[2] = raw[2][:-4] if raw[2].lower().endswith(".git") else raw[2]
    rest = steps[2:]
    if len(rest) > 1 and rest[0] in ("pull", "issues", "discussions") and rest[1].isdigit():
        # issues and pull requests share one number sequence; their tabs (`/files`, …) are the same page
        rest = ["issues" if rest[0] == "pull" else rest[0], rest[1]]
    elif rest in (["tree", "main"], ["tree", "master"], ["blob", "main", "README.md"], ["blob", "master", "README.md"]):
        rest = []
    key = "/".join([f"github:{owner}", steps[1].lower().removesuffix(".git"), *rest])
    return Thing(_address("github.com", "/".join(raw), kept) + fragment, _keyed(key, kept))


def _github_raw(address: Address) -> Thing | None:
    steps = address.steps
    if len(steps) < 4:
        return None
    rest = steps[4:] if steps[2:4] == ["refs", "heads"] else steps[2:]
    inner = _github(Address("github.com", "/".join(["", *steps[:2], "blob", *rest])))
    return Thing(_address(address.host, address.path), inner.key) if inner else None


def _keyed(key: str, pairs: Iterable[str]) -> str:
    query = "&".join(sorted(pairs))
    return f"{key}?{query}" if query else key


# Hugging Face and ModelScope


def _huggingface(address: Address) -> Thing | None:
    steps = address.steps
    if steps[:1] == ["papers"] and (paper := arxiv("/".join(steps[1:3]))):
        return paper
    kind = steps[0] if steps and steps[0] in ("datasets", "spaces") else ""
    named = steps[1:] if kind else steps
    if not len(named) >= 1 or named[0] in _HUGGINGFACE_PAGES:
        return None
    rest = named[2:]
    if rest in (["tree", "main"], ["blob", "main", "README.md"]):
        rest = []
    key = "/".join(["hf:" + kind if kind else "hf:models", *(each.lower() for each in named[:2]), *rest])
    shown = "/" + "/".join(address.path.strip("/").split("/")[: (3 if kind else 2)]) if not rest else address.path
    kept = address.without(_HUGGINGFACE_JUNK) if rest else []
    host = "hf-mirror.com" if address.host == "hf-mirror.com" else "huggingface.co"
    return Thing(_address(host, shown, kept), _keyed(key, kept))


_HUGGINGFACE_JUNK = re.compile(r"library|clone|text|inference_\w+|not-for-all-audiences|show_\w+")
_HUGGINGFACE_PAGES = frozenset(
    "blog chat collections datasets docs enterprise join join-us learn login models new organizations papers posts"
    " pricing search settings spaces tasks welcome".split()
)


def _modelscope(address: Address) -> Thing | None:
    steps = address.steps
    if len(steps) < 3 or steps[0] not in ("models", "datasets", "studios"):
        return None
    kind, owner, name = steps[:3]
    rest = [] if steps[3:] in ([], ["summary"], ["files"], ["summary", ""]) else steps[3:]
    key = "/".join([f"modelscope:{kind}", owner.lower(), name.lower(), *rest])
    raw = address.path.strip("/").split("/")
    return Thing(_address("modelscope.cn", "/" + "/".join(raw if rest else raw[:3])), key)


# Douyin and Xiaohongshu


def _douyin(address: Address) -> Thing | None:
    match = re.fullmatch(r"/(?:share/)?(?:video|note)/(\d+)", address.path.rstrip("/"))
    number = match[1] if match else address.query.get("modal_id", "")
    return Thing(f"https://www.douyin.com/video/{number}", f"douyin:{number}") if number.isdecimal() else None


def _xiaohongshu(address: Address) -> Thing | None:
    """The URL keeps the share token, without which a note does not open; the key does not have it."""
    match = re.fullmatch(r"/(?:explore|discovery/item)/([0-9a-f]{16,32})", address.path.rstrip("/"))
    if match is None:
        return None
    kept = address.only("xsec_token", "xsec_source")
    return Thing(_address("www.xiaohongshu.com", f"/explore/{match[1]}", kept), f"xiaohongshu:{match[1]}")


# X and YouTube


def _x(address: Address) -> Thing | None:
    if match := re.search(r"/status(?:es)?/(\d+)", address.path):
        author = address.steps[0] if address.steps[0] not in ("i", "statuses") else "i"
        return Thing(f"https://x.com/{author}/status/{match[1]}", f"x:{match[1]}")
    kept = address.without(re.compile(r"s|t|cn|src|ref_\w+"))
    if len(address.steps) == 1 and not kept:
        return Thing(_address("x.com", address.path.rstrip("/")), f"x:@{address.steps[0].lower()}")
    return Thing(_address("x.com", address.path, kept), _keyed(f"x.com{address.path.rstrip('/')}", kept))


_YOUTUBE_JUNK = re.compile(r"si|pp|feature|ab_channel|app|persist_app|noapp")
_YOUTUBE_ID = re.compile(r"[\w-]{11}")


def _youtube(address: Address) -> Thing | None:
    steps, host = address.steps, address.host
    video = address.query.get("v", "") if steps[:1] == ["watch"] else ""
    if host == "youtu.be" and steps:
        video = steps[0]
    elif steps[:1] and steps[0] in ("shorts", "live", "embed", "v") and len(steps) > 1:
        video = steps[1]
    if _YOUTUBE_ID.fullmatch(video):
        offset = [f"t={moment}" for moment in (address.query.get("t") or address.query.get("start"),) if moment]
        return Thing(_address("www.youtube.com", "/watch", [f"v={video}", *offset]), f"youtube:{video}")
    kept = address.without(_YOUTUBE_JUNK)
    path = address.path.rstrip("/")
    return Thing(_address("www.youtube.com", address.path or "/", kept), _keyed(f"youtube.com{path}", kept))


_RULES: dict[str, Rule] = {
    "arxiv.org": _arxiv,
    "alphaxiv.org": _arxiv_mirror,
    "ar5iv.org": _arxiv_mirror,
    "papers.cool": _papers_cool,
    "doi.org": _doi,
    "openreview.net": _openreview,
    "aclanthology.org": _acl,
    "aclweb.org": _acl,
    "zhihu.com": _zhihu,
    "bilibili.com": _bilibili,
    "b23.tv": _bilibili,
    "mp.weixin.qq.com": _weixin,
    "github.com": _github,
    "raw.githubusercontent.com": _github_raw,
    "huggingface.co": _huggingface,
    "hf-mirror.com": _huggingface,
    "hf.co": _huggingface,
    "modelscope.cn": _modelscope,
    "douyin.com": _douyin,
    "iesdouyin.com": _douyin,
    "xiaohongshu.com": _xiaohongshu,
    **dict.fromkeys(
        ("x.com", "twitter.com", "vxtwitter.com", "fxtwitter.com", "fixupx.com", "fixvx.com", "twittpr.com"), _x
    ),
    **dict.fromkeys(("youtube.com", "youtu.be", "youtube-nocookie.com"), _youtube),
}
# Subdomains to which the rules of their parent domain do not apply.
_APART = frozenset(
    "docs.github.com gist.github.com api.github.com education.github.com skills.github.com info.arxiv.org"
    " discuss.huggingface.co datasets-server.huggingface.co developer.x.com help.x.com about.x.com"
    " support.huggingface.co".split()
)


def _rule_of(host: str) -> Rule | None:
    if host in _APART:
        return None
    while host:
        if host in _RULES:
            return _RULES[host]
        host = host.partition(".")[2]
    return None
