"""The agenda: /agenda on request, Saturday's scheduled one, and the editor's reminder on the next day."""

import asyncio
import re
from datetime import timedelta

from nonebot.plugin import PluginMetadata

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.registry import Command, commands
from plugins._chat.outgoing.files import Way
from plugins._talk.deliveries import reminders
from plugins._talk.deliveries.parts import Image
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import short
from plugins._talk.render.markdown import agenda_document
from plugins._talk.usecases.desk import Desk
from plugins.agenda import choosing, editing, minutes
from plugins.agenda.warning import warn

__plugin_meta__ = PluginMetadata(
    name="议程",
    description="汇总议程，开场前自动发布；整理条目，会后出纪要",
    usage="/议程；/选定；/提要；/移动；/纪要；/文章 链接",
)

NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_WAYS = {
    Way.GROUP: "议程已发，群文件里有 {file}",
    Way.PAGE: "议程已发；群文件没传上去，网页版在 {page}",
    Way.PRIVATE: "议程已发；群文件没传上去，Markdown 私聊发你了",
    Way.NONE: "议程已发",
}
BREATH = timedelta(seconds=30)  # minimum interval between short agendas in one group


async def agenda(call: Call) -> Reply | None:
    compiled, for_host = await call.desk(_compiled, call.argument)
    if not for_host:
        return _short(call, compiled)
    return await _publish(call, compiled)


def _compiled(desk: Desk, argument: str) -> tuple[Agenda, bool]:
    named = desk.find_talk(int(argument)) if NUMBER.fullmatch(argument) else None
    own = desk.in_charge() if named is None else named if desk.is_host(named) else None
    talk = named or own or desk.discussing
    return compile_agenda(desk.connection, desk.series, talk.number), own is not None


def _short(call: Call, compiled: Agenda) -> Reply | None:
    if not call.service.try_acquire("agenda", call.visit.group_id, BREATH):
        return None  # the last one was sent moments ago
    return Reply(short(compiled))


async def _publish(call: Call, compiled: Agenda) -> Reply:
    """Send text, picture, forward and file; the reply names those that did not arrive."""
    parts = reminders.agenda_parts(compiled)
    missed = ["图" if isinstance(part, Image) else "议程" for part in parts if not await call.post(part)]
    number = talk_name(compiled.number)
    name, page = f"{call.service.series.file_stem}-{number}.md", call.service.page_of(compiled.number)
    document = await asyncio.to_thread(agenda_document, compiled)
    way = await call.hand_over(name, document.document.encode(), page, document.document)
    rows = [f"{number} 期{_WAYS[way].format(file=name, page=page)}"]
    if way is Way.NONE:
        missed.append(f"群文件 {name}")
    if missed:
        what = "、".join(dict.fromkeys(missed))
        rows = [f"{number} 期的{what}没有得到 QQ 的明确回执，请看一眼群里，缺了就再发一次 /议程"]
    return Reply("\n".join([*rows, *await warn(call, compiled.number, document.warnings, "/议程")]))


COMMANDS = (
    Command(
        name="agenda",
        alias="议程",
        usage="/agenda [期号]",
        help="看到目前为止的议程",
        example="/agenda",
        handler=agenda,
        basic=5,
        late=False,
        host_help="立刻发布完整议程，并把 Markdown 放进群文件",
    ),
)
commands.add(*COMMANDS, *choosing.COMMANDS, *editing.COMMANDS, *minutes.COMMANDS)
