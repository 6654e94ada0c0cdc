"""What the doctor says: first what is stuck."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from plugins._talk.deliveries.doctor import look_over
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import plan
from plugins._talk.series import Series
from tests.people import GROUP
from tests.talk.desks import Lobby


def test_what_is_stuck_comes_first(connection: Connection, lobby: Lobby, series: Series) -> None:
    plan(lobby.connection, lobby.rules, list(kinds.values()), [GROUP], lobby.clock())
    now = datetime(2026, 11, 28, 12, 50, tzinfo=UTC)
    (late,) = look_over(connection, series, now).findings  # due for long, and still planned
    assert (late.code, late.is_error) == ("overdue", True)
    changes = (
        "UPDATE deliveries SET state = 'sent', claimed_at = due, ended_at = due WHERE kind = 'call'",
        "UPDATE deliveries SET state = 'skipped', ended_at = due, note = '没有要说的' WHERE kind = 'gaps'",
        "UPDATE deliveries SET state = 'unknown', claimed_at = due, ended_at = due, note = '1200 Timeout', tries = 2"
        " WHERE kind = 'agenda'",
    )
    for change in changes:
        connection.execute(text(change))
    report = look_over(connection, series, now)
    assert report.lines == [
        "004 期 2026-11-28 周六 21:00 收集中，还缺 主持人、编辑、新闻负责人、推荐负责人",
        "卡住：",
        f"  004 期 议程 群 {GROUP} 2026-11-28 周六 20:30 不知是否发出（2026-11-28 周六 20:30），"
        "试过 2 次：1200 Timeout",
        "计划：",
        f"  004 期 收尾提醒 群 {GROUP} 2026-11-29 周日 20:00 等着发",
        "已发：",
        f"  004 期 招募 群 {GROUP} 2026-11-25 周三 20:00 发出了（2026-11-25 周三 20:00）",
        "没发：",
        f"  004 期 开场前提醒 群 {GROUP} 2026-11-27 周五 20:00 不发了（2026-11-27 周五 20:00）：没有要说的",
    ]
    assert [(each.code, each.mend) for each in report.findings] == [("unsent", "看一眼群里；没有就在群里发 /补发 议程")]
    connection.execute(text("UPDATE deliveries SET state = 'sent' WHERE kind = 'agenda'"))
    assert look_over(connection, series, now + timedelta(minutes=1)).findings == []
