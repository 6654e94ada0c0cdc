"""Claiming roles and giving them back, and the name one goes by: use cases over the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import members, roles
from plugins._talk.desk import Desk, Refused
from plugins._talk.overview import RoleLine, role_lines
from plugins._talk.series import Role
from plugins._talk.talks import talk_name


@dataclass(frozen=True)
class Claimed:
    """A role taken in a talk. `editor_free` when it was the host's and the editor's is still to be had."""

    talk: int
    role: Role
    anew: bool
    editor_free: bool


def claim(desk: Desk, words: str) -> Claimed:
    """Take a role in the collecting talk. Refused when it is unknown or full, with who holds it."""
    role = _role(desk, words)
    talk = desk.talk.number
    holders = roles.holders(desk.connection, talk)
    held = holders.get(role.key, ())
    anew = desk.member not in held
    if anew:
        free = set(range(role.capacity)) - set(roles.taken_slots(desk.connection, talk, role.key))
        if not free:
            names = "、".join(person.name for person in held)
            raise Refused(f"{talk_name(talk)} 的{role.name}已经由 {names} 认领了。发 /分工 看看还缺谁")
        roles.claim(desk.connection, talk, role.key, min(free), desk.member.qq, desk.visit.at)
    editors = holders.get("editor", ())
    editor_free = (
        role.key == "host" and desk.member not in editors and len(editors) < desk.series.role("editor").capacity
    )
    return Claimed(talk, role, anew, editor_free)


def unclaim(desk: Desk, words: str) -> tuple[int, Role]:
    """Give a role of the collecting talk back; without words the only one that the visitor holds."""
    role = _role(desk, words) if words else _only_role(desk)
    if not roles.release(desk.connection, desk.talk.number, role.key, desk.member.qq):
        raise Refused(f"{talk_name(desk.talk.number)} 的{role.name}不是你，不用释放。发 /分工 看看分工")
    return desk.talk.number, role


def _only_role(desk: Desk) -> Role:
    holders = roles.holders(desk.connection, desk.talk.number)
    held = [role for role in desk.series.all_roles if desk.member in holders.get(role.key, ())]
    if not held:
        raise Refused(f"你在 {talk_name(desk.talk.number)} 还没有认领什么。发 /分工 看看分工")
    if len(held) > 1:
        raise Refused(f"你认领了{'、'.join(role.name for role in held)}，要释放哪个？例：/释放 {held[0].name}")
    return held[0]


def _role(desk: Desk, words: str) -> Role:
    role = desk.series.role_called(words)
    if role is None:
        names = "、".join(each.name for each in desk.series.all_roles)
        asked = f"没有「{words[:20]}」这个角色。" if words else ""
        raise Refused(f"{asked}可以认领：{names}。例：/认领 {desk.series.all_roles[0].name}")
    return role


def show_roles(desk: Desk) -> tuple[int, Sequence[RoleLine]]:
    """Who does what in the collecting talk, with its number."""
    return desk.talk.number, role_lines(desk.connection, desk.series, desk.talk.number)


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
