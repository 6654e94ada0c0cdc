"""The minutes as Markdown that pastes into Zhihu and GitHub unchanged, in the community's own order of headings."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit, urlunsplit

from db.queries.members import Person
from plugins._talk.calendar.slots import say_local
from plugins._talk.documents.agenda import AgendaItem, AgendaSection
from plugins._talk.documents.chapters import clock
from plugins._talk.documents.minutes import Earlier, Minutes, Video
from plugins._talk.documents.warnings import concerns
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import names
from plugins._talk.render.markdown import Pictures, address, autolink, escape, item_rows, linked, thread_rows
from plugins._talk.render.rendered import Rendered
from plugins._talk.series import Section

BESIDE = "pictures"  # the folder in which pictures lie beside the document
TIMELINE = "timeline.png"


def minutes_document(minutes: Minutes, pictures: str = BESIDE) -> Rendered[str]:
    """`OpenLLM-Talk-004.md`. `pictures` is where its pictures are: a folder beside it, or an address."""

    def shown(files: Sequence[str]) -> list[str]:
        return [f"![附图]({pictures}/{name})" for name in files]

    rows = [
        f"# {_name(minutes)}",
        *_heading("序章", *minutes.series.texts.prologue.split("\n")),
        *_heading("背景介绍", *(_label(each.label, linked(each.text)) for each in minutes.series.texts.background)),
        *_heading("本期记录", *_record(minutes, pictures)),
        *_heading("注意事项", *(_label(each.label, linked(each.text)) for each in minutes.series.texts.notices)),
    ]
    for section in minutes.kept:
        rows += _section(minutes, section, shown)
    if not any(section.open for section in minutes.kept) and minutes.agenda.discussion.threads:
        rows += [*_heading("讨论"), *_discussion(minutes, shown)]
    rows += [
        *_heading("参考资料", *(address(each) for each in minutes.references)),
        *_heading("后续计划", _plans(minutes)),
        *_heading("加入/赞助我们", *_joining(minutes, shown)),
        *_heading("往期精彩", *(row for each in minutes.earlier for row in _earlier(each))),
    ]
    return Rendered("\n".join(rows) + "\n", concerns(minutes.agenda, minutes.timeline))


def _name(minutes: Minutes) -> str:
    return f"{escape(minutes.agenda.series)} {talk_name(minutes.agenda.number)}"


def _heading(title: str, *paragraphs: str) -> list[str]:
    """A heading and what stands under it; it stays when nothing does."""
    return ["", f"# {title}", *(each for text in paragraphs if text for each in ("", text))]


def _label(label: str, text: str, aside: str = "") -> str:
    return f"【{escape(label)}】: {text}{f' ({escape(aside)})' if aside else ''}".rstrip()


def _record(minutes: Minutes, pictures: str) -> Iterable[str]:
    """Number, time, summary, people, recording."""
    agenda, texts = minutes.agenda, minutes.series.texts
    leads = "; ".join(
        f"{escape(section.name)} {escape(names(section.leads))}" for section in agenda.sections if section.leads
    )
    yield _label("编号", _name(minutes), texts.number)
    yield _label("时间", say_local(agenda.scheduled_at), texts.time)
    yield _label("本期提要", "".join(f"{escape(each)}; " for each in minutes.summary).strip())
    yield f"【本期贡献者】- 排名不分先后: {escape(names(minutes.contributors))}"
    yield _label("主持人", escape(names(agenda.hosts)) or "待认领", texts.host)
    yield _label("编辑", escape(names(agenda.editors)) or "待认领", texts.editor)
    yield _label("版块负责人", leads or "待认领", texts.leads)
    yield _label("具体内容贡献者", escape(texts.content))
    yield _label("talk 视频", _recording(minutes.video) if minutes.video else escape(texts.no_video))
    if minutes.video and minutes.chapters:
        yield "\n".join(f"- {clock(each.seconds)} {escape(each.title)}" for each in minutes.chapters)
    if minutes.timeline.real and pictures == BESIDE:
        yield f"![时间线]({TIMELINE})"


def _recording(video: Video) -> str:
    """A recording's address; with where the evening begins in it, as people there write it."""
    if not video.offset or video.offset < 0:
        return autolink(video.url)
    return f"【精准空降到 {clock(video.offset)}】 {autolink(at_second(video.url, video.offset))}"


def at_second(url: str, seconds: int) -> str:
    """A recording's address that begins to play there: `t=610`, as Bilibili and YouTube read it."""
    parts = urlsplit(url)
    kept = [each for each in parts.query.split("&") if each and not each.startswith("t=")]
    return urlunsplit(parts._replace(query="&".join([*kept, f"t={seconds}"])))


def _section(minutes: Minutes, section: AgendaSection, shown: Pictures) -> list[str]:
    """A section with its labels, every category's heading and its items."""
    own = minutes.series.section(section.key)
    rows = _heading(f"{escape(section.name)}{'-optional' if section.optional else ''}", *_labels(minutes, section, own))
    groups = dict(section.listed)
    for item in groups.pop(None, ()):
        rows += ["", *item_rows(item, shown)]
    hints = {each.name: each.hint for each in own.categories}
    for category in (*hints, *(each for each in groups if each is not None and each not in hints)):
        rows += ["", f"## {escape(category)}"]
        rows += ["", escape(hints[category])] if hints.get(category) else []
        for item in groups.get(category, ()):
            rows += ["", *item_rows(item, shown)]
    return [*rows, *_discussion(minutes, shown)] if section.open else rows


def _labels(minutes: Minutes, section: AgendaSection, own: Section) -> Iterable[str]:
    """What a section is, who brought it, what was nominated, suggested and made its theme."""
    yield _label(section.name, linked(own.about))
    yield _label("贡献者", escape(names(_credited(minutes, section))))
    if own.nominations:
        yield _label("提名区", escape("; ".join(map(_nominated, section.nominations))))
    if own.wishes or section.suggestions:
        wishes = (f"{linked(each.body)} —— {escape(each.by.name)}" for each in section.suggestions)
        yield _label("建议区", "; ".join(wishes))
    if own.theme or section.about:
        yield _label(own.theme or "本期主题", escape(section.about))


def _nominated(item: AgendaItem) -> str:
    votes = f", {item.votes} 票" if item.votes else ""
    return f"{item.headline}({item.submitter.name}{votes})"


def _credited(minutes: Minutes, section: AgendaSection) -> Iterable[Person]:
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


def _discussion(minutes: Minutes, shown: Pictures) -> list[str]:
    found = minutes.agenda.discussion
    quiet = escape(minutes.series.texts.in_group)
    return [
        "",
        "## 线上讨论:",
        *thread_rows(found.online, shown),
        "",
        "## 群里讨论:",
        *(thread_rows(found.in_group, shown) or (["", quiet] if quiet else [])),
    ]


def _plans(minutes: Minutes) -> str:
    plans = minutes.series.texts.plans
    return "\n".join(f"- {linked(each.text)}{f', {escape(each.priority)}' if each.priority else ''};" for each in plans)


def _joining(minutes: Minutes, shown: Pictures) -> Iterable[str]:
    """How people come in; of a QR code that has expired only that it has."""
    joining = minutes.series.joining
    yield from (linked(each) for each in joining.intro.split("\n"))
    if joining.wechat or minutes.invitation:
        yield f"微信群: {linked(joining.wechat) and f'({linked(joining.wechat)})'}"
    if minutes.invitation:
        yield from shown([minutes.invitation.picture])
        yield f"该二维码 {minutes.invitation.last_day:%m 月 %d 日}前有效"
    elif minutes.expired:
        yield "(二维码过期了!)"
    if joining.group_number:
        yield f"QQ 群: {escape(joining.group_name)} 群号: {joining.group_number}"


def _earlier(talk: Earlier) -> Iterable[str]:
    yield escape(talk.title)
    if talk.article:
        yield address(talk.article)
    if talk.video:
        yield _recording(talk.video)
