"""What a talk presents: picks, themes, suggestions, and nominations that offer themselves again."""

from datetime import timedelta

import pytest

from db.queries import nominations, sections, talks
from plugins._talk.documents.agenda import AgendaSection, compile_agenda
from plugins._talk.documents.evening import evening_of
from plugins._talk.render.chat import section_blocks
from plugins._talk.usecases import choices, evening, roles, submissions
from plugins._talk.usecases.desk import Desk, ItemRef, Refused, only_seen
from tests.people import AKAI, LINXI, MOMO, SUC
from tests.talk.desks import Lobby


def section(lobby: Lobby, key: str, talk: int = 4) -> AgendaSection:
    agenda = compile_agenda(lobby.connection, lobby.rules.series, talk)
    return next(each for each in agenda.sections if each.key == key)


def test_a_nomination_is_picked_and_is_what_the_evening_is_for(lobby: Lobby) -> None:
    lobby.submit(AKAI, "classic", "量化")
    lobby.submit(SUC, "classic", "注意力")
    lobby.submit(SUC, "classic", "https://a.com/1 手写一个 transformer")
    lobby.visit(LINXI, submissions.second, ItemRef(2))
    before = section(lobby, "classic")
    assert [item.called for item in before.nominations] == ["注意力", "量化"]  # the most wanted first
    assert len(before.presented) == 3  # nothing is picked yet: everything is on
    lobby.visit(SUC, roles.claim, "经典")
    done = lobby.visit(SUC, choices.pick, [ItemRef(2)], "")  # a section's lead decides
    assert (done.chosen, done.numbers) == (True, {"classic": (2,)})
    after = section(lobby, "classic")
    assert [item.called for item in after.presented] == ["注意力"]
    assert [item.called for item in after.nominations] == ["量化"]
    assert after.about == "注意力"
    assert [stop.name for stop in evening_of(lobby.connection, lobby.rules.series, 4).stops][2:3] == [
        "本周经典 · 注意力"
    ]
    with pytest.raises(Refused, match="已经选定了"):
        lobby.visit(SUC, choices.pick, [ItemRef(2)], "")
    assert lobby.visit(SUC, choices.pick, [ItemRef(2)], "取消").numbers == {"classic": ()}
    with pytest.raises(Refused, match="本来就没有选定"):
        lobby.visit(SUC, choices.pick, [ItemRef(2)], "取消")


def test_of_the_recommendations_three_at_most(lobby: Lobby) -> None:
    for place in range(4):
        lobby.submit(AKAI, "rec", f"https://a.com/{place}")
    for number in (1, 2, 3):
        lobby.visit(MOMO, choices.pick, [ItemRef(number)], "")
    with pytest.raises(Refused, match=r"本周推荐最多讲 3 条，已经选了 #1 #2 #3"):
        lobby.visit(MOMO, choices.pick, [ItemRef(4)], "")
    lobby.visit(AKAI, submissions.withdraw, [ItemRef(3)])
    assert lobby.visit(MOMO, choices.pick, [ItemRef(4)], "").numbers == {"rec": (1, 2, 4)}  # not what is withdrawn
    with pytest.raises(Refused, match="主持人"):
        lobby.visit(AKAI, choices.pick, [ItemRef(1)], "取消")


def test_a_theme_and_suggestions(lobby: Lobby) -> None:
    named = lobby.visit(MOMO, choices.name_theme, "经典 量化 与蒸馏")
    assert (named.talk, named.section.key, named.topic) == (4, "classic", "量化 与蒸馏")
    assert section(lobby, "classic").about == "量化 与蒸馏"
    assert section(lobby, "classic").takes_place  # a theme alone puts an optional section on
    lobby.visit(MOMO, choices.name_theme, "Free Talk 大家聊聊")
    assert section(lobby, "free").theme == "大家聊聊"
    lobby.visit(MOMO, choices.name_theme, "经典 取消")
    assert section(lobby, "classic").about == ""
    lobby.visit(AKAI, choices.suggest, "新闻 论文可以写个摘要")
    assert section_blocks(section(lobby, "news"))[0].split("\n")[2] == "建议：论文可以写个摘要 —— 阿凯"
    for words, why in [("经典", "主题是什么"), ("天气 晴", "先写版块"), (f"经典 {'长' * 61}", "最多 60 字")]:
        with pytest.raises(Refused, match=why):
            lobby.visit(MOMO, choices.name_theme, words)
    with pytest.raises(Refused, match="主持人"):
        lobby.visit(AKAI, choices.name_theme, "经典 量化")
    with pytest.raises(Refused, match="想建议什么"):
        lobby.visit(AKAI, choices.suggest, "实践")
    assert sections.suggestions(lobby.connection, 4)[0].by.name == "阿凯"


def hold(lobby: Lobby, number: int) -> None:
    """Let a talk's evening come and go."""
    talk = talks.by_number(lobby.connection, number)
    assert talk is not None
    lobby.clock.at = talk.scheduled_at + timedelta(hours=7)
    lobby.visit(MOMO, only_seen)


def test_unchosen_nominations_offer_themselves_four_times(lobby: Lobby) -> None:
    lobby.submit(AKAI, "classic", "量化")
    lobby.submit(SUC, "classic", "注意力")
    lobby.visit(LINXI, submissions.second, ItemRef(1))
    lobby.visit(MOMO, choices.pick, [ItemRef(2)], "")
    for talk in (4, 5, 6):
        hold(lobby, talk)
        items = section(lobby, "classic", talk + 1).items
        assert [(each.called, each.votes, each.rounds) for each in items] == [("量化", 1, talk - 2)]
        assert items[0].submitter.qq == AKAI.user_id
        assert [each.called for each in section(lobby, "classic", talk).nominations] == ["量化"]  # it stays on record
        assert section(lobby, "classic", talk).nominations[0].passed_on
    hold(lobby, 7)
    assert section(lobby, "classic", 8).items == ()  # it has stood four times
    assert evening_of(lobby.connection, lobby.rules.series, 7).missed == list(section(lobby, "classic", 7).items)


def test_what_is_said_of_it_means_the_new_one(lobby: Lobby) -> None:
    message = 1
    lobby.submit(AKAI, "classic", "量化")
    hold(lobby, 4)

    def meant(desk: Desk) -> tuple[int, int]:
        item = desk.find_item(ItemRef(message_id=message))
        return item.talk, item.number

    assert lobby.visit(AKAI, meant) == (5, 1)
    lobby.visit(AKAI, submissions.withdraw, [ItemRef(message_id=message)])
    hold(lobby, 5)
    assert section(lobby, "classic", 6).items == ()


def test_one_that_was_on_or_was_given_a_link_is_not_offered(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(AKAI, "classic", "量化")
    lobby.submit(AKAI, "practice", "读代码")
    lobby.visit(AKAI, submissions.add, ItemRef(2), "https://github.com/zjunlp/EasyEdit", [])
    lobby.clock.at = lobby.clock.at.replace(day=28, hour=13)
    lobby.visit(LINXI, evening.start)
    lobby.visit(LINXI, evening.go_on, "", ItemRef(1))
    lobby.visit(LINXI, evening.end)
    assert section(lobby, "classic", 5).items == section(lobby, "practice", 5).items == ()
    assert [item.called for _, group in section(lobby, "classic").listed for item in group] == ["量化"]  # it was chosen
    assert section(lobby, "classic").nominations == ()


def test_what_offers_itself_is_not_carried_as_well(lobby: Lobby) -> None:
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(AKAI, "classic", "量化")
    hold(lobby, 4)
    done = lobby.visit(LINXI, evening.carry, [ItemRef(1, 4)])
    assert (len(done.moved), [each.talk for each in done.known]) == (0, [5])
    assert list(nominations.rounds(lobby.connection, 5).values()) == [2]
