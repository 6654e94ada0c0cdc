"""Reply texts about the bot and about a talk."""

from collections.abc import Iterable

from db.enums import ENDED, TalkState
from db.queries.talks import TalkRow
from plugins._chat.commands.registry import Command, Commands, Who
from plugins._talk.calendar.slots import say_when
from plugins._talk.documents.invitation import JoinCode, WayIn
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import STATES, place_of, talk_name
from plugins._talk.series import Series
from plugins._talk.usecases.overview import OnNow, TalkCard
from plugins._talk.usecases.search import Results


def _line(command: Command) -> str:
    return f"/{command.alias}（/{command.name}） {command.help}"


def basics(commands: Commands, series: Series, *, is_host: bool, is_admin: bool) -> str:
    """Three things to do, and what else there is for whoever asks, in at most twelve lines."""
    first = commands.first_steps().split("\n")
    shown = [each for each in commands if each.basic is not None][: len(first)]
    others = [each for each in commands if each not in shown]
    rows = ["三件事，照着发就行：", *first, _row("还可以", [each for each in others if each.who is Who.MEMBER])]
    if is_host:
        rows.append(_row(Who.HOST.called(series.in_charge), [each for each in others if each.who is Who.HOST]))
    if is_admin:
        rows.append(_row(Who.ADMIN.value, [each for each in others if each.who is Who.ADMIN]))
    return "\n".join([*rows, f"单个怎么用：/帮助 {series.submit[1:]}　全部：/帮助 全部"])


def _row(title: str, commands: Iterable[Command]) -> str:
    return f"{title}：{' '.join(f'/{each.alias}' for each in commands)}"


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
            f"【{Who.HOST.called(series.in_charge)}】",
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
        rows.append(f"谁能用：{command.who.called(series.in_charge)}")
    if command.names:
        rows.append(f"也可以写：{'、'.join(f'/{each}' for each in command.names)}")
    return "\n".join(rows)


def found(results: Results, asked: str) -> str:
    """The number of results and the best five, each with its URL on a separate line."""
    if not results.count:
        return f"没有找到「{asked[:40]}」。换个短一点的词试试，两个字就行"
    first = (
        f"{'，最新的' if results.more else '，前'} {len(results.best)} 条" if results.count > len(results.best) else ""
    )
    rows = [f"找到 {results.count} {'多条' if results.more else '条'}{first}："]
    for item in results.best:
        rows.append(f"{talk_name(item.talk)}#{item.number} {title_of(item)}（{item.submitter.name}）")
        rows += [item.url] if item.url else []
    return "\n".join(rows)


def talk(card: TalkCard, series: Series) -> str:
    """A summary of a talk: what is on, or what was last and what comes."""
    state = STATES[TalkState(card.talk.state)]
    held = [f"{line.name} {'、'.join(person.name for person in line.holders)}" for line in card.roles if line.holders]
    free = [line.name for line in card.roles if not line.holders]
    counts = [f"{section.short} {count}" for section, count in card.counts]
    is_over = card.talk.state in ENDED
    rows = [
        _last(card.last, series),
        f"{series.name} {talk_name(card.talk.number)} · {say_when(card.talk.scheduled_at, series)} · {state}",
        _on(card.on, series) if card.on else "",
        f"在哪开：{place_of(card.talk, series)}" if place_of(card.talk, series) and not is_over else "",
        "；".join(held),
        f"待认领：{'、'.join(free)}" if free and not is_over else "",
        f"条目：{' · '.join(counts)}",
        f"文章：{card.talk.article}" if card.talk.article else "",
        f"视频：{card.talk.video}" if card.talk.video else "",
        _coming(card.coming, series),
    ]
    return "\n".join(filter(None, rows))


def _on(now: OnNow, series: Series) -> str:
    until = f"（到 {now.until.astimezone(series.zone):%H:%M}）" if now.until else ""
    ahead = f"；接下来 {now.ahead.numbered}" if now.ahead else ""
    return f"正在讲：{now.stop.numbered}{until}{ahead}"


def _last(last: TalkRow | None, series: Series) -> str:
    if last is None:
        return ""
    state = STATES[TalkState(last.state)]
    return f"上期 {talk_name(last.number)} · {say_when(last.scheduled_at, series)[:10]} · {state}（/上期 看详情）"


def _coming(coming: TalkRow | None, series: Series) -> str:
    if coming is None:
        return ""
    return f"下期 {talk_name(coming.number)} · {say_when(coming.scheduled_at, series)}；现在投的稿都放进下期"


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
    return "\n".join(rows) or ways.intro or "怎么加入还没有写下来，问问群主吧"
