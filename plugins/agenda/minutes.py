"""Publishing after the evening: /minutes, /article, /video."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from functools import partial

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who
from plugins._chat.outgoing.files import Way
from plugins._chat.service import Service
from plugins._talk.deliveries.parts import Image
from plugins._talk.documents.minutes import Minutes
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.minutes import BESIDE, TIMELINE, minutes_document
from plugins._talk.render.pieces import pieces
from plugins._talk.usecases import records
from plugins.agenda.warning import warn

_WAYS = {
    Way.GROUP: "纪要放进群文件了：{file}",
    Way.PAGE: "纪要没能放进群文件，网页在 {page}",
    Way.PRIVATE: "纪要没能放进群文件，私聊发你了",
    Way.NONE: "纪要没有得到 QQ 的明确回执，请看一眼群文件，缺了就再发一次 /纪要",
}


async def minutes(call: Call) -> Reply:
    """Upload the minutes: Markdown, a ZIP if there are pictures, and the timeline if times were recorded."""
    written = await call.desk(records.minutes_wanted, call.argument)
    service, number = call.service, written.agenda.number
    name, page = talk_name(number), service.page_of(number)
    drawn = await _timeline(service, written)
    document = await asyncio.to_thread(minutes_document, written, service.pictures_at or BESIDE)
    stem = f"{service.series.file_stem}-{name}-纪要"
    page = page and f"{page}/minutes"
    way = await call.hand_over(f"{stem}.md", document.document.encode(), page, document.document)
    rows = [f"{name} 期的{_WAYS[way].format(file=f'{stem}.md', page=page)}"]
    if written.pictures or drawn:
        kept = {name: row.content for name in written.pictures if (row := await service.pictures.read(name))}
        body = await asyncio.to_thread(_zip, written, stem, kept, drawn)
        zipped = await call.hand_over(f"{stem}.zip", body, None, None)
        rows.append(f"配图一起打包在 {stem}.zip" if zipped is Way.GROUP else "带图的 ZIP 没传上去，可以再发一次 /纪要")
    if drawn:
        await call.post(Image(f"{service.series.name} {name}", written.timeline))
    rows.append(f"标题：{written.title}")
    return Reply("\n".join([*rows, *await warn(call, number, document.warnings, "/纪要")]))


async def _timeline(service: Service, written: Minutes) -> bytes | None:
    """The evening's timeline, if times were recorded."""
    if not written.timeline.real:
        return None
    name = f"{service.series.name} {talk_name(written.agenda.number)}"
    return (await service.drawings.timeline(name, written.timeline))[0]


def _zip(written: Minutes, stem: str, pictures: Mapping[str, bytes], timeline: bytes | None) -> bytes:
    """Zip the document with its pictures; the same content gives the same bytes."""
    files = {f"{stem}.md": minutes_document(written).document.encode()}
    files |= {f"{BESIDE}/{name}": body for name, body in pictures.items()}
    if timeline is not None:
        files[TIMELINE] = timeline
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, body in files.items():
            archived.writestr(zipfile.ZipInfo(f"{stem}/{name}", (2020, 1, 1, 0, 0, 0)), body)
    return packed.getvalue()


async def attach(what: records.Record, name: str, call: Call) -> Reply:
    """Store the link of a talk's article or video."""
    done = await call.desk(records.attach, what, call.argument)
    linked = f"的{name}链接{'换成新的了' if done.replaced else '记下了，谢谢！'}"
    rows = [f"{talk_name(done.talk)} 期{linked if done.linked else '的章节按这个时间对齐了'}"]
    rows += [f"这期由 {done.by} 发布啦，已列入往期精彩"] if done.published else []
    rows += ["视频章节：", *(each.line for each in done.chapters)] if done.chapters else []
    first, *others = pieces(rows)
    for text in others:
        await call.post((text,))
    return Reply(first)


COMMANDS = (
    Command(
        name="minutes",
        alias="纪要",
        usage="/minutes [期号]",
        help="把纪要成稿放进群文件，带配图和时间线",
        example="/minutes 004",
        handler=minutes,
        who=Who.HOST,
        late=False,
    ),
    Command(
        name="article",
        alias="文章",
        usage="/article <链接> [期号]",
        help="登记文章链接，这期就算发布了",
        example="/article https://zhuanlan.zhihu.com/p/642376781",
        handler=partial(attach, "article", "文章"),
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
    ),
    Command(
        name="video",
        alias="视频",
        usage="/video <链接> [开场在第几分几秒] [期号]",
        help="登记视频链接，给出对齐的章节",
        example="/video https://www.bilibili.com/video/BV1Kh4y1E7nX 10:10",
        handler=partial(attach, "video", "视频"),
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
    ),
)
