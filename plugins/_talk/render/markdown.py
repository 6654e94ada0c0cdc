"""The agenda as a Markdown document, and helpers shared with the minutes."""

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import Agenda, AgendaItem
from plugins._talk.documents.discussion import Discussion, Statement, Thread
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.links.canonical import find_addresses, find_links
from plugins._talk.render.chat import credit, names, seconded, signed, without_link
from plugins._talk.render.discussion import asked, signature
from plugins._talk.render.rendered import Rendered

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$])")
_NOT_IN_ADDRESSES = "<>\"'`\\*~[]{}|^$ "
_NOT_AT_THE_END = "?!.,:;_~*"  # GitHub leaves these out of a bare address
_AT_THE_START = re.compile(r"^(\d*)([#+\-=.)])")


def escape(text: str) -> str:
    """Untrusted text escaped as one line of Markdown that renders as exactly these characters."""
    return _AT_THE_START.sub(r"\1\\\2", _escaped(" ".join(text.split())))


def address(url: str) -> str:
    """A URL for a line of its own: bare if every Markdown renderer autolinks it whole, else in angle brackets.

    Characters that could be parsed as markup are percent-encoded.
    """
    safe = _safe(url)
    found = [(each.start, each.end) for each in find_links(safe)]
    return safe if found == [(0, len(safe))] and safe[-1] not in _NOT_AT_THE_END else f"<{safe}>"


def autolink(url: str) -> str:
    """A URL within a line, in angle brackets so that adjacent text is not parsed as part of it."""
    return f"<{_safe(url)}>"


def _safe(url: str) -> str:
    unsafe = {each for each in url if each in _NOT_IN_ADDRESSES or not each.isprintable()}
    return "".join(quote(each, safe="") if each in unsafe else each for each in url)


def linked(text: str) -> str:
    """Untrusted text of one line, escaped as Markdown, with its URLs as links."""
    parts: list[str] = []
    end = 0
    for found in find_addresses(text):
        parts += [_escaped(text[end : found.start]), autolink(found.link.url)]
        end = found.end
    return _AT_THE_START.sub(r"\1\\\2", "".join([*parts, _escaped(text[end:])]).strip())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def agenda_document(agenda: Agenda) -> Rendered[str]:
    """`OpenLLM-Talk-004.md`: the whole agenda, with all submitters credited and all links clickable."""
    rows = [
        f"# {escape(agenda.series)} {talk_name(agenda.number)}",
        "",
        f"- 时间：{say_local(agenda.scheduled_at)}",
        f"- {escape(agenda.host_role)}：{escape(names(agenda.hosts)) or '待认领'}",
        f"- {escape(agenda.editor_role)}：{escape(names(agenda.editors)) or '待认领'}",
    ]
    if agenda.highlights:
        rows.append(f"- 本期提要：{escape('; '.join(agenda.highlights))}")
    for section in agenda.shown:
        rows += ["", f"## {escape(section.name)}"]
        if section.leads or section.wanted:
            rows += ["", f"负责人：{escape(names(section.leads)) or '待认领'}"]
        rows += ["", f"主题：{escape(section.about)}"] if section.about else []
        for wish in section.suggestions:
            rows += ["", f"建议：{linked(wish.body)} —— {escape(wish.by.name)}"]
        for category, group in section.groups:
            if category:
                rows += ["", f"### {escape(category)}"]
            for item in group:
                rows += ["", *item_rows(item, _counted)]
        if section.open:
            rows += discussion_rows(agenda.discussion, _counted)
    if agenda.discussion.threads and not agenda.has_place_to_talk:
        rows += ["", "## 讨论", *discussion_rows(agenda.discussion, _counted)]
    return Rendered("\n".join(rows) + "\n", warnings_of(agenda))


Pictures = Callable[[Sequence[str]], list[str]]  # how pictures are shown, in rows


def _counted(pictures: Sequence[str]) -> list[str]:
    return [f"（附图 {len(pictures)} 张）"] if pictures else []


def item_rows(item: AgendaItem, pictures: Pictures) -> list[str]:
    """An item as Markdown rows: title with credit, link, notes, further links, pictures."""
    source = f" - {escape(item.source)}" if item.source else ""
    rows = [f"**{escape(item.title)}**{source} —— {escape(credit(item))}（#{item.number}）"]
    rows += ["", address(item.url)] if item.url else [] if item.chosen else ["", without_link(item)]
    texts = (item.note, *map(signed, item.texts), *seconded(item))
    for line in (line for text in texts for line in text.split("\n")):
        rows += ["", linked(line)] if line.strip() else []
    for link in item.links:
        rows += ["", address(link)]
    return [*rows, *_apart(pictures(item.pictures))]


def _apart(rows: Iterable[str]) -> list[str]:
    """Rows as paragraphs."""
    return [each for row in rows for each in ("", row)]


def discussion_rows(discussion: Discussion, pictures: Pictures) -> list[str]:
    """The discussion as Markdown rows: questions, answers and quotes with their authors."""
    rows: list[str] = []
    for heading, threads in (("线上讨论", discussion.online), ("群里讨论", discussion.in_group)):
        rows += ["", f"### {heading}", *thread_rows(threads, pictures)] if threads else []
    return rows


def thread_rows(threads: Iterable[Thread], pictures: Pictures) -> list[str]:
    """Threads as Markdown rows: questions with their answers and quotes, and quotes without a question."""
    rows: list[str] = []
    for thread in threads:
        rows += ["", f"**{escape(asked(thread))}**"] if thread.number is not None else []
        if thread.number is not None and not thread.said:
            rows += ["", "（还没有回答）" if thread.open else "（当场聊过）"]
        for said in thread.said:
            rows += _said(said, pictures)
    return rows


def _said(said: Statement, pictures: Pictures) -> list[str]:
    """An answer or a quote, line by line, with its author behind the last one."""
    rows = [f"**{escape(said.headline)}**"] if said.headline else []
    for line in said.lines:
        texts = [linked(each) for each in line.text.split("\n") if each.strip()]
        speaker = f"{escape(line.speaker)}：" if line.speaker else ""
        rows += [f"{speaker if place == 0 else ''}{text}" for place, text in enumerate(texts)]
    rows += pictures(said.pictures)
    rows[0] = f"答：{rows[0]}" if said.is_answer else rows[0]
    rows[-1] = f"{rows[-1]} —— {escape(signature(said))}"
    return [each for row in rows for each in ("", row)]
