"""Roles: claiming, releasing and handing them over; and members' display names. Use cases for the desk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import deliveries, members, roles, talks
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.foreign_text import clean_name
from plugins._talk.lifecycle import append, talk_name, to_come
from plugins._talk.series import Role, Series
from plugins._talk.usecases.admission import must_be_welcome
from plugins._talk.usecases.desk import Desk, Refused
from plugins._talk.usecases.overview import RoleLine, role_lines

AHEAD = 12  # so many talks ahead may be claimed
SHORT_NOTICE = timedelta(hours=2)
STAND_IN = "standin"
NO_NICK = ("取消", "无", "没有", "默认", "恢复", "off", "none")
_WHICH = re.compile(r"\s*(?:(?P<number>\d{1,9})\s*期?|(?P<next>下+)一?期|本期|这期|这一期)\s*")

_WHICH_ANYWHERE = re.compile(rf"(?:^|\s){_WHICH.pattern}(?=\s|$)")


@dataclass(frozen=True)
class Claimed:
    """A claimed role; `anew` False if the visitor already had it, `later` if the talk is not the collecting one.

    `editor_free`: it was the host role, and the editor role is still open.
    """

    talk: TalkRow
    role: Role
    anew: bool
    editor_free: bool
    later: bool


def wants_time_in_group(series: Series, argument: str) -> bool:
    """Whether the role in `argument` requires a minimum time in the group."""
    role = series.role_called(_WHICH_ANYWHERE.sub(" ", argument))
    return role is not None and role.days_in_group > 0


def claim(desk: Desk, argument: str, joined: datetime | None = None) -> Claimed:
    """Claim a role (`主持人`, `主持人 005`, `主持人 下期`). Raises Refused if it is unknown, full or not allowed.

    `joined` is when the visitor joined the group, None when unknown.
    """
    talk, argument = _talk(desk, argument)
    role = _role(desk, argument)
    holders = roles.holders(desk.connection, talk.number)
    held = holders.get(role.key, ())
    anew = not desk.is_among(held)
    if anew:
        _may_hold(desk, desk.member.qq, talk, role, joined)
        free = set(range(role.capacity)) - set(roles.taken_slots(desk.connection, talk.number, role.key))
        if not free:
            names = "、".join(person.name for person in held)
            raise Refused(f"{talk_name(talk.number)} 期的{role.name}已经由 {names} 认领了。发 /分工 看看还缺谁")
        roles.claim(desk.connection, talk.number, role.key, min(free), desk.member.qq, desk.visit.said_at)
    host, editor = desk.series.host, desk.series.editor
    editors = holders.get(editor.key, ())
    editor_free = role == host != editor and not desk.is_among(editors) and len(editors) < editor.capacity
    return Claimed(talk, role, anew, editor_free, talk.number != desk.talk.number)


def _talk(desk: Desk, argument: str) -> tuple[TalkRow, str]:
    """Parse the talk given before or after a role (default: the collecting one); returns it and the other words."""
    argument = argument.strip()
    match = _WHICH.match(argument) or next(
        (found for found in _WHICH.finditer(argument) if found.end() == len(argument)), None
    )
    if match is None:
        return desk.talk, argument
    rest = f"{argument[: match.start()]} {argument[match.end() :]}".strip()
    if match["next"]:
        return _coming(desk, (desk.live or desk.talk).number + len(match["next"])), rest
    return (_coming(desk, int(match["number"])) if match["number"] else desk.talk), rest


def _coming(desk: Desk, number: int) -> TalkRow:
    """The talk with this number, created if needed. Raises Refused for a published or cancelled one, or one too far."""
    if number > desk.talk.number + AHEAD:
        raise Refused(f"{talk_name(number)} 期还太远，最多可以认领到 {talk_name(desk.talk.number + AHEAD)} 期")
    while (last := talks.latest(desk.connection)) is not None and last.number < number:
        append(desk.connection, desk.series, desk.rules.first_number, desk.visit.said_at, desk.rules.holidays)
    found = desk.find_talk(number)
    if found.state in (TalkState.PUBLISHED, TalkState.CANCELLED):
        raise Refused(f"{talk_name(number)} 期已经结束了。现在是 {talk_name(desk.talk.number)} 期，发 /分工 看看")
    return found


def _may_hold(desk: Desk, qq: int, talk: TalkRow, role: Role, joined: datetime | None) -> None:
    """Refuse a role to a member who is too new in the group or holds too many; commands by admins are exempt."""
    if desk.visit.trusted:
        return
    days = (desk.visit.said_at - joined) / timedelta(days=1) if joined else None
    if days is not None and days < role.days_in_group:
        raise Refused(f"进群满 {role.days_in_group:g} 天才能当{role.name}，先认领版块负责人也很好：发 /分工 看看")
    coming = [each.number for each in to_come(desk.connection, desk.visit.said_at)]
    held = roles.held_by(desk.connection, qq, coming)
    limits = desk.series.limits
    ahead = [number for number, key in held if key == role.key and number != desk.talk.number]
    if role.days_in_group and talk.number != desk.talk.number and len(ahead) >= limits.roles_ahead:
        names = "、".join(talk_name(number) for number in ahead)
        raise Refused(f"以后的{role.name}一个人先认领 {limits.roles_ahead} 期：已经有 {names} 了，给别人也留一期吧")
    if len(held) >= limits.roles:
        first = desk.series.role(held[0][1])
        raise Refused(f"一个人最多同时认领 {limits.roles} 个角色，先 /释放 一个吧，例：/释放 {first.name}")


@dataclass(frozen=True)
class Released:
    """A role that was released, or (by an admin) taken from `who`.

    `urgent`: the talk begins soon and nobody else has the role; `asked` are members who could stand in.
    """

    talk: TalkRow
    role: Role
    urgent: bool
    later: bool = False
    asked: Sequence[Person] = ()
    who: Person | None = None


def unclaim(desk: Desk, argument: str, groups: Sequence[int], of: int | None = None) -> Released:
    """Release a role; without a name, the only one held. On short notice a stand-in request goes to all `groups`.

    Group admins and superusers may release any member (`of`: a QQ number). Raises Refused.
    """
    talk, argument = _talk(desk, argument)
    qq = desk.member.qq if of is None else of
    other = next((each for each in _holders(desk, talk) if each.qq == qq), None) if qq != desk.member.qq else None
    if qq != desk.member.qq and not desk.visit.trusted:
        raise Refused("请别人让出角色，要由群主或群管理来发")
    role = _role(desk, argument) if argument else _only_role(desk, talk, qq)
    if not roles.release(desk.connection, talk.number, role.key, qq):
        whose = "你" if qq == desk.member.qq else "这位"
        raise Refused(f"{talk_name(talk.number)} 期的{role.name}不是{whose}，不用释放。发 /分工 看看分工")
    if not _on_short_notice(desk.connection, talk, role.key, desk.visit.said_at):
        return Released(talk, role, urgent=False, later=talk.number != desk.talk.number, who=other)
    for group in groups:
        if group != desk.visit.group_id:  # in this group the reply says it
            deliveries.owe(desk.connection, talk.number, STAND_IN, group, desk.visit.said_at, talk.scheduled_at)
    asked = rested(desk.connection, desk.series, talk) if role == desk.series.host else ()
    return Released(talk, role, urgent=True, asked=[person for person in asked if person.qq != qq], who=other)


def _holders(desk: Desk, talk: TalkRow) -> list[Person]:
    return [person for held in roles.holders(desk.connection, talk.number).values() for person in held]


def _on_short_notice(connection: Connection, talk: TalkRow, role: str, now: datetime) -> bool:
    soon = talk.scheduled_at - SHORT_NOTICE < now < talk.live_from
    return soon and role not in roles.holders(connection, talk.number)


RESTED = 8  # members who hosted none of the last 8 talks may be asked
ASKED = 3


def rested(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Person]:
    """Active contributors who might host again: those who have not done so for longest first."""
    past = talks.recent(connection, (TalkState.HELD, TalkState.PUBLISHED), RESTED)
    numbers = [*(each.number for each in past), talk.number]
    return members.rested_contributors(connection, numbers, series.host.key, ASKED) if past else ()


@dataclass(frozen=True)
class Handed:
    """A role that went from one member to another."""

    talk: TalkRow
    role: Role
    giver: Person
    taker: Person


def handover(desk: Desk, argument: str, taker: Person, joined: datetime | None = None) -> Handed:
    """Hand a role over to `taker`. Group admins may also hand over a role that one other member holds alone.

    `joined` is when the taker joined the group, None when unknown. Raises Refused.
    """
    talk, argument = _talk(desk, argument)
    role = _role(desk, argument) if argument else _only_role(desk, talk, desk.member.qq)
    held = roles.holders(desk.connection, talk.number).get(role.key, ())
    own = desk.is_among(held)
    giver = desk.member if own else held[0] if len(held) == 1 and desk.visit.trusted else None
    if giver is None:
        who = "、".join(person.name for person in held)
        raise Refused(
            f"{talk_name(talk.number)} 期的{role.name}{f'是 {who}，要由本人或群管理转交' if held else '还没有人认领'}"
        )
    taker = members.upsert_member(desk.connection, taker.qq, taker.name)
    _may_hold(desk, taker.qq, talk, role, joined)
    if any(person.qq == taker.qq for person in held):
        raise Refused(f"{taker.name} 已经是 {talk_name(talk.number)} 期的{role.name}了")
    roles.hand_over(desk.connection, talk.number, role.key, giver.qq, taker.qq, desk.visit.said_at)
    return Handed(talk, role, giver, taker)


def left(connection: Connection, qq: int, groups: Sequence[int], now: datetime) -> Sequence[tuple[int, str]]:
    """Free the roles in talks to come of a member who left all groups; returns them as (talk number, role key)."""
    freed: list[tuple[int, str]] = []
    for talk in talks.unfinished(connection):
        if talk.live_from <= now:
            continue  # roles in a talk that has begun are kept, for the credit
        for role in roles.depart(connection, talk.number, qq, now):
            freed.append((talk.number, role))
            if _on_short_notice(connection, talk, role, now):
                for group in groups:
                    deliveries.owe(connection, talk.number, STAND_IN, group, now, talk.scheduled_at)
    return freed


def holders_to_come(connection: Connection, now: datetime) -> set[int]:
    """The QQ numbers of all who hold a role in a talk to come."""
    coming = [talk.number for talk in talks.unfinished(connection) if talk.live_from > now]
    return {person.qq for talk in coming for held in roles.holders(connection, talk).values() for person in held}


def _only_role(desk: Desk, talk: TalkRow, qq: int) -> Role:
    holders = roles.holders(desk.connection, talk.number)
    held = [role for role in desk.series.all_roles if any(each.qq == qq for each in holders.get(role.key, ()))]
    who = "你" if qq == desk.member.qq else "这位"
    if not held:
        raise Refused(f"{who}在 {talk_name(talk.number)} 期没有认领什么，没有要让出或退订的。发 /分工 看看分工")
    if len(held) > 1:
        raise Refused(f"{who}认领了{'、'.join(role.name for role in held)}，要说明是哪个，例：{held[0].name}")
    return held[0]


def _role(desk: Desk, argument: str) -> Role:
    role = desk.series.role_called(argument)
    if role is None:
        names = "、".join(each.name for each in desk.series.all_roles)
        asked = f"没有「{argument[:20]}」这个角色。" if argument else ""
        raise Refused(f"{asked}可以认领：{names}。例：/认领 {desk.series.all_roles[0].name}")
    return role


def show_roles(desk: Desk, argument: str) -> tuple[TalkRow, Sequence[RoleLine], bool]:
    """The talk in `argument` (default: the collecting one), its roles, and whether it is not the collecting one."""
    talk, _ = _talk(desk, argument)
    return talk, role_lines(desk.connection, desk.series, talk.number), talk.number != desk.talk.number


def set_nick(desk: Desk, nick: str) -> tuple[str, bool]:
    """Choose one's display name for all talks, or go back to the group card with `取消` or `无`.

    Returns the name, and whether it is a chosen one. Raises Refused.
    """
    if nick.strip().casefold() in NO_NICK:
        members.set_nick(desk.connection, desk.member.qq, None)
        return members.name_of(desk.connection, desk.member.qq), False
    name, limit = clean_name(nick), desk.series.limits.name
    if not name or len(name) > limit:
        raise Refused(f"署名要 1 到 {limit} 个看得见的字。例：/署名 小林")
    must_be_welcome(desk, name)
    if str(desk.member.qq) in name or members.says_a_number(desk.connection, name):
        raise Refused("署名会印在纪要和网页上，就不要写 QQ 号了。例：/署名 小林")
    if members.name_taken(desk.connection, name, desk.member.qq):
        raise Refused(f"已经有人叫 {name} 了，换一个吧，免得署名分不清")
    members.set_nick(desk.connection, desk.member.qq, name)
    return name, True
