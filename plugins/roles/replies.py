"""Reply texts about roles and names."""

from collections.abc import Sequence

from db.queries.talks import TalkRow
from plugins._chat.commands.call import Reply
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import names
from plugins._talk.render.rich import mention
from plugins._talk.series import Series
from plugins._talk.usecases.crediting import Credited
from plugins._talk.usecases.overview import RoleLine
from plugins._talk.usecases.roles import Claimed, Handed, Released


def claimed(done: Claimed, series: Series) -> Reply:
    name = talk_name(done.talk.number)
    said = (
        f"{name} 期的{done.role.name}就是你啦，谢谢！" if done.anew else f"你已经认领过 {name} 期的{done.role.name}了"
    )
    host, editor = series.host.name, series.editor.name
    offer = f"\n{editor}最好也由{host}兼任，要一起认领就发 /认领 {editor}" if done.editor_free else ""
    later = f" {name}" if offer and done.later else ""
    return Reply(f"{said}{offer}{later}")


def released(done: Released, series: Series) -> Reply:
    name = talk_name(done.talk.number)
    if done.who is not None and not done.urgent:
        return Reply(
            [f"{name} 期的{done.role.name}空出来了，", mention(done.who), f" 辛苦了！谁来接就发 /认领 {done.role.name}"]
        )
    if not done.urgent:
        again = f"{done.role.name}{f' {name}' if done.later else ''}"
        return Reply(f"{name} 期的{done.role.name}已释放，随时可以再 /认领 {again}")
    clock = f"{done.talk.scheduled_at.astimezone(series.zone):%H:%M}"
    asked = f"\n好久没当{series.host.name}的 {names(done.asked)}，方便吗？" if done.asked else ""
    return Reply(f"{name} 期的{done.role.name}空出来了，{clock} 就要开始，谁能顶一下？发 /认领 {done.role.name}{asked}")


def handed(done: Handed) -> Reply:
    what = f"{talk_name(done.talk.number)} 期的{done.role.name}"
    return Reply([f"{what}交给 ", mention(done.taker), f" 啦，辛苦！来不了就发 /释放 {done.role.name}"])


def roles(talk: TalkRow, lines: Sequence[RoleLine], later: bool) -> Reply:
    rows = [f"{line.name}：{role_line(line)}" for line in lines]
    which = f" {talk_name(talk.number)}" if later else ""
    return Reply("\n".join([f"{talk_name(talk.number)} 期分工", *rows, f"认领发 /认领 角色{which}"]))


def role_line(line: RoleLine) -> str:
    """The holders of a role and the number of open places."""
    held = "、".join(person.name for person in line.holders)
    if not held:
        return "待认领"
    return f"{held}（还可 {line.free} 位）" if line.free else held


def nick(name: str, chosen: bool) -> Reply:
    return Reply(f"记住了，以后各期都署名 {name}" if chosen else f"以后跟着群名片署名：{name}")


def forgotten(instead: str, backups: int) -> Reply:
    old = f"旧备份在 {backups} 天里换掉；" if backups else ""
    return Reply(
        f"好，各期、纪要和网页里都改成「{instead}」了，条目还在。{old}已经发在群里和知乎上的要请编辑改。"
        "想再署名就发 /署名 名字"
    )


def credited(done: Credited) -> Reply:
    return Reply(f"{done.what} 改署 {done.person.name}（原来是 {done.before.name}）")
