"""What is owed when: windows, planning, the reminders' words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from db.queries import deliveries, talks
from plugins._talk.calendar.slots import say_when
from plugins._talk.deliveries import reminders
from plugins._talk.deliveries.kind import windows
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.parts import Forward, Image, Part, Whisper
from plugins._talk.deliveries.planning import plan
from plugins._talk.render.rich import Mention
from plugins._talk.series import Series
from plugins._talk.usecases import roles
from plugins._talk.usecases.desk import Rules, only_seen
from tests.people import AKAI, GROUP, LINXI, SUC, Clock
from tests.talk.desks import Lobby


def said(parts: Sequence[Part]) -> str:
    """The text of a delivery's parts, with @ for At."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Forward):
            found += [f"[{node.name}]" for node in part.nodes]
        elif isinstance(part, Image):
            found.append(f"[picture {part.caption}]")
        elif isinstance(part, Whisper):
            found.append(f"[to {'、'.join(each.name for each in part.to)}]{part.text}")
        else:
            found.append("".join(f"@{each.name}" if isinstance(each, Mention) else each for each in part))
    return "\n".join(found)


def talk(lobby: Lobby) -> talks.TalkRow:
    found = talks.by_number(lobby.connection, 4)
    assert found is not None
    return found


def test_windows_end_where_the_next_kind_begins(lobby: Lobby, series: Series) -> None:
    lobby.visit(LINXI, only_seen)
    one = talk(lobby)
    following = one._replace(number=5, scheduled_at=one.scheduled_at + timedelta(days=7))
    found = {
        kind: (say_when(window.due, series)[5:], say_when(window.until, series)[5:])
        for kind, window in windows(list(kinds.values()), series, one, following).items()
    }
    assert found == {
        "call": ("11-25 周三 20:00", "11-27 周五 20:00"),
        "gaps": ("11-27 周五 20:00", "11-28 周六 20:30"),
        "agenda": ("11-28 周六 20:30", "11-29 周日 03:00"),
        "aftercare": ("11-29 周日 20:00", "12-02 周三 20:00"),
    }


def owed(connection: Connection) -> list[tuple[int, str, int, str]]:
    query = text("SELECT talk, kind, group_id, state FROM deliveries ORDER BY talk, due, group_id")
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def plan_at(connection: Connection, rules: Rules, now: datetime, *groups: int) -> datetime | None:
    return plan(connection, rules, list(kinds.values()), groups or (GROUP,), now)


def test_a_new_database_owes_nothing_that_lies_in_its_past(connection: Connection, rules: Rules, clock: Clock) -> None:
    clock.forward(days=4, hours=10)  # Friday 22:00
    assert plan_at(connection, rules, clock()) == clock.at.replace(day=28, hour=12, minute=30)
    assert [row[1] for row in owed(connection)] == ["agenda", "aftercare"]


def test_planning_again_changes_nothing_and_every_group_has_its_own(
    connection: Connection, rules: Rules, clock: Clock
) -> None:
    for _ in range(3):
        plan_at(connection, rules, clock(), 1, 2)
    assert len(owed(connection)) == 8
    assert owed(connection)[:2] == [(4, "call", 1, "planned"), (4, "call", 2, "planned")]


def test_what_falls_due_is_claimed_once_while_its_window_is_open(
    connection: Connection, rules: Rules, clock: Clock
) -> None:
    plan_at(connection, rules, clock())
    assert deliveries.claim_next(connection, [GROUP], "me", clock()) is None
    clock.forward(days=3)
    claimed = deliveries.claim_next(connection, [GROUP], "me", clock())
    assert claimed is not None
    assert claimed.kind == "call"
    assert deliveries.claim_next(connection, [GROUP], "me", clock()) is None
    deliveries.unclaim(connection, claimed.id, None)
    clock.forward(days=2)  # Saturday noon: the call is of no use any more, the gaps are
    plan_at(connection, rules, clock())
    claimed = deliveries.claim_next(connection, [GROUP], "me", clock())
    assert claimed is not None
    assert claimed.kind == "gaps"
    assert owed(connection)[:2] == [(4, "call", GROUP, "skipped"), (4, "gaps", GROUP, "sending")]


def test_after_a_crash_a_part_on_its_way_stays_so_and_the_delivery_is_still_owed(
    connection: Connection, rules: Rules, clock: Clock
) -> None:
    plan_at(connection, rules, clock())
    clock.forward(days=3)
    claimed = deliveries.claim_next(connection, [GROUP], "me", clock())
    assert claimed is not None
    deliveries.begin_part(connection, claimed.id, 0, "words", 1, clock())
    assert deliveries.resume(connection, ["me"]) == 0  # whoever claimed it is still at work
    assert deliveries.resume(connection, ["somebody else"]) == 1
    assert deliveries.parts(connection, claimed.id)[0].state == "sending"
    again = deliveries.claim_next(connection, [GROUP], "me", clock())
    assert again is not None
    assert again.id == claimed.id


def test_what_fell_due_while_the_process_was_down_is_owed(connection: Connection, rules: Rules, clock: Clock) -> None:
    plan_at(connection, rules, clock())
    clock.at = datetime(2026, 12, 3, 2, tzinfo=UTC)  # Thursday of the week after: nobody was there on Saturday
    plan_at(connection, rules, clock())
    claimed = deliveries.claim_next(connection, [GROUP], "me", clock())
    assert claimed is not None
    assert (claimed.talk, claimed.kind) == (5, "call")


def test_a_group_that_joins_later_is_not_told_the_past(connection: Connection, rules: Rules, clock: Clock) -> None:
    plan_at(connection, rules, clock(), 1)
    clock.forward(days=3)
    for _ in range(2):
        plan_at(connection, rules, clock(), 1, 2)
    assert [row for row in owed(connection) if row[1] == "call"] == [
        (4, "call", 1, "planned"),
        (4, "call", 2, "skipped"),
    ]
    claimed = deliveries.claim_next(connection, [1, 2], "me", clock())
    assert claimed is not None
    assert claimed.group_id == 1


def test_a_holiday_is_announced_when_people_would_expect_the_call(
    connection: Connection, rules: Rules, clock: Clock, series: Series
) -> None:
    clock.at = datetime(2026, 9, 27, 12, tzinfo=series.zone)
    plan_at(connection, rules, clock())
    assert [row[1] for row in owed(connection)] == ["moved", "call", "gaps", "agenda", "aftercare"]
    clock.at = datetime(2026, 9, 30, 20, tzinfo=series.zone)
    claimed = deliveries.claim_next(connection, [GROUP], "me", clock())
    assert claimed is not None
    assert claimed.kind == "moved"
    row = talks.by_number(connection, 4)
    assert row is not None
    assert said(reminders.moved(connection, series, row)) == (
        "2026-10-03 周六 是国庆节，休息一次\n004 期顺延到 2026-10-10 周六 21:00\n已收录的内容、分工和期号都保留"
    )


def test_the_call_names_what_is_missing(lobby: Lobby, series: Series) -> None:
    lobby.visit(LINXI, roles.claim, "新闻")
    lobby.submit(LINXI, "news", "https://a.com/1")
    assert said(reminders.call(lobby.connection, series, talk(lobby))) == (
        "004 期 2026-11-28 周六 21:00\n"
        "还缺 主持人、编辑、推荐负责人：发 /认领 加角色，例如 /认领 主持人\n"
        "本周推荐还空着：看到好东西就发 /推荐 加链接"
    )


def test_who_has_not_hosted_for_long_is_asked(lobby: Lobby, series: Series) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(LINXI, "news", "https://a.com/1")
    lobby.submit(AKAI, "news", "https://a.com/2")
    lobby.clock.forward(days=7)
    lobby.visit(AKAI, only_seen)
    five = talks.by_number(lobby.connection, 5)
    assert five is not None
    assert "好久没当主持人的朋友：阿凯，要不要来一期？" in said(reminders.call(lobby.connection, series, five))


def test_gaps_at_who_owes_a_link_once_and_lists_nominations(lobby: Lobby, series: Series) -> None:
    for role in ("主持人", "编辑", "新闻", "推荐"):
        lobby.visit(LINXI, roles.claim, role)
    lobby.submit(AKAI, "news", "听说百川要发 13B")
    lobby.submit(AKAI, "news", "还有一个")
    lobby.submit(SUC, "classic", "量化")
    parts = reminders.gaps(lobby.connection, series, talk(lobby))
    assert said(parts) == (
        "004 期 2026-11-28 周六 21:00 开始\n还缺链接：#1 @阿凯；#2 阿凯（发 /补充 #编号 链接）\n"
        "提名待定：#3 量化（发 /投票 #编号 支持）"
    )


def test_a_reminder_with_nothing_missing_says_nothing(lobby: Lobby, series: Series) -> None:
    for role in ("主持人", "编辑", "新闻", "推荐"):
        lobby.visit(LINXI, roles.claim, role)
    lobby.submit(LINXI, "news", "https://a.com/1")
    lobby.submit(LINXI, "rec", "https://a.com/2")
    assert reminders.call(lobby.connection, series, talk(lobby)) == ()
    assert reminders.gaps(lobby.connection, series, talk(lobby)) == ()
    assert reminders.moved(lobby.connection, series, talk(lobby)) == ()


def test_aftercare_at_the_editor_until_all_is_there(lobby: Lobby, series: Series) -> None:
    lobby.visit(SUC, roles.claim, "编辑")
    row = talk(lobby)
    expected = "004 期辛苦啦！还差：纪要、文章、视频\n@suc16 有空时收个尾，谢谢"
    assert said(reminders.aftercare(lobby.connection, series, row)) == expected
    done = row._replace(state="published", article="https://a.com/a", video="https://a.com/v")
    assert reminders.aftercare(lobby.connection, series, done) == ()
