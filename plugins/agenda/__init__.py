"""The agenda: /agenda by hand, Saturday's by itself, and what the editor owes the day after."""

import asyncio
import re
from datetime import timedelta

from nonebot.plugin import PluginMetadata

from plugins._chat.call import Call, Reply
from plugins._chat.commands import Command, Who, commands
from plugins._chat.kinds import add_kind
from plugins._talk import archive, reminders
from plugins._talk.agenda import Agenda, compile_agenda
from plugins._talk.deliveries import Kind, reminder
from plugins._talk.desk import Desk
from plugins._talk.render.chat import short
from plugins._talk.render.markdown import agenda_document
from plugins._talk.render.pieces import pieces
from plugins._talk.talks import talk_name
from plugins.agenda import editing

__plugin_meta__ = PluginMetadata(
    name="议程", description="汇总议程，开场前自动发布；主持人整理条目", usage="/议程；/提要；/移动；/文章 链接"
)

NUMBER = re.compile(r"\d{1,3}", re.ASCII)
BREATH = timedelta(seconds=30)  # between two short agendas in one group


async def agenda(call: Call) -> Reply | None:
    compiled, for_host = await call.desk(_compiled, call.words)
    if not for_host:
        return _short(call, compiled)
    return await _publish(call, compiled)


def _compiled(desk: Desk, words: str) -> tuple[Agenda, bool]:
    named = desk.find_talk(int(words)) if NUMBER.fullmatch(words) else None
    own = desk.in_charge() if named is None else named if desk.is_host(named) else None
    talk = named or own or desk.discussing
    return compile_agenda(desk.connection, desk.series, talk.number), own is not None


def _short(call: Call, compiled: Agenda) -> Reply | None:
    if not call.service.breathes("agenda", call.visit.group_id, BREATH):
        return None  # the last one is still on everybody's screen
    return Reply(short(compiled))


async def _publish(call: Call, compiled: Agenda) -> Reply:
    """Text, forward and file, at once; what did not arrive is named in the reply."""
    missed: list[str] = []
    for part in reminders.agenda_parts(compiled):
        if not await call.post(part):
            missed = ["议程"]
    name = f"{call.service.series.file_stem}-{talk_name(compiled.number)}.md"
    document = await asyncio.to_thread(agenda_document, compiled)
    if not await call.upload(name, document.encode()):
        missed.append(f"群文件 {name}")
    if missed:
        return Reply(
            f"{talk_name(compiled.number)} 的{'、'.join(missed)}没能确认发出去，请看一眼群里，缺了就再发一次 /议程"
        )
    return Reply(f"{talk_name(compiled.number)} 议程已发，群文件里有 {name}")


async def article(call: Call) -> Reply:
    return await _attach(call, "article", "文章")


async def video(call: Call) -> Reply:
    return await _attach(call, "video", "视频")


async def _attach(call: Call, what: archive.Record, name: str) -> Reply:
    if not call.words:
        return call.usage()
    done = await call.desk(archive.attach, what, call.words)
    linked = f"的{name}链接{'换成新的了' if done.replaced else '记下了，谢谢！'}"
    rows = [f"{talk_name(done.talk)} {linked if done.linked else '的章节按这个时间对齐了'}"]
    rows += ["视频章节：", *(each.line for each in done.chapters)] if done.chapters else []
    first, *others = pieces(rows)
    for text in others:
        await call.post((text,))
    return Reply(first)


commands.add(
    Command(
        "agenda",
        "议程",
        "/agenda [期号]",
        "看到目前为止的议程",
        "/agenda",
        agenda,
        basic=5,
        late=False,
        host_help="立刻发布完整议程，并把 Markdown 放进群文件",
    )
)
commands.add(
    Command(
        "article",
        "文章",
        "/article <链接> [期号]",
        "登记文章链接",
        "/article https://zhuanlan.zhihu.com/p/642376781",
        article,
        who=Who.HOST,
    )
)
commands.add(
    Command(
        "video",
        "视频",
        "/video <链接> [开场在第几分几秒] [期号]",
        "登记视频链接，给出对齐的章节",
        "/video https://www.bilibili.com/video/BV1Kh4y1E7nX 10:10",
        video,
        who=Who.HOST,
    )
)
editing.register()
add_kind(
    Kind(
        "agenda",
        "议程",
        reminder(lambda moments: moments.agenda),
        reminders.agenda,
        again=timedelta(),
        useful_until=lambda series, talk: talk.starts_at + series.meeting.length,
    )
)
add_kind(
    Kind(
        "aftercare",
        "收尾提醒",
        reminder(lambda moments: moments.aftercare),
        reminders.aftercare,
    )
)
