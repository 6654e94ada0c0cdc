"""The public pages, over HTTP: what is where, in which forms, and what is refused."""

import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import feedparser
import httpx
import pytest
import vobject
from icalendar import Calendar

from plugins._talk.usecases.forgetting import without_names
from tests.chat.evening import Evening
from tests.crawl import crawl
from tests.people import AKAI, LINXI, MOMO, XU

PUBLIC = "https://talk.example.org"


@pytest.fixture
async def client(evening: Evening) -> AsyncGenerator[httpx.AsyncClient]:
    from plugins.web import OnDemand

    evening.service.public_url = evening.service.site = PUBLIC
    async with httpx.AsyncClient(transport=httpx.ASGITransport(OnDemand()), base_url=PUBLIC) as opened:
        yield opened


async def test_every_link_within_the_site_leads_somewhere(full_evening: Evening, client: httpx.AsyncClient) -> None:
    found = await crawl(client)
    paths = {each.partition("?")[0] for each in found}
    for path in ("/talks", "/talks/004", "/talks/004/minutes", "/talks/005", "/search", "/people", "/stats", "/help"):
        assert {path, f"{path}.json", f"{path}.md"} <= paths
    assert {"/", "/index.json", "/index.md", "/live", "/calendar.ics", "/feed.atom", "/talks/004.png"} <= paths
    assert any(re.fullmatch(r"/people/[0-9a-f]{10}", path) for path in paths)
    assert any(re.fullmatch(r"/pictures/[0-9a-f]{32}\.png", path) for path in paths)
    for address, answer in found.items():
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], address
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        if answer.headers["content-type"].startswith("text/html"):
            assert len(answer.content) < 100_000, address
        if address.partition("?")[0].endswith(".json"):
            json.loads(answer.text)


async def test_a_page_says_what_the_picture_says_and_more(full_evening: Evening, client: httpx.AsyncClient) -> None:
    page = (await client.get("/talks/004")).text
    for there in (
        "2026-11-28 周六 21:00",
        '<a href="https://arxiv.org/abs/2306.17806" rel="nofollow noopener ugc">大模型的 CFG</a>',
        "知识编辑 &lt;b&gt;上手&lt;/b&gt;了",
        "也推荐：我也推荐",
        "讲稿",
        '<a href="https://a.com/slides" rel="nofollow noopener ugc">https://a.com/slides</a>',
        'alt="「大模型的 CFG」的附图 1，阿凯 提供"',
        "少一点 &amp; 精一点",
        "显存不够先试什么？",
        "先试量化",
        "<strong>本期提要</strong> CFG",
        'href="/talks/004/minutes"',
        'href="https://zhuanlan.zhihu.com/p/642376781"',
        '<meta property="og:image" content="https://talk.example.org/talks/004.png">',
    ):
        assert there in page, there
    assert "21:00" in page


async def test_the_minutes_have_chapters_in_the_video_and_can_be_copied(
    full_evening: Evening, client: httpx.AsyncClient
) -> None:
    page = (await client.get("/talks/004/minutes")).text
    listed = page[page.index('class="chapters"') :]
    video = r"https://www.bilibili.com/video/BV1Kh4y1E7nX/\?t="
    chapters = re.findall(rf'href="{video}(\d+)" rel="[^"]*">([^<]+)</a></li>', listed)
    assert chapters[0] == ("0", "开场")
    assert ("670", "本周新闻") in [(at, name.partition(" · ")[0]) for at, name in chapters]
    assert 'id="copy" data-rich="/talks/004/minutes/rich.html"' in page
    rich = (await client.get("/talks/004/minutes/rich.html")).text
    assert '<a href="https://arxiv.org/abs/2306.17806" style="' in rich


async def test_search_finds_marks_and_confines(full_evening: Evening, client: httpx.AsyncClient) -> None:
    async def found(**asked: str) -> list[str]:
        shown = (await client.get("/search.json", params=asked)).json()
        return [each["title"] for each in shown["items"]]

    assert await found(q="cfg") == ["大模型的 CFG"]
    assert "大模型的 <mark>CFG</mark>" in (await client.get("/search?q=ｃｆｇ")).text
    assert await found(q="量化") == ["量化到底怎么选"] * 2  # it was nominated again
    assert await found(section="news", category="项目") == ["知识编辑 <b>上手</b>了"]
    assert await found(q="cfg", section="rec") == []
    assert set(await found(year="2026")) == {"大模型的 CFG", "知识编辑 <b>上手</b>了", "量化到底怎么选", "下一期的"}
    assert await found(year="2025") == []
    people = (await client.get("/people")).text
    (code,) = re.findall(r'/people/([0-9a-f]{10})">Momo', people)
    assert await found(person=code) == ["量化到底怎么选"] * 2
    assert (await client.get("/search", params={"person": "0000000000"})).status_code == 404
    assert (await client.get("/search", params={"q": '" OR x) AND * NEAR('})).status_code == 200
    assert [each["title"] for each in (await client.get("/sections/news.json?category=学术")).json()["items"]] == [
        "大模型的 CFG"
    ]


async def test_people_have_a_page_with_what_they_did(full_evening: Evening, client: httpx.AsyncClient) -> None:
    people = (await client.get("/people.json")).json()["people"]
    did = {each["person"]: (each["items"], each["hosted"], each["answers"]) for each in people}
    assert (did["林溪"], did["阿凯"]) == ((1, 1, 0), (1, 0, 1))
    (code,) = re.findall(r'/people/([0-9a-f]{10})">阿凯', (await client.get("/people")).text)
    page = (await client.get(f"/people/{code}")).text
    assert "大模型的 CFG" in page
    assert "显存不够先试什么？" in page
    assert "004 新闻负责人" in page
    assert (await client.get("/people/0123456789")).status_code == 404


async def test_a_year_in_numbers(full_evening: Evening, client: httpx.AsyncClient) -> None:
    shown = (await client.get("/stats.json")).json()
    assert shown["talks"] == [4, 5]
    assert shown["items"] == 5
    assert ["arxiv.org", 1] in shown["sites"]
    news = next(each for each in shown["minutes"] if each["section"] == "本周新闻")
    assert (news["planned"], news["evenings"]) == (10, 1)
    for chart in ("items", "sites", "minutes"):
        drawn = ElementTree.fromstring((await client.get(f"/stats/{chart}.svg")).text)  # noqa: S314 our own
        assert drawn.attrib["role"] == "img"
    assert (await client.get("/stats?year=1999")).status_code == 404


async def test_feeds_are_read_back(full_evening: Evening, client: httpx.AsyncClient) -> None:
    minutes = cast(Any, feedparser.parse((await client.get("/feed.atom")).text))
    assert not minutes.bozo
    (entry,) = minutes.entries
    assert entry.link == f"{PUBLIC}/talks/004/minutes"
    assert entry.title.startswith("【OpenLLM Talk 004】")
    links = cast(Any, feedparser.parse((await client.get("/links.atom?section=news")).text))
    assert not links.bozo
    assert [each.title[:4] for each in links.entries] == ["下一期的", "知识编辑", "大模型的"]
    assert [each.term for each in links.entries[2].tags] == ["本周新闻", "学术"]
    assert (await client.get("/links.atom?section=nothing")).status_code == 404
    site_map = ElementTree.fromstring((await client.get("/sitemap.xml")).text)  # noqa: S314 our own
    addresses = [each.text for each in site_map.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"{PUBLIC}/talks/004/minutes" in addresses


def events(calendar: bytes) -> Iterator[tuple[str, int, datetime]]:
    """The events by two implementations, which must agree."""
    ours = {str(each["UID"]): cast(Any, each) for each in Calendar.from_ical(calendar).walk("VEVENT")}
    read = cast(Any, vobject.readOne(io.StringIO(calendar.decode())))
    theirs = {str(each.uid.value): each for each in read.vevent_list}
    assert ours.keys() == theirs.keys()
    for uid, event in ours.items():
        begins = cast(datetime, event["DTSTART"].dt)
        assert theirs[uid].dtstart.value == begins
        assert int(theirs[uid].sequence.value) == int(event["SEQUENCE"])
        assert theirs[uid].valarm.trigger.value == timedelta(minutes=-30)
        yield uid, int(event["SEQUENCE"]), begins


async def test_a_talk_that_moves_moves_in_calendars(full_evening: Evening, client: httpx.AsyncClient) -> None:
    before = {uid: (sequence, at) for uid, sequence, at in events((await client.get("/calendar.ics")).content)}
    await full_evening.says(XU, "/会议 腾讯会议 123")
    await full_evening.says(XU, "/顺延 下下周日 20:30 出差")
    answer = await client.get("/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    after = {uid: (sequence, at) for uid, sequence, at in events(answer.content)}
    assert after.keys() == before.keys()
    (moved,) = (uid for uid in after if after[uid] != before[uid])
    assert moved == "talk-005@talk.example.org"
    assert after[moved][0] > before[moved][0]
    assert after[moved][1].hour == 12  # 20:30 in Shanghai


async def test_what_has_not_changed_is_not_sent_again(full_evening: Evening, client: httpx.AsyncClient) -> None:
    first = await client.get("/talks/004")
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
        again = await client.get("/talks/004", headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
        assert again.headers["etag"] == etag
    assert (await client.get("/talks/004", headers={"If-None-Match": '"other"'})).status_code == 200
    head = await client.head("/talks/004")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == etag
    assert int(head.headers["content-length"]) == len(first.content)
    await full_evening.says(LINXI, "/news https://c.com/1 新的")
    assert (await client.get("/talks/005", headers={"If-None-Match": etag})).status_code == 200
    assert (await client.head("/calendar.ics")).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_pages_can_only_be_read(evening: Evening, client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/talks/004")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/nothing",
            "/talks/099",
            "/talks/x",
            "/talks/-1",
            "/talks/99999999999999999999",
            "/talks?page=0",
            "/talks?page=2",
        ),
        *(
            "/people/x",
            "/people?year=x",
            "/sections/nothing",
            "/search?page=99999999",
            "/pictures/x.png",
            "/static/../site.py",
        ),
        *("/people/%00", "/talks/004/minutes/x", "/stats?year=0", f"/search?q={'x' * 300}"),
    ],
)
async def test_what_is_not_there_says_so_in_the_design(evening: Evening, client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404, path
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    if not path.startswith("/static"):
        assert "没有这一页" in answer.text
        assert 'href="/static/style.css' in answer.text


async def test_who_asks_too_often_is_told_to_wait(evening: Evening, client: httpx.AsyncClient) -> None:
    answers = [(await client.get("/robots.txt")) for _ in range(310)]
    assert [each.status_code for each in answers].count(200) == 300
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "10")
    await evening.later(seconds=5)
    assert (await client.get("/robots.txt")).status_code == 200


async def test_a_database_that_is_away_is_said_in_every_form(
    evening: Evening, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.engine import Unavailable

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("locked")

    monkeypatch.setattr(evening.service.db, "read", away)
    for path in ("/", "/talks/004", "/talks/004.json", "/talks.md", "/calendar.ics", "/search?q=x", "/live"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60"), path
        assert answer.text.rstrip()[-1] in ">}下", path  # all of it


async def test_the_interface_is_described(evening: Evening, client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    paths = described["paths"]
    assert {"/talks.json", "/talks/{number}.json", "/search.json", "/calendar.ics", "/live/events"} <= set(paths)
    assert all(set(each) == {"get"} for each in paths.values())
    searched = paths["/search.json"]["get"]["parameters"]
    assert {each["name"] for each in searched} == {"q", "section", "category", "person", "year", "page"}


async def test_a_list_has_pages(evening: Evening, client: httpx.AsyncClient) -> None:
    for number in range(45):
        await evening.service.db.write(_submit, evening, number)
    first, second = (
        (await client.get("/sections/news.json")).json(),
        (await client.get("/sections/news.json?page=2")).json(),
    )
    assert (first["count"], len(first["items"]), len(second["items"])) == (45, 40, 5)
    assert not {each["url"] for each in first["items"]} & {each["url"] for each in second["items"]}
    page = (await client.get("/sections/news")).text
    assert '<a href="/sections/news?page=2" rel="next">' in page
    assert (await client.get("/sections/news?page=3")).status_code == 404


def _submit(connection: Any, evening: Evening, number: int) -> None:
    from db.queries import items, members, talks

    who = members.upsert_member(connection, LINXI.user_id, LINXI.card)
    items.create(
        connection,
        talk=4,
        number=talks.take_item_number(connection, 4),
        section="news",
        category="学术",
        url=f"https://a.com/{number}",
        key=f"a.com/{number}",
        key_version=3,
        title=None,
        title_source=None,
        authors=None,
        site=None,
        note=f"第 {number}",
        submitter=who,
        via=None,
        now=evening.service.now(),
    )


async def test_the_stage_tells_what_is_on(evening: Evening, client: httpx.AsyncClient) -> None:
    assert "data-wait" in (await client.get("/live")).text
    await evening.says(LINXI, "/认领 主持人")
    await evening.says(AKAI, "/news https://a.com/1 <b>长驼</b>来了")
    await evening.says(MOMO, "/提问 怎么入门？")
    await evening.says(AKAI, "/投票 Q1")
    await evening.at(28, 21)
    await evening.says(LINXI, "/开始")
    await evening.says(LINXI, "/下一项")
    page = (await client.get("/live")).text
    assert "&lt;b&gt;长驼&lt;/b&gt;来了" in page
    assert "阿凯" in page
    assert re.search(r'class="clock" data-until="2026-11-28T21:\d\d:\d\d', page)
    assert '<div class="qr"><svg' in page
    assert "怎么入门？" in page
    assert "1 票" in page
    shown = (await client.get("/live.json")).json()
    assert (shown["live"], shown["on"]["section"], shown["on"]["people"]) == (True, "本周新闻", ["阿凯"])


async def test_who_wants_to_be_forgotten_is(full_evening: Evening, client: httpx.AsyncClient) -> None:
    await full_evening.says(LINXI, "/回答 Q1 听 @阿凯 的")
    (code,) = re.findall(r'/people/([0-9a-f]{10})">阿凯', (await client.get("/people")).text)
    before = await crawl(client)
    assert any("阿凯" in each.text for address, each in before.items() if address.endswith(".md"))
    assert "/匿名 我" in (await full_evening.says(AKAI, "/匿名"))[0]
    said = (await full_evening.says(AKAI, "/匿名 我"))[0]
    stand_in = re.findall("「(群友[a-z0-9]+)」", said)[0]
    assert not [*full_evening.service.drawings.folder.glob("*.png")]
    await full_evening.later(minutes=1)  # who reads all pages twice is told to wait
    for address, answer in (await crawl(client)).items():
        if not answer.headers["content-type"].startswith("image/png"):
            assert "阿凯" not in answer.text, address
    page = (await client.get("/talks/004")).text
    assert stand_in in page
    assert "大模型的 CFG" in page
    assert "先试量化" in page
    assert (await client.get(f"/people/{code}")).status_code == 404
    assert await full_evening.says(AKAI, "/我的") is not None  # he goes on, under the stand-in
    assert "阿凯" not in (await client.get("/people")).text
    await full_evening.says(AKAI, "/署名 新的名字")
    assert "新的名字" in (await client.get("/people")).text


def test_names_go_from_finished_minutes_too() -> None:
    text = "【主持人】: 小满、suc16\n\n小满腹疑问 https://a.com/、suc16 —— 小满（#1）\n\nsuc162 和 @suc16 —— 溪\n\n溪水"
    assert without_names(text, ["suc16"], "群友x") == (
        "【主持人】: 小满、群友x\n\n小满腹疑问 https://a.com/、suc16 —— 小满（#1）\n\nsuc162 和 @群友x —— 溪\n\n溪水"
    )
    assert without_names(text, ["溪"], "群友x") == text.replace("—— 溪", "—— 群友x")
    assert (
        without_names("# OpenLLM Talk 004 大模型综述", ["OpenLLM", "模型"], "群友x") == "# OpenLLM Talk 004 大模型综述"
    )


async def test_a_search_tells_no_number_and_nobody_by_one(evening: Evening, client: httpx.AsyncClient) -> None:
    number = str(AKAI.user_id)
    await evening.says(AKAI, "/news https://a.com/1 甲")
    await evening.says(LINXI, f"/news https://b.com/1 问 {number} 要")
    for asked in (number, f"@{number}", f"甲 {number}"):
        found = (await client.get("/search.json", params={"q": asked})).json()
        assert found["words"] == asked.split()
        assert found["items"] == []
    found = (await client.get("/search.json", params={"q": "要"})).json()
    assert found["items"][0]["title"] == "问 @阿凯 要"
    for section in ("news", "rec"):
        page = (await client.get("/search.json", params={"section": section, "category": number})).json()
        assert (page["category"], page["count"]) == (number, 0)


async def test_years_without_talks_are_empty(evening: Evening, client: httpx.AsyncClient) -> None:
    for year in ("1", "1999", "2025", "9998"):
        assert (await client.get(f"/search.json?year={year}")).json()["count"] == 0
        assert (await client.get(f"/stats?year={year}")).status_code == 404
        assert (await client.get(f"/stats/items.svg?year={year}")).status_code == 404


async def test_the_stage_shows_what_cannot_be_a_code_and_no_number(evening: Evening, client: httpx.AsyncClient) -> None:
    await evening.says(LINXI, "/认领 主持人")
    await evening.says(AKAI, f"/news https://a.com/{'long/' * 300} 很长的链接")
    await evening.says(LINXI, f"/会议 找 {AKAI.user_id} 要会议号")
    assert "找 @阿凯 要会议号" in (await client.get("/live")).text
    await evening.at(28, 21)
    await evening.says(LINXI, "/开始")
    await evening.says(LINXI, "/下一项")
    for path in ("/live", "/live.json", "/live.md"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert str(AKAI.user_id) not in answer.text
    assert "很长的链接" in (await client.get("/live")).text
    assert '<div class="qr">' not in (await client.get("/live")).text
    assert (await client.head("/live/events")).status_code == 200  # and it ends


async def test_nobody_is_called_by_a_number(evening: Evening, client: httpx.AsyncClient) -> None:
    await evening.says(AKAI, "/我的")
    assert "QQ 号" in (await evening.says(LINXI, f"/署名 找{AKAI.user_id}的人"))[0]
    from db.queries.members import upsert_member

    named = await evening.service.db.write(upsert_member, LINXI.user_id, f"林溪 {AKAI.user_id}")
    assert str(AKAI.user_id) not in named.name


async def test_tables_in_finished_minutes_keep_to_the_policy() -> None:
    from plugins._talk.render.page import html_of

    html = html_of("|a|b|\n|--:|:-:|\n|1|2|\n", pictures="/pictures/")
    assert "style" not in html
    assert '<th class="right">a</th>' in html


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::a:b:c:1", "2001:db8::"),
        ("2001:db8:0:0:f:b:c:2", "2001:db8::"),
        ("fe80::1%eth0", "fe80::"),
        ("?", "?"),
    ],
)
def test_a_visitor_is_an_address_or_a_network(address: str, network: str) -> None:
    from plugins.web.face import network_of

    assert network_of(address) == network
