"""What the bot says about roles and names."""

from collections.abc import Sequence

from plugins._chat.call import Reply
from plugins._talk.crew import Claimed
from plugins._talk.overview import RoleLine
from plugins._talk.series import Role
from plugins._talk.talks import talk_name


def claimed(done: Claimed) -> Reply:
    said = f"{talk_name(done.talk)} 的{done.role.name}就是你啦，谢谢！" if done.anew else "你已经认领过这个了"
    offer = "\n编辑最好也由主持人兼任，要一起认领就发 /认领 编辑" if done.editor_free else ""
    return Reply(f"{said}{offer}")


def released(talk: int, role: Role) -> Reply:
    return Reply(f"{talk_name(talk)} 的{role.name}已释放，随时可以再 /认领 {role.name}")


def roles(talk: int, lines: Sequence[RoleLine]) -> Reply:
    rows = [f"{line.name}：{role_line(line)}" for line in lines]
    return Reply("\n".join([f"{talk_name(talk)} 分工", *rows, "认领发 /认领 角色"]))


def role_line(line: RoleLine) -> str:
    """Who holds a role and how many places are open."""
    held = "、".join(person.name for person in line.holders)
    if not held:
        return "待认领"
    return f"{held}（还可 {line.free} 位）" if line.free else held


def nick(name: str) -> Reply:
    return Reply(f"记住了，以后各期都署名 {name}")
