"""Choosing what a talk presents: /pick, /theme, /suggest. Use cases for the desk."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import counts, items, nominations, sections
from db.queries.items import ItemRow
from db.queries.sections import SuggestionRow
from db.queries.talks import TalkRow
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Section, Series
from plugins._talk.usecases.admission import must_be_welcome, must_fit
from plugins._talk.usecases.desk import Desk, ItemRef, Refused
from plugins._talk.usecases.moderation import OFF

LONGEST_TOPIC = 60
LONGEST_WISH = 500


@dataclass(frozen=True)
class Picked:
    """Items that are presented now, or (not `chosen`) no longer, and the numbers of all that are in their sections."""

    items: Sequence[ItemRow]
    chosen: bool
    numbers: Mapping[str, tuple[int, ...]]


def pick(desk: Desk, refs: Sequence[ItemRef], argument: str) -> Picked:
    """Pick items for the evening, or unpick them with `取消`. For hosts and the section's leads. Raises Refused."""
    named = list({item.id: item for item in (desk.charge(ref) for ref in refs)}.values())
    chosen = argument.casefold() not in OFF
    for item in named:
        if chosen:
            _pick(desk, item)
        elif not nominations.unpick(desk.connection, item.id):
            raise Refused(f"{talk_name(item.talk)}#{item.number} 本来就没有选定")
    there = {item.section: nominations.picked(desk.connection, item.talk) for item in named}
    return Picked(named, chosen, {item.section: _numbers(desk, item, there[item.section]) for item in named})


def _pick(desk: Desk, item: ItemRow) -> None:
    there = nominations.picked(desk.connection, item.talk)
    section = desk.series.section(item.section)
    if item.id in there:
        raise Refused(f"{talk_name(item.talk)}#{item.number} 已经选定了；不讲了就发 /选定 #{item.number} 取消")
    numbers = _numbers(desk, item, there)
    if section.presents and len(numbers) >= section.presents:
        chosen = " ".join(f"#{each}" for each in numbers)
        raise Refused(f"{section.name}最多讲 {section.presents} 条，已经选了 {chosen}。先发 /选定 #{numbers[-1]} 取消")
    nominations.pick(desk.connection, item.id, desk.member.qq, desk.visit.said_at)


def _numbers(desk: Desk, item: ItemRow, chosen: Set[int]) -> tuple[int, ...]:
    listed = items.listed(desk.connection, item.talk)
    return tuple(each.number for each in listed if each.section == item.section and each.id in chosen)


@dataclass(frozen=True)
class Named:
    """A section's theme in a talk; `topic` None: the theme was removed."""

    talk: int
    section: Section
    topic: str | None


def name_theme(desk: Desk, argument: str) -> Named:
    """Set a section's theme from `<section> <topic>`; `取消` removes it. For hosts and its leads. Raises Refused."""
    section, topic = _section_and(desk.series, argument, "主题")
    if not topic:
        raise Refused(f"{section.name}的主题是什么？例：/主题 {section.short} 入门")
    if len(topic) > LONGEST_TOPIC:
        raise Refused(f"主题最多 {LONGEST_TOPIC} 字，请短一点")
    must_be_welcome(desk, topic)
    talk = _in_charge_of(desk, section)
    named = None if topic.casefold() in OFF else topic
    sections.name_theme(desk.connection, talk.number, section.key, named, desk.member.qq, desk.visit.said_at)
    return Named(talk.number, section, named)


def _section_and(series: Series, argument: str, command: str) -> tuple[Section, str]:
    """Parse the section name (the longest that matches) at the beginning; returns it and the rest. Raises Refused."""
    said = " ".join(argument.split())
    called = {name: each for each in series.sections for name in (each.key, each.short, each.name)}
    for name in sorted(called, key=len, reverse=True):
        if match := re.match(rf"{re.escape(name)}(?:[\s:：,，、]+|$)", said, re.IGNORECASE):
            return called[name], said[match.end() :]
    sections = [each.short for each in series.sections]
    raise Refused(f"先写版块（{'、'.join(sections)}），再写内容。例：/{command} {sections[0]} {said[:30]}".rstrip())


def _in_charge_of(desk: Desk, section: Section) -> TalkRow:
    """The live talk, else the collecting one, if the visitor has rights over the section in it. Raises Refused."""
    for talk in (desk.live, desk.talk):
        if talk is not None and desk.may_decide(talk, section.key):
            return talk
    raise Refused(
        f"这个要由 {talk_name(desk.discussing.number)} 期的{desk.series.in_charge}、{section.lead}或群管理来做"
    )


@dataclass(frozen=True)
class Suggested:
    """A suggestion for a section of a talk."""

    id: int
    talk: int
    section: Section
    body: str


def suggest(desk: Desk, argument: str, joined: datetime | None = None) -> Suggested:
    """Store a suggestion from `<section> <suggestion>` for the live talk, else the collecting one. Raises Refused."""
    section, body = _section_and(desk.series, argument, "建议")
    if not body:
        raise Refused(f"想建议什么？例：/建议 {section.short} 多讲几个例子")
    if len(body) > LONGEST_WISH:
        raise Refused(f"建议最多 {LONGEST_WISH} 字，请短一点")
    must_be_welcome(desk, body, joined=joined)
    message = (desk.visit.group_id, desk.visit.message_id)
    talk = desk.discussing.number
    there = counts.wishes(desk.connection, talk, desk.member.qq, section.key)
    must_fit(desk, talk, desk.series.caps.wishes, there, "建议", section.name)
    wish = sections.suggest(desk.connection, talk, section.key, body, desk.member.qq, message, desk.visit.said_at)
    return Suggested(wish, talk, section, body)


def take_back(desk: Desk, wish: SuggestionRow) -> None:
    """Delete a suggestion. For its author, hosts and the section's leads. Raises Refused."""
    desk.must_be_open(wish.talk)
    if wish.by.qq != desk.member.qq and not desk.may_decide(desk.find_talk(wish.talk), wish.section):
        lead = desk.series.section(wish.section).lead
        raise Refused(f"这条建议是 {wish.by.name} 的，由本人、{desk.series.in_charge}、{lead}或群管理撤回")
    sections.remove_suggestion(desk.connection, wish.id)


def recalled(connection: Connection, group_id: int, message_id: int) -> SuggestionRow | None:
    """Delete the suggestion made in a recalled message; returns it, or None if there was none."""
    return sections.take_suggestion_back(connection, group_id, message_id)
