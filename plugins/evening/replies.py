"""Replies to the commands that run the evening."""

from db.queries.talks import TalkRow
from plugins._chat.commands.call import Reply
from plugins._talk.deliveries.announcements import taken_back
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import place_of, talk_name
from plugins._talk.render.rich import joined, mention
from plugins._talk.series import Series
from plugins._talk.usecases.evening import Carried, Extended, Resumed, Waiting
from plugins._talk.usecases.standing_in import Offered
from plugins._talk.usecases.undo import Undone

LISTED = 8


def waiting(talk: Waiting, series: Series) -> Reply:
    """Reply to a member who may not start the talk."""
    name = talk_name(talk.talk.number)
    if not talk.hosts:
        return Reply(f"{name} 期还没有{series.host.name}：谁来？发 /认领 {series.host.name}，再发 /开始 就开场")
    return Reply([*joined(talk.hosts), f" 大家在等 {name} 期开场啦，准备好了发 /开始"])


def resumed(done: Resumed, series: Series) -> Reply:
    """Reply to a /start that takes back the end of the talk."""
    name, host = talk_name(done.talk.number), series.host.name
    if done.whole:
        return Reply(f"{name} 期接着开：计时和问题都和 /结束 以前一样，{host}发 /下一项 往下走")
    return Reply(f"{name} 期接着开，{host}发 /下一项 往下走；已经带去下期、又有人动过的内容还留在下期")


def undone(done: Undone) -> Reply:
    """Say what was taken back."""
    said = taken_back(done.change.talk, done.change.member.name, done.change.said)
    now = f"，现在是 {done.on.numbered}" if done.on else ""
    return Reply(f"{said}{now}{'；再发一次撤更早的' if done.more else ''}")


def offered(done: Offered, series: Series) -> Reply:
    """Ask for a second member who agrees."""
    said = (
        f"愿意代 {talk_name(done.talk.number)} 期的{series.host.name}。再有一位给这条贴个表情（或回复「同意」）就算数"
    )
    return Reply(f"{done.member.name} {said}", stands_in=done.talk.number)


def agreed(done: Offered, series: Series) -> Reply:
    """Say who stands in."""
    go = "发 /下一项 往下走" if done.talk.started_at else "发 /开始 开场"
    return Reply(
        [
            mention(done.member),
            f" 代 {talk_name(done.talk.number)} 期的{series.host.name}，{go}；{series.host.name}回来就交还",
        ]
    )


def nothing_to_agree(series: Series) -> Reply:
    """Reply to an /agree where nobody else waits for one."""
    return Reply(f"现在没有别人在等同意代{series.host.name}。自己愿意代就发 /代主持", idle=True)


def place(talk: TalkRow, series: Series) -> Reply:
    where = place_of(talk, series)
    return Reply(f"{talk_name(talk.number)} 期在 {where}" if where else f"{talk_name(talk.number)} 期不再写在哪开")


def extended(done: Extended, series: Series) -> Reply:
    return Reply(f"{done.name} 延长 {done.minutes} 分钟，到 {done.until.astimezone(series.zone):%H:%M}")


def carried(done: Carried) -> Reply:
    name, into = talk_name(done.talk.number), talk_name(done.to.number)
    rows = [f"{name} 期的 {len(done.moved)} 条转到 {into} 期，署名不变："] if done.moved else []
    rows += [f"#{item.number} {title_of(item)}（{item.submitter.name}）" for item in done.moved[:LISTED]]
    rows += [f"…… 共 {len(done.moved)} 条"] if len(done.moved) > LISTED else []
    rows += [f"{into} 期已经有了，没有转：#{item.number} {title_of(item)}" for item in done.known[:LISTED]]
    return Reply("\n".join(rows), about=[item.id for item in (*done.moved, *done.known)])
