"""The minutes as Markdown that can be pasted into Zhihu and GitHub; a series may replace the built-in template."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from db.queries.members import Person
from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import AgendaItem, AgendaSection
from plugins._talk.documents.chapters import clock
from plugins._talk.documents.discussion import Thread
from plugins._talk.documents.minutes import Minutes, Video
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import names
from plugins._talk.render.markdown import autolink, escape, item_rows, linked, thread_rows
from plugins._talk.render.rendered import Rendered
from plugins._talk.series import Section, Series
from plugins._talk.series_file import BadSeries

if TYPE_CHECKING:
    from jinja2 import Environment

BESIDE = "pictures"  # the folder of pictures, next to the document
TIMELINE = "timeline.png"
TEMPLATE = "minutes.md.jinja"


class Markdown(str):
    """Text that is Markdown already; the template escapes all other text."""


def minutes_document(minutes: Minutes, pictures: str = BESIDE, *, timeline: bool = True) -> Rendered[str]:
    """`OpenLLM-Talk-004.md`: the minutes. `pictures` is the base of picture links: a relative folder or a URL.

    `timeline`: its picture lies beside the document. Minutes finished by hand are given back as they are.
    """
    if minutes.final is not None:
        return Rendered(minutes.final, ())
    template = _environment(minutes.series.texts.template).get_template(_name_of(minutes.series))
    written = template.render(_shown(minutes, pictures, timeline=timeline))
    document = re.sub(r"\n{3,}", "\n\n", written).strip()
    return Rendered(f"{document}\n", warnings_of(minutes.agenda, minutes.timeline))


def check_template(series: Series) -> None:
    """See that the series' own template can be read. Raises BadSeries."""
    own = series.texts.template
    if own is None:
        return
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    try:
        _environment(own).get_template(_name_of(series))
    except TemplateSyntaxError as error:
        raise BadSeries(f"{own} 第 {error.lineno} 行：模板写法不对：{error.message}") from error
    except TemplateNotFound as error:
        raise BadSeries(f"{own}：没有这个文件") from error
    except UnicodeDecodeError as error:
        raise BadSeries(f"{own}：不是 UTF-8 编码，请用 UTF-8 另存一次") from error
    except (TemplateError, OSError) as error:
        raise BadSeries(f"{own}：{error}") from error


def _environment(own: Path | None) -> "Environment":
    """Jinja for minutes: `own` is a series' template, which may extend the built-in one."""
    return markdown_environment(own.parent if own else None)


@cache
def markdown_environment(also: Path | None = None) -> "Environment":
    """Jinja for Markdown: templates of this folder and of another one; what they print is escaped as Markdown."""
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined  # late, to keep startup fast

    folders = [Path(__file__).parent, *([also] if also else [])]
    environment = Environment(  # noqa: S701 - not HTML: `_printed` escapes everything as Markdown
        loader=ChoiceLoader([FileSystemLoader(each, encoding="utf-8-sig") for each in folders]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printed,
    )
    environment.filters |= {"markdown": Markdown, "talk": talk_name, "when": _when}
    return environment


def _when(local: datetime) -> Markdown:
    return Markdown(say_local(local))


def _name_of(series: Series) -> str:
    return TEMPLATE if series.texts.template is None else series.texts.template.name


def _printed(value: object) -> str:
    """What the template prints of a value."""
    return value if isinstance(value, Markdown) else escape("" if value is None else str(value))


def _shown(minutes: Minutes, pictures: str, *, timeline: bool) -> dict[str, Any]:
    """The template's variables: the minutes, and functions that render their parts."""
    agenda, texts = minutes.agenda, minutes.series.texts
    leads = ((escape(section.name), escape(names(section.leads))) for section in agenda.sections if section.leads)

    def shown(files: Sequence[str]) -> list[str]:
        return [f"![附图]({pictures}/{name})" for name in files]

    def item(each: AgendaItem) -> Markdown:
        return Markdown("\n".join(item_rows(each, shown)))

    def threads(found: Iterable[Thread]) -> Markdown:
        return Markdown("\n".join(thread_rows(found, shown)))

    return {
        "minutes": minutes,
        "agenda": agenda,
        "texts": texts,
        "joining": minutes.series.joining,
        "records": minutes.series.reminders.records,
        "name": Markdown(f"{escape(agenda.series)} {talk_name(agenda.number)}"),
        "when": Markdown(say_local(agenda.scheduled_at)),
        "summary": Markdown("".join(f"{escape(each)}; " for each in minutes.summary).strip()),
        "leads": Markdown("; ".join(f"{name} {people}" for name, people in leads)),
        "has_leads": any(section.leads for section in minutes.series.sections),
        "timeline": TIMELINE if timeline and minutes.timeline.real and pictures == BESIDE else None,
        "sections": [_section(minutes, section) for section in minutes.kept],
        "homeless": agenda.discussion.threads and not any(section.open for section in minutes.kept),
        "label": _label,
        "names": as_markdown(lambda people: escape(names(people))),
        "linked": as_markdown(linked),
        "address": as_markdown(autolink),
        "picture": as_markdown(lambda name: shown([name])[0]),
        "recording": _recording,
        "clock": clock,
        "item": item,
        "threads": threads,
    }


def as_markdown(write: Callable[[Any], str]) -> Callable[[Any], Markdown]:
    """What `write` returns is Markdown."""
    return lambda value: Markdown(write(value))


def _label(label: str, text: str, aside: str = "") -> Markdown:
    return Markdown(f"【{escape(label)}】: {_printed(text)}{f' ({escape(aside)})' if aside else ''}".rstrip())


def _recording(video: Video) -> Markdown:
    """A recording's URL; if the talk begins later in it, with that time, in the wording usual on Bilibili."""
    if not video.offset or video.offset < 0:
        return Markdown(autolink(video.url))
    return Markdown(f"【精准空降到 {clock(video.offset)}】 {autolink(at_second(video.url, video.offset))}")


def at_second(url: str, seconds: int) -> str:
    """A recording's address that begins to play there: `t=610`, as Bilibili and YouTube read it."""
    parts = urlsplit(url)
    kept = [each for each in parts.query.split("&") if each and not each.startswith("t=")]
    return urlunsplit(parts._replace(query="&".join([*kept, f"t={seconds}"])))


@dataclass(frozen=True)
class _Category:
    """A category of a section with its items; `name` None for items without a category."""

    name: str | None
    hint: str
    items: Sequence[AgendaItem]


@dataclass(frozen=True, kw_only=True)
class _Section:
    """A section as given to the template; `rules` are its settings in the series."""

    name: str
    optional: bool
    open: bool
    about: str
    rules: Section
    credited: Sequence[Person]
    nominated: str
    wishes: Markdown
    categories: Sequence[_Category]


def _section(minutes: Minutes, section: AgendaSection) -> _Section:
    own = minutes.series.section(section.key)
    wishes = (f"{linked(each.body)} —— {escape(each.by.name)}" for each in section.suggestions)
    return _Section(
        name=section.name,
        optional=section.optional,
        open=section.open,
        about=section.about or "",
        rules=own,
        credited=_credited(minutes, section),
        nominated="; ".join(map(_nominated, section.nominations)),
        wishes=Markdown("; ".join(wishes)),
        categories=_categories(section, own),
    )


def _categories(section: AgendaSection, own: Section) -> Sequence[_Category]:
    """Items without a category, then all categories of the series, also empty ones, then others that items have."""
    groups = dict(section.listed)
    hints = {each.name: each.hint for each in own.categories}
    others = [each for each in groups if each is not None and each not in hints]
    apart = [_Category(None, "", groups[None])] if None in groups else []
    return [*apart, *(_Category(name, hints.get(name, ""), groups.get(name, ())) for name in (*hints, *others))]


def _nominated(item: AgendaItem) -> str:
    votes = f", {item.votes} 票" if item.votes else ""
    return f"{item.headline}({item.submitter.name}{votes})"


def _credited(minutes: Minutes, section: AgendaSection) -> Sequence[Person]:
    """Who did something for a section, leads first, each once."""
    people = [*section.leads]
    for item in section.items:
        people += [item.submitter, *([item.via] if item.via else []), *(each.person for each in item.seconds)]
    people += [each.by for each in section.suggestions]
    if section.open:
        threads = minutes.agenda.discussion.threads
        people += [thread.asker for thread in threads if thread.asker]
        people += [said.author for thread in threads for said in thread.said]
    return list(dict.fromkeys(people))
