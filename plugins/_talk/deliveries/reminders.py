"""Composers of the reminders: each names only what is missing, and returns no parts when nothing is."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import invitations, items, members, nominations, roles
from db.queries.talks import TalkRow
from plugins._talk.calendar.slots import say_when
from plugins._talk.deliveries.parts import Forward, Image, Part, Whisper
from plugins._talk.documents.agenda import Agenda, AgendaItem, compile_agenda, open_roles
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.invitation import JoinCode
from plugins._talk.documents.item_titles import title_of
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.foreign_text import shortened
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.chat import announcement, forwards, names
from plugins._talk.render.rich import Mention, Rich, joined, lines, mention
from plugins._talk.series import Section, Series
from plugins._talk.usecases import standing_in
from plugins._talk.usecases.roles import rested

NAMED = 5


def call(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Midweek: open roles, empty sections, and who might like to host again."""
    holders = roles.holders(connection, talk.number)
    counts = items.counts(connection, talk.number)
    vacant = open_roles(series, holders)
    empty = [
        section
        for section in series.sections
        if section.submissions and not section.optional and not counts.get(section.key)
    ]
    gone = _gone(connection, series, talk)
    if not vacant and not empty and not gone:
        return ()
    asked = names(rested(connection, series, talk)) if series.host.key not in holders else ""
    return (
        lines(
            [f"{talk_name(talk.number)} 期 {say_when(talk.scheduled_at, series)}"],
            gone,
            [f"还缺 {'、'.join(vacant)}：发 /认领 加角色，例如 /认领 {vacant[0]}"] if vacant else [],
            [f"好久没当{series.host.name}的朋友：{asked}，要不要来一期？"] if asked else [],
            [_empty(empty)] if empty else [],
        ),
    )


def _empty(sections: Sequence[Section]) -> str:
    """Sections in which there is nothing yet, and how to change that."""
    commands = " 或 ".join(f"/{each.short}" for each in sections[:2])
    return f"{'、'.join(each.name for each in sections)}还空着：看到好东西就发 {commands} 加链接"


def _gone(connection: Connection, series: Series, talk: TalkRow) -> list[str | Mention]:
    """The roles that are open because their holders left the group; nobody there could be @ed."""
    free = roles.departed(connection, talk.number)
    gone: dict[str, list[str]] = {}
    for role in series.all_roles:
        for person in (person for key, person in free if key == role.key):
            gone.setdefault(person.name, []).append(role.name)
    said = "；".join(f"{name} 退群了，{'、'.join(held)}空了出来" for name, held in gone.items())
    return [said] if said else []


def gaps(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The day before: roles still open, items without link, nominations."""
    vacant = open_roles(series, roles.holders(connection, talk.number))
    listed = [item for item in items.listed(connection, talk.number) if item.url is None]
    nominating = {section.key for section in series.sections if section.nominations}
    linkless = [item for item in listed if item.section not in nominating]
    picked = nominations.picked(connection, talk.number)
    waiting = [item for item in listed if item.section in nominating and item.id not in picked]
    nominated = [f"#{item.number} {title_of(item)}" for item in waiting]
    gone = _gone(connection, series, talk)
    if not vacant and not linkless and not nominated and not gone:
        return ()
    owed: list[str | Mention] = []
    for item in linkless[:NAMED]:
        owed += [f"{'；' if owed else '还缺链接：'}#{item.number} ", mention(item.submitter)]
    return (
        lines(
            [f"{talk_name(talk.number)} 期 {say_when(talk.scheduled_at, series)} 开始"],
            gone,
            [f"还缺 {'、'.join(vacant)}：发 /认领 角色 就能补位"] if vacant else [],
            [*owed, "（发 /补充 #编号 链接）"] if owed else [],
            [f"提名待定：{'；'.join(nominated[:NAMED])}（发 /投票 #编号 支持）"] if nominated else [],
        ),
    )


def agenda(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Before the session: the compiled agenda, short with @, then whole as a merged forward."""
    compiled = compile_agenda(connection, series, talk.number)
    announced, *rest = agenda_parts(compiled)
    gone = _gone(connection, series, talk)
    waits = compiled.hosts and talk.started_at is None
    start = ["到点了请 ", *joined(compiled.hosts), " 发 /开始 开场，我来报时"] if waits else []
    nowhere = [] if compiled.place else ["还没写在哪开（发 /会议 会议号或链接）"]
    worries = [*nowhere, *warnings_of(compiled)]
    warned = (
        [Whisper(compiled.hosts, to_look_at(compiled.number, compiled.host_role, worries))]
        if compiled.hosts and worries
        else []
    )
    return (lines(announced, gone, start), *rest, *warned)


def agenda_parts(compiled: Agenda) -> tuple[Rich, *tuple[Part, ...]]:
    """The parts of a posted agenda: short text with @, the whole agenda as merged forwards, then the picture.

    The picture is last because drawing and uploading it is slow.
    """
    picture = Image(f"{compiled.series} {talk_name(compiled.number)} 议程", compiled)
    return (announcement(compiled), *(Forward(nodes) for nodes in forwards(compiled)), picture)


def to_look_at(number: int, host: str, warnings: Sequence[str]) -> str:
    """The warnings about a talk as a message to its host."""
    return "\n".join([f"{talk_name(number)} 期有几处要留意（只告诉{host}）：", *(f"· {each}" for each in warnings)])


def owed_afterwards(series: Series, talk: TalkRow) -> list[str]:
    """The names of the series' records that a held talk still lacks: minutes, article, video."""
    made = talk.minutes_at is not None or talk.state == TalkState.PUBLISHED
    there = {"minutes": made, "article": talk.article, "video": talk.video}
    called = {"minutes": "纪要", "article": "文章", "video": "视频"}
    return [called[record] for record in series.reminders.records if not there[record]]


def listed(missed: Sequence[AgendaItem]) -> str:
    """The first few of the items that were not covered, and how many there are."""
    more = f"…… 共 {len(missed)} 条" if len(missed) > NAMED else ""
    return "；".join(f"#{item.number} {shortened(item.called, 24)}" for item in missed[:NAMED]) + more


def aftercare(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The day after: records that the editor still has to add, and missed items that a host may carry over."""
    missing = owed_afterwards(series, talk)
    evening = evening_of(connection, series, talk.number)
    left = evening.missed if evening.ran else []
    if not missing and not left:
        return ()
    editors = roles.holders(connection, talk.number).get(series.editor.key, ())
    return (
        lines(
            [f"{talk_name(talk.number)} 期辛苦啦！" + (f"还差：{'、'.join(missing)}" if missing else "")],
            [*joined(editors), " 有空时收个尾，谢谢"] if missing and editors else [],
            [f"这期还没有{series.editor.name}，谁愿意帮忙整理一下？"] if missing and not editors else [],
            [f"没讲到的 {listed(left)}：要带去下期，{series.host.name}发 /转下期"] if left else [],
        ),
    )


def moved(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Announce that a talk was moved, by a holiday or by a member."""
    if talk.moved_from is None:
        return ()
    name, usual, when = talk_name(talk.number), say_when(talk.moved_from, series), say_when(talk.scheduled_at, series)
    if talk.moved_by is None:
        first = f"{usual[:13]} 是{talk.moved_why}，休息一次\n{name} 期顺延到 {when}"
    elif talk.scheduled_at == talk.moved_from:
        first = f"{name} 期改回 {when}"
    else:
        first = f"{name} 期改到 {when}（原定 {usual}）"
    why = f"\n原因：{talk.moved_why}" if talk.moved_by is not None and talk.moved_why else ""
    who = f"{members.name_of(connection, talk.moved_by)} 改的期；" if talk.moved_by is not None else ""
    return ((f"{first}{why}\n{who}已收录的内容、分工和期号都保留",),)


def absence(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The talk's time is over and its hosts have said nothing: somebody may stand in."""
    if not standing_in.is_missed(talk):
        return ()
    hosts = roles.holders(connection, talk.number).get(series.host.key, ())
    host, minutes = series.host.name, standing_in.PATIENCE // timedelta(minutes=1)
    who = [f"{host} ", *joined(hosts), " 还没出现"] if hosts else [f"还没有{host}"]
    return (
        lines(
            [f"{talk_name(talk.number)} 期到点 {minutes} 分钟了，", *who],
            [f"谁来代一下？发 /代主持，再有一位给那条贴个表情就算数；{host}一回来就还给{host}"],
        ),
    )


def stand_in(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Shortly before the start a role became free."""
    vacant = open_roles(series, roles.holders(connection, talk.number))
    if not vacant:
        return ()
    clock = f"{talk.scheduled_at.astimezone(series.zone):%H:%M}"
    who = "、".join(vacant)
    return ((f"{talk_name(talk.number)} 期 {clock} 就要开始了，{who}空着，谁能顶一下？发 /认领 {vacant[0]}",),)


def ask_again(connection: Connection, series: Series, _talk: TalkRow) -> Sequence[Part]:
    """Ask the member who uploaded the QR code for a new one, because it is about to expire."""
    newest = invitations.latest(connection)
    if newest is None:
        return ()
    good = JoinCode(newest.picture, newest.until.astimezone(series.zone))
    return (
        lines(
            [mention(newest.by), f" 入群二维码 {good.last_day:%m-%d} 就到期了，有空时发张新的：图片配上 /加入 到期日"]
        ),
    )
