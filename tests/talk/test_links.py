"""Which links are found in chat text, and which of them are the same thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.links import canonical, find_links
from plugins._talk.prose import tidy, without_links

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
    ("README.md v1.2 3.1415 a@b.com 1234.56789", []),
    ("file:///etc/passwd javascript:alert(1) ftp://a.com/x", []),
    ("http://127.0.0.1:6099/webui http://169.254.169.254/latest http://localhost/x http://[::1]/", []),
    ("https://user:secret@evil.com/", []),
    ("https:// http://x https://。", []),
]


@pytest.mark.parametrize(("text", "urls"), FOUND)
def test_found(text: str, urls: list[str]) -> None:
    assert [each.link.url for each in find_links(text)] == urls


SAME = [
    ("https://a.com/x", "http://a.com/x"),
    ("https://a.com/x", "https://www.a.com/x/"),
    ("https://a.com/x", "https://A.COM:443/x#part"),
    ("https://a.com/x?b=2&a=1", "https://a.com/x?a=1&b=2"),
    ("https://a.com/x?a=1", "https://a.com/x?utm_source=qq&a=1&UTM_Medium=x&spm=1&fbclid=2&gclid=3&_ga=4"),
    ("https://a.com/x?a=1&b=2", "https://a.com/x?a=1&amp;b=2"),
    ("https://例子.中国/x", "https://xn--fsqu00a.xn--fiqs8s/x"),
    ("https://arxiv.org/abs/2306.17806", "https://arxiv.org/pdf/2306.17806v2.pdf"),
    ("https://arxiv.org/abs/2306.17806", "http://export.arxiv.org/html/2306.17806v1"),
    ("https://arxiv.org/abs/2306.17806", "https://huggingface.co/papers/2306.17806"),
    ("https://arxiv.org/abs/2306.17806", "https://www.alphaxiv.org/abs/2306.17806"),
    ("https://arxiv.org/abs/hep-th/9901001", "https://arxiv.org/pdf/hep-th/9901001v3"),
]
KEPT = [  # what would be read as HTML entities, or is not UTF-8, stays as it is
    "https://mp.weixin.qq.com/s?__biz=a&mid=1&timestamp=123&section=2&copy=3&region=4",
    "https://x.com/s?wd=%C4%E3",
    "https://a.com/?x=%E4%B8%AD&y=a+b%2Bc#part",
]


@pytest.mark.parametrize("url", KEPT)
def test_kept(url: str) -> None:
    link = canonical(f"{url}")
    assert link is not None
    assert link.url == url


DIFFERENT = [
    ("http://x.com/s?wd=%C4%E3", "http://x.com/s?wd=%BA%C3"),
    ("https://a.com/x", "https://a.com/X"),
    ("https://a.com/x", "https://b.com/x"),
    ("https://a.com/x", "https://a.com:8443/x"),
    ("https://a.com/x?from=1", "https://a.com/x?from=2"),
    ("https://a.com/x?id=1", "https://a.com/x"),
    ("https://a.com/x?t=1", "https://a.com/x?s=1"),
    ("https://arxiv.org/abs/2306.17806", "https://arxiv.org/abs/2306.17807"),
    ("https://arxiv.org/list/cs.CL/recent", "https://arxiv.org/abs/2306.17806"),
]


def key(url: str) -> str:
    link = canonical(url)
    assert link is not None
    return link.key


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    assert key(one) != key(other)


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


@given(st.one_of(st.text(), URLISH))
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
