"""What a host should look at before a document goes out. Pure functions."""

from collections.abc import Iterable

from plugins._talk.documents.agenda import Agenda, AgendaItem, AgendaSection
from plugins._talk.documents.running_order import minutes
from plugins._talk.documents.timeline import Timeline

NAMED = 8
NO_CLOCK = Timeline()


def warnings_of(agenda: Agenda, shown: Timeline = NO_CLOCK) -> tuple[str, ...]:
    """Roles open, sections empty or too full, items without link or title, sections that ran over: a line each."""
    said = [f"还没人认领：{'、'.join(agenda.open_roles)}"] if agenda.open_roles else []
    for section in agenda.shown:
        said += _of_section(section)
    return (*said, *overtime(shown))


def _of_section(section: AgendaSection) -> list[str]:
    if not section.items:
        return [f"{section.name}还空着"] if not section.open and not section.optional else []
    firm = [item for _, group in section.listed for item in group]
    said: list[str] = []
    if linkless := [item for item in firm if item.url is None and not item.chosen]:
        said.append(f"{section.name}没有链接：{_numbers(linkless)}（发 /补充 #编号 链接）")
    if nameless := [item for item in firm if not item.titled]:
        said.append(f"{section.name}没有标题：{_numbers(nameless)}（发 /改题 #编号 标题）")
    count = len(section.presented)
    if section.presents and count > section.presents:
        said.append(f"{section.name}有 {count} 条，还没选讲哪几条（发 /选定 #编号，最多 {section.presents} 条）")
    elif section.minutes and count > section.minutes:
        said.append(f"{section.name} {section.minutes} 分钟要讲 {count} 条，可能超时")
    return said


def overtime(shown: Timeline) -> tuple[str, ...]:
    """The sections that took longer than planned."""
    return tuple(f"{name}超时 {minutes(span)} 分钟" for name, span in shown.over)


def _numbers(items: Iterable[AgendaItem]) -> str:
    numbers = [f"#{item.number}" for item in items]
    return " ".join(numbers[:NAMED]) + (f" 等 {len(numbers)} 条" if len(numbers) > NAMED else "")
