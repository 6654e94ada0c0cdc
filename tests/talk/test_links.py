"""Which links are found in chat text, and which of them are the same thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.links import sites
from plugins._talk.links.canonical import canonical, find_links
from plugins._talk.links.prose import tidy, without_links

FOUND: list[tuple[str, list[str]]] = [
    ("看这个https://arxiv.org/pdf/2501.12948v1，很好", ["https://arxiv.org/abs/2501.12948v1"]),
    ("（https://zhuanlan.zhihu.com/p/642587159）", ["https://zhuanlan.zhihu.com/p/642587159"]),
    ("【标题】https://b23.tv/Ab3dEf9】", ["https://b23.tv/Ab3dEf9"]),
    ("https://openlmlab.github.io/MOSS-RLHF/。", ["https://openlmlab.github.io/MOSS-RLHF/"]),
    ("“https://a.com/x”", ["https://a.com/x"]),
    ("https://en.wikipedia.org/wiki/BERT_(language_model)", ["https://en.wikipedia.org/wiki/BERT_(language_model)"]),
    ("https://a.com/x中文https://b.com/y", ["https://a.com/x", "https://b.com/y"]),
    ("github.com/x/y 和 www.baidu.com", ["https://github.com/x/y", "https://www.baidu.com"]),
    ("2306.17806 与 arXiv:2306.17806v2", ["https://arxiv.org/abs/2306.17806", "https://arxiv.org/abs/2306.17806v2"]),
    ("看 BV1Xk4y1P7Yj 和 BV1Xk4y1P7Y", ["https://www.bilibili.com/video/BV1Xk4y1P7Yj"]),
    ("arXiv: hep-th/9901001 hep-th/9901002", ["https://arxiv.org/abs/hep-th/9901001"]),
    (
        "arxiv.org/abs/2306.17806v2 https://b23.tv/BV1Xk4y1P7Yj",
        ["https://arxiv.org/abs/2306.17806v2", "https://www.bilibili.com/video/BV1Xk4y1P7Yj"],
    ),
    (
        "http://2130706433/ http://0x7f.1/ http://127.0x1/ http://127.1/ http://0177.0.0.1/ http://１２７。０。０。１/",
        [],
    ),
    ("http://[::ffff:7f00:1]/ http://[64:ff9b::7f00:1]/ http://a.localhost/ http://x.internal/ http://localhost./", []),
    ("README.md v1.2 3.1415 a@b.com 1234.56789", []),
    ("file:///etc/passwd javascript:alert(1) ftp://a.com/x", []),
    ("http://127.0.0.1:6099/webui http://169.254.169.254/latest http://localhost/x http://[::1]/", []),
    ("https://user:secret@evil.com/", []),
    ("https:// http://x https://。", []),
    ("https://arxiv.org/abs/2306.17806——无分类器引导", ["https://arxiv.org/abs/2306.17806"]),
    *(
        (f"{before}https://a.com/x1{sign}后面 {sign}https://a.com/y{sign}", ["https://a.com/x1", "https://a.com/y"])
        for before in ("", "看")
        for sign in "✨ 😄 · • → ① ★ — – … “ ” ‘ ♥ © ® 𠮷 𰻝 が 한 د ไ é € ℃ ½ ー 〜 ⚡ ✅ 🇨🇳 ﹏ ︰ ｜".split()
    ),
    ("https://docs.a.com/#/zh/guide/intro，看", ["https://docs.a.com/#/zh/guide/intro"]),
    ("https://a.com/#!/page✨", ["https://a.com/#!/page"]),
    (
        "见https://zh.wikipedia.org/wiki/大语言模型，很全",
        ["https://zh.wikipedia.org/wiki/%E5%A4%A7%E8%AF%AD%E8%A8%80%E6%A8%A1%E5%9E%8B"],
    ),
    ("https://baike.baidu.com/item/量化/5610 讲", ["https://baike.baidu.com/item/%E9%87%8F%E5%8C%96/5610"]),
    ("https://zh.wikipedia.org/zh-cn/变换器——看", ["https://zh.wikipedia.org/zh-cn/%E5%8F%98%E6%8D%A2%E5%99%A8"]),
    ("https://a.com/s?q=模型&p=2（第二页）", ["https://a.com/s?q=%E6%A8%A1%E5%9E%8B&p=2"]),
    ("https://fr.wikipedia.org/wiki/Café", ["https://fr.wikipedia.org/wiki/Caf%C3%A9"]),
    ("https://a.com/wiki/Transformer这是介绍", ["https://a.com/wiki/Transformer"]),
    ("https://a.com/abc这是介绍", ["https://a.com/abc"]),
    ("http://例子.com/x 和 https://例子.中国/y。", ["http://xn--fsqu00a.com/x", "https://xn--fsqu00a.xn--fiqs8s/y"]),
]


@pytest.mark.parametrize(("text", "urls"), FOUND)
def test_found(text: str, urls: list[str]) -> None:
    assert [each.link.url for each in find_links(text)] == urls


KEPT = [  # what would be read as HTML entities, or is not UTF-8, stays as it is
    "https://mp.weixin.qq.com/s?__biz=a&mid=1&timestamp=123&section=2&copy=3&region=4",
    "https://x.cn/s?wd=%C4%E3",
    "https://a.com/?x=%E4%B8%AD&y=a+b%2Bc#part",
]


@pytest.mark.parametrize("url", KEPT)
def test_kept(url: str) -> None:
    link = canonical(f"{url}")
    assert link is not None
    assert link.url == url


SITES = st.sampled_from(sorted({*sites.known_hosts(), "link.zhihu.com", "t.bilibili.com", "ar5iv.labs.arxiv.org"}))
STEPS = st.sampled_from(
    "video p read opus question answer s abs pdf html papers arxiv watch shorts status issues pull tree main blob a B"
    " BV1Xk4y1P7Yj av170001 av99999999999999 2306.17806 math.GT 0309136v1 kCc8FmEb1nY 123 10.1145 x.git %E4 %2F".split()
)
PAIRS = st.sampled_from(
    "p=2 p=0 t=3 v=kCc8FmEb1nY id=a target=https%3A//b23.tv/x __biz=a mid=1 idx=1 sn=%3D q &".split()
)
SITEISH = st.builds(
    "{}://{}/{}?{}#{}".format,
    st.sampled_from(["http", "https"]),
    SITES,
    st.lists(STEPS, max_size=5).map("/".join),
    st.lists(PAIRS, max_size=4).map("&".join),
    st.sampled_from(["", "readme", "L1"]),
)
URLISH = st.builds(
    "{}://{}.{}/{}?{}={}#{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.text("abcXYZ-例09", min_size=1, max_size=8),
    st.sampled_from(["com", "cn", "org"]),
    st.text(max_size=20),
    st.text("abutm_spm", max_size=8),
    st.text(max_size=10),
    st.text(max_size=5),
)


@given(st.one_of(st.text(), URLISH, SITEISH))
def test_never_raises_and_canonicalising_twice_changes_nothing(text: str) -> None:
    for each in [canonical(text), *(found.link for found in find_links(text))]:
        if each is not None:
            assert canonical(each.url) == each


@given(st.one_of(st.text(), URLISH, st.builds("{} {} {}".format, st.text(), URLISH, st.text())))
def test_places_are_inside_the_text_and_do_not_overlap(text: str) -> None:
    place = 0
    for each in find_links(text):
        assert place <= each.start < each.end <= len(text)
        place = each.end
    assert tidy(without_links(text, [])) == tidy(text)
