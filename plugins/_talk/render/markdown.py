"""The agenda as a Markdown document, and helpers shared with the minutes."""

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import Agenda, AgendaItem
from plugins._talk.documents.discussion import Discussion, Statement, Thread
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.links.canonical import find_addresses
from plugins._talk.render.chat import credit, names, seconded, signed, without_link
from plugins._talk.render.discussion import asked, signature
from plugins._talk.render.rendered import Rendered

_ALWAYS = re.compile(r"`|\*(?!(?<=\s\*)(?:\s|$))|\\(?=[!-/:-@\[-`{-~]|$)|<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # within a word it is no emphasis
_LINK = re.compile(r"\]\s*[(\[:]")
_AT_THE_START = re.compile(
    r"""(?P<before>\d{0,9})(?P<mark>
        [.)](?=\s|$) (?<=\d.)          # a numbered list
        | [*+-](?=\s|$)               # a list
        | \#(?=\#{0,5}(?:\s|$))       # a heading
        | >                           # a quotation
        | [-=](?=[-=\s]*$)            # a line, or a heading above it
    )""",
    re.VERBOSE,
)
_NOT_IN_ADDRESSES = "<>`\\ "


def escape(text: str) -> str:
    """Untrusted text as one line of Markdown that renders as exactly these characters; only what must be is escaped."""
    return _start(_escaped(" ".join(text.split())))


def autolink(url: str) -> str:
    """A URL in angle brackets, which CommonMark reads as a link, whatever stands beside it."""
    unsafe = {each for each in url if each in _NOT_IN_ADDRESSES or not each.isprintable()}
    return f"<{''.join(quote(each, safe='') if each in unsafe else each for each in url)}>"


def linked(text: str) -> str:
    """Untrusted text of one line, escaped as Markdown, with its URLs as links."""
    parts: list[str] = []
    end = 0
    for found in find_addresses(text):
        parts += [_escaped(text[end : found.start]), autolink(found.link.url)]
        end = found.end
    return _start("".join([*parts, _escaped(text[end:])]).strip())


def _escaped(text: str) -> str:
    """Escape what would be markup within a line. Pairs are needed for links, for struck-out text and for formulas."""
    pairs = [each for each in "~$" if text.count(each) > 1]
    pairs += ["[", "]"] if _LINK.search(text) else []
    text = _ALWAYS.sub(r"\\\g<0>", text)
    text = _UNDERSCORE.sub(r"\\_", text)
    return re.sub(f"[{re.escape(''.join(pairs))}]", r"\\\g<0>", text) if pairs else text


def _start(line: str) -> str:
    """Escape what would be markup at the beginning of a line."""
    match = _AT_THE_START.match(line)
    if match is None:
        return line
    return f"{line[: match.start('mark')]}\\{line[match.start('mark') :]}"


def agenda_document(agenda: Agenda) -> Rendered[str]:
    """`OpenLLM-Talk-004.md`: the whole agenda, with all submitters credited and all links clickable."""
    rows = [
        f"# {escape(agenda.series)} {talk_name(agenda.number)}",
        "",
        f"- 时间：{say_local(agenda.scheduled_at)}",
        *([f"- 在哪开：{linked(agenda.place)}"] if agenda.place else []),
        f"- {escape(agenda.host_role)}：{escape(names(agenda.hosts)) or '待认领'}",
        *(
            [f"- {escape(agenda.editor_role)}：{escape(names(agenda.editors)) or '待认领'}"]
            if agenda.editor_role
            else []
        ),
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
    rows += ["", autolink(item.url)] if item.url else [] if item.chosen else ["", without_link(item)]
    texts = (item.note, *map(signed, item.texts), *seconded(item))
    for line in (line for text in texts for line in text.split("\n")):
        rows += ["", linked(line)] if line.strip() else []
    for link in item.links:
        rows += ["", autolink(link)]
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
