"""Advertising rules stand for everything that ends in a document; one bad row stops nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from db.enums import LineKind
from db.queries import alarms, deliveries, sections
from db.queries.members import Person
from db.queries.remarks import LineRow
from db.queries.sections import SuggestionRow
from db.queries.talks import TalkRow
from plugins._talk.deliveries.kind import Kind
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import claim, plan
from plugins._talk.series import Advertising, Series
from plugins._talk.usecases import choices, either, moderation, questions, remarks, rescheduling, roles, submissions
from plugins._talk.usecases.desk import Desk, EitherRef, ItemRef, QuestionRef, Refused
from plugins._talk.usecases.remarks import Original
from plugins._talk.usecases.reopening import reopen
from tests.people import AKAI, GROUP, LINXI, MOMO, SUC
from tests.talk.desks import Lobby


def strict(lobby: Lobby, **rules: object) -> Lobby:
    policy = Advertising.model_validate({"blocked_hosts": ["shop.example"], "links": 3, **rules})
    series = lobby.rules.series.model_copy(update={"advertising": policy})
    lobby.rules = replace(lobby.rules, series=series)
    return lobby


ADVERT = "快来 https://www.shop.example/x?y=1"
WAYS: list[tuple[str, Callable[[Desk, str], object]]] = [
    ("ask", lambda desk, words: questions.ask(desk, words)),
    ("answer", lambda desk, words: remarks.answer(desk, QuestionRef(1), words)),
    ("suggest", lambda desk, words: choices.suggest(desk, f"实践 {words}")),
    ("add", lambda desk, words: submissions.add(desk, ItemRef(1), words, ())),
    ("edit", lambda desk, words: submissions.edit(desk, ItemRef(1), words)),
    ("quote", lambda desk, words: remarks.quote(desk, said_by_suc(words), None, "")),
    ("headline", lambda desk, words: remarks.quote(desk, said_by_suc("好"), None, words)),
    ("nick", lambda desk, words: roles.set_nick(desk, words[-20:])),
    ("retitle", lambda desk, words: moderation.retitle(desk, ItemRef(1), words)),
    ("pin", lambda desk, words: moderation.pin(desk, [ItemRef(1)], words[-39:])),
    ("theme", lambda desk, words: choices.name_theme(desk, f"新闻 {words}")),
]


def said_by_suc(words: str) -> Original:
    said_at = datetime(2026, 11, 23, 3, tzinfo=UTC)
    return Original(99, Person(SUC.user_id, "suc16"), said_at, [LineRow(LineKind.TEXT, words)])


@pytest.mark.parametrize(("name", "way"), WAYS, ids=[name for name, _ in WAYS])
@pytest.mark.parametrize(
    "words", [ADVERT, "加 shop.example", "SHOP.example 见", "https://link.zhihu.com/?target=https%3A//shop.example/"]
)
def test_a_site_that_is_not_welcome_gets_into_no_document(
    lobby: Lobby, name: str, way: Callable[[Desk, str], object], words: str
) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1 甲")
    lobby.visit(LINXI, questions.ask, "多轮？")
    lobby.visit(LINXI, roles.claim, "主持人")
    with pytest.raises(Refused, match=r"不收的网站|署名要"):
        strict(lobby).visit(LINXI, way, words)
    lobby.visit(LINXI, way, "workshop.example.org 好")  # another site


def test_new_members_and_floods_of_links_are_refused_everywhere(lobby: Lobby) -> None:
    strict(lobby, days_in_group=7)
    fresh = lobby.clock() - timedelta(days=6)
    wishes: list[Callable[[Desk], object]] = [
        lambda desk: questions.ask(desk, "怎么加群？", None, fresh),
        lambda desk: choices.suggest(desk, "实践 加群", fresh),
        lambda desk: remarks.quote(desk, said_by_suc("好"), None, "", fresh),
    ]
    for wish in wishes:
        with pytest.raises(Refused, match="进群满 7 天"):
            lobby.visit(LINXI, wish)
    lobby.visit(LINXI, questions.ask, "https://a.com/1 https://a.com/2 https://a.com/3 怎么样？")
    with pytest.raises(Refused, match="最多收 3 条"):
        lobby.visit(LINXI, questions.ask, "https://a.com/1 https://a.com/2 https://a.com/3 https://a.com/4")
    lobby.visit(MOMO, questions.ask, f"{ADVERT} 管理员可以")


def bodies(taken: Sequence[object]) -> list[str]:
    return [each.body for each in taken if isinstance(each, SuggestionRow)]


def test_hosts_remove_a_wish_by_either_message(lobby: Lobby) -> None:
    lobby.visit(AKAI, choices.suggest, "实践 加微信")
    wish = lobby.visit(AKAI, choices.suggest, "实践 再来一条")
    sections.answered(lobby.connection, wish.id, 77)
    with pytest.raises(Refused, match="由本人、主持人"):
        lobby.visit(LINXI, either.take_back, [EitherRef(message_id=1)])
    lobby.visit(LINXI, roles.claim, "实践")
    assert bodies(lobby.visit(LINXI, either.take_back, [EitherRef(message_id=1)])) == ["加微信"]
    assert bodies(lobby.visit(MOMO, either.take_back, [EitherRef(message_id=77)])) == ["再来一条"]
    with pytest.raises(Refused, match="没看出"):
        lobby.visit(MOMO, either.take_back, [EitherRef(message_id=77)])
    assert sections.suggestions(lobby.connection, 4) == []


# One bad row


def planned(lobby: Lobby, *more: Kind) -> None:
    plan(lobby.connection, lobby.rules, [*kinds.values(), *more], [GROUP], lobby.clock())


def far_off(lobby: Lobby) -> None:
    """As an older version let it be written."""
    lobby.connection.execute(
        text(
            "UPDATE talks SET scheduled_at = '9999-12-31 15:59:59.000000', moved_from = scheduled_at,"
            " moved_at = collecting_from,"
            " moved_by = (SELECT min(qq) FROM members) WHERE number = 5"
        )
    )


def test_a_talk_in_the_year_9999_stops_nothing(lobby: Lobby) -> None:
    planned(lobby)
    lobby.submit(LINXI, "news", "https://a.com/1 甲")
    lobby.clock.forward(days=5, hours=15)  # Sunday: 004 is over, and its editor owes the minutes
    planned(lobby)
    far_off(lobby)
    lobby.clock.forward(days=1)
    planned(lobby)
    owed: list[tuple[str, int]] = []
    while found := claim(lobby.connection, lobby.rules, kinds, [GROUP], "p", lobby.clock()):
        owed.append((found.row.kind, found.row.talk))
    assert ("aftercare", 4) in owed
    assert any("005 期定在 9000-01-01" in each.said for each in alarms.untold(lobby.connection))
    lobby.submit(LINXI, "news", "https://a.com/2 乙")
    lobby.visit(MOMO, roles.show_roles, "006")
    lobby.visit(MOMO, rescheduling.postpone, "周六 21:00")
    planned(lobby)
    assert lobby.visit(MOMO, lambda desk: (desk.talk.number, desk.talk.scheduled_at.year)) == (5, 2026)
    far_off(lobby)
    lobby.visit(MOMO, reopen, "005")
    assert lobby.visit(MOMO, lambda desk: desk.talk.scheduled_at.year) == 2026


def test_what_cannot_be_planned_is_set_aside_and_told_once(lobby: Lobby) -> None:
    def due(_series: Series, talk: TalkRow) -> datetime | None:
        if talk.number == 4:
            raise ValueError("this row makes no sense")
        return None

    bad = Kind(name="bad", called="坏的", due=due, compose=kinds["gaps"].compose)
    for _ in range(3):
        planned(lobby, bad)
        lobby.clock.forward(hours=1)
    said = [each.said for each in alarms.untold(lobby.connection)]
    assert len([each for each in said if "004 期的提醒处理不了" in each]) == 1
    lobby.clock.forward(days=6)
    planned(lobby, bad)
    assert {row.talk for row in deliveries.newest(lobby.connection, 40)} == {5}
