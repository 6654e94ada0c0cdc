"""Running a talk: when it begins and ends, who may, what goes on to the next one."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from db.enums import LineKind, TalkState
from db.queries import chats, items, pictures, questions, remarks, supporters, talks, turns
from db.queries.members import Person
from db.queries.remarks import LineRow
from plugins._onebot.group import Account
from plugins._talk.deliveries.kinds import kinds
from plugins._talk.deliveries.planning import plan
from plugins._talk.documents.discussion import compile_discussion
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.running_order import Stop
from plugins._talk.usecases import evening as running
from plugins._talk.usecases import questions as asking
from plugins._talk.usecases import records, roles, submissions
from plugins._talk.usecases import remarks as saying
from plugins._talk.usecases.desk import ItemRef, QuestionRef, Refused, only_seen
from plugins._talk.usecases.remarks import Original
from tests.people import AKAI, GROUP, LINXI, MOMO, SUC, XU
from tests.talk.desks import Lobby

TO_THE_TALK = timedelta(days=5, hours=9)  # from Monday noon to Saturday 21:00


def go_on(lobby: Lobby, words: str = "", number: int | None = None) -> Stop:
    return lobby.visit(LINXI, running.go_on, words, ItemRef(number))


def live(lobby: Lobby) -> None:
    """004 with three items and a host, at its start."""
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(AKAI, "news", "https://a.com/1 甲")
    lobby.submit(SUC, "rec", "https://a.com/2 乙")
    lobby.submit(SUC, "rec", "https://a.com/3 丙")
    lobby.clock.forward(days=5, hours=9)
    lobby.visit(LINXI, running.start)


def talk_4(lobby: Lobby) -> talks.TalkRow:
    found = talks.by_number(lobby.connection, 4)
    assert found is not None
    return found


def test_a_talk_ends_six_hours_after_its_start_when_nobody_ends_it(lobby: Lobby) -> None:
    """Midnight changes nothing."""
    live(lobby)
    lobby.clock.forward(minutes=30)
    go_on(lobby)
    started = talk_4(lobby).started_at
    assert started is not None
    lobby.clock.forward(hours=5, minutes=29)  # half past two at night
    assert lobby.visit(AKAI, asking.ask, "还在吗？").talk == 4
    lobby.clock.forward(minutes=1)
    assert lobby.visit(AKAI, asking.ask, "天亮了吗？").talk == 5
    over = talk_4(lobby)
    assert (over.state, over.ended_at, over.ended_by) == (TalkState.HELD, started + timedelta(hours=6), None)
    assert turns.of_talk(lobby.connection, 4)[-1].ended_at == over.ended_at
    assert [each.text for each in questions.of_talk(lobby.connection, 5)] == ["还在吗？", "天亮了吗？"]


def test_a_late_start_counts_for_the_end(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.clock.forward(days=5, hours=10)
    lobby.visit(LINXI, running.start)
    lobby.clock.forward(hours=5, minutes=59)
    lobby.visit(LINXI, only_seen)
    assert talk_4(lobby).state == TalkState.LIVE


def test_anybody_may_end_it_after_two_hours_of_silence(lobby: Lobby) -> None:
    live(lobby)
    go_on(lobby)
    lobby.clock.forward(hours=1, minutes=30)
    lobby.visit(SUC, asking.ask, "还有人吗？")
    lobby.clock.forward(hours=1, minutes=59)
    with pytest.raises(Refused, match="安静两小时以后谁都可以"):
        lobby.visit(AKAI, running.end)
    lobby.clock.forward(minutes=1)
    assert lobby.visit(AKAI, running.end).number == 4
    assert talk_4(lobby).ended_by == AKAI.user_id
    with pytest.raises(Refused, match="现在没有进行中的活动"):
        lobby.visit(AKAI, running.end)


def test_a_chat_that_goes_on_is_no_silence(lobby: Lobby) -> None:
    live(lobby)
    lobby.clock.forward(hours=3)
    chats.move_mark(lobby.connection, GROUP, 1, lobby.clock() - timedelta(hours=1))
    chats.set_first_mark(lobby.connection, GROUP, 1, lobby.clock() - timedelta(hours=1))
    with pytest.raises(Refused, match="安静两小时以后谁都可以"):
        lobby.visit(AKAI, running.end)
    lobby.clock.forward(hours=1, seconds=1)
    lobby.visit(AKAI, running.end)


def test_a_talk_that_was_never_started_can_be_ended(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.clock.forward(days=5, hours=10)
    assert lobby.visit(LINXI, running.end).started_at is None
    assert talk_4(lobby).state == TalkState.HELD
    with pytest.raises(Refused, match="没有用 /下一项，不知道讲到了哪些"):
        lobby.visit(LINXI, running.carry, [])


def test_what_was_not_covered_goes_on_with_all_that_hangs_on_it(lobby: Lobby) -> None:
    live(lobby)
    third = ItemRef(3, 4)
    lobby.visit(SUC, submissions.add, third, "https://a.com/slides 幻灯片", [])
    lobby.visit(AKAI, submissions.second, third)
    for _ in range(2):
        go_on(lobby)
        lobby.clock.forward(minutes=2)
    with pytest.raises(Refused, match="还在进行中"):
        lobby.visit(LINXI, running.carry, [])
    lobby.visit(LINXI, running.end)
    with pytest.raises(Refused, match="要由 004 期的主持人、编辑或群管理来做"):
        lobby.visit(SUC, running.carry, [])
    done = lobby.visit(LINXI, running.carry, [])
    assert [(item.talk, item.number, item.submitter.name) for item in done.moved] == [(5, 1, "suc16")]
    (moved,) = items.listed(lobby.connection, 5)
    assert [each.person.name for each in supporters.of_talk(lobby.connection, 5)] == ["阿凯"]
    assert moved.id == lobby.visit(SUC, lambda desk: desk.find_item(third)).id  # its old number leads to it
    assert [item.number for item in items.listed(lobby.connection, 4)] == [1, 2]
    with pytest.raises(Refused, match="都讲到了"):
        lobby.visit(LINXI, running.carry, [])
    with pytest.raises(Refused, match="005#1 已经在 005 期里了"):
        lobby.visit(LINXI, running.carry, [ItemRef(3, 4)])


def test_what_the_next_talk_has_already_stays_where_it_is(lobby: Lobby) -> None:
    live(lobby)
    lobby.submit(AKAI, "news", "重提 https://a.com/2")
    done = lobby.visit(LINXI, running.carry, [ItemRef(2), ItemRef(3)])
    assert [item.number for item in done.moved] == [2]
    assert [(item.talk, item.submitter.name) for item in done.known] == [(5, "阿凯")]
    assert [item.number for item in items.listed(lobby.connection, 4)] == [1, 2]


def test_a_published_talk_stays_as_it_is(lobby: Lobby) -> None:
    live(lobby)
    lobby.visit(SUC, asking.ask, "问一句")
    lobby.visit(AKAI, saying.answer, QuestionRef(1), "答一句")
    go_on(lobby)
    lobby.visit(LINXI, running.end)
    talks.set_state(lobby.connection, 4, TalkState.PUBLISHED)
    with pytest.raises(Refused, match="004 期已经发布了"):
        lobby.visit(LINXI, running.carry, [])
    with pytest.raises(Refused, match="004 期已经发布，内容不再改动；想接着聊就发 /提问 再问一次"):
        lobby.visit(SUC, saying.answer, QuestionRef(1, 4), "再答一句")


def test_open_questions_go_on_and_answered_ones_stay(lobby: Lobby) -> None:
    live(lobby)
    lobby.visit(SUC, asking.ask, "甲？")
    lobby.visit(SUC, asking.ask, "乙？")
    lobby.visit(AKAI, asking.vote, QuestionRef(2))
    lobby.visit(AKAI, saying.answer, QuestionRef(1), "甲")
    lobby.visit(LINXI, running.end)
    (open_one,) = questions.of_talk(lobby.connection, 5)
    assert (open_one.number, open_one.text, open_one.votes, open_one.first) == (1, "乙？", 1, False)
    late = lobby.visit(SUC, saying.answer, QuestionRef(1, 4), "甲，再补一句")
    assert late.remark.talk == 4
    with pytest.raises(Refused, match=r"(?s)Q1 有两个，写上期号再发一次：\n004Q1 甲？\n005Q1 乙？"):
        lobby.visit(SUC, saying.answer, QuestionRef(1), "乙")
    lobby.visit(SUC, saying.answer, QuestionRef(1, 5), "乙")
    four = compile_discussion(lobby.connection, lobby.rules.series, talk_4(lobby))
    assert [(each.number, [said.author.name for said in each.said]) for each in four.online] == [
        (1, ["阿凯", "suc16"]),
        (2, []),
    ]
    five = talks.by_number(lobby.connection, 5)
    assert five is not None
    (rolled,) = compile_discussion(lobby.connection, lobby.rules.series, five).in_group
    assert (rolled.number, rolled.question, len(rolled.said)) == (1, "乙？", 1)


def test_what_was_said_in_the_evening_belongs_to_it_whenever_it_is_filed(lobby: Lobby) -> None:
    live(lobby)
    lobby.clock.forward(minutes=30)
    said_at = lobby.clock()
    lobby.clock.forward(minutes=30)
    lobby.visit(LINXI, running.end)
    lobby.clock.forward(hours=10)
    author = Person(XU.user_id, "老徐")
    lines = [LineRow(LineKind.TEXT, "当晚说的")]
    filed = lobby.visit(SUC, saying.quote, Original(900, author, said_at, lines), None, "")
    assert filed.remark.talk == 4
    later = lobby.visit(SUC, saying.quote, Original(901, author, lobby.clock(), lines), None, "")
    assert later.remark.talk == 5
    four = compile_discussion(lobby.connection, lobby.rules.series, talk_4(lobby))
    assert (len(four.online), len(four.in_group)) == (1, 0)
    with pytest.raises(Refused, match="标题最多 100 字"):
        lobby.visit(SUC, saying.quote, Original(902, author, said_at, lines), None, "长" * 101)


def test_who_may_take_back_what(lobby: Lobby) -> None:
    author, lines = Person(XU.user_id, "老徐"), [LineRow(LineKind.TEXT, "一句话"), LineRow(LineKind.PICTURE, "p.png")]

    def files(who: Account, message: int) -> None:
        lobby.visit(who, saying.quote, Original(message, author, lobby.clock(), lines), None, "")

    lobby.pictures("p.png")
    files(SUC, 900)
    files(SUC, 901)
    with pytest.raises(Refused, match="只有本人、收录的人或 004 期的主持人能撤回"):
        lobby.visit(AKAI, saying.take_back, QuestionRef(message_id=900))
    lobby.visit(SUC, saying.take_back, QuestionRef(message_id=900))
    assert pictures.get(lobby.connection, "p.png")  # another shows it
    lobby.visit(MOMO, saying.take_back, QuestionRef(message_id=901))  # an admin
    assert pictures.get(lobby.connection, "p.png") is None
    lobby.visit(SUC, asking.ask, "问一句")
    with pytest.raises(Refused, match="这是 suc16 的"):
        lobby.visit(AKAI, saying.take_back, QuestionRef(1))
    lobby.visit(SUC, saying.take_back, QuestionRef(1))
    assert questions.of_talk(lobby.connection, 4) == []
    assert remarks.of_talk(lobby.connection, 4) == []


def test_what_is_too_long_is_not_kept(lobby: Lobby) -> None:
    with pytest.raises(Refused, match="问题太长了"):
        lobby.visit(SUC, asking.ask, "长" * 2001)
    lobby.visit(SUC, asking.ask, "短")
    with pytest.raises(Refused, match="回答太长了"):
        lobby.visit(SUC, saying.answer, QuestionRef(1), "长" * 2001)


def test_the_clock_is_shifted_to_the_recording(lobby: Lobby) -> None:
    live(lobby)
    lobby.clock.forward(seconds=90)
    go_on(lobby)
    lobby.clock.forward(seconds=600)
    go_on(lobby)
    lobby.clock.forward(hours=1)
    go_on(lobby, "free")
    lobby.clock.forward(minutes=1)
    lobby.visit(LINXI, running.end)

    def chapters(words: str) -> list[str]:
        return [each.line for each in lobby.visit(LINXI, records.attach, "video", words).chapters]

    shifted = ["00:00 开场", "11:40 本周新闻 · 甲", "21:40 本周推荐 · 乙", "1:21:40 Free Talk"]
    assert chapters("10:10") == shifted
    assert chapters("https://b.com/v") == shifted  # it is kept
    assert chapters("https://b.com/v?t=10 004")[1] == "01:40 本周新闻 · 甲"
    assert chapters("-2:00 004") == ["00:00 本周新闻 · 甲", "09:30 本周推荐 · 乙", "1:09:30 Free Talk"]
    assert chapters("0:00 https://b.com/v")[:2] == ["00:00 开场", "01:30 本周新闻 · 甲"]
    with pytest.raises(Refused, match="请带上一个链接"):
        lobby.visit(LINXI, records.attach, "video", "004")
    assert talk_4(lobby).video == "https://b.com/v"


def test_the_chapters_keep_what_was_on_wherever_it_goes(lobby: Lobby) -> None:
    """Half of it was told, the rest comes in the next talk."""
    live(lobby)
    for _ in range(2):
        go_on(lobby)
        lobby.clock.forward(minutes=2)
    lobby.visit(LINXI, running.carry, [ItemRef(2)])
    lobby.visit(LINXI, running.end)
    shown = [each.title for each in lobby.visit(LINXI, records.attach, "video", "https://b.com/v").chapters]
    assert shown == ["开场", "本周新闻 · 甲", "本周推荐 · 乙"]


def test_an_item_that_leaves_the_agenda_does_not_stop_the_evening(lobby: Lobby) -> None:
    live(lobby)
    go_on(lobby)
    lobby.visit(AKAI, submissions.withdraw, [ItemRef(1, 4)])
    here = evening_of(lobby.connection, lobby.rules.series, 4).current
    assert here is not None
    assert here.name == "本周新闻"
    lobby.clock.forward(minutes=1)
    assert go_on(lobby).name == "本周推荐 · 乙"
    lobby.clock.forward(minutes=1)
    lobby.visit(SUC, submissions.withdraw, [ItemRef(2, 4)])
    assert go_on(lobby).name == "本周推荐 · 丙"


def test_time_that_a_section_has_used_stays_used(lobby: Lobby) -> None:
    """Who comes back to a section has what is left of it, and what was granted."""
    live(lobby)
    go_on(lobby, "推荐")
    lobby.clock.forward(minutes=12)
    lobby.visit(LINXI, running.extend, "10")
    lobby.clock.forward(minutes=1)
    go_on(lobby, "新闻")
    lobby.clock.forward(minutes=11)
    go_on(lobby, "推荐")
    floor = talk_4(lobby).floor
    assert floor is not None
    assert floor.until is not None
    assert floor.until - floor.began_at == timedelta(minutes=15 - 13 + 10) + timedelta(minutes=4, seconds=30)


def test_a_fleeting_line_is_owed_once_for_each_moment(lobby: Lobby) -> None:
    def owed(kind: str) -> list[tuple[str, str]]:
        plan(lobby.connection, lobby.rules, list(kinds.values()), [GROUP], lobby.clock())
        query = text("SELECT state, note FROM deliveries WHERE kind = :kind ORDER BY occasion")
        rows = lobby.connection.execute(query, {"kind": kind})
        return [(row[0], row[1]) for row in rows]

    live(lobby)
    assert owed("time_up") == []
    go_on(lobby, "推荐")
    assert owed("time_up") == [("planned", "")]
    assert owed("time_up") == [("planned", "")]
    lobby.visit(LINXI, running.extend, "5")
    assert owed("time_up") == [("skipped", "时间变了"), ("planned", "")]
    lobby.clock.forward(seconds=1)
    go_on(lobby, "free")
    assert owed("time_up")[1:] == [("skipped", "不用发了")]
    assert [state for state, _ in owed("turn")] == ["skipped", "planned"]
    lobby.visit(LINXI, running.end)
    assert [state for state, _ in owed("turn")] == ["skipped", "skipped"]
    assert owed("summary") == [("planned", "")]
