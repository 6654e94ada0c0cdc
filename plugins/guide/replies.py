"""Reply texts about the bot and about a talk."""

from collections.abc import Iterable

from db.enums import TalkState
from plugins._chat.commands.registry import Command, Who
from plugins._talk.calendar.slots import say_when
from plugins._talk.documents.invitation import JoinCode, WayIn
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series
from plugins._talk.usecases.overview import TalkCard
from plugins._talk.usecases.search import Results

_STATES = {
    TalkState.COLLECTING: "正在收集",
    TalkState.LIVE: "进行中",
    TalkState.HELD: "已结束",
    TalkState.PUBLISHED: "已发布",
    TalkState.CANCELLED: "已取消",
}


def _line(command: Command) -> str:
    return f"/{command.alias}（/{command.name}） {command.help}"


def _who(who: Who, series: Series) -> str:
    return f"{series.in_charge}、群管理" if who is Who.HOST else who.value


def basics(commands: Iterable[Command], series: Series) -> str:
    """The basic commands for members."""
    needed = [_line(each) for each in commands if each.basic is not None]
    return "\n".join([*needed, f"用法和例子：/帮助 {series.submit[1:]}　其余命令：/帮助 全部"])


def everything(commands: Iterable[Command], series: Series) -> str:
    """All commands, grouped by user group."""
    known = list(commands)
    members = [_line(each) for each in known if each.who is Who.MEMBER]
    hosts = [_line(each) for each in known if each.who is Who.HOST]
    hosts += [f"/{each.alias}（/{each.name}） {each.host_help}" for each in known if each.host_help]
    admins = [_line(each) for each in known if each.who is Who.ADMIN]
    return "\n".join(
        [
            f"【{Who.MEMBER.value}】",
            *members,
            f"【{_who(Who.HOST, series)}】",
            *hosts,
            f"【{Who.ADMIN.value}】",
            *admins,
        ]
    )


def details(command: Command, by: str, series: Series) -> str:
    """Help for one command, under the requested name."""
    rows = [
        f"/{command.alias}（/{command.name}）：{command.help}",
        f"用法：{command.told(command.usage, by)}",
        f"例：{command.told(command.example, by)}",
    ]
    if command.host_help:
        rows.append(f"{series.host.name}用：{command.host_help}")
    if command.who is not Who.MEMBER:
        rows.append(f"谁能用：{_who(command.who, series)}")
    return "\n".join(rows)


def found(results: Results, asked: str) -> str:
    """The number of results and the best five, each with its URL on a separate line."""
    if not results.count:
        return f"没有找到「{asked[:40]}」。换个短一点的词试试，两个字就行"
    rows = [
        f"找到 {results.count} 条" + (f"，前 {len(results.best)} 条：" if results.count > len(results.best) else "：")
    ]
    for item in results.best:
        rows.append(f"{talk_name(item.talk)}#{item.number} {title_of(item)}（{item.submitter.name}）")
        rows += [item.url] if item.url else []
    return "\n".join(rows)


def talk(card: TalkCard, series: Series) -> str:
    """A summary of a talk."""
    state = _STATES[TalkState(card.talk.state)]
    held = [f"{line.name} {'、'.join(person.name for person in line.holders)}" for line in card.roles if line.holders]
    free = [line.name for line in card.roles if not line.holders]
    counts = [f"{section.short} {count}" for section, count in card.counts]
    return "\n".join(
        row
        for row in (
            f"{series.name} {talk_name(card.talk.number)} · {say_when(card.talk.scheduled_at, series)} · {state}",
            "；".join(held),
            f"待认领：{'、'.join(free)}" if free else "",
            f"条目：{' · '.join(counts)}",
            f"文章：{card.talk.article}" if card.talk.article else "",
            f"视频：{card.talk.video}" if card.talk.video else "",
        )
        if row
    )


def good_until(invited: JoinCode) -> str:
    """The expiry of a QR code, as a readable date."""
    return f"{invited.last_day:%m 月 %d 日}前有效"


def joining(series: Series, now: WayIn) -> str:
    """How to join the group."""
    ways = series.joining
    rows = [f"QQ 群：{ways.group_name} {ways.group_number}"] if ways.group_number else []
    if ways.wechat:
        rows.append(f"微信群：{ways.wechat}")
    if now.invitation:
        rows.append(f"二维码 {good_until(now.invitation)}")
    elif now.expired:
        rows.append(f"微信群二维码过期了，等{series.host.name}换新的")
    return "\n".join(rows) or "还没有写怎么加入（TALK_FILE 的 [joining]）"
