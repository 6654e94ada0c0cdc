"""The agenda as chat messages: a short text with @, the nodes of a merged forward, plain pieces."""

from collections.abc import Iterable
from dataclasses import dataclass

from db.queries.members import Person
from plugins._talk.agenda import Agenda, AgendaItem, AgendaSection
from plugins._talk.calendar import WEEKDAYS
from plugins._talk.render.pieces import pieces
from plugins._talk.render.rich import At, Rich, joined, lines

SHORT_ITEMS = 12
MAX_NODES = 50  # QQ takes no longer forwards


@dataclass(frozen=True)
class Node:
    """One message of a merged forward."""

    name: str
    text: str


def names(people: Iterable[Person]) -> str:
    return "、".join(person.name for person in people)


def _when(agenda: Agenda) -> str:
    start = agenda.starts_at
    return f"{start:%Y-%m-%d} 周{WEEKDAYS[start.weekday()]} {start:%H:%M}"


def _counted(agenda: Agenda) -> str:
    counted = [f"{section.name} {len(section.items)} 条" for section in agenda.shown if section.items]
    return " · ".join(counted) or "还没有收到内容"


def announcement(agenda: Agenda) -> Rich:
    """The short text above the forward, with @ for host, editors and leads."""
    leads = [person for section in agenda.sections for person in section.leads]
    rows: list[list[str | At]] = [
        [f"【{agenda.series} {agenda.number:03d}】{_when(agenda)}"],
        [_counted(agenda)],
        ["主持人 ", *joined(agenda.hosts)] if agenda.hosts else [],
        ["编辑 ", *joined(agenda.editors)] if agenda.editors else [],
        ["版块负责人 ", *joined(dict.fromkeys(leads))] if leads else [],
        [f"还缺 {'、'.join(agenda.open_roles)}，发 /认领 就能补位"] if agenda.open_roles else [],
        ["完整议程见下面的聊天记录，链接可以直接点开"],
    ]
    return lines(*rows)


def short(agenda: Agenda) -> str:
    """The agenda so far in one message."""
    rows = [
        f"{agenda.number:03d} 期议程 · {_when(agenda)}",
        f"主持人 {names(agenda.hosts) or '待认领'} · 编辑 {names(agenda.editors) or '待认领'}",
    ]
    room = SHORT_ITEMS
    for section in agenda.shown:
        if section.items and room:
            rows.append(f"【{section.name}】")
            rows += [f"#{item.number} {item.headline}（{item.submitter.name}）" for item in section.items[:room]]
            room -= min(room, len(section.items))
    total = sum(len(section.items) for section in agenda.sections)
    if total > SHORT_ITEMS:
        rows.append(f"…… 共 {total} 条")
    elif not total:
        rows.append("还没有内容。发 /新闻 加链接，来第一条吧")
    return "\n".join(rows)


def nodes(agenda: Agenda) -> list[Node]:
    """The agenda as a merged forward: one node a section, more where a section is too long for one."""
    found: list[Node] = []
    for section in agenda.shown:
        texts = pieces(section_lines(section))
        for index, text in enumerate(texts):
            found.append(Node(section.name if index == 0 else f"{section.name}（续 {index}）", text))
    return found


def forwards(agenda: Agenda) -> list[list[Node]]:
    """The nodes in as many forwards as QQ's limit asks for: nearly always one."""
    every = nodes(agenda)
    return [every[place : place + MAX_NODES] for place in range(0, len(every), MAX_NODES)]


def plain(forward: Iterable[Node]) -> list[str]:
    """What a forward says, as plain messages with the same links."""
    return pieces(line for node in forward for line in [*node.text.split("\n"), ""])


def section_lines(section: AgendaSection) -> list[str]:
    """A section in lines: heading with clock times, leads, items."""
    span = f"{section.begins:%H:%M}–{section.ends:%H:%M}" if section.ends else f"{section.begins:%H:%M} 起，时间不限"
    rows = [f"【{section.name}】{span}"]
    if section.leads or section.wanted:
        wanted = f"待认领 {section.wanted} 位" if section.wanted and not section.leads else ""
        rows.append(f"负责人：{names(section.leads) or wanted}")
    for category, group in section.groups:
        rows += ["", f"◆ {category}"] if category else [""]
        rows += [line for item in group for line in item_lines(item)]
    if not section.groups:
        rows.append("自由提问、自由讨论" if section.ends is None else "（还没有内容）")
    return rows


def item_lines(item: AgendaItem) -> list[str]:
    """An item in lines; every link stands alone on its line, so that QQ makes it clickable."""
    credit = item.submitter.name if item.via is None else f"{item.submitter.name}（{item.via.name} 转）"
    rows = [f"#{item.number} {item.headline} —— {credit}"]
    rows += [item.url] if item.url else ["（还没有链接）"]
    rows += [row for row in item.note.split("\n") if row]
    rows += [*item.links, *item.texts]
    if item.pictures:
        rows.append(f"（附图 {len(item.pictures)} 张）")
    return rows
