"""What the database says of how things stand: talks, deliveries that are planned, sent or stuck, and findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import DeliveryState, TalkState
from db.queries import alarms, deliveries, items, roles, talks
from db.queries.deliveries import DeliveryRow
from db.queries.talks import TalkRow
from plugins._talk.calendar.days_off import days_off, first_unknown
from plugins._talk.calendar.slots import say_when
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.documents.agenda import open_roles
from plugins._talk.findings import Finding, Severity
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series

SHOWN = 40
RECENT = timedelta(days=14)
SLOW = timedelta(minutes=10)  # a delivery that is due or under way for longer is stuck
AHEAD = 56  # days: so long before the first day that is not known the doctor says so
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
    """The lines to print, and what is not as it should be."""

    lines: Sequence[str]
    findings: Sequence[Finding]


def look_over(connection: Connection, series: Series, now: datetime) -> Report:
    """Report the unfinished talks, the deliveries of the last RECENT days by state, and what needs somebody."""
    rows = [row for row in deliveries.newest(connection, SHOWN) if row.due > now - RECENT]
    lines = [_talk(connection, series, talk) for talk in talks.unfinished(connection)]
    by_word: dict[str, list[str]] = {_STUCK: [], "计划": [], "已发": [], "没发": []}
    for row in sorted(rows, key=lambda each: each.due):
        by_word[_word(row, now)].append(_delivery(row, series))
    for word, found in by_word.items():
        lines += [f"{word}：", *(f"  {each}" for each in found)] if found else []
    return Report(lines, [*overdue(connection, now), *_undone(rows), *_other(connection, series, now)])


def overdue(connection: Connection, now: datetime) -> Sequence[Finding]:
    """Deliveries that should have been sent by now."""
    late = [row for row in deliveries.newest(connection, SHOWN) if _is_late(row, now)]
    if not late:
        return ()
    what = "、".join(dict.fromkeys(f"{talk_name(row.talk)} 期{_called(row)}" for row in late))
    return (Finding("overdue", f"到点没发出去：{what}", "看账号在不在线、有没有被禁言；恢复了会自己补发"),)


def _undone(rows: Sequence[DeliveryRow]) -> Sequence[Finding]:
    failed = [row for row in rows if row.state in (DeliveryState.UNKNOWN, DeliveryState.FAILED)]
    if not failed:
        return ()
    what = "、".join(dict.fromkeys(f"{talk_name(row.talk)} 期{_called(row)}" for row in failed))
    again = _called(failed[-1])
    return (Finding("unsent", f"没发成，或不知道发没发出：{what}", f"看一眼群里；没有就在群里发 /补发 {again}"),)


def _other(connection: Connection, series: Series, now: datetime) -> list[Finding]:
    found: list[Finding] = []
    if untold := alarms.untold(connection):
        said = "；".join(each.said for each in untold[:3])
        found.append(Finding("untold", f"还没能告诉 SUPERUSERS：{said}", "连上账号，并在 SUPERUSERS 里写上你的 QQ 号"))
    found += upcoming(connection, series, now)
    return found


def upcoming(connection: Connection, series: Series, now: datetime) -> list[Finding]:
    """What nobody needs today, but somebody should know: holidays not announced yet, sections that are gone."""
    found: list[Finding] = []
    today = now.astimezone(series.zone).date()
    if series.holidays.policy != "ignore" and (day := first_unknown(days_off(series), today, AHEAD)):
        found.append(
            Finding(
                "holidays",
                f"{day.year} 年的调休安排还不知道：照法定假日算，调休的不算",
                "公布后更新程序，或写进系列的 [holidays] days、workdays；只改一期用 /顺延",
                Severity.WARNING,
            )
        )
    there = {section.key for section in series.sections}
    if gone := {key: count for key, count in items.sections_open(connection).items() if key not in there}:
        what = "、".join(f"{key} {count} 条" for key, count in gone.items())
        found.append(
            Finding(
                "sections",
                f"系列里没有了的版块还有条目：{what}，都放在「其他」下面",
                "把版块加回系列，或用 /移动 #编号 版块 挪走",
                Severity.WARNING,
            )
        )
    return found


def _is_late(row: DeliveryRow, now: datetime) -> bool:
    began = row.claimed_at if row.state == DeliveryState.SENDING else row.due
    return row.state in (DeliveryState.PLANNED, DeliveryState.SENDING) and began is not None and began < now - SLOW


def _called(row: DeliveryRow) -> str:
    kind = kinds.get(row.kind)
    return kind.called if kind else row.kind


def _word(row: DeliveryRow, now: datetime) -> str:
    match row.state:
        case DeliveryState.UNKNOWN | DeliveryState.FAILED:
            return _STUCK
        case DeliveryState.SENDING | DeliveryState.PLANNED:
            return _STUCK if _is_late(row, now) else "计划"
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
    state = _DELIVERY[DeliveryState(row.state)]
    return (
        f"{talk_name(row.talk)} 期 {_called(row)}{again} 群 {row.group_id} {say_when(row.due, series)} "
        f"{state}{ended}{tries}{note}"
    )
