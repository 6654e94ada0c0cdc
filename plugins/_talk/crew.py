"""Who does what: taking roles on, giving them back or on, and the name that everybody is known by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import deliveries, members, roles, talks
from db.queries.members import Person
from db.queries.talks import TalkRow
from db.words import TalkState
from plugins._talk.desk import Desk, Refused
from plugins._talk.overview import RoleLine, role_lines
from plugins._talk.series import Role
from plugins._talk.talks import append, talk_name

AHEAD = 12  # so many talks ahead may be claimed
SHORT_NOTICE = timedelta(hours=2)
STAND_IN = "standin"
_WHICH = re.compile(r"\s*(?:(?P<number>\d{1,3})\s*期?|(?P<next>下+)一?期|本期|这期|这一期)\s*")


@dataclass(frozen=True)
class Claimed:
    """A role taken in a talk, perhaps a `later` one. `editor_free` when it was the host's and the editor's is free."""

    talk: TalkRow
    role: Role
    anew: bool
    editor_free: bool
    later: bool


def claim(desk: Desk, words: str) -> Claimed:
    """Take a role in a talk (`主持人`, `主持人 005`, `主持人 下期`). Refused when it is unknown or full."""
    talk, words = _talk(desk, words)
    role = _role(desk, words)
    holders = roles.holders(desk.connection, talk.number)
    held = holders.get(role.key, ())
    anew = desk.member not in held
    if anew:
        free = set(range(role.capacity)) - set(roles.taken_slots(desk.connection, talk.number, role.key))
        if not free:
            names = "、".join(person.name for person in held)
            raise Refused(f"{talk_name(talk.number)} 的{role.name}已经由 {names} 认领了。发 /分工 看看还缺谁")
        roles.claim(desk.connection, talk.number, role.key, min(free), desk.member.qq, desk.visit.at)
    editors = holders.get("editor", ())
    editor_free = (
        role.key == "host" and desk.member not in editors and len(editors) < desk.series.role("editor").capacity
    )
    return Claimed(talk, role, anew, editor_free, talk.number != desk.talk.number)


def _talk(desk: Desk, words: str) -> tuple[TalkRow, str]:
    """The talk that is named before or behind a role (else the collecting one), and the words without it."""
    words = words.strip()
    match = _WHICH.match(words) or next((found for found in _WHICH.finditer(words) if found.end() == len(words)), None)
    if match is None:
        return desk.talk, words
    rest = f"{words[: match.start()]} {words[match.end() :]}".strip()
    if match["next"]:
        return _coming(desk, (desk.live or desk.talk).number + len(match["next"])), rest
    return (_coming(desk, int(match["number"])) if match["number"] else desk.talk), rest


def _coming(desk: Desk, number: int) -> TalkRow:
    """The talk with this number, opened ahead of its time if need be. Refused for one that is over for good."""
    if number > desk.talk.number + AHEAD:
        raise Refused(f"{talk_name(number)} 期还太远，最多可以认领到 {talk_name(desk.talk.number + AHEAD)} 期")
    while (last := talks.latest(desk.connection)) is not None and last.number < number:
        append(desk.connection, desk.series, desk.house.first_number, desk.visit.at, desk.house.holidays)
    found = desk.find_talk(number)
    if found.state in (TalkState.PUBLISHED, TalkState.CANCELLED):
        raise Refused(f"{talk_name(number)} 期已经结束了。现在是 {talk_name(desk.talk.number)} 期，发 /分工 看看")
    return found


@dataclass(frozen=True)
class Released:
    """A role given back. `urgent` when its talk begins soon and nobody else has it; `asked` might stand in."""

    talk: TalkRow
    role: Role
    urgent: bool
    later: bool = False
    asked: Sequence[Person] = ()


def unclaim(desk: Desk, words: str, groups: Sequence[int]) -> Released:
    """Give a role back; without words the only one that the visitor holds. On short notice all `groups` hear of it."""
    talk, words = _talk(desk, words)
    role = _role(desk, words) if words else _only_role(desk, talk)
    if not roles.release(desk.connection, talk.number, role.key, desk.member.qq):
        raise Refused(f"{talk_name(talk.number)} 的{role.name}不是你，不用释放。发 /分工 看看分工")
    if not _on_short_notice(desk.connection, talk, role.key, desk.visit.at):
        return Released(talk, role, urgent=False, later=talk.number != desk.talk.number)
    for group in groups:
        if group != desk.visit.group_id:  # here the answer says it
            deliveries.owe(desk.connection, talk.number, STAND_IN, group, desk.visit.at, talk.starts_at)
    asked = rested(desk.connection, talk) if role.key == "host" else ()
    return Released(talk, role, urgent=True, asked=[person for person in asked if person != desk.member])


def _on_short_notice(connection: Connection, talk: TalkRow, role: str, now: datetime) -> bool:
    soon = talk.starts_at - SHORT_NOTICE < now < talk.begins_at
    return soon and role not in roles.holders(connection, talk.number)


RESTED = 8  # who hosted none of the last so many talks may be asked
ASKED = 3


def rested(connection: Connection, talk: TalkRow) -> Sequence[Person]:
    """Active contributors who might host again: those who have not done so for longest first."""
    past = talks.recent(connection, (TalkState.HELD, TalkState.PUBLISHED), RESTED)
    numbers = [*(each.number for each in past), talk.number]
    return members.rested_contributors(connection, numbers, "host", ASKED) if past else ()


@dataclass(frozen=True)
class Handed:
    """A role that went from one member to another."""

    talk: TalkRow
    role: Role
    giver: Person
    taker: Person


def handover(desk: Desk, words: str, taker: Person) -> Handed:
    """Give a role to `taker`, who may give it back. A host may pass on what somebody else holds alone."""
    talk, words = _talk(desk, words)
    role = _role(desk, words) if words else _only_role(desk, talk)
    held = roles.holders(desk.connection, talk.number).get(role.key, ())
    giver = desk.member if desk.member in held else held[0] if len(held) == 1 and desk.is_host(talk) else None
    if giver is None:
        who = "、".join(person.name for person in held)
        raise Refused(
            f"{talk_name(talk.number)} 的{role.name}{f'是 {who}，要由本人或主持人转交' if held else '还没有人认领'}"
        )
    taker = members.met(desk.connection, taker.qq, taker.name)
    if taker in held:
        raise Refused(f"{taker.name} 已经是 {talk_name(talk.number)} 的{role.name}了")
    roles.hand_over(desk.connection, talk.number, role.key, giver.qq, taker.qq, desk.visit.at)
    return Handed(talk, role, giver, taker)


def left(connection: Connection, qq: int, groups: Sequence[int], now: datetime) -> Sequence[tuple[int, str]]:
    """Somebody is in none of the groups any more: their roles in talks to come are free; returns (talk, role)."""
    freed: list[tuple[int, str]] = []
    for talk in talks.unfinished(connection):
        if talk.begins_at <= now:
            continue  # whoever hosted keeps the credit
        for role in roles.depart(connection, talk.number, qq, now):
            freed.append((talk.number, role))
            if _on_short_notice(connection, talk, role, now):
                for group in groups:
                    deliveries.owe(connection, talk.number, STAND_IN, group, now, talk.starts_at)
    return freed


def holders_to_come(connection: Connection, now: datetime) -> set[int]:
    """Who holds a role in a talk to come."""
    coming = [talk.number for talk in talks.unfinished(connection) if talk.begins_at > now]
    return {person.qq for talk in coming for held in roles.holders(connection, talk).values() for person in held}


def _only_role(desk: Desk, talk: TalkRow) -> Role:
    holders = roles.holders(desk.connection, talk.number)
    held = [role for role in desk.series.all_roles if desk.member in holders.get(role.key, ())]
    if not held:
        raise Refused(f"你在 {talk_name(talk.number)} 还没有认领什么。发 /分工 看看分工")
    if len(held) > 1:
        raise Refused(f"你认领了{'、'.join(role.name for role in held)}，要说明是哪个，例：{held[0].name}")
    return held[0]


def _role(desk: Desk, words: str) -> Role:
    role = desk.series.role_called(words)
    if role is None:
        names = "、".join(each.name for each in desk.series.all_roles)
        asked = f"没有「{words[:20]}」这个角色。" if words else ""
        raise Refused(f"{asked}可以认领：{names}。例：/认领 {desk.series.all_roles[0].name}")
    return role


def show_roles(desk: Desk, words: str) -> tuple[TalkRow, Sequence[RoleLine], bool]:
    """Who does what in the collecting talk, or in the one that `words` name; and whether that is another."""
    talk, _ = _talk(desk, words)
    return talk, role_lines(desk.connection, desk.series, talk.number), talk.number != desk.talk.number


def set_nick(desk: Desk, nick: str) -> str:
    """Choose one's display name for all talks; returns it."""
    name = "".join(each for each in " ".join(nick.split()) if each.isprintable())
    limit = desk.series.limits.name
    if not name or len(name) > limit:
        raise Refused(f"署名要 1 到 {limit} 个字。例：/署名 羡鱼")
    if members.name_taken(desk.connection, name, desk.member.qq):
        raise Refused(f"已经有人叫 {name} 了，换一个吧，免得署名分不清")
    members.set_nick(desk.connection, desk.member.qq, name)
    return name
