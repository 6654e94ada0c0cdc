"""Pictures for reading on a phone, drawn by Typst: a talk's agenda, and the timeline of an evening.

Untrusted text is passed to the templates as JSON and set as plain text. Drawing takes 0.1 s or more, and blocks.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import manimgx_fonts_cjk
import segno
import typst

from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import Agenda, AgendaItem, AgendaSection
from plugins._talk.documents.headline import summary
from plugins._talk.documents.running_order import minutes as in_minutes
from plugins._talk.documents.timeline import OVERRUN, Span, Timeline, bounds
from plugins._talk.documents.warnings import overtime, warnings_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import credit, names
from plugins._talk.render.discussion import asked
from plugins._talk.render.discussion import short as shortened
from plugins._talk.render.fitting import MOST_NAMED, MOST_QUESTIONS, MOST_WISHES, shown_items
from plugins._talk.render.rendered import Rendered

WIDTH = 1080  # pixels
TALLEST = 5_000  # pixels; what is taller is drawn in more pictures than one
MOST_SHEETS = 4
FILLED = 0.8
SECTION_HEIGHT = 450  # points: the maximum for a section's heading and its other content besides items
PIXELS_A_POINT = 2
LONGEST_TITLE, LONGEST_NOTE, LONGEST_WISH = 200, 160, 100
_HERE = Path(__file__).parent
FAMILIES = ("Noto Sans CJK SC", "Noto Color Emoji", "Noto Sans", "Noto Sans Symbols", "Noto Sans Math")
FONTS = [_HERE / "fonts", Path(manimgx_fonts_cjk.__file__).parent]
_LONG = re.compile(r"[!-~\u00a1-\u02af\u0370-\u052f]{24,}")
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
Data = Mapping[str, Any]


def agenda_data(agenda: Agenda, longest: int, page: str | None) -> Data:
    """The template data of the agenda's picture; `page` is the URL of the talk's web page (None: no QR code).

    `longest` limits the article's title in characters. Items, questions and suggestions are limited; the number left
    out is shown.
    """
    items = [[_item(item) for _, group in section.groups for item in group] for section in agenda.shown]
    shares = shown_items(items, MOST_SHEETS * TALLEST / PIXELS_A_POINT * FILLED - len(items) * SECTION_HEIGHT)
    return {
        "series": _text(agenda.series),
        "number": talk_name(agenda.number),
        "when": say_local(agenda.scheduled_at),
        "place": _text(agenda.place),
        "host_role": _text(agenda.host_role),
        "submit": _text(agenda.submit),
        "editor_role": _text(agenda.editor_role),
        "hosts": [_text(each.name) for each in agenda.hosts],
        "editors": [_text(each.name) for each in agenda.editors],
        "summary": [_text(each) for each in summary(agenda, longest)],
        "sections": [_section(section, agenda, share) for section, share in zip(agenda.shown, shares, strict=True)],
        "page": page and _text(page),
        "qr": segno.make(page, error="m").svg_inline(scale=8, border=0, omitsize=True) if page else None,
    }


def _section(section: AgendaSection, agenda: Agenda, share: int) -> Data:
    waiting = agenda.discussion.waiting if section.open else []
    groups = _first(section.groups, share)
    left = [
        _left_out(len(section.items) - share, "条"),
        _left_out(len(waiting) - MOST_QUESTIONS, "个问题"),
        _left_out(len(section.suggestions) - MOST_WISHES, "条建议"),
    ]
    span = f"{section.begins:%H:%M}–{section.ends:%H:%M}" if section.ends else f"{section.begins:%H:%M} 起"
    return {
        "name": _text(section.name),
        "span": span,
        "leads": [_text(each.name) for each in section.leads],
        "wanted": section.wanted,
        "about": _text(shortened(section.about, LONGEST_NOTE)),
        "empty": "" if section.items or waiting else "自由提问、自由讨论" if section.open else "还没有内容",
        "groups": [
            {"category": category and _text(category), "items": [_item(item) for item in group]}
            for category, group in groups
        ],
        "questions": [
            {
                "number": f"Q{each.number}",
                "text": _text(shortened(each.question, LONGEST_NOTE)),
                "credit": _text(asked(each).removeprefix(f"Q{each.number} {each.question}").strip()),
            }
            for each in waiting[:MOST_QUESTIONS]
        ],
        "suggestions": [
            _text(f"{shortened(each.body, LONGEST_WISH)} —— {each.by.name}")
            for each in section.suggestions[:MOST_WISHES]
        ],
        "left": "，".join(filter(None, left)),
    }


def _first(
    groups: Sequence[tuple[str | None, Sequence[AgendaItem]]], most: int
) -> list[tuple[str | None, Sequence[AgendaItem]]]:
    """The first so many items, by category."""
    found: list[tuple[str | None, Sequence[AgendaItem]]] = []
    for category, group in groups:
        if most > 0:
            found.append((category, group[:most]))
        most -= len(group)
    return found


def _left_out(count: int, what: str) -> str:
    return f"还有 {count} {what}" if count > 0 else ""


def _item(item: AgendaItem) -> Data:
    others = f" 等 {len(item.seconds)} 人" if len(item.seconds) > MOST_NAMED else ""
    named = f"{names(each.person for each in item.seconds[:MOST_NAMED])}{others}"
    seconds = f" · {named} 也推荐" if item.seconds and not item.nominated else ""
    return {
        "number": item.number,
        "title": _text(shortened(item.title, LONGEST_TITLE)),
        "source": _text(shortened(item.source, LONGEST_NOTE)),
        "note": _text(shortened(item.note, LONGEST_NOTE)),
        "site": _text(urlsplit(item.url).hostname or "" if item.url else "").removeprefix("www."),
        "credit": _text(f"{credit(item)}{seconds}"),
        "picked": item.picked,
        "nominated": item.nominated,
        "votes": item.votes,
    }


def _text(text: str) -> str:
    """Untrusted text for typesetting: without control and direction characters, with break points in long tokens."""
    return _LONG.sub(_breakable, _UNSHOWN.sub("", " ".join(text.split())))


def _breakable(token: re.Match[str]) -> str:
    return "\u200b".join(re.findall(r".{1,8}", token[0]))


def agenda_picture(agenda: Agenda, longest: int, page: str | None) -> Rendered[Sequence[bytes]]:
    """The agenda as PNGs, 1,080 pixels wide: one, or up to four of which none is over 8,000 high."""
    return Rendered(_draw("agenda.typ", agenda_data(agenda, longest, page))[:MOST_SHEETS], warnings_of(agenda))


def timeline_data(name: str, shown: Timeline) -> Data:
    """The template data of the picture of a timeline, which must not be empty."""
    first, last = bounds(shown)
    order = [each.name for each in shown.planned]
    return {
        "title": f"{_text(name)} 时间线",
        "span": f"{first:%Y-%m-%d} {first:%H:%M}–{last:%H:%M}",
        "first": f"{first:%H:%M}",
        "last": f"{last:%H:%M}",
        "planned": [_block(each, order, first, last) for each in shown.planned if each.length],
        "real": [_block(each, order, first, last) for each in shown.real],
        "rows": [_row(each, place, shown) for place, each in enumerate(shown.planned)],
    }


def _block(span: Span, order: Sequence[str], first: datetime, last: datetime) -> Data:
    whole = (last - first) / timedelta(seconds=1) or 1
    return {
        "name": _text(span.name),
        "place": order.index(span.name) if span.name in order else -1,
        "from": (span.begins - first) / timedelta(seconds=1) / whole,
        "to": (span.ends - first) / timedelta(seconds=1) / whole,
    }


def _row(planned: Span, place: int, shown: Timeline) -> Data:
    took = shown.took(planned.name)
    over = dict(shown.over).get(planned.name)
    spared = planned.length - took if took and planned.length else timedelta()
    early = f"早 {in_minutes(spared)} 分钟" if spared >= OVERRUN else "按时" if took and planned.length else ""
    return {
        "name": _text(planned.name),
        "place": place,
        "planned": f"{in_minutes(planned.length)} 分钟" if planned.length else "不限",
        "real": f"{in_minutes(took)} 分钟" if took else "没有讲",
        "over": over is not None,
        "difference": f"超 {in_minutes(over)} 分钟" if over else early,
    }


def timeline_picture(name: str, shown: Timeline) -> Rendered[Sequence[bytes]]:
    """The timeline of an evening, which must not be empty, as PNGs: one."""
    return Rendered(_draw("timeline.typ", timeline_data(name, shown)), overtime(shown))


def missing_fonts() -> Sequence[str]:
    """The families that the pictures are set in and that are not there."""
    there = typst.Fonts(include_system_fonts=False, font_paths=[str(each) for each in FONTS]).families()
    return [family for family in FAMILIES if family not in there]


@cache
def look() -> str:
    """A cache key for the look of all pictures: template sources, versions of Typst and fonts, and width."""
    templates = [each.read_text("utf-8") for each in sorted(_HERE.glob("*.typ"))]
    return "\n".join([*templates, version("typst"), version("manimgx-fonts-cjk"), str(WIDTH)])


@cache
def _compiler(template: str) -> typst.Compiler:
    """One compiler for each template, kept because it caches the fonts."""
    return typst.Compiler(
        str(_HERE / template), root=str(_HERE), font_paths=[str(each) for each in FONTS], ignore_system_fonts=True
    )


def _draw(template: str, data: Data) -> Sequence[bytes]:
    inputs = {"data": json.dumps(data, ensure_ascii=False), "tallest": str(TALLEST / PIXELS_A_POINT)}
    drawn = _compiler(template).compile(format="png", ppi=72 * PIXELS_A_POINT, sys_inputs=inputs)
    return [each for each in (drawn if isinstance(drawn, list) else [drawn]) if each]
