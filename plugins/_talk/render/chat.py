"""The agenda as chat messages: a short text with @, the nodes of a merged forward, plain pieces."""

from collections.abc import Iterable
from dataclasses import dataclass

from db.queries.members import Person
from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import Addition, Agenda, AgendaItem, AgendaSection
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.discussion import blocks
from plugins._talk.render.pieces import pieces
from plugins._talk.render.rich import Mention, Rich, joined, lines

SHORT_ITEMS = 5  # of each section
MAX_NODES = 50  # QQ takes no longer forwards
MOST_NODES = 2 * MAX_NODES


@dataclass(frozen=True)
class Node:
    """One message of a merged forward."""

    name: str
    text: str


def names(people: Iterable[Person]) -> str:
    return "、".join(person.name for person in people)


def _counted(agenda: Agenda) -> str:
    counted = [f"{section.name} {len(section.items)} 条" for section in agenda.shown if section.items]
    return " · ".join(counted) or "还没有收到内容"


def announcement(agenda: Agenda) -> Rich:
    """The short text above the forward, with @ for host, editors and leads."""
    leads = [person for section in agenda.sections for person in section.leads]
    rows: list[list[str | Mention]] = [
        [f"【{agenda.series} {talk_name(agenda.number)}】{say_local(agenda.scheduled_at)}"],
        [f"在哪开：{agenda.place}"] if agenda.place else [],
        [_counted(agenda)],
        [f"本期提要：{'; '.join(agenda.highlights)}"] if agenda.highlights else [],
        [f"{agenda.host_role} ", *joined(agenda.hosts)] if agenda.hosts else [],
        [f"{agenda.editor_role} ", *joined(agenda.editors)] if agenda.editors else [],
        ["版块负责人 ", *joined(dict.fromkeys(leads))] if leads else [],
        [f"还缺 {'、'.join(agenda.open_roles)}，发 /认领 角色 就能补位"] if agenda.open_roles else [],
        ["完整议程见下面的聊天记录，链接可以直接点开"],
    ]
    return lines(*rows)


def short(agenda: Agenda) -> str:
    """The agenda so far in one message."""
    rows = [
        f"{talk_name(agenda.number)} 期议程 · {say_local(agenda.scheduled_at)}",
        f"{agenda.host_role} {names(agenda.hosts) or '待认领'}"
        + (f" · {agenda.editor_role} {names(agenda.editors) or '待认领'}" if agenda.editor_role else ""),
        *([f"在哪开：{agenda.place}"] if agenda.place else []),
    ]
    for section in agenda.shown:
        items = sorted(section.items, key=lambda item: item.number)
        if items:
            rows.append(f"【{section.name}】{len(items)} 条")
            rows += [f"#{item.number} {item.headline}（{item.submitter.name}）" for item in items[:SHORT_ITEMS]]
            rows += [f"…… 还有 {len(items) - SHORT_ITEMS} 条"] if len(items) > SHORT_ITEMS else []
    if not any(section.items for section in agenda.shown):
        rows.append(f"还没有内容。发 {agenda.submit} 加链接，来第一条吧")
    return "\n".join(rows)


def nodes(agenda: Agenda) -> list[Node]:
    """The agenda as a merged forward: one node a section, more where a section is too long for one."""
    found: list[Node] = []
    for section in agenda.shown:
        texts = pieces([*section_blocks(section), *(blocks(agenda.discussion) if section.open else ())])
        for index, text in enumerate(texts):
            found.append(Node(section.name if index == 0 else f"{section.name}（续 {index}）", text))
    if not agenda.has_place_to_talk:
        found += [Node("讨论", text) for text in pieces(blocks(agenda.discussion))]
    return found


def forwards(agenda: Agenda) -> list[list[Node]]:
    """The nodes in forwards of at most MAX_NODES: nearly always one, never more than two; the rest is left out."""
    every = nodes(agenda)
    if len(every) > MOST_NODES:
        left = len(every) - MOST_NODES + 1
        every = [
            *every[: MOST_NODES - 1],
            Node("没有列完", f"还有 {left} 段太长了，没有列在这里；完整的在群文件和网页里"),
        ]
    return [every[place : place + MAX_NODES] for place in range(0, len(every), MAX_NODES)]


def plain(forward: Iterable[Node]) -> list[str]:
    """A forward's text as plain messages, for use when the forward cannot be sent."""
    return pieces(line for node in forward for line in [*node.text.split("\n"), ""])


def section_blocks(section: AgendaSection) -> list[str]:
    """A section as blocks that should not be split: a heading with times and leads, then one block for each item."""
    span = f"{section.begins:%H:%M}–{section.ends:%H:%M}" if section.ends else f"{section.begins:%H:%M} 起，时间不限"
    heading = [f"【{section.name}】{span}"]
    heading += [f"主题：{section.about}"] if section.about else []
    if section.leads or section.wanted:
        heading.append(f"负责人：{names(section.leads) or f'待认领 {section.wanted} 位'}")
    heading += [f"建议：{wish.body} —— {wish.by.name}" for wish in section.suggestions]
    if not section.groups:
        heading.append("自由提问、自由讨论" if section.ends is None else "（还没有内容）")
    blocks = ["\n".join(heading)]
    for category, group in section.groups:
        title = f"\n◆ {category}\n" if category else "\n"
        first, *others = ["\n".join(item_lines(item)) for item in group]
        blocks += [title + first, *others]
    return blocks


def item_lines(item: AgendaItem) -> list[str]:
    """An item in lines; every link stands alone on its line, so that QQ makes it clickable."""
    rows = [f"{'★ ' if item.picked else ''}#{item.number} {item.title} —— {credit(item)}"]
    rows += [item.source] if item.source else []
    rows += [item.url] if item.url else [] if item.chosen else [without_link(item)]
    rows += [row for row in item.note.split("\n") if row]
    rows += [*item.links, *(signed(each) for each in item.texts)]
    rows += seconded(item)
    if item.pictures:
        rows.append(f"（附图 {len(item.pictures)} 张）")
    return rows


def credit(item: AgendaItem) -> str:
    """Who is credited for an item, who passed it on, and who wrote its note."""
    others = [f"{item.via.name} 转"] if item.via else []
    others += [f"{item.edited_by.name} 改"] if item.edited_by else []
    return f"{item.submitter.name}（{'，'.join(others)}）" if others else item.submitter.name


def signed(added: Addition) -> str:
    """A text under an item, with the name of whoever added it if not the submitter."""
    return f"{added.text}（{added.by.name} 补充）" if added.by else added.text


def without_link(item: AgendaItem) -> str:
    """The text in place of a missing link: the votes of a nomination, else a note that the link is missing."""
    if not item.nominated:
        return "（还没有链接）"
    return f"（提名，{f'{item.votes} 票' if item.votes else f'发 /投票 #{item.number} 支持'}）"


def seconded(item: AgendaItem) -> list[str]:
    """Lines that name the members who seconded an item, with their notes."""
    rows = [f"{each.person.name} 也推荐：{each.note}" for each in item.seconds if each.note]
    quiet = [each.person.name for each in item.seconds if not each.note]
    return [*rows, f"{'、'.join(quiet)} 也推荐"] if quiet else rows
