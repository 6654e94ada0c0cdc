"""Replies to the commands that run the evening."""

from plugins._chat.commands.call import Reply
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.rich import joined
from plugins._talk.series import Series
from plugins._talk.usecases.evening import Carried, Extended, Waiting

LISTED = 8


def waiting(talk: Waiting, series: Series) -> Reply:
    """Reply to a member who may not start the talk."""
    name = talk_name(talk.talk.number)
    if not talk.hosts:
        return Reply(f"{name} 期还没有{series.host.name}：谁来？发 /认领 {series.host.name}，再发 /开始 就开场")
    return Reply([*joined(talk.hosts), f" 大家在等 {name} 期开场啦，准备好了发 /开始"])


def extended(done: Extended, series: Series) -> Reply:
    return Reply(f"{done.name} 延长 {done.minutes} 分钟，到 {done.until.astimezone(series.zone):%H:%M}")


def carried(done: Carried) -> Reply:
    name, into = talk_name(done.talk.number), talk_name(done.to.number)
    rows = [f"{name} 期的 {len(done.moved)} 条转到 {into} 期，署名不变："] if done.moved else []
    rows += [f"#{item.number} {title_of(item)}（{item.submitter.name}）" for item in done.moved[:LISTED]]
    rows += [f"…… 共 {len(done.moved)} 条"] if len(done.moved) > LISTED else []
    rows += [f"{into} 期已经有了，没有转：#{item.number} {title_of(item)}" for item in done.known[:LISTED]]
    return Reply("\n".join(rows), about=[item.id for item in (*done.moved, *done.known)])
