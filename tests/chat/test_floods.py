"""One loud member: what only asks is bounded, pictures are few and fetched late, and every kind of thing has a cap."""

import asyncio

import pytest

from db.queries import items, pictures
from plugins._chat.outgoing import sending
from plugins._chat.stores.fetching import NotFetched
from plugins._chat.stores.pictures import PictureStore
from plugins._onebot.group import Account, Spoken
from plugins._onebot.implementation import Json
from plugins._talk.deliveries.parts import Image
from tests.chat.evening import Evening
from tests.chat.test_discussion import stored_pictures
from tests.people import AKAI, LINXI, MOMO, SUC


class Gallery(PictureStore):
    """Pictures that come as they are asked for; `most` is how many were on their way at once."""

    def __init__(self, evening: Evening) -> None:
        super().__init__(evening.service.db, evening.service.now)
        self.evening = evening
        self.asked: list[str] = []
        self.under_way = self.most = 0
        self.before = asyncio.Event()
        self.before.set()
        self.begun = asyncio.Event()

    async def _fetch(self, url: str) -> bytes:
        self.asked.append(url)
        self.begun.set()
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.before.wait()
        await asyncio.sleep(0)
        self.under_way -= 1
        if url.endswith("gone"):
            raise NotFetched("gone")
        return b"\x89PNG\r\n\x1a\n" + url.encode()

    async def kept(self, *, days: int = 0) -> int:
        """How many pictures there are, after so many more days."""
        self.evening.clock.forward(days=days)
        await self.evening.service.db.write(pictures.sweep, self.evening.clock())
        return await stored_pictures(self.evening)


@pytest.fixture
def gallery(evening: Evening) -> Gallery:
    evening.service.pictures = opened = Gallery(evening)
    return opened


def picture(name: object) -> Json:
    return {"type": "image", "data": {"file": "p.png", "url": f"https://gchat.qpic.cn/{name}"}}


def words(text: str) -> Json:
    return {"type": "text", "data": {"text": text}}


async def recalls(evening: Evening, who: Account, message: Spoken) -> None:
    people = {"operator_id": who.user_id, "user_id": who.user_id}
    await evening.notices(notice_type="group_recall", **people, message_id=message.message_id)


async def test_sixty_look_ups_in_a_second(evening: Evening) -> None:
    answers = [each for number in range(60) for each in await evening.says(AKAI, f"/search 量化 {number}")]
    assert len([each for each in answers if each.startswith("没有找到")]) == 8
    assert [each for each in answers if not each.startswith("没有找到")] == ["问得有点快，我先歇一会儿，过一分钟再来吧"]
    assert len(await evening.says(LINXI, "/talk")) == 1  # others are not held up
    assert len(await evening.says(AKAI, "/news https://a.com/1 好")) == 1  # what is kept is answered
    evening.clock.forward(seconds=60)
    assert len(await evening.says(AKAI, "/talk")) == 1


async def test_slips_usage_and_refusals_count_as_look_ups(evening: Evening) -> None:
    said = ["/nwes https://a.com/1", "/news", "/withdraw #99", "/help", "/claim 天气"] * 12
    assert sum([len(await evening.says(AKAI, each)) for each in said]) == 9


async def test_a_group_has_a_bucket_of_its_own(evening: Evening) -> None:
    people = [LINXI, AKAI, SUC, MOMO] * 15
    answers = [each for who in people for each in await evening.says(who, "/talk")]
    assert len([each for each in answers if each.startswith("OpenLLM Talk")]) == 30


async def test_of_a_hundred_pictures_nine_are_fetched_two_at_a_time(evening: Evening, gallery: Gallery) -> None:
    await evening.speaks(LINXI, [words("/news https://a.com/1 好"), *(picture(each) for each in range(120))])
    assert (len(gallery.asked), gallery.most, await gallery.kept(days=2)) == (9, 2, 9)
    said = evening.shown(evening.onebot.group.messages[-1])
    assert said.endswith("一条消息最多收 9 张图，还有 111 张请用 /补充 再发")


async def test_nothing_is_fetched_for_a_command_that_is_refused(evening: Evening, gallery: Gallery) -> None:
    await evening.says(LINXI, "/news https://a.com/1 好")
    await evening.says(LINXI, "/ask 怎么样？")
    for text in (
        "/add #1",
        "/add #9",
        "/answer Q9 好",
        "/news https://a.com/2 " + "长" * 2001,
        "/join 12-01",
        "/quote",
    ):
        await evening.speaks(AKAI, [words(text), picture(1)])
    assert gallery.asked == []
    await evening.speaks(AKAI, [words("/answer Q1"), picture("one"), picture("gone")])
    assert (len(gallery.asked), await gallery.kept(days=1)) == (2, 0)  # the one that came goes after a day


async def test_what_a_recalled_message_brought_is_deleted(evening: Evening, gallery: Gallery) -> None:
    spoken = await evening.speaks(LINXI, [words("/news https://a.com/1 好"), picture(1)])
    await evening.speaks(AKAI, [words("/news https://a.com/2 好"), picture(1), picture(2)])
    assert await gallery.kept(days=2) == 2
    notice = {"notice_type": "group_recall", "operator_id": LINXI.user_id, "user_id": LINXI.user_id}
    await evening.notices(**notice, message_id=spoken.message_id)
    assert await gallery.kept(days=2) == 2  # somebody else's item shows it, too
    other = evening.found("/news https://a.com/2")
    await evening.notices(
        **{**notice, "operator_id": AKAI.user_id, "user_id": AKAI.user_id}, message_id=other.message_id
    )
    assert await gallery.kept() == 0  # at once


async def test_a_recall_that_overtakes_the_pictures(evening: Evening, gallery: Gallery) -> None:
    gallery.before.clear()
    saying = asyncio.create_task(evening.speaks(LINXI, [words("/news https://a.com/1 好"), picture(1)]))
    await gallery.begun.wait()
    await recalls(evening, LINXI, evening.onebot.group.messages[-1])
    gallery.before.set()
    await saying
    assert await gallery.kept(days=1) == 0
    assert await evening.service.db.read(items.listed, 4) == []


@pytest.mark.parametrize(
    ("command", "cap", "why"),
    [
        ("/suggest 实践 愿望 {}", 5, "一个人最多 5 个"),
        ("/ask 问题 {}？", 20, "一个人最多 20 个"),
        ("/answer Q1 答 {}", 30, "Q1 的回答已经有 30 个"),
        ("/add #1 补充 {}", 20, "#1 的补充已经有 20 个"),
    ],
)
async def test_everything_has_a_cap(evening: Evening, command: str, cap: int, why: str) -> None:
    await evening.says(LINXI, "/news https://a.com/1 好")
    if "Q1" in command:
        await evening.says(AKAI, "/ask 怎么样？")
    for number in range(cap):
        assert "最多" not in (await evening.says(LINXI, command.format(number)))[0]
    assert why in (await evening.says(LINXI, command.format("多一个")))[0]


async def test_items_have_a_cap_for_each_member_and_withdrawing_makes_no_room(evening: Evening) -> None:
    for place in range(3):
        await evening.says(LINXI, "/news " + " ".join(f"https://a.com/{place}/{each}" for each in range(20)))
        await evening.says(LINXI, "/withdraw " + " ".join(f"#{place * 20 + each + 1}" for each in range(20)))
        evening.clock.forward(minutes=11)
    assert "一个人最多 60 个" in (await evening.says(LINXI, "/news https://a.com/more"))[0]
    assert "已收录" in (await evening.says(AKAI, "/news https://a.com/more"))[0]


async def test_pictures_leave_in_messages_of_less_than_eight_megabytes(evening: Evening) -> None:
    async def draw(_: Image) -> list[bytes]:
        return [b"x" * 4_000_000] * 3 + [b"y" * 500_000] * 2

    outcome = await sending.show(evening.bot, evening.onebot.group.group_id, Image("图", "x"), draw)
    assert outcome.fate is sending.Fate.SENT
    sizes = [
        sum(len(each["data"].get("file", "")) for each in message.segments) for message in evening.onebot.group.messages
    ]
    assert len(sizes) == 3
    assert max(sizes) < 8_000_000


async def test_what_is_no_picture_is_not_stored_whatever_it_is_called(evening: Evening) -> None:
    """A RIFF file may be WebP, and may be a sound."""

    class Sounds(Gallery):
        async def _fetch(self, url: str) -> bytes:
            return b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20)

    evening.service.pictures = sounds = Sounds(evening)
    spoken = await evening.speaks(LINXI, [words("/news https://a.com/1 好"), picture("x.webp")])
    assert spoken.seq
    assert "图片没能保存，请用 /补充 #1 再发一次" in evening.shown(evening.onebot.group.messages[-1])
    assert await sounds.kept() == 0
