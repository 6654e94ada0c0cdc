"""Publishing after the evening: /minutes, /article, /video."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from db.queries.pictures import PictureRow
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, Takes, Who
from plugins._chat.outgoing.files import Way
from plugins._chat.service import Service
from plugins._talk.deliveries.parts import Image
from plugins._talk.documents.minutes import Minutes
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.article import article
from plugins._talk.render.minutes import BESIDE, TIMELINE, minutes_document
from plugins._talk.render.pieces import pieces
from plugins._talk.usecases import records
from plugins._talk.usecases.desk import Refused
from plugins._talk.usecases.moderation import OFF
from plugins.agenda.warning import warn

_WAYS = {
    Way.GROUP: "纪要放进群文件了：{files}",
    Way.PAGE: "纪要没能放进群文件，网页在 {page}",
    Way.PRIVATE: "纪要没能放进群文件，私聊发你了",
    Way.NONE: "纪要没有得到 QQ 的明确回执，请看一眼群文件，缺了就再发一次 /纪要",
}
TEXTS = (".md", ".markdown", ".txt")


@dataclass(frozen=True)
class _Pictures:
    """What the minutes show: members' pictures by name, and the drawn timeline, if times were recorded."""

    kept: Mapping[str, PictureRow]
    timeline: bytes | None

    @property
    def files(self) -> dict[str, tuple[str, bytes]]:
        """Media type and content by the name that the Markdown uses."""
        found = {f"{BESIDE}/{name}": (row.type, row.content) for name, row in self.kept.items()}
        return found | ({TIMELINE: ("image/png", self.timeline)} if self.timeline else {})


async def minutes(call: Call) -> Reply:
    """Upload the minutes: Markdown, HTML for other editors, a ZIP if pictures go with it; once also the timeline."""
    made = await call.desk(records.minutes_wanted, call.argument)
    written, service = made.minutes, call.service
    name, page = talk_name(written.agenda.number), service.page_of(written.agenda.number)
    shown = await _pictures(service, written)
    packed = bool(shown.kept) and not service.pictures_at  # else the links of pictures would lead nowhere
    document = await asyncio.to_thread(minutes_document, written, service.pictures_at or BESIDE, timeline=packed)
    stem = f"{service.series.file_stem}-{name}-纪要"
    page = page and f"{page}/minutes"
    way = await call.hand_over(f"{stem}.md", document.document.encode(), page, document.document)
    pasted = await asyncio.to_thread(_article, written, shown)
    beside = await call.hand_over(f"{stem}.html", pasted, None, None)
    files = f"{stem}.md，还有贴到知乎、公众号用的 .html" if beside is Way.GROUP else f"{stem}.md"
    rows = [f"{name} 期的{_WAYS[way].format(files=files, page=page)}"]
    if packed:
        body = await asyncio.to_thread(_zip, written, stem, shown)
        zipped = await call.hand_over(f"{stem}.zip", body, None, None)
        rows.append(f"配图一起打包在 {stem}.zip" if zipped is Way.GROUP else "带图的 ZIP 没传上去，可以再发一次 /纪要")
    if shown.timeline and made.first:
        await call.post(Image(f"{service.series.name} {name}", written.timeline))
    rows.append("这是定稿；回到自动整理的发 /定稿 取消" if written.final else f"标题：{written.title}")
    return Reply("\n".join([*rows, *await warn(call, written.agenda.number, document.warnings, "/纪要")]))


async def _pictures(service: Service, written: Minutes) -> _Pictures:
    kept = {name: row for name in written.pictures if (row := await service.pictures.read(name))}
    if not written.timeline.real:
        return _Pictures(kept, None)
    name = f"{service.series.name} {talk_name(written.agenda.number)}"
    return _Pictures(kept, (await service.drawings.timeline(name, written.timeline))[0])


def _article(written: Minutes, shown: _Pictures) -> bytes:
    """The minutes to be pasted into another editor."""
    return article(written.title, minutes_document(written).document, shown.files).encode()


def _zip(written: Minutes, stem: str, shown: _Pictures) -> bytes:
    """Zip the document with its pictures; the same content gives the same bytes."""
    files = {f"{stem}.md": minutes_document(written).document.encode()}
    files |= {name: body for name, (_, body) in shown.files.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, body in files.items():
            archived.writestr(zipfile.ZipInfo(f"{stem}/{name}", (2020, 1, 1, 0, 0, 0)), body)
    return packed.getvalue()


async def finish(call: Call) -> Reply:
    """Let an edited Markdown file, in this message or the one that it replies to, be the talk's minutes."""
    if any(word in call.argument.casefold() for word in OFF):
        talk = await call.desk(records.unfinish, call.argument)
        return Reply(f"{talk_name(talk.number)} 期的纪要回到自动整理的了，发 /纪要 看看")
    file = await call.shared_file()
    if file is None:
        return Reply("把改好的 Markdown 文件发到群里，再回复它发 /定稿", idle=True)
    if not file.name.casefold().endswith(TEXTS):
        raise Refused(f"{file.name[:40]} 不是 Markdown 文件（.md），没有改动")
    await call.rehearse(records.may_finish, call.argument)
    body = await call.read_file(file)
    talk = await call.desk(records.finish, call.argument, await asyncio.to_thread(_decoded, body))
    where = call.service.page_of(talk.number)
    return Reply(f"{talk_name(talk.number)} 期的纪要以这份为准了" + (f"，网页也是：{where}/minutes" if where else ""))


def _decoded(body: bytes) -> str:
    """A text file in UTF-8, or as Chinese Windows writes it. Raises Refused."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("这个文件不是文字，没有改动")


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
        help="把纪要成稿放进群文件，带配图和时间线；再发一次就换成新的",
        example="/minutes 004",
        handler=minutes,
        who=Who.HOST,
        late=False,
    ),
    Command(
        name="final",
        alias="定稿",
        usage="/final [期号] [取消]",
        help="改好的 Markdown 发到群里，回复它发这个：以它为准，网页也是",
        example="/final",
        handler=finish,
        who=Who.HOST,
    ),
    Command(
        name="article",
        alias="文章",
        usage="/article <链接> [期号]",
        help="登记文章链接，这期就算发布了",
        example="/article https://zhuanlan.zhihu.com/p/123456",
        handler=partial(attach, "article", "文章"),
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
    ),
    Command(
        name="video",
        alias="视频",
        usage="/video <链接> [开场在第几分几秒] [期号]",
        help="登记视频链接，给出对齐的章节",
        example="/video https://www.bilibili.com/video/BV1xx411c7mD 10:10",
        handler=partial(attach, "video", "视频"),
        who=Who.HOST,
        takes=Takes.SOME_WORDS,
    ),
)
