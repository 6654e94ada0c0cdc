"""A health report for the operator: deliveries that are planned, sent or stuck."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import DeliveryState, TalkState
from db.queries import alarms, deliveries, roles, talks
from db.queries.deliveries import DeliveryRow
from db.queries.talks import TalkRow
from plugins._talk.calendar.days_off import days_off
from plugins._talk.calendar.slots import say_when
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.documents.agenda import open_roles
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series

SHOWN = 40
RECENT = timedelta(days=14)
SLOW = timedelta(minutes=10)  # a delivery that is due or under way for longer is stuck
_STUCK = "卡住"
_TALK = {
    TalkState.COLLECTING: "收集中",
    TalkState.LIVE: "进行中",
    TalkState.HELD: "开完了，还没发布",
    TalkState.PUBLISHED: "已发布",
    TalkState.CANCELLED: "取消了",
}
_DELIVERY = {
    DeliveryState.PLANNED: "等着发",
    DeliveryState.SENDING: "正在发",
    DeliveryState.SENT: "发出了",
    DeliveryState.FAILED: "没发成",
    DeliveryState.UNKNOWN: "不知是否发出",
    DeliveryState.SKIPPED: "不发了",
}


@dataclass(frozen=True)
class Report:
    """The lines to print; `healthy` is False when something needs the operator."""

    lines: Sequence[str]
    healthy: bool


def look_over(connection: Connection, series: Series, now: datetime) -> Report:
    """Report the unfinished talks, the deliveries of the last RECENT days by state, and alarms not yet delivered."""
    lines = [_talk(connection, series, talk) for talk in talks.unfinished(connection)]
    if not days_off(series)(now.astimezone(series.zone).date()).known:
        lines.append("今年的放假安排 chinesecalendar 还不知道：照常举行，要改期用 /顺延")
    rows = [row for row in deliveries.newest(connection, SHOWN) if row.due > now - RECENT]
    by_word: dict[str, list[str]] = {_STUCK: [], "计划": [], "已发": [], "没发": []}
    for row in sorted(rows, key=lambda each: each.due):
        by_word[_word(row, now)].append(_delivery(row, series))
    for word, found in by_word.items():
        lines += [f"{word}：", *(f"  {each}" for each in found)] if found else []
    untold = alarms.untold(connection)
    lines += ["还没能告诉 SUPERUSERS 的：", *(f"  {each.said}" for each in untold)] if untold else []
    healthy = not by_word[_STUCK] and not untold
    return Report([*lines, "一切正常" if healthy else "有东西卡住了，见上"], healthy)


def _word(row: DeliveryRow, now: datetime) -> str:
    match row.state:
        case DeliveryState.UNKNOWN | DeliveryState.FAILED:
            return _STUCK
        case DeliveryState.SENDING:
            return _STUCK if row.claimed_at and row.claimed_at < now - SLOW else "计划"
        case DeliveryState.PLANNED:
            return _STUCK if row.due < now - SLOW else "计划"
        case DeliveryState.SENT:
            return "已发"
        case _:
            return "没发"


def _talk(connection: Connection, series: Series, talk: TalkRow) -> str:
    vacant = open_roles(series, roles.holders(connection, talk.number))
    missing = f"，还缺 {'、'.join(vacant)}" if vacant else ""
    return f"{talk_name(talk.number)} 期 {say_when(talk.scheduled_at, series)} {_TALK[TalkState(talk.state)]}{missing}"


def _delivery(row: DeliveryRow, series: Series) -> str:
    again = f" 第 {row.occasion + 1} 次" if row.occasion else ""
    tries = f"，试过 {row.tries} 次" if row.tries else ""
    ended = f"（{say_when(row.ended_at, series)}）" if row.ended_at else ""
    note = f"：{row.note}" if row.note else ""
    kind = kinds.get(row.kind)
    called = kind.called if kind else row.kind
    state = _DELIVERY[DeliveryState(row.state)]
    return (
        f"{talk_name(row.talk)} 期 {called}{again} 群 {row.group_id} {say_when(row.due, series)} "
        f"{state}{ended}{tries}{note}"
    )
