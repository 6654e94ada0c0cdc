"""Titles that do not name the page: of login walls, bot checks and errors, and the default titles of frameworks."""

import re

_GATES = (
    r"just a moment.*",
    r"access denied",
    r"attention required.*",
    r"(?:error )?40[0134](?:\W*(?:not found|forbidden|unauthorized|bad request|error|页面|错误|找不到|抱歉|出错).*)?",
    r"50[0234]\b.{0,30}",
    r".{0,20}\bnot found",
    r"error",
    r"(?:loading|redirecting|please wait|one moment|captcha).*",
    r"are you (?:a )?(?:robot|human).*",
    r"robot check|human verification|ddos-guard",
    r"verify(?:ing)? (?:that )?you.*",
    r"checking your browser.*",
    r"security (?:check|verification).*",
    r"bad gateway|internal server error|(?:service )?temporarily unavailable|service unavailable",
    r"(?:sign|log) ?(?:in|up)(?:\W.*| to .*)?|login(?:\W.*)?|register",
)
_CHINESE_GATES = (
    r"百度安全验证|(?:安全|滑动)验证.*|安全检查.*",
    r".{0,8}人机验证.{0,8}|.{0,8}验证码.{0,4}",
    r"访问(?:验证|受限|异常|过于频繁).*|无法访问.{0,8}",
    r"登录(?:页面?|\W.*)?|.{0,8}[-_| ]登录",
    r"请稍[候等后].*|请?完成验证.*",
    r"知乎 - 有问题.*|出错[了啦].*|未知错误|系统(?:繁忙|错误).*",
    r"(?:您访问的|该|此)?(?:页面|网页|内容|文章|链接)(?:不存在|已被?删除|找不到|无法访问|走丢了).*|找不到(?:该|此)?(?:页面|网页).*",
)
_DEFAULTS = (
    r"(?:create )?(?:react|next|vite|vue|nuxt|angular|svelte(?:kit)?|webpack|gatsby|astro|remix|umi|taro|my)"
    r"(?:[ .+-]*(?:js|ts|app|project|react|vue|svelte|typescript|starter|page))*",
    r"document|untitled.*|index|(?:page )?title|new tab|home ?page",
    r"无标题.*|未命名.*|新建?标签页",
    r"welcome to nginx.*|apache2 .*default page.*|iis windows.*|it works!?",
)
_NO_TITLE = re.compile("|".join((*_GATES, *_CHINESE_GATES, *_DEFAULTS)), re.IGNORECASE)
# The last path segment of login and error pages to which sites redirect.
_DOOR = re.compile(
    r"log-?in|sign-?in|signup|passport|sso|auth|40[134]|not-?found|error|verify|captcha|antispider", re.IGNORECASE
)


def is_no_title(title: str) -> bool:
    """Whether a page's title says nothing about the page."""
    return _NO_TITLE.fullmatch(title) is not None


def is_door(asked: str, landed: str) -> bool:
    """Whether a redirect from one path to another led away from the page: to the site's root, login or error page."""
    before, after = asked.rstrip("/"), landed.rstrip("/").removesuffix(".html")
    if before == after or not before:
        return False
    return not after or _DOOR.fullmatch(after.rpartition("/")[2]) is not None
