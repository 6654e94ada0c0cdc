"""What pages are called: pages built as the real sites build theirs, with words of our own."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from plugins._talk.links.canonical import canonical
from plugins._talk.links.share_text import Heading
from plugins._talk.web.arxiv import first_sentence
from plugins._talk.web.details import Closed, Later, PageDetails
from plugins._talk.web.lookup import Titles
from plugins._talk.web.markup import parsed
from plugins._talk.web.page_title import Blocked, decoded, read_page
from tests.web import Web, answer, moved

ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">ArXiv Query: id_list=…</title>
  <entry>
    <id>http://arxiv.org/abs/2306.17806v1</id>
    <title>Staying on topic with
      guidance</title>
    <summary>  We show that guidance, e.g. of Smith et al. 2021, helps. It costs twice as much.
</summary>
    <author><name>Ada One</name></author><author><name>Bob Two</name></author>
    <link href="http://arxiv.org/abs/2306.17806v1" rel="alternate" type="text/html"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/2307.03170v2</id><title>Longer &amp; longer contexts</title>
    <summary>Contexts get longer.</summary>
    <author><name>A</name></author><author><name>B</name></author><author><name>C</name></author><author><name>D</name></author>
  </entry>
</feed>"""
PAGES: list[tuple[str, str, Heading | None]] = [
    (
        "github.com",
        '<html><head><title>GitHub - o/r: a fast thing</title><meta property="og:site_name" content="GitHub" />'
        '<meta property="og:title" content="GitHub - o/r: a fast thing" /></head>',
        Heading("o/r: a fast thing", None, "GitHub"),
    ),
    (
        "huggingface.co",
        '<head><meta property="og:title" content="org/Model-13B · Hugging Face" /></head>',
        Heading("org/Model-13B", None, "Hugging Face"),
    ),
    (
        "bilibili.com",
        '<head><title data-vue-meta="true">从零手写注意力_哔哩哔哩_bilibili</title>'
        '<meta data-vue-meta="true" property="og:title" content="从零手写注意力_哔哩哔哩_bilibili">'
        '<meta data-vue-meta="true" itemprop="author" name="author" content="某位 UP 主"></head>',
        Heading("从零手写注意力", "某位 UP 主", "哔哩哔哩"),
    ),
    (
        "mp.weixin.qq.com",
        '<head><meta property="og:title" content="一文看懂 MoE" />'
        '<meta property="og:article:author" content="某某公号" /><title></title></head><div id="js_content">',
        Heading("一文看懂 MoE", "某某公号", "微信公众号"),
    ),
    (
        "mp.weixin.qq.com",
        "<head><title></title></head><script>var msg_title = '一文看懂 \\x26amp; MoE'.html(false);</script>"
        '<div id="js_content">',
        Heading("一文看懂 & MoE", None, "微信公众号"),
    ),
    (
        "aclanthology.org",
        '<head><title>Better Decoding - ACL Anthology</title><meta content="Better Decoding" name="citation_title" >'
        '<meta content="Ada One" name="citation_author" ><meta content="Bob Two" name="citation_author" ></head>',
        Heading("Better Decoding", "Ada One、Bob Two", "ACL Anthology"),
    ),
    (
        "zhuanlan.zhihu.com",
        '<head><title data-rh="true">量化怎么选 - 知乎</title><meta property="og:title" content="量化怎么选">',
        Heading("量化怎么选", None, "知乎"),
    ),
    (
        "blog.example.com",
        "<title> A \n  post &lt;b&gt; &amp; more </title><meta property='og:site_name' content='A blog'>",
        Heading("A post <b> & more", None, "A blog"),
    ),
    ("example.com", "<title>Just a moment...</title>", None),
    ("example.com", "<title>安全验证 - 百度</title>", None),
    ("example.com", "<p>no title at all", None),
    ("example.com", "", None),
    ("example.com", "<title>" + "x" * 5000 + "</title>", Heading("x" * 300)),
    (
        "example.com",
        '<meta property="og:title" content="半个\ud83d">'.encode("utf-8", "replace").decode(),
        Heading("半个?"),
    ),
]


@pytest.mark.parametrize(("host", "page", "heading"), PAGES)
def test_what_pages_are_called(host: str, page: str, heading: Heading | None) -> None:
    assert read_page(page.encode(), "text/html", host) == heading


def test_a_page_that_asks_whether_we_are_human() -> None:
    with pytest.raises(Blocked):
        read_page("<title>x</title><h2>环境异常</h2>".encode(), "text/html; charset=UTF-8", "mp.weixin.qq.com")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>大模型</title>".encode("gbk"), "text/html; charset=gbk"),
        ("<title>大模型</title>".encode("gbk"), "text/html; charset=utf-8"),
        ("<title>大模型</title>".encode("gbk"), "text/html; charset=ISO-8859-1"),
        ("<title>大模型</title>".encode("gbk"), "text/html"),
        ('<meta charset="gb2312"><title>大模型</title>'.encode("gbk"), "text/html"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=gbk"><title>大模型</title>'.encode("gb18030"),
            "text/html; charset=utf-8",
        ),
        ("<title>大模型</title>".encode(), "text/html; charset=gbk"),
        ("<title>大模型</title>".encode()[:-9], "text/html"),
        ("<title>大模型</title>".encode("utf-8-sig"), "text/html; charset=gbk"),
        ("<title>大模型</title>".encode("utf-16"), "text/html"),
        ("<title>大模型</title>".encode("big5", "ignore") or b"", "text/html; charset=big5"),
        ("<title>大模型</title>".encode("gbk"), "text/html; charset=no-such-thing"),
    ],
)
def test_the_wrong_charset_reads_right(body: bytes, content_type: str) -> None:
    assert "<title>大模" in decoded(body, content_type)


def test_a_page_that_would_grow_a_thousandfold_is_cut_down_first() -> None:
    bomb = "<title>x</title><p>" + "".join(f"<b a{n}>" for n in range(600)) + "<p>x" * 20_000
    assert len(parsed(bomb, "meta", "title").css("*")) < 10
    assert read_page(bomb.encode(), "text/html", "a.com") == Heading("x")
    for nasty in (
        "<meta " * 50_000,
        "<meta content='" * 50_000,
        "<title" + " " * 100_000,
        '<meta content="a>b"' + "'" * 99,
    ):
        assert read_page(nasty.encode(), "text/html", "a.com") is None
    assert read_page(b'<meta property="og:title" content="a > b">', "text/html", "a.com") == Heading("a > b")


@pytest.mark.parametrize(
    "claim", "hex zlib bz2 base64 uu quopri rot13 idna undefined utf-16 punycode unicode_escape".split()
)
def test_only_what_the_web_is_written_in(claim: str) -> None:
    assert decoded(b"<title>\xff x</title>", f"text/html; charset={claim}").startswith("<title>")


def test_bytes_that_are_no_text_at_all() -> None:
    for body in (bytes(range(256)) * 10, b"\xff\xfe\x00", b"\x00" * 100):
        read_page(body, "text/html", "a.com")


@pytest.mark.parametrize(
    ("abstract", "sentence"),
    [
        ("We show x. We also show y.", "We show x."),
        ("As in Smith et al. Also e.g. This works! And more.", "As in Smith et al. Also e.g. This works!"),
        ("Scores rise to 3.14 points. Good.", "Scores rise to 3.14 points."),
        ("One sentence only", "One sentence only"),
        ("x" * 400, "x" * 299 + "…"),
        ("", ""),
    ],
)
def test_the_first_sentence(abstract: str, sentence: str) -> None:
    assert first_sentence(abstract) == sentence


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    names = ("export.arxiv.org", "b23.tv", "www.bilibili.com", "a.com", "t.cn", "zhuanlan.zhihu.com")
    async with Web().open(*names) as opened:
        yield opened


async def look_up(titles: Titles, url: str) -> PageDetails:
    link = canonical(url)
    assert link is not None
    return await titles.look_up(link.key, link.url)


async def test_papers_asked_for_together_are_one_request_and_the_next_waits_three_seconds(web: Web) -> None:
    api = "export.arxiv.org/api/query?id_list="
    web.pages[f"{api}2306.17806,2307.03170,2312.99999&max_results=3"] = answer(ATOM, kind="application/atom+xml")
    web.pages[f"{api}2306.17806&max_results=1"] = answer(ATOM, kind="application/atom+xml")
    now, pauses = [100.0], list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    titles = Titles(web.fetcher(), pause, lambda: now[0])
    numbers = ("2306.17806", "2307.03170v1", "2312.99999")
    one, two, none = await asyncio.gather(
        *(look_up(titles, f"https://arxiv.org/pdf/{each}") for each in numbers), return_exceptions=True
    )
    assert one == PageDetails(
        Heading("Staying on topic with guidance", "Ada One、Bob Two", "arXiv"),
        "We show that guidance, e.g. of Smith et al. 2021, helps.",
    )
    assert isinstance(two, PageDetails)
    assert two.heading == Heading("Longer & longer contexts", "A et al.", "arXiv")
    assert isinstance(none, Closed)
    now[0] += 1
    await look_up(titles, "arxiv.org/abs/2306.17806")
    assert (len(web.asked), pauses) == (2, [2.0])


async def test_an_arxiv_that_is_down_is_asked_again_later(web: Web) -> None:
    web.pages["export.arxiv.org/api/query?id_list=2306.17806&max_results=1"] = answer(status="503 Busy")
    with pytest.raises(Later):
        await look_up(Titles(web.fetcher()), "arxiv.org/abs/2306.17806")


async def test_a_number_that_arxiv_does_not_take_costs_no_other(web: Web) -> None:
    api = "export.arxiv.org/api/query?id_list="
    web.pages[f"{api}foo/1234567,2306.17806&max_results=2"] = answer(status="400 Bad Request")
    web.pages[f"{api}foo/1234567&max_results=1"] = answer(status="400 Bad Request")
    web.pages[f"{api}2306.17806&max_results=1"] = answer(ATOM)

    async def pause(_seconds: float) -> None:
        return None

    titles = Titles(web.fetcher(), pause)
    bad, good = await asyncio.gather(
        look_up(titles, "arxiv.org/abs/foo/1234567"),
        look_up(titles, "arxiv.org/abs/2306.17806"),
        return_exceptions=True,
    )
    assert isinstance(bad, Closed)
    assert isinstance(good, PageDetails)


async def test_an_arxiv_that_finds_us_too_quick_is_asked_again_later(web: Web) -> None:
    web.pages["export.arxiv.org/api/query?id_list=2306.17806&max_results=1"] = answer(status="403 Forbidden")
    with pytest.raises(Later):
        await look_up(Titles(web.fetcher()), "arxiv.org/abs/2306.17806")


async def test_a_short_link_is_asked_where_it_leads_and_no_further(web: Web) -> None:
    web.pages["b23.tv/Ab3dEf9"] = moved("https://www.bilibili.com/video/BV1Xk4y1P7Yj?share_source=qq&p=1")
    web.pages["t.cn/x"] = moved("https://b23.tv/Ab3dEf9")
    titles = Titles(web.fetcher())
    for short in ("https://b23.tv/Ab3dEf9", "https://t.cn/x"):
        found = await look_up(titles, short)
        assert found.leads_to is not None
        assert found.leads_to.key == "bilibili:BV1Xk4y1P7Yj"
    assert not any("bilibili" in each for each in web.asked)


@pytest.mark.parametrize("to", ["http://127.0.0.1/", "file:///etc/passwd", "https://user:x@a.com/"])
async def test_a_short_link_that_leads_astray(web: Web, to: str) -> None:
    web.pages["b23.tv/x"] = moved(to)
    with pytest.raises(Closed):
        await look_up(Titles(web.fetcher()), "https://b23.tv/x")


@pytest.mark.parametrize(
    ("page", "fate"),
    [
        (answer("x", "403 Forbidden"), Closed),
        (answer("x", "412 Precondition Failed"), Closed),
        (answer("x", "404 Not Found"), Closed),
        (answer("%PDF", kind="application/pdf"), Closed),
        (answer("<p>"), Closed),
        (moved("http://127.0.0.1/"), Closed),
        (answer("x", "429 Too Many Requests"), Later),
        (answer("x", "500 Oh"), Later),
        (answer("x", "502 Bad Gateway"), Later),
        (b"", Later),
    ],
)
async def test_who_refuses_is_left_alone_and_who_stumbles_is_asked_again(
    web: Web, page: bytes, fate: type[Exception]
) -> None:
    web.pages["zhuanlan.zhihu.com/p/1"] = page
    with pytest.raises(fate):
        await look_up(Titles(web.fetcher()), "https://zhuanlan.zhihu.com/p/1")
