"""A talk's page on the web."""

import httpx
import nonebot

from tests.chat.evening import Evening
from tests.people import AKAI, LINXI


def web() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(nonebot.get_asgi()), base_url="https://talk.example.org")


async def test_a_talk_has_a_page_where_nothing_that_was_written_is_markup(evening: Evening) -> None:
    from plugins import archive

    await evening.says(LINXI, "/news https://a.com/1?x=1&y=2 <script>alert(1)</script>")
    await evening.says(LINXI, "/rec 量化 {{ 7 * 7 }}")
    await evening.says(LINXI, "/ask 公式 <b>粗</b> 怎么写？")
    await evening.says(AKAI, "/answer Q1 用 <img src=x> 试试")
    archive.open_pages()
    async with web() as client:
        answer = await client.get("/talks/004")
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert '<a href="https://a.com/1?x=1&amp;y=2"' in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text
        assert "<script" not in answer.text
        assert "{{ 7 * 7 }}" in answer.text
        assert "Q1 公式 &lt;b&gt;粗&lt;/b&gt; 怎么写？" in answer.text
        assert "用 &lt;img src=x&gt; 试试" in answer.text
        assert "林溪" in answer.text
        for nothing in ("005", "x", "-1", "99999999999999999999"):
            assert (await client.get(f"/talks/{nothing}")).status_code in (404, 422)


REJECTED = {"status": "failed", "retcode": 1200, "data": None, "wording": "风控"}


async def test_links_that_are_turned_down_are_on_the_page(evening: Evening) -> None:
    evening.service.public_url = "https://talk.example.org"
    await evening.says(LINXI, "/news https://red.example/1 甲")
    evening.onebot.will("send_group_forward_msg", REJECTED)
    evening.onebot.will("send_group_msg", {"status": "ok", "retcode": 0, "data": {"message_id": 1}}, arrives=True)
    evening.onebot.will("send_group_msg", REJECTED)
    posted = await evening.at(28, 20, 30)
    assert "red.example" not in posted[1]
    assert posted[1].endswith("（有链接被 QQ 拦下了，完整的在 https://talk.example.org/talks/004 ）")
