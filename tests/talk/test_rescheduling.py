"""Moving talks: to another date, past a week, along with the talk before; and what is owed then."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from db.queries import deliveries, talks
from plugins._onebot.group import Account
from plugins._talk.calendar.slots import Day, say_when
from plugins._talk.deliveries import reminders
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import plan
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series
from plugins._talk.usecases import rescheduling, roles
from plugins._talk.usecases.desk import Refused, Rules, only_seen
from tests.people import GROUP, LINXI, MOMO
from tests.talk.desks import Lobby
from tests.talk.test_deliveries import said


def dates(lobby: Lobby) -> list[str]:
    return [
        f"{talk_name(talk.number)} {say_when(talk.scheduled_at, lobby.rules.series)}"
        for talk in talks.unfinished(lobby.connection)
    ]


def owed(lobby: Lobby, states: Sequence[str] = ("planned",)) -> list[str]:
    """What is owed of talk 004, with its time."""
    plan(lobby.connection, lobby.rules, list(kinds.values()), [GROUP], lobby.clock())
    rows = sorted(deliveries.newest(lobby.connection, 100), key=lambda each: each.due)
    return [f"{row.kind} {row.due:%m-%d %H:%M}" for row in rows if row.talk == 4 and row.state in states]


def postpone(lobby: Lobby, words: str, who: Account = MOMO) -> None:
    lobby.visit(who, rescheduling.postpone, words)


def test_all_that_is_owed_moves_with_the_talk_and_nothing_is_lost(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(LINXI, "news", "https://a.com/1")
    assert owed(lobby) == ["call 11-25 12:00", "gaps 11-27 12:00", "agenda 11-28 12:30", "aftercare 11-29 12:00"]
    postpone(lobby, "下周日 20:30 主持人出差", LINXI)
    assert dates(lobby) == ["004 2026-12-06 周日 20:30"]
    assert owed(lobby) == [
        "moved 11-23 04:00",
        "call 12-03 12:00",
        "gaps 12-05 12:00",
        "agenda 12-06 12:00",
        "aftercare 12-07 12:00",
    ]
    four = talks.by_number(lobby.connection, 4)
    assert four is not None
    assert said(reminders.moved(lobby.connection, lobby.rules.series, four)) == (
        "004 期改到 2026-12-06 周日 20:30（原定 2026-11-28 周六 21:00）\n"
        "原因：主持人出差\n林溪 改的期；已收录的内容、分工和期号都保留"
    )
    assert lobby.visit(LINXI, roles.show_roles, "")[1][0].holders[0].name == "林溪"


def test_skip_takes_the_next_regular_date_and_keeps_the_number(lobby: Lobby) -> None:
    lobby.visit(MOMO, rescheduling.skip, "春节")
    assert dates(lobby) == ["004 2026-12-05 周六 21:00"]
    lobby.visit(MOMO, rescheduling.skip, "再停一周")
    assert dates(lobby) == ["004 2026-12-12 周六 21:00"]
    four = talks.by_number(lobby.connection, 4)
    assert four is not None
    assert four.moved_why == "再停一周"


def test_a_talk_put_back_says_so(lobby: Lobby, series: Series) -> None:
    postpone(lobby, "下周日")
    lobby.clock.forward(hours=1)
    postpone(lobby, "11-28")
    four = talks.by_number(lobby.connection, 4)
    assert four is not None
    assert said(reminders.moved(lobby.connection, series, four)).startswith("004 期改回 2026-11-28 周六 21:00\n")
    assert owed(lobby)[:2] == ["moved 11-23 05:00", "call 11-25 12:00"]


def test_what_was_sent_for_the_old_date_counts_or_is_owed_anew(lobby: Lobby) -> None:
    lobby.clock.at = lobby.clock.at.replace(day=23)
    owed(lobby)
    sent = "UPDATE deliveries SET state = 'sent', claimed_at = due, ended_at = due WHERE kind <> 'aftercare'"
    lobby.connection.execute(text(sent))
    lobby.clock.at = lobby.clock.at.replace(day=28, hour=12, minute=45)  # a quarter to nine, the agenda is out
    postpone(lobby, "明天 20:30 场地停电")
    assert owed(lobby) == ["moved 11-28 12:45", "agenda 11-29 12:00", "aftercare 11-30 12:00"]
    postpone(lobby, "12-12 场地停电")
    assert owed(lobby) == [
        "moved 11-28 12:45",
        "call 12-09 12:00",
        "gaps 12-11 12:00",
        "agenda 12-12 12:00",
        "aftercare 12-13 12:00",
    ]


def test_each_move_is_told_once(lobby: Lobby) -> None:
    postpone(lobby, "下周日")
    for _ in range(3):
        assert [row for row in owed(lobby) if "moved" in row] == ["moved 11-23 04:00"]
    lobby.connection.execute(
        text("UPDATE deliveries SET state = 'sent', claimed_at = due, ended_at = due WHERE kind = 'moved'")
    )
    assert [row for row in owed(lobby) if "moved" in row] == []
    lobby.clock.forward(minutes=5)
    postpone(lobby, "下周日 20:00")
    assert [row for row in owed(lobby) if "moved" in row] == ["moved 11-23 04:05"]


def test_talks_behind_one_that_is_put_off_make_room(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人 007")
    assert [row[4:14] for row in dates(lobby)] == ["2026-11-28", "2026-12-05", "2026-12-12", "2026-12-19"]
    postpone(lobby, "12-12")
    assert [row[4:14] for row in dates(lobby)] == ["2026-12-12", "2026-12-19", "2026-12-26", "2027-01-09"]
    postpone(lobby, "11-27")
    assert [row[4:14] for row in dates(lobby)] == ["2026-11-27", "2026-12-05", "2026-12-12", "2026-12-19"]
    opened = [talk.collecting_from for talk in talks.unfinished(lobby.connection)]
    starts = [talk.scheduled_at for talk in talks.unfinished(lobby.connection)]
    assert opened[1:] == starts[:-1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("改一下", "没看懂改到哪天"),
        ("02-30", "没有「02-30」.*例：/顺延"),
        ("今天 早上9:00", "已经过去了"),
        ("11-28", "本来就在"),
        ("10-01", "太远了"),
        ("下周日 " + "因" * 61, "写短一点"),
    ],
)
def test_dates_that_make_no_sense_are_refused(lobby: Lobby, words: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        postpone(lobby, words)
    assert dates(lobby) == ["004 2026-11-28 周六 21:00"]


def test_only_hosts_move_a_talk(lobby: Lobby) -> None:
    with pytest.raises(Refused, match="主持人、编辑或群管理"):
        postpone(lobby, "下周日", LINXI)
    with pytest.raises(Refused, match="主持人、编辑或群管理"):
        lobby.visit(LINXI, rescheduling.skip, "累了")


def test_a_live_talk_stays_and_its_host_may_move_the_next(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.clock.at = lobby.clock.at.replace(day=28, hour=13, minute=5)
    with pytest.raises(Refused, match="004 期已经开始"):
        postpone(lobby, "明天 21:00 没人来", LINXI)
    postpone(lobby, "下下周日", LINXI)
    assert dates(lobby) == ["004 2026-11-28 周六 21:00", "005 2026-12-13 周日 21:00"]


def test_holidays_that_become_known_move_what_nobody_moved(lobby: Lobby, rules: Rules) -> None:
    lobby.visit(LINXI, roles.claim, "主持人 005")
    announced = {"2026-12-05": Day("忽然放假")}
    later = Rules(rules.series, rules.first_number, lambda day: announced.get(str(day), Day()))
    plan(lobby.connection, later, list(kinds.values()), [GROUP], lobby.clock())
    assert [row[4:14] for row in dates(lobby)] == ["2026-11-28", "2026-12-12"]
    postpone(lobby, "12-05 就要那天")  # a stored date wins over any holiday
    plan(lobby.connection, later, list(kinds.values()), [GROUP], lobby.clock())
    assert [row[4:14] for row in dates(lobby)] == ["2026-12-05", "2026-12-12"]


def test_in_a_year_that_is_not_announced_talks_are_held_as_usual(lobby: Lobby) -> None:
    lobby.clock.at = lobby.clock.at.replace(year=2035, month=1, day=2)
    owed(lobby)
    assert dates(lobby) == ["004 2035-01-06 周六 21:00"]
    postpone(lobby, "1-13 元旦")
    assert dates(lobby) == ["004 2035-01-13 周六 21:00"]


def test_a_late_word_does_not_move_what_is_over(lobby: Lobby) -> None:
    lobby.visit(LINXI, only_seen)
    said_at = lobby.clock()
    lobby.clock.forward(days=7)
    lobby.visit(LINXI, only_seen)
    lobby.clock.at = said_at
    with pytest.raises(Refused, match="004 期已经"):
        postpone(lobby, "下周日")
