"""What the doctor says: first what is stuck."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from plugins._talk.deliveries.doctor import look_over, upcoming
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import plan
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.render.minutes import minutes_document
from plugins._talk.series import HolidayRules, Series
from plugins._talk.usecases import moderation
from plugins._talk.usecases.desk import ItemRef, Rules
from tests.people import GROUP, LINXI
from tests.talk.desks import Lobby


def errors(connection: Connection, series: Series, now: datetime) -> list[tuple[str, str]]:
    return [(each.code, each.mend) for each in look_over(connection, series, now).findings if each.is_error]


def test_what_is_stuck_comes_first(connection: Connection, lobby: Lobby, series: Series) -> None:
    plan(lobby.connection, lobby.rules, list(kinds.values()), [GROUP], lobby.clock())
    now = datetime(2026, 11, 28, 12, 50, tzinfo=UTC)
    assert errors(connection, series, now) == [("overdue", "看账号在不在线、有没有被禁言；恢复了会自己补发")]
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
    assert errors(connection, series, now) == [("unsent", "看一眼群里；没有就在群里发 /补发 议程")]
    connection.execute(text("UPDATE deliveries SET state = 'sent' WHERE kind = 'agenda'"))
    assert errors(connection, series, now + timedelta(minutes=1)) == []


def test_holidays_that_are_not_announced_are_told_eight_weeks_before(connection: Connection, series: Series) -> None:
    def told(year: int, month: int, day: int) -> list[str]:
        return [each.code for each in upcoming(connection, series, datetime(year, month, day, tzinfo=UTC))]

    assert told(2025, 12, 20) == []
    assert told(2034, 12, 20) == ["holidays"]
    ignoring = series.model_copy(update={"holidays": HolidayRules(policy="ignore")})
    assert upcoming(connection, ignoring, datetime(2034, 12, 20, tzinfo=UTC)) == []


def test_items_of_a_section_that_is_gone_keep_a_home(lobby: Lobby) -> None:
    lobby.submit(LINXI, "practice", "https://a.com/1 上手")
    lobby.submit(LINXI, "news", "https://a.com/2 消息")
    series = lobby.rules.series
    less = series.model_copy(update={"sections": tuple(each for each in series.sections if each.key != "practice")})
    agenda = compile_agenda(lobby.connection, less, 4)
    assert [(each.name, len(each.items)) for each in agenda.shown if each.items] == [
        ("本周新闻", 1),
        ("其他（practice）", 1),
    ]
    assert "上手" in minutes_document(compile_minutes(lobby.connection, less, 4, lobby.clock())).document
    (gone,) = [each for each in upcoming(lobby.connection, less, lobby.clock()) if each.code == "sections"]
    assert gone.said == "系列里没有了的版块还有条目：practice 1 条，都放在「其他」下面"
    lobby.rules = Rules.of(less, 4)
    lobby.visit(LINXI, moderation.move, [ItemRef(1)], "新闻")
    assert len(compile_agenda(lobby.connection, less, 4).sections[0].items) == 2
