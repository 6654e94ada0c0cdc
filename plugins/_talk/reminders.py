"""What the reminders say: each names only what is missing, and one with nothing missing says nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection

from db.queries import items, members, roles, talks
from db.queries.talks import TalkRow
from db.words import TalkState
from plugins._talk.agenda import Agenda, compile_agenda, open_roles
from plugins._talk.calendar import say_when
from plugins._talk.deliveries import OVER, Forward, Part
from plugins._talk.headings import title_of
from plugins._talk.render.chat import announcement, forwards, names
from plugins._talk.render.rich import At, at, joined, lines
from plugins._talk.series import Series
from plugins._talk.talks import talk_name

RESTED = 8  # who hosted none of the last so many talks may be asked
ASKED = 3
NAMED = 5


def call(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Midweek: open roles, empty sections, and who might like to host again."""
    holders = roles.holders(connection, talk.number)
    counts = items.counts(connection, talk.number)
    vacant = open_roles(series, holders)
    empty = [
        section.name
        for section in series.sections
        if section.submissions and not section.optional and not counts.get(section.key)
    ]
    if not vacant and not empty:
        return ()
    rested = _rested(connection, talk) if "host" not in holders else ""
    return (
        lines(
            [f"{talk_name(talk.number)} 期 {say_when(talk.starts_at, series)}"],
            [f"还缺 {'、'.join(vacant)}：发 /认领 加角色，例如 /认领 {vacant[0]}"] if vacant else [],
            [f"好久没主持了的朋友：{rested}，要不要来一期？"] if rested else [],
            [f"{'、'.join(empty)}还空着：看到好东西就发 /新闻 或 /推荐 加链接"] if empty else [],
        ),
    )


def _rested(connection: Connection, talk: TalkRow) -> str:
    past = talks.recent(connection, OVER, RESTED)
    numbers = [each.number for each in past]
    return names(members.rested_contributors(connection, [*numbers, talk.number], "host", ASKED)) if past else ""


def gaps(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The day before: roles still open, items without link, nominations."""
    vacant = open_roles(series, roles.holders(connection, talk.number))
    listed = [item for item in items.listed(connection, talk.number) if item.url is None]
    nominating = {section.key for section in series.sections if section.nominations}
    linkless = [item for item in listed if item.section not in nominating]
    nominated = [f"#{item.number} {title_of(item)}" for item in listed if item.section in nominating]
    if not vacant and not linkless and not nominated:
        return ()
    owed: list[str | At] = []
    for item in linkless[:NAMED]:
        owed += [f"{'；' if owed else '还缺链接：'}#{item.number} ", at(item.submitter)]
    return (
        lines(
            [f"{talk_name(talk.number)} 期明晚 {talk.starts_at.astimezone(series.zone):%H:%M} 开始"],
            [f"还缺 {'、'.join(vacant)}：发 /认领 角色 就能补位"] if vacant else [],
            [*owed, "（发 /补充 #编号 链接）"] if owed else [],
            [f"提名待定：{'；'.join(nominated[:NAMED])}"] if nominated else [],
        ),
    )


def agenda(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """Before the session: the compiled agenda, short with @, then whole as a merged forward."""
    return agenda_parts(compile_agenda(connection, series, talk.number))


def agenda_parts(compiled: Agenda) -> Sequence[Part]:
    """An agenda as it is posted, by itself or by a host."""
    return (announcement(compiled), *(Forward(nodes) for nodes in forwards(compiled)))


def aftercare(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The day after: what the editor still owes."""
    missing = [
        what
        for what, there in (
            ("纪要", talk.state == TalkState.PUBLISHED),
            ("文章", talk.article),
            ("视频", talk.video),
        )
        if not there
    ]
    if not missing:
        return ()
    editors = roles.holders(connection, talk.number).get("editor", ())
    return (
        lines(
            [f"{talk_name(talk.number)} 期辛苦啦！还差：{'、'.join(missing)}"],
            [*joined(editors), " 有空时收个尾，谢谢"] if editors else ["这期还没有编辑，谁愿意帮忙整理一下？"],
        ),
    )


def moved(connection: Connection, series: Series, talk: TalkRow) -> Sequence[Part]:
    """The talk is not on its usual day."""
    if talk.moved_from is None:
        return ()
    return (
        lines(
            [f"{say_when(talk.moved_from, series)[:13]} 是{talk.moved_why}，休息一次"],
            [f"{talk_name(talk.number)} 期顺延到 {say_when(talk.starts_at, series)}，已收录的内容都保留"],
        ),
    )
