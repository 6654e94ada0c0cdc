"""The one fetcher, against a small web on loopback that does what the worst of the real one do."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest

from plugins._talk.web.fetch import MOST_BYTES, Fetcher, Forbidden, Unreachable, by_system
from tests.web import PUBLIC, Web, answer, moved


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with Web().open("a.com", "b.com") as opened:
        yield opened


async def test_a_page_over_tls_and_plain(web: Web) -> None:
    web.pages["a.com/x?y=1"] = answer("hello")
    for scheme in ("https", "http"):
        got = await web.fetcher().get(f"{scheme}://a.com/x?y=1")
        assert (got.status, got.body, got.url) == (200, b"hello", f"{scheme}://a.com/x?y=1")
    assert web.reached == [PUBLIC, PUBLIC]  # the address that was checked, not the name


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://１２７.0.0.1/",
        "http://①②⑦.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1%25eth0]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/latest/meta-data/",
        "http://metadata.google.internal/",
        "http://user:secret@a.com/",
        "http://a.com:8080/",
        "http://a.com:22/",
        "file:///etc/passwd",
        "ftp://a.com/",
        "gopher://a.com/",
        "http:///x",
        "//a.com/x",
        "a.com",
        "",
    ],
)
async def test_what_is_never_asked(web: Web, url: str) -> None:
    with pytest.raises(Forbidden):
        await web.fetcher().get(url)
    assert web.reached == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["2606:4700::1", "::1"],
        ["64:ff9b::7f00:1"],
        ["fe80::1%eth0"],
    ],
)
async def test_a_name_with_any_private_address_is_not_asked(web: Web, addresses: list[str]) -> None:
    web.names["a.com"] = [addresses]
    with pytest.raises(Forbidden):
        await web.fetcher().get("http://a.com/")
    assert web.reached == []


async def test_a_name_that_changes_its_mind_is_found_out(web: Web) -> None:
    """It resolves publicly first; at the next connection, of the redirect, it is private."""
    web.names["a.com"] = [[PUBLIC], ["127.0.0.1"]]
    web.pages["a.com/"] = moved("/next")
    web.pages["a.com/next"] = answer("secret")
    with pytest.raises(Forbidden, match=r"a\.com is 127\.0\.0\.1"):
        await web.fetcher().get("http://a.com/")
    assert web.asked == ["a.com/"]


async def test_names_that_the_system_reads_as_loopback() -> None:
    assert await by_system("127.0.0.1", 80) == ["127.0.0.1"]
    with pytest.raises(Forbidden):
        await Fetcher(resolve=lambda _host, port: by_system("localhost", port)).get("http://a.com/")


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/",
        "http://localhost:80/",
        "https://[::1]/",
        "file:///etc/passwd",
        "gopher://a.com/",
        "http://169.254.169.254/",
        "http://a.com:6379/",
        "http://user:secret@b.com/",
        "//127.0.0.1/",
        "http://0x7f.1/",
    ],
)
async def test_redirects_go_the_same_way(web: Web, to: str) -> None:
    web.pages["a.com/"] = moved(to)
    with pytest.raises(Forbidden):
        await web.fetcher().get("https://a.com/")
    assert web.asked == ["a.com/"]


async def test_a_few_redirects_are_followed_and_no_more(web: Web) -> None:
    web.pages["a.com/0"] = moved("/1", "301 Moved")
    web.pages["a.com/1"] = moved("https://b.com/2", "307 Temporary")
    web.pages["b.com/2"] = answer("there")
    got = await web.fetcher().get("http://a.com/0")
    assert (got.url, got.body) == ("https://b.com/2", b"there")
    web.pages["a.com/round"] = moved("/round")
    got = await web.fetcher().get("http://a.com/round")
    assert got.location == "http://a.com/round"
    assert web.asked.count("a.com/round") == 6


async def test_one_location_is_read_and_not_followed(web: Web) -> None:
    web.pages["a.com/s"] = moved("https://b.com/long")
    got = await web.fetcher().get("https://a.com/s", redirects=0)
    assert got.location == "https://b.com/long"
    assert web.asked == ["a.com/s"]


async def test_a_slow_drip_is_given_up(web: Web) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    web.pages["a.com/"] = drip
    with pytest.raises(Unreachable, match="too slow"):
        await web.fetcher(seconds=0.2).get("http://a.com/")


async def test_a_bomb_is_put_down(web: Web) -> None:
    for bomb in (gzip.compress(b"x" * 50_000_000), zlib.compress(b"x" * 50_000_000)):
        encoding = "gzip" if bomb.startswith(b"\x1f\x8b") else "deflate"
        web.pages["a.com/"] = answer(bomb, Content_Encoding=encoding)
        got = await web.fetcher().get("http://a.com/")
        assert len(got.body) == MOST_BYTES


async def test_an_endless_body_is_cut(web: Web) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    web.pages["a.com/"] = endless
    assert len((await web.fetcher().get("http://a.com/")).body) == MOST_BYTES


async def test_a_page_in_thousands_of_pieces_is_given_up(web: Web) -> None:
    async def crumbs(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 40_000 + b"0\r\n\r\n")
        await writer.drain()

    web.pages["a.com/"] = crumbs
    with pytest.raises(Unreachable, match="pieces"):
        await web.fetcher().get("http://a.com/", enough=b"</head>")


async def test_reading_stops_when_there_is_enough(web: Web) -> None:
    async def head_then_silence(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<head><title>x</title></head>")
        await writer.drain()
        await asyncio.sleep(60)

    web.pages["a.com/"] = head_then_silence
    got = await web.fetcher().get("http://a.com/", enough=b"</head>")
    assert b"<title>x</title>" in got.body


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        answer(b"not gzip", Content_Encoding="gzip"),
        answer(b"?", Content_Encoding="br"),
        b"HTTP/1.1 302 Found\r\nContent-Encoding: zstd\r\n\r\n",
    ],
)
async def test_answers_that_are_none(web: Web, page: bytes) -> None:
    web.pages["a.com/"] = page
    with pytest.raises(Unreachable):
        await web.fetcher().get("http://a.com/")


async def test_a_name_that_nobody_knows_and_a_certificate_of_another(web: Web) -> None:
    async def nobody(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(Unreachable):
        await Fetcher(resolve=nobody).get("http://a.com/")
    with pytest.raises(Unreachable):
        await web.fetcher().get("https://c.com/")


async def test_the_operator_may_allow_more_ports_or_none(web: Web) -> None:
    web.pages["a.com/"] = answer("x")
    with pytest.raises(Forbidden, match="port 443"):
        await web.fetcher(ports=[80]).get("https://a.com/")
    with pytest.raises(Forbidden):
        await web.fetcher(ports=[]).get("http://a.com/")
    assert web.reached == []


async def test_nothing_of_the_house_is_sent(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    web.pages["a.com/"] = answer("x", Set_Cookie="a=b")
    web.pages["a.com/2"] = answer("x")
    fetcher = web.fetcher()
    for path in ("", "2"):
        await fetcher.get(f"http://a.com/{path}")
    assert web.asked == ["a.com/", "a.com/2"]
    assert not any(word in head.lower() for head in web.heads for word in ("cookie:", "authorization:", "referer:"))
