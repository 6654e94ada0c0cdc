"""The agenda as a Markdown document."""

import re

from plugins._talk.agenda import Agenda, AgendaItem
from plugins._talk.calendar import say_local
from plugins._talk.discussion import Discussion, Said
from plugins._talk.links import find_links
from plugins._talk.render.chat import names, seconded
from plugins._talk.render.discussion import asked, signature
from plugins._talk.talks import talk_name

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$])")
_AT_THE_START = re.compile(r"^(\d*)([#+\-=.)])")


def escape(text: str) -> str:
    """Foreign text as Markdown that shows just these characters, on one line."""
    return _AT_THE_START.sub(r"\1\\\2", _escaped(" ".join(text.split())))


def address(url: str) -> str:
    """An address as an autolink; characters that would end it are percent-encoded."""
    safe = "".join(f"%{ord(each):02X}" if each in "<>\"'`\\ \t\r\n" else each for each in url)
    return f"<{safe}>"


def linked(text: str) -> str:
    """Foreign text of one line as Markdown in which addresses are live."""
    parts: list[str] = []
    end = 0
    for found in find_links(text):
        if "://" in text[found.start : found.end]:
            parts += [_escaped(text[end : found.start]), address(found.link.url)]
            end = found.end
    return _AT_THE_START.sub(r"\1\\\2", "".join([*parts, _escaped(text[end:])]).strip())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def agenda_document(agenda: Agenda) -> str:
    """`OpenLLM-Talk-004.md`: the compiled agenda, every submitter credited, every link live."""
    rows = [
        f"# {escape(agenda.series)} {talk_name(agenda.number)}",
        "",
        f"- 时间：{say_local(agenda.starts_at)}",
        f"- 主持人：{escape(names(agenda.hosts)) or '待认领'}",
        f"- 编辑：{escape(names(agenda.editors)) or '待认领'}",
    ]
    if agenda.highlights:
        rows.append(f"- 本期提要：{escape('; '.join(agenda.highlights))}")
    for section in agenda.shown:
        rows += ["", f"## {escape(section.name)}"]
        if section.leads or section.wanted:
            rows += ["", f"负责人：{escape(names(section.leads)) or '待认领'}"]
        for category, group in section.groups:
            if category:
                rows += ["", f"### {escape(category)}"]
            for item in group:
                rows += ["", *_item(item)]
        if section.open:
            rows += _discussion(agenda.discussion)
    if agenda.discussion.threads and not agenda.has_place_to_talk:
        rows += ["", "## 讨论", *_discussion(agenda.discussion)]
    return "\n".join(rows) + "\n"


def _item(item: AgendaItem) -> list[str]:
    credit = escape(item.submitter.name) + (f"（{escape(item.via.name)} 转）" if item.via else "")
    source = f" - {escape(item.source)}" if item.source else ""
    rows = [f"**{escape(item.headline)}**{source} —— {credit}（#{item.number}）"]
    rows += ["", address(item.url) if item.url else "（还没有链接）"]
    for line in [*item.note.split("\n"), *item.texts, *seconded(item)]:
        rows += ["", escape(line)] if line.strip() else []
    for link in item.links:
        rows += ["", address(link)]
    if item.pictures:
        rows += ["", f"（附图 {len(item.pictures)} 张）"]
    return rows


def _discussion(discussion: Discussion) -> list[str]:
    """What was asked, answered and filed, signed."""
    rows: list[str] = []
    for heading, threads in (("线上讨论", discussion.online), ("群里讨论", discussion.in_group)):
        rows += ["", f"### {heading}"] if threads else []
        for thread in threads:
            rows += ["", f"**{escape(asked(thread))}**"] if thread.number is not None else []
            rows += ["", "（还没有回答）"] if thread.number is not None and not thread.said else []
            for said in thread.said:
                rows += _said(said)
    return rows


def _said(said: Said) -> list[str]:
    """An answer or a quote, line by line, with its author behind the last one."""
    rows = [f"**{escape(said.headline)}**"] if said.headline else []
    for line in said.lines:
        texts = [linked(each) for each in line.text.split("\n") if each.strip()]
        speaker = f"{escape(line.speaker)}：" if line.speaker else ""
        rows += [f"{speaker if place == 0 else ''}{text}" for place, text in enumerate(texts)]
    rows += [f"（附图 {len(said.pictures)} 张）"] if said.pictures else []
    rows[0] = f"答：{rows[0]}" if said.is_answer else rows[0]
    rows[-1] = f"{rows[-1]} —— {escape(signature(said))}"
    return [each for row in rows for each in ("", row)]
