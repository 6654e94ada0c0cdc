"""Roles as use cases: capacity, names, who may."""

import asyncio
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import text

from db.engine import Database
from db.queries import roles as stored_roles
from db.queries import talks
from db.queries.members import Person
from plugins._onebot.group import Account
from plugins._talk.calendar.days_off import days_off
from plugins._talk.deliveries import reminders
from plugins._talk.series import HolidayRules
from plugins._talk.usecases import roles
from plugins._talk.usecases.desk import Refused, Rules, Visit, only_seen, serve
from tests.people import AKAI, GROUP, LINXI, MOMO, SUC, XU, Clock
from tests.talk.desks import Lobby
from tests.talk.test_deliveries import said


def test_the_host_is_one_and_is_offered_the_editors_role(lobby: Lobby) -> None:
    done = lobby.visit(LINXI, roles.claim, "主持人")
    assert (done.talk.number, done.role.key, done.anew, done.editor_free) == (4, "host", True, True)
    assert lobby.visit(LINXI, roles.claim, "host").anew is False
    with pytest.raises(Refused, match="由 林溪 认领"):
        lobby.visit(AKAI, roles.claim, "主持")


def test_a_role_given_back_is_free_again(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "新闻")
    lobby.visit(AKAI, roles.claim, "新闻负责人")
    with pytest.raises(Refused, match="林溪、阿凯"):
        lobby.visit(MOMO, roles.claim, "news")
    assert lobby.visit(LINXI, roles.unclaim, "", [GROUP]).role.key == "news"
    assert lobby.visit(MOMO, roles.claim, "news").anew


def test_unclaim_without_words_asks_when_there_are_several(lobby: Lobby) -> None:
    with pytest.raises(Refused, match="没有认领"):
        lobby.visit(LINXI, roles.unclaim, "", [GROUP])
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.visit(LINXI, roles.claim, "编辑")
    with pytest.raises(Refused, match="主持人、编辑"):
        lobby.visit(LINXI, roles.unclaim, "", [GROUP])
    with pytest.raises(Refused, match="不是你"):
        lobby.visit(AKAI, roles.unclaim, "编辑", [GROUP])


def test_an_unknown_role_lists_the_roles(lobby: Lobby) -> None:
    with pytest.raises(Refused, match=r"没有「打杂」.*主持人、编辑、新闻负责人"):
        lobby.visit(LINXI, roles.claim, "打杂")


def test_one_name_everywhere(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    assert lobby.visit(LINXI, roles.set_nick, "  羡 鱼\n🐟 ") == ("羡 鱼 🐟", True)
    lines = {line.name: line for line in lobby.visit(AKAI, roles.show_roles, "")[1]}
    assert [person.name for person in lines["主持人"].holders] == ["羡 鱼 🐟"]
    for bad in ("", " \u202e ", "长" * 25):
        with pytest.raises(Refused, match="署名要"):
            lobby.visit(LINXI, roles.set_nick, bad)


async def test_capacity_holds_when_everybody_claims_at_once(db: Database, rules: Rules, clock: Clock) -> None:
    ids = count(1)

    async def claim(who: Account) -> str:
        visit = Visit(
            group_id=GROUP, message_id=next(ids), qq=who.user_id, card=who.card, trusted=False, said_at=clock()
        )
        found = await db.write(serve, rules, visit, roles.claim, "编辑")
        return "refused" if isinstance(found, Refused) else "claimed"

    crowd = [Account(n, f"n{n}") for n in range(1, 31)]
    outcomes = await asyncio.gather(*map(claim, crowd))
    assert sorted(outcomes) == ["claimed"] * 2 + ["refused"] * 28
    assert len((await db.read(stored_roles.holders, 4))["editor"]) == 2


def test_later_talks_can_be_claimed_by_number_or_as_the_next(lobby: Lobby) -> None:
    assert lobby.visit(LINXI, roles.claim, "主持人 005").talk.number == 5
    assert lobby.visit(AKAI, roles.claim, "下期 编辑").talk.number == 5
    assert lobby.visit(AKAI, roles.claim, "主持人下下期").talk.number == 6
    assert lobby.visit(AKAI, roles.claim, "主持人").talk.number == 4
    lines = {line.name: line for line in lobby.visit(MOMO, roles.show_roles, "下期")[1]}
    assert [person.name for person in lines["主持人"].holders] == ["林溪"]
    assert lobby.visit(LINXI, roles.unclaim, "5期", [GROUP]).role.key == "host"
    with pytest.raises(Refused, match="最多可以认领到 016 期"):
        lobby.visit(LINXI, roles.claim, "主持人 099")
    with pytest.raises(Refused, match="还没有 003 期"):
        lobby.visit(LINXI, roles.claim, "主持人 003")


def test_while_a_talk_is_live_the_next_is_the_one_behind_it(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人 下期")
    lobby.clock.forward(days=5, hours=10)
    assert lobby.visit(LINXI, roles.claim, "主持人 下期").anew is False
    assert lobby.visit(AKAI, roles.claim, "编辑 004").talk.state == "live"
    lobby.clock.forward(days=1)
    assert lobby.visit(MOMO, roles.claim, "编辑 004").talk.state == "held"


def test_a_role_is_handed_over_and_can_be_given_back(lobby: Lobby) -> None:
    akai = Person(AKAI.user_id, "阿凯")
    lobby.visit(LINXI, roles.claim, "主持人")
    done = lobby.visit(LINXI, roles.handover, "", akai)
    assert (done.role.key, done.giver.name, done.taker) == ("host", "林溪", akai)
    assert "host" not in lobby.visit(LINXI, lambda desk: stored_roles.holders(desk.connection, 5))
    assert lobby.visit(AKAI, roles.unclaim, "主持人", [GROUP]).role.key == "host"
    with pytest.raises(Refused, match="还没有人认领"):
        lobby.visit(AKAI, roles.handover, "主持人", akai)
    lobby.visit(LINXI, roles.claim, "主持人")
    with pytest.raises(Refused, match="是 林溪，要由本人或群管理转交"):
        lobby.visit(AKAI, roles.handover, "主持人", akai)
    assert lobby.visit(MOMO, roles.handover, "主持人", akai).giver.name == "林溪"  # an admin may
    with pytest.raises(Refused, match="阿凯 已经是 004 期的主持人了"):
        lobby.visit(AKAI, roles.handover, "主持人", akai)


def planned(lobby: Lobby) -> list[tuple[str, int]]:
    rows = lobby.connection.execute(text("SELECT kind, group_id FROM deliveries WHERE state = 'planned' ORDER BY id"))
    return [(row[0], row[1]) for row in rows]


def test_on_short_notice_everybody_hears_of_it(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.clock.forward(days=5, hours=6, minutes=59)  # Saturday 18:59
    assert not lobby.visit(LINXI, roles.unclaim, "主持人", [GROUP, 2]).urgent
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.visit(LINXI, roles.claim, "编辑")
    lobby.visit(AKAI, roles.claim, "编辑")
    lobby.clock.forward(minutes=2)
    assert lobby.visit(LINXI, roles.unclaim, "主持人", [GROUP, 2]).urgent
    assert planned(lobby) == [(roles.STAND_IN, 2)]  # here the answer says it
    assert not lobby.visit(LINXI, roles.unclaim, "编辑", [GROUP, 2]).urgent  # somebody else has it too
    four = talks.by_number(lobby.connection, 4)
    assert four is not None
    assert said(reminders.stand_in(lobby.connection, lobby.rules.series, four)) == (
        "004 期 21:00 就要开始了，主持人、新闻负责人、推荐负责人空着，谁能顶一下？发 /认领 主持人"
    )


def test_who_left_holds_nothing_to_come_and_the_reminder_says_so(lobby: Lobby) -> None:
    for words in ("主持人", "经典", "主持人 005"):
        lobby.visit(LINXI, roles.claim, words)
    assert roles.holders_to_come(lobby.connection, lobby.clock()) == {LINXI.user_id}
    assert roles.left(lobby.connection, LINXI.user_id, [GROUP], lobby.clock()) == [
        (4, "classic"),
        (4, "host"),
        (5, "host"),
    ]
    four = talks.by_number(lobby.connection, 4)
    assert four is not None
    for compose in (reminders.call, reminders.gaps, reminders.agenda):
        assert "林溪 退群了，主持人、经典负责人空了出来" in said(compose(lobby.connection, lobby.rules.series, four))
    lobby.visit(AKAI, roles.claim, "主持人")
    assert "林溪 退群了，经典负责人空了出来" in said(reminders.call(lobby.connection, lobby.rules.series, four))
    assert roles.left(lobby.connection, LINXI.user_id, [GROUP], lobby.clock()) == []


def test_whoever_hosted_and_left_keeps_the_credit(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.clock.forward(days=5, hours=10)  # it is live
    lobby.visit(AKAI, only_seen)
    assert roles.left(lobby.connection, LINXI.user_id, [GROUP], lobby.clock()) == []


def test_those_who_have_not_hosted_for_longest_are_asked_first(lobby: Lobby) -> None:
    for who in (LINXI, AKAI, SUC, XU):
        lobby.submit(who, "news", f"https://a.com/{who.user_id}")
    lobby.submit(SUC, "news", "https://a.com/more")
    unmoved = lobby.rules.series.model_copy(update={"holidays": HolidayRules(country="")})
    lobby.rules = replace(lobby.rules, holidays=days_off(unmoved))
    hosted = {4: LINXI, 5: AKAI}
    for number in range(4, 14):
        if number in hosted:
            lobby.visit(hosted[number], roles.claim, "主持人")
        lobby.submit(LINXI, "news", f"https://b.com/{number}")
        lobby.submit(AKAI, "news", f"https://c.com/{number}")
        lobby.clock.forward(days=7)
        lobby.visit(MOMO, only_seen)
    latest = talks.latest(lobby.connection)
    assert latest is not None
    # 4 and 5 are longer ago than eight talks; suc16 and 老徐 sent nothing in these eight
    assert [person.name for person in roles.rested(lobby.connection, lobby.rules.series, latest)] == ["林溪", "阿凯"]
    lobby.visit(LINXI, roles.claim, f"主持人 {latest.number + 1}")  # has the next but one already
    assert [person.name for person in roles.rested(lobby.connection, lobby.rules.series, latest)] == ["阿凯"]
