"""The messages that the bot posts during a live talk; each public function composes one delivery."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from db.queries import carryovers, changes, items, members, questions, roles
from db.queries.talks import TalkRow
from plugins._talk.deliveries.parts import Part
from plugins._talk.deliveries.reminders import listed, owed_afterwards
from plugins._talk.documents.agenda import AgendaSection
from plugins._talk.documents.chapters import AGAIN
from plugins._talk.documents.contributors import contributors
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.item_titles import title_of
from plugins._talk.documents.running_order import Evening, Stop, minutes
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import names
from plugins._talk.render.discussion import short
from plugins._talk.render.rich import Mention, joined, lines, mention
from plugins._talk.series import Series

NAMED = 5
PEOPLE = 40


def opening(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The evening begins: the running order with clock times."""
    evening = evening_of(connection, series, talk.number)
    agenda, ahead = evening.agenda, evening.ahead
    rows = [
        f"{section.begins:%H:%M} {section.name}（{_length(section)}）{_contents(section, evening)}"
        for section in agenda.shown
    ]
    first = f"{series.host.name}发 /下一项 开始：{_next(ahead)}" if ahead else ""
    return (
        lines(
            [
                f"【{agenda.series} {talk_name(talk.number)}】{_opened_by(connection, evening, talk)}开场啦",
                *([f" {agenda.host_role} ", *joined(agenda.hosts)] if agenda.hosts else []),
            ],
            [f"在哪开：{agenda.place}"] if agenda.place else [],
            *([row] for row in rows),
            [first] if first else [],
        ),
    )


def _opened_by(connection: Connection, evening: Evening, talk: TalkRow) -> str:
    """Who opened the talk, where that is not one of its hosts, who are named anyway."""
    if talk.started_by is None or any(talk.started_by == host.qq for host in evening.agenda.hosts):
        return ""
    return f"{members.name_of(connection, talk.started_by)} 宣布"


def _length(section: AgendaSection) -> str:
    return f"{section.minutes} 分钟" if section.minutes else "不限时"


def _contents(section: AgendaSection, evening: Evening) -> str:
    leads = f" {names(section.leads)}" if section.leads else ""
    if section.open:
        waiting = len(evening.agenda.discussion.waiting)
        return f"{waiting} 个问题{leads}" if waiting else leads.strip()
    return f"{len(section.presented)} 条{leads}"


def turn(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Announce the current turn: the item or section, its speakers, their time, and what comes next."""
    evening = evening_of(connection, series, talk.number)
    current = evening.current
    if talk.floor is None or current is None:
        return ()
    asker = current.question.asker if current.question else None
    own = [current.item.submitter] if current.item else [asker] if asker else []
    who = own or current.section.leads or evening.agenda.hosts
    told = _time_of(evening, current, talk, series)
    waiting = evening.agenda.discussion.waiting if current.section.open and not current.question else []
    asked = "；".join(f"Q{each.number} {short(each.question, 30)}" for each in waiting[:NAMED])
    ahead = evening.ahead
    return (
        lines(
            [f"▶ {_titled(current)}{AGAIN if evening.is_again(evening.turns[-1]) else ''}"],
            [*joined(who), f" {told}" if who else told],
            [f"等着回答的：{asked}"] if asked else [],
            [f"接下来：{_next(ahead)}" if ahead else "后面没有别的了，讲完发 /结束"],
        ),
    )


def _titled(stop: Stop) -> str:
    count = len(stop.section.presented)
    return f"{stop.numbered}（{count} 条）" if count and stop.item is None and stop.question is None else stop.numbered


def _time_of(evening: Evening, current: Stop, talk: TalkRow, series: Series) -> str:
    floor = talk.floor
    if floor is None or floor.until is None:
        return "不限时"
    clock = _clock(floor.until, series)
    if floor.until <= floor.began_at:
        return f"{current.section.name}的时间已经用完（{clock}），请长话短说"
    section = evening.section_until(current.section, floor.began_at)
    span = minutes(floor.until - floor.began_at)
    if current.item is None or section is None or section <= floor.until:
        return f"{f'{current.section.name}还有' if current.item else '有'} {span} 分钟，到 {clock}"
    return f"约 {span} 分钟，到 {clock}（{current.section.name}到 {_clock(section, series)}）"


def _clock(moment: datetime, series: Series) -> str:
    return f"{moment.astimezone(series.zone):%H:%M}"


def _next(stop: Stop) -> str:
    if stop.item is not None:
        return f"{_titled(stop)}（{stop.item.submitter.name}）"
    leads = names(stop.section.leads)
    return f"{_titled(stop)}{f'（{leads}）' if leads else ''}"


def two_minutes(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The time of a section is nearly up; an item's share of it is not warned of."""
    evening = evening_of(connection, series, talk.number)
    if evening.current is None or _is_share(evening, talk):
        return ()
    return ((f"⏳ {evening.current.section.name}还有 2 分钟",),)


def time_up(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The time is up."""
    evening = evening_of(connection, series, talk.number)
    if evening.current is None:
        return ()
    ahead = evening.ahead
    following = f"接下来：{_next(ahead)}" if ahead else "后面没有别的了，讲完发 /结束"
    return ((f"⏰ {_on(evening, talk)}时间到。还要讲就发 /延长 5；{following}",),)


def _on(evening: Evening, talk: TalkRow) -> str:
    """The name of what the time limit belongs to: the item, or its section when both end together."""
    if evening.current is None:
        return ""
    return f"{evening.current.numbered} " if _is_share(evening, talk) else evening.current.section.name


def _is_share(evening: Evening, talk: TalkRow) -> bool:
    """Whether the time limit is an item's share of its section's time, which ends later."""
    current, floor = evening.current, talk.floor
    if current is None or current.item is None or floor is None or floor.until is None:
        return False
    section = evening.section_until(current.section, floor.began_at)
    return section is not None and floor.until < section


def undone(connection: Connection, _series: Series, talk: TalkRow) -> Sequence[Part]:
    """Tell the other groups what somebody took back."""
    change = changes.last_undone(connection, talk.number)
    return ((taken_back(change.talk, change.member.name, change.said),),) if change else ()


def taken_back(talk: int, who: str, said: str) -> str:
    """`004 期：撤销了 老徐 的 /选定 #15`"""
    return f"{talk_name(talk)} 期：撤销了 {who} 的 {said}"


def summary(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Announce the end: times, items covered, open questions, contributors, missing records."""
    evening = evening_of(connection, series, talk.number)
    begun, ended = talk.clock_zero, talk.ended_at
    if ended is None:
        return ()
    span = f"{_clock(begun, series)}–{_clock(ended, series)}，{minutes(ended - begun)} 分钟"
    by_itself = "" if talk.ended_by else "（没有人发 /结束，自动收场）"
    who = f"{members.name_of(connection, talk.ended_by)} 宣布" if talk.ended_by else ""
    return (
        lines(
            [f"【{series.name} {talk_name(talk.number)}】{who}收场啦，谢谢大家！{span}{by_itself}"],
            *([row] for row in _times(evening, ended)),
            *([row] for row in _covered(connection, evening, talk)),
            *([row] for row in _unanswered(connection, talk)),
            [_thanks(connection, talk)],
            _owed(connection, series, talk),
            ["登记视频时给出章节：发 /视频 链接 开场在第几分几秒"]
            if evening.ran and not talk.video and "video" in series.reminders.records
            else [],
        ),
    )


def _times(evening: Evening, ended: datetime) -> list[str]:
    """Planned against real minutes, a line for each section that was to be on or was."""
    if not evening.ran:
        return []
    on = {turn.section for turn in evening.turns}
    shown = [each for each in evening.agenda.sections if each in evening.agenda.shown or each.key in on]
    return [
        f"{section.name}：{f'计划 {section.minutes} 分钟' if section.minutes else '不限时'}，"
        + (f"实际 {minutes(evening.used(section.key, ended))} 分钟" if section.key in on else "没有讲")
        for section in shown
    ]


def _covered(connection: Connection, evening: Evening, talk: TalkRow) -> list[str]:
    """How many items were covered, which were not, and how to carry those over."""
    name, into = talk_name(talk.number), talk_name(talk.number + 1)
    gone = items.by_ids(connection, carryovers.from_talk(connection, talk.number))
    rows = (
        [f"转到下期 {len(gone)} 条：{'；'.join(_moved(each) for each in list(gone.values())[:NAMED])}"] if gone else []
    )
    if not evening.agenda.shown or not any(section.items for section in evening.agenda.sections):
        return rows
    if not evening.ran:
        return [
            *rows,
            f"没有用 /下一项，讲到哪些不清楚；要带去 {into} 期的，{evening.agenda.host_role}发 /转下期 加编号",
        ]
    rows = [f"讲到 {len(evening.covered)} 条", *rows]
    missed = evening.missed
    if missed:
        rows.append(f"没讲到 {len(missed)} 条：{listed(missed)}")
        rows.append(f"{evening.agenda.host_role}发 /转下期 就把它们带去 {into} 期（署名不变），不发就留在 {name} 期")
    return rows


def _moved(item: items.ItemRow) -> str:
    return f"{talk_name(item.talk)}#{item.number} {short(title_of(item), 24)}"


def _unanswered(connection: Connection, talk: TalkRow) -> list[str]:
    waiting = [each for each in questions.of_talk(connection, talk.number) if each.is_open]
    if not waiting:
        return []
    now = [questions.latest(connection, each.id) for each in waiting[:NAMED]]
    asked = "；".join(f"{talk_name(each.talk)}Q{each.number} {short(each.text, 30)}" for each in now)
    more = "……" if len(waiting) > NAMED else ""
    return [f"还没人答的问题 {len(waiting)} 个，带去下期：{asked}{more}"]


def _thanks(connection: Connection, talk: TalkRow) -> str:
    people = contributors(connection, talk.number)
    more = f" 等 {len(people)} 位" if len(people) > PEOPLE else ""
    return f"本期贡献者（排名不分先后）：{names(people[:PEOPLE])}{more}" if people else ""


def _owed(connection: Connection, series: Series, talk: TalkRow) -> list[str | Mention]:
    editor = series.editor.name
    missing = owed_afterwards(series, talk)
    editors = roles.holders(connection, talk.number).get(series.editor.key, ())
    if not missing:
        return []
    what = "、".join(missing)
    if not editors:
        return [f"还差{what}，也还没有{editor}：谁愿意整理？发 /认领 {editor} {talk_name(talk.number)}"]
    return [f"{editor} ", *(part for person in editors for part in (mention(person), " ")), f"还差{what}，有空时收个尾"]
