"""A talk's page on the web."""

import re
from pathlib import Path

import httpx
import nonebot

from tests.chat.evening import Evening
from tests.chat.test_discussion import Album, picture, words
from tests.people import AKAI, LINXI


def web() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(nonebot.get_asgi()), base_url="https://talk.example.org")


async def test_a_talk_has_a_page_where_nothing_that_was_written_is_markup(evening: Evening) -> None:
    from plugins.web import open_pages

    await evening.says(LINXI, "/news https://a.com/1?x=1&y=2 <script>alert(1)</script>")
    await evening.says(LINXI, "/rec 量化 {{ 7 * 7 }}")
    await evening.says(LINXI, "/ask 公式 <b>粗</b> 怎么写？")
    await evening.says(AKAI, "/answer Q1 用 <img src=x> 试试")
    open_pages()
    async with web() as client:
        answer = await client.get("/talks/004")
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert '<a href="https://a.com/1?x=1&amp;y=2"' in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text
        assert "<script>" not in answer.text
        assert "{{ 7 * 7 }}" in answer.text
        assert "公式 &lt;b&gt;粗&lt;/b&gt; 怎么写？" in answer.text
        assert "用 &lt;img src=x&gt; 试试" in answer.text
        assert "林溪" in answer.text
        for nothing in ("005", "x", "-1", "99999999999999999999"):
            assert (await client.get(f"/talks/{nothing}")).status_code in (404, 422)


async def test_the_minutes_have_a_page_with_their_pictures(evening: Evening, tmp_path: Path) -> None:
    from plugins.web import open_pages

    evening.service.public_url = "https://talk.example.org"
    evening.service.pictures = Album(evening.service.db, evening.service.now)
    await evening.says(LINXI, "/news https://a.com/1 <img src=x> 甲")
    await evening.speaks(LINXI, [words("/add #1"), picture("curve")])
    open_pages()
    async with web() as client:
        answer = await client.get("/talks/004/minutes")
        assert answer.status_code == 200
        assert "&lt;img src=x&gt; 甲" in answer.text
        assert '<a href="https://a.com/1" rel="nofollow noopener ugc">https://a.com/1</a>' in answer.text
        (address,) = re.findall(r'<img src="(/pictures/[0-9a-f]{32}\.png)"', answer.text)
        assert "img-src 'self'" in answer.headers["content-security-policy"]
        shown = await client.get(address)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
        for nothing in (f"/pictures/{'0' * 32}.png", "/pictures/..%2f..%2fetc%2fpasswd", "/pictures/x.png"):
            assert (await client.get(nothing)).status_code in (404, 422)
        agenda = (await client.get("/talks/004.json")).json()
        assert (await client.get("/talks/004/minutes.json")).json()["agenda"] == agenda
        assert (await client.get("/talks/099.json")).status_code == 404
        assert (await client.get("/talks/099/minutes")).status_code == 404


REJECTED = {"status": "failed", "retcode": 1200, "data": None, "wording": "风控"}


async def test_links_that_are_turned_down_are_on_the_page(evening: Evening) -> None:
    evening.service.public_url = "https://talk.example.org"
    await evening.says(LINXI, "/news https://red.example/1 甲")
    evening.onebot.will("send_group_forward_msg", REJECTED)
    sent = {"status": "ok", "retcode": 0, "data": {"message_id": 1}}
    evening.onebot.will("send_group_msg", sent, arrives=True)
    evening.onebot.will("send_group_msg", REJECTED)
    posted = await evening.at(28, 20, 30)
    assert "red.example" not in posted[1]
    assert posted[1].endswith("（有链接被 QQ 拦下了，完整的在 https://talk.example.org/talks/004 ）")
