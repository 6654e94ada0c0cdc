"""Authority that one gives oneself: small, named, and taken back by admins."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from db.enums import TalkState
from db.queries import items, talks
from db.queries import questions as stored_questions
from db.queries import remarks as stored_remarks
from db.queries import roles as stored_roles
from db.queries.members import Person
from plugins._onebot.group import Account
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.links.canonical import canonical
from plugins._talk.links.share import Share, Shared
from plugins._talk.usecases import evening, moderation, questions, records, remarks, rescheduling, roles, submissions
from plugins._talk.usecases.desk import Desk, ItemRef, QuestionRef, Refused
from plugins._talk.usecases.reopening import Again, reopen
from plugins._talk.usecases.submissions import Source
from tests.people import AKAI, GROUP, LINXI, MOMO, SUC, XIANYU
from tests.talk.desks import Lobby

SUBMISSION, ANSWER = 1, 5  # the messages of `held`


def test_an_admin_releases_anybody_and_nobody_else_does(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "编辑")
    with pytest.raises(Refused, match="由群主或群管理"):
        lobby.visit(AKAI, roles.unclaim, "编辑", [GROUP], LINXI.user_id)
    released = lobby.visit(MOMO, roles.unclaim, "编辑", [GROUP], LINXI.user_id)
    assert released.who
    assert (released.who.qq, released.who.name) == (LINXI.user_id, "林溪")
    lobby.visit(AKAI, roles.claim, "主持人 005")
    assert lobby.visit(MOMO, roles.unclaim, "005", [GROUP], AKAI.user_id).role.key == "host"


def test_a_host_puts_nobody_out_of_a_role(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "编辑")
    lobby.visit(AKAI, roles.claim, "主持人")
    with pytest.raises(Refused, match="由本人或群管理转交"):
        lobby.visit(AKAI, roles.handover, "编辑", Person(AKAI.user_id, "阿凯"))
    assert lobby.visit(MOMO, roles.handover, "编辑", Person(AKAI.user_id, "阿凯")).giver.name == "林溪"


def test_one_member_holds_few_roles_ahead(lobby: Lobby) -> None:
    for role in ("主持人", "编辑", "主持人 005"):
        lobby.visit(LINXI, roles.claim, role)
    with pytest.raises(Refused, match="先认领 1 期：已经有 005"):
        lobby.visit(LINXI, roles.claim, "主持人 006")
    lobby.visit(LINXI, roles.claim, "编辑 006")
    with pytest.raises(Refused, match="最多同时认领 4 个角色"):
        lobby.visit(LINXI, roles.claim, "新闻")
    with pytest.raises(Refused, match="最多同时认领 4 个角色"):
        lobby.visit(AKAI, roles.claim, "新闻")
        lobby.visit(AKAI, roles.handover, "新闻", Person(LINXI.user_id, "林溪"))
    lobby.visit(MOMO, roles.handover, "主持人 005", Person(AKAI.user_id, "阿凯"))  # an admin decides
    assert [each.name for each in stored_roles.holders(lobby.connection, 5)["host"]] == ["阿凯"]


def test_a_fresh_member_cannot_take_host_or_editor(lobby: Lobby) -> None:
    fresh, settled = (lobby.clock() - timedelta(days=days) for days in (2.9, 3.1))
    for role in ("主持人", "编辑", "编辑 005"):
        with pytest.raises(Refused, match="进群满 3 天"):
            lobby.visit(AKAI, roles.claim, role, fresh)
    assert lobby.visit(AKAI, roles.claim, "新闻", fresh).anew
    lobby.visit(LINXI, roles.claim, "主持人", settled)
    lobby.visit(SUC, roles.claim, "编辑")  # QQ's side does not say
    with pytest.raises(Refused, match="进群满 3 天"):
        lobby.visit(LINXI, roles.handover, "", Person(AKAI.user_id, "阿凯"), fresh)


def test_who_passes_something_on_puts_no_words_under_its_authors_name(lobby: Lobby) -> None:
    share = Share(canonical("https://a.com/1"), "好文")
    source = Source(Person(AKAI.user_id, "阿凯"), 900, "阿凯是傻瓜")
    lobby.visit(LINXI, submissions.submit, lobby.rules.series.section("news"), Shared([share]), source)
    item = compile_agenda(lobby.connection, lobby.rules.series, 4).sections[0].items[0]
    assert (item.title, item.submitter.name, item.via and item.via.name) == ("好文", "阿凯", "林溪")
    assert [(each.person.name, each.note) for each in item.seconds] == [("林溪", "阿凯是傻瓜")]
    with pytest.raises(Refused, match="是 阿凯 的"):
        lobby.visit(LINXI, submissions.edit, ItemRef(1), "我是傻瓜")
    lobby.visit(LINXI, submissions.add, ItemRef(1), "我是傻瓜", ())
    item = compile_agenda(lobby.connection, lobby.rules.series, 4).sections[0].items[0]
    assert [(each.text, each.by and each.by.name) for each in item.texts] == [("我是傻瓜", "林溪")]
    lobby.visit(LINXI, submissions.add, ItemRef(1), "https://a.com/slides", ())
    lobby.visit(LINXI, submissions.withdraw, [ItemRef(1)])


def held(lobby: Lobby) -> None:
    """004 was run on Saturday evening, with an item, a question and an answer in it."""
    lobby.submit(LINXI, "news", "https://a.com/1 甲")
    lobby.submit(AKAI, "rec", "量化")
    lobby.visit(LINXI, questions.ask, "多轮？")
    lobby.visit(LINXI, questions.ask, "中文？")
    lobby.visit(AKAI, remarks.answer, QuestionRef(1), "外挂")
    lobby.visit(SUC, roles.claim, "主持人")
    lobby.clock.forward(days=5, hours=9)
    lobby.visit(SUC, evening.start)
    lobby.clock.forward(minutes=10)
    lobby.visit(SUC, evening.go_on, "", ItemRef())
    lobby.clock.forward(minutes=10)
    lobby.visit(SUC, evening.end)


def test_a_published_talk_is_closed(lobby: Lobby) -> None:
    held(lobby)
    lobby.visit(SUC, records.attach, "article", "https://a.com/article")
    before = compile_minutes(lobby.connection, lobby.rules.series, 4, lobby.clock())
    lobby.visit(LINXI, roles.set_nick, "别的名字")
    lobby.visit(XIANYU, roles.set_nick, "羡鱼智能")
    seen = ItemRef(1, 4)
    wishes: list[tuple[Account, Callable[[Desk], object]]] = [
        (LINXI, lambda desk: submissions.edit(desk, seen, "改了")),
        (LINXI, lambda desk: submissions.add(desk, seen, "https://a.com/2", ())),
        (LINXI, lambda desk: submissions.withdraw(desk, [seen])),
        (XIANYU, lambda desk: submissions.second(desk, seen)),
        (SUC, lambda desk: moderation.reject(desk, [seen], "不要")),
        (SUC, lambda desk: moderation.retitle(desk, seen, "不要")),
        (SUC, lambda desk: moderation.move(desk, [seen], "推荐")),
        (SUC, lambda desk: moderation.pin(desk, [seen], "")),
        (MOMO, lambda desk: moderation.reject(desk, [seen], "管理员也先重开")),
        (LINXI, lambda desk: remarks.take_back(desk, QuestionRef(1, 4))),
        (MOMO, lambda desk: evening.carry(desk, [seen])),
        (SUC, lambda desk: roles.unclaim(desk, "主持人 004", [GROUP])),
    ]
    for who, wish in wishes:
        with pytest.raises(Refused, match=r"已经发布|已经结束"):
            lobby.visit(who, wish)
    remarks.recalled(lobby.connection, GROUP, ANSWER, AKAI.user_id, lobby.clock())
    submissions.recalled(lobby.connection, GROUP, SUBMISSION, LINXI.user_id, LINXI.user_id, lobby.clock())
    assert compile_minutes(lobby.connection, lobby.rules.series, 4, lobby.clock()) == before
    assert {person.name for person in before.contributors} >= {"林溪", "阿凯"}
    assert lobby.visit(LINXI, lambda desk: desk.member.name) == "别的名字"  # in talks to come


def test_an_admin_opens_again_what_was_ended_and_published(lobby: Lobby) -> None:
    held(lobby)
    lobby.visit(SUC, records.attach, "article", "https://spam.example/")
    for who in (SUC, LINXI):
        with pytest.raises(Refused, match="由群主或群管理"):
            lobby.visit(who, reopen, "004")
    assert lobby.visit(MOMO, reopen, "004").again is Again.HELD
    talk = talks.by_number(lobby.connection, 4)
    assert talk is not None
    assert (talk.state, talk.article, talk.summary) == (TalkState.HELD, None, None)
    carried = questions_of(lobby, 5)
    assert lobby.visit(MOMO, reopen, "/重开 4 期").again is Again.LIVE
    talk = talks.by_number(lobby.connection, 4)
    assert talk is not None
    assert (talk.state, talk.floor is not None) == (TalkState.LIVE, True)
    lobby.clock.forward(minutes=5)
    lobby.visit(AKAI, remarks.answer, QuestionRef(2), "字节级 BPE")  # it stands in both: the live one has it
    assert remarks_of(lobby, 4) == [4, 4]
    lobby.visit(SUC, evening.end)
    assert questions_of(lobby, 5) == carried  # what went on already does not go on twice
    assert [item.note for item in items.listed(lobby.connection, 5)] == ["量化"]
    assert lobby.visit(SUC, records.attach, "article", "https://a.com/article").published


def test_days_later_a_talk_that_is_opened_again_is_live_for_an_evening(lobby: Lobby) -> None:
    held(lobby)
    lobby.clock.forward(days=3)
    lobby.visit(MOMO, reopen, "004")
    lobby.clock.forward(hours=1)
    assert lobby.visit(LINXI, lambda desk: desk.live and desk.live.number) == 4
    lobby.clock.forward(hours=6)
    assert lobby.visit(LINXI, lambda desk: (desk.live, desk.talk.number)) == (None, 5)


def test_a_talk_that_was_opened_again_gives_way_to_the_next(lobby: Lobby) -> None:
    held(lobby)
    lobby.clock.forward(days=6, hours=20)  # Saturday 17:20
    with pytest.raises(Refused, match="就要开始了"):
        lobby.visit(MOMO, reopen, "004")
    lobby.clock.forward(hours=-5)
    lobby.visit(MOMO, reopen, "004")
    lobby.visit(MOMO, rescheduling.postpone, "今天 18:00")
    lobby.clock.forward(hours=6)  # 18:20: the one would be live until 18:20, the other has begun
    assert lobby.visit(LINXI, lambda desk: desk.live and desk.live.number) == 5
    assert [talk.number for talk in talks.recent(lobby.connection, [TalkState.HELD], 2)] == [4]


def test_what_ended_before_its_time_has_not_begun(lobby: Lobby) -> None:
    lobby.submit(LINXI, "news", "https://a.com/1 甲")
    lobby.clock.forward(days=5, hours=8, minutes=5)  # Saturday 20:05
    lobby.visit(AKAI, roles.claim, "主持人")
    lobby.visit(AKAI, evening.start)
    lobby.visit(AKAI, evening.end)
    assert lobby.visit(MOMO, reopen, "004").again is Again.COLLECTING
    assert lobby.visit(LINXI, lambda desk: (desk.talk.number, desk.live)) == (4, None)
    lobby.clock.forward(minutes=30)
    lobby.visit(AKAI, evening.start)
    assert lobby.visit(LINXI, lambda desk: desk.live and desk.live.number) == 4


def test_a_skipped_week_is_held_after_all(lobby: Lobby) -> None:
    before = lobby.visit(LINXI, lambda desk: desk.talk.scheduled_at)
    lobby.visit(AKAI, roles.claim, "主持人")
    lobby.visit(AKAI, rescheduling.skip, "不想办")
    with pytest.raises(Refused, match="由群主或群管理"):
        lobby.visit(AKAI, reopen, "004")
    done = lobby.visit(MOMO, reopen, "004")
    assert (done.again, done.talk.scheduled_at) == (Again.ON_TIME, before)
    with pytest.raises(Refused, match="不用重开"):
        lobby.visit(MOMO, reopen, "004")
    lobby.visit(AKAI, rescheduling.skip, "不想办")
    lobby.clock.forward(days=7)
    with pytest.raises(Refused, match="已经过了"):
        lobby.visit(MOMO, reopen, "004")


def test_ninety_days_whatever_is_written(lobby: Lobby) -> None:
    lobby.visit(AKAI, roles.claim, "主持人")
    for words in ("9999-12-31", "2027-11-28", "2027-03-01", "99天后", "15周后 21:00"):
        with pytest.raises(Refused, match="90 天以内"):
            lobby.visit(AKAI, rescheduling.postpone, words)
    lobby.visit(AKAI, rescheduling.postpone, "2027-02-13 最远的周六")


def questions_of(lobby: Lobby, talk: int) -> list[tuple[int, str]]:
    return [(each.number, each.text) for each in stored_questions.of_talk(lobby.connection, talk)]


def remarks_of(lobby: Lobby, talk: int) -> list[int]:
    return [each.talk for each in stored_remarks.of_talk(lobby.connection, talk)]
