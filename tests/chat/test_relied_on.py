"""What the group relies on: talks that move, roles that change hands, and a bot that is muted, offline or two."""

from datetime import timedelta
from typing import Any

import pytest

from db.queries import items, roles
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._talk.deliveries.kinds import kinds, lasting
from plugins._talk.series import Series
from tests.chat.evening import Evening
from tests.chat.loopback import PICTURE, text_of
from tests.people import AKAI, BOT, GROUP, LINXI, MOMO, SECOND, SUC, XU


async def test_a_host_moves_the_talk_and_everybody_hears_it_once(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    await evening.says(SUC, "/news https://a.com/1 甲")
    assert await evening.says(AKAI, "/顺延 下周日 20:30 有事") == ["这个要由 004 期的主持人、编辑或群管理来做"]
    assert await evening.says(LINXI, "/顺延") == ["用法：/顺延 <日期> [时间] [原因]　例：/顺延 下周日 20:30 主持人出差"]
    assert await evening.says(LINXI, "/顺延 下周日 20:30 主持人出差") == []
    assert await evening.later(seconds=1) == [
        "004 期改到 2026-12-06 周日 20:30（原定 2026-11-28 周六 21:00）\n原因：主持人出差\n林溪 改的期；已收录的内容、分工和期号都保留"
    ]
    assert await evening.later(minutes=1) == []
    assert (await evening.says(SUC, "/talk"))[0].startswith(
        "OpenLLM Talk 004 · 2026-12-06 周日 20:30 · 正在收集\n主持人 林溪"
    )
    assert await evening.at(28, 20, 30) == []
    evening.clock.at = evening.clock.at.replace(month=12, day=6, hour=12, minute=0)
    assert (await evening.later(seconds=1))[0].startswith("【OpenLLM Talk 004】2026-12-06 周日 20:30\n本周新闻 1 条")


async def test_a_week_that_is_skipped(evening: Evening) -> None:
    assert await evening.says(MOMO, "/停办 集体出游") == []
    assert await evening.later(seconds=1) == [
        "004 期改到 2026-12-05 周六 21:00（原定 2026-11-28 周六 21:00）\n原因：集体出游\nMomo 改的期；已收录的内容、分工和期号都保留"
    ]


async def test_a_role_changes_hands(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    assert await evening.says(LINXI, "/转交 主持人 ", to=AKAI) == [
        f"004 期的主持人交给 @{AKAI.user_id} 啦，辛苦！来不了就发 /释放 主持人"
    ]
    assert await evening.says(LINXI, "/转交 主持人") == ["用法：/转交 [角色] @某人　例：/转交 主持人 @小林"]
    assert await evening.says(AKAI, "/转交 主持人 12345678") == ["在群里没有找到这位，@ 一下群里的人试试"]
    assert await evening.says(AKAI, "/转交 ", to=SECOND) == [
        "004 期的主持人交给 @3001234568 啦，辛苦！来不了就发 /释放 主持人"
    ]
    evening.bots.append(evening.other)
    assert (await evening.says(MOMO, "/转交 主持人 ", to=SECOND)) == ["我只能帮忙提醒，这个还是交给群里的朋友吧"]


async def test_claims_for_later_talks(evening: Evening) -> None:
    assert (await evening.says(LINXI, "/认领 主持人 下期"))[0].startswith("005 期的主持人就是你啦，谢谢！")
    assert (await evening.says(LINXI, "/分工 005"))[0].startswith("005 期分工\n主持人：林溪")
    assert await evening.says(LINXI, "/认领 主持人 005") == [
        "你已经认领过 005 期的主持人了\n编辑最好也由主持人兼任，要一起认领就发 /认领 编辑 005"
    ]
    assert await evening.says(LINXI, "/释放 主持人 005") == ["005 期的主持人已释放，随时可以再 /认领 主持人 005"]


async def test_a_role_released_shortly_before_the_start(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    await evening.at(28, 19, 30)
    assert await evening.says(LINXI, "/释放 主持人") == [
        "004 期的主持人空出来了，21:00 就要开始，谁能顶一下？发 /认领 主持人"
    ]
    assert await evening.later(seconds=5) == []  # said already


async def test_who_leaves_frees_their_role(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    await evening.notices(notice_type="group_decrease", sub_type="leave", user_id=LINXI.user_id, operator_id=0)
    assert "host" in await evening.service.db.read(roles.holders, 4)  # QQ's side still knows them: nothing is sure
    del evening.onebot.group.accounts[LINXI.user_id]
    await evening.notices(notice_type="group_decrease", sub_type="leave", user_id=LINXI.user_id, operator_id=0)
    assert "host" not in await evening.service.db.read(roles.holders, 4)
    assert "林溪 退群了，主持人空了出来" in (await evening.at(25, 20))[0]


async def test_who_left_while_nobody_was_looking_is_found_on_connect(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    await evening.says(AKAI, "/claim 编辑")
    del evening.onebot.group.accounts[LINXI.user_id]
    from plugins.roles import membership

    evening.onebot.will("get_group_member_info", None)  # no answer: nothing is known
    await membership.look_for_holders(evening.service, evening.bot)
    await membership.look_for_holders(evening.service, evening.bot)
    assert list(await evening.service.db.read(roles.holders, 4)) == ["editor"]


BAN = {"notice_type": "group_ban", "operator_id": XU.user_id}
SENDS = ("send_group_msg", "send_group_forward_msg")


def tried(evening: Evening) -> int:
    return sum(action in SENDS for action, _ in evening.onebot.calls)


@pytest.mark.parametrize("whom", [BOT.user_id, 0])
async def test_a_muted_bot_tries_nothing_until_the_lift(evening: Evening, whom: int) -> None:
    await evening.notices(**BAN, sub_type="ban", user_id=whom, duration=-1 if whom == 0 else 2_592_000)
    assert await evening.at(28, 20, 30) == []
    assert await evening.says(LINXI, "/news https://a.com/1 甲") == []
    message_id = evening.onebot.group.messages[-1].message_id
    recall = {"notice_type": "group_recall", "user_id": LINXI.user_id, "operator_id": LINXI.user_id}
    await evening.notices(**recall, message_id=message_id)
    await evening.says(LINXI, "/news https://a.com/1 甲")
    assert await evening.later(minutes=30) == []
    assert tried(evening) == 0
    assert len(await evening.service.db.read(items.listed, 4)) == 1  # heard and kept all the same
    await evening.notices(**BAN, sub_type="lift_ban", user_id=whom, duration=0)
    posted = await evening.later(seconds=1)
    assert [row.split("\n")[0] for row in posted] == ["【OpenLLM Talk 004】2026-11-28 周六 21:00", "[forward]", PICTURE]


async def test_a_mute_ends_by_itself(evening: Evening) -> None:
    await evening.at(28, 20, 0)
    await evening.notices(**BAN, sub_type="ban", user_id=BOT.user_id, duration=45 * 60)
    assert await evening.later(minutes=44) == []
    assert len(await evening.later(minutes=1)) == 3


async def test_an_admin_speaks_in_a_muted_group(evening: Evening) -> None:
    await evening.notices(**BAN, sub_type="ban", user_id=0, duration=268_435_455)
    await evening.notices(notice_type="group_admin", sub_type="set", user_id=BOT.user_id)
    assert len(await evening.at(28, 20, 30)) == 3


async def test_mutes_are_asked_for_on_connect(evening: Evening) -> None:
    group = evening.onebot.group
    group.all_muted = True
    await evening.service.accounts.refresh(evening.bot, GROUP)
    assert not evening.service.accounts.may_speak_at(evening.bot.self_id, GROUP, evening.clock())
    group.all_muted = False
    group.muted[BOT.user_id] = group.now() + 60
    await evening.service.accounts.refresh(evening.bot, GROUP)
    assert not evening.service.accounts.may_speak_at(evening.bot.self_id, GROUP, evening.clock())
    assert evening.service.accounts.may_speak_at(evening.bot.self_id, GROUP, evening.clock() + timedelta(seconds=60))


async def test_refusals_that_nobody_explains_are_met_ever_more_rarely(evening: Evening) -> None:
    muted = {"status": "failed", "retcode": 1200, "data": None, "wording": "当前处于被禁言状态"}
    evening.onebot.will("send_group_msg", muted, times=100)
    await evening.at(28, 20, 30)
    for _ in range(120):
        await evening.later(minutes=1)
    assert tried(evening) == 5  # at once, after 5, 10, 20 and 40 minutes


async def test_an_account_that_is_offline_posts_nothing_and_others_tell(evening: Evening) -> None:
    evening.bots.append(evening.other)
    kicked = {
        "notice_type": "bot_offline",
        "user_id": BOT.user_id,
        "tag": "下线通知",
        "message": "您的账号在另一地点登录",
    }
    await evening.notices(**kicked)
    await evening.notices(**kicked)
    await evening.later(seconds=1)
    assert evening.told(XU) == [
        "账号 3001234567 掉线了（2026-11-23 周一 12:00，您的账号在另一地点登录），请重新登录；欠群里的消息会留着"
    ]
    assert evening.onebot.private == []
    assert len(await evening.at(28, 20, 30)) == 3
    assert {message.user_id for message in evening.onebot.group.messages[-3:]} == {SECOND.user_id}


async def test_a_lone_account_keeps_what_it_owes_until_it_is_back(evening: Evening) -> None:
    beat = {"meta_event_type": "heartbeat", "interval": 30_000}
    await evening.notices(**beat, status={"online": None, "good": True})  # LLBot does not always know
    await evening.notices(**beat, status={"online": False, "good": True})
    assert await evening.at(28, 20, 30) == []
    assert (await evening.states())["agenda"] == "planned"
    assert evening.told(XU) == []
    await evening.notices(**beat, status={"online": True, "good": True})
    assert len(await evening.later(seconds=30)) == 3
    assert [line[:4] for line in evening.told(XU)] == ["账号 3", "没能按时", "账号 3"]


async def test_what_never_leaves_is_tried_ever_more_rarely_and_then_told(evening: Evening) -> None:
    evening.onebot.will("send_group_msg", RuntimeError("socket closed"), times=1000)
    await evening.at(28, 20, 30)
    for _ in range(420):
        await evening.later(minutes=1)
    assert 40 < tried(evening) < 60
    assert (await evening.states())["agenda"] == "skipped"
    assert evening.told(XU)[-1:] == [f"没能按时发出，时间过了不再发：004 期的议程（群 {GROUP}）"]


REJECTED = {"status": "failed", "retcode": 1200, "data": None, "wording": "EventChecker Failed: result 120 风控"}


async def test_a_text_whose_links_are_rejected_goes_without_them(evening: Evening) -> None:
    await evening.says(LINXI, "/news https://red.example/1 甲")
    evening.onebot.will("send_group_forward_msg", REJECTED)
    sent = {"status": "ok", "retcode": 0, "data": {"message_id": 1}}
    evening.onebot.will("send_group_msg", sent, arrives=True)
    evening.onebot.will("send_group_msg", REJECTED)
    _, *posted, picture = await evening.at(28, 20, 30)
    assert (picture, len(posted)) == (PICTURE, 1)
    assert "甲 —— 林溪" in posted[0]
    assert "red.example" not in posted[0]
    assert posted[0].endswith("（有链接被 QQ 拦下了，这里略去；发 /议程 能把完整的放进群文件）")
    assert (await evening.states())["agenda"] == "sent"


TIMEOUT = {"status": "failed", "retcode": 1200, "data": None, "wording": "Timeout: NTEvent sendMsg"}


async def test_a_fallback_repeats_nothing_that_an_unknown_part_may_have_shown(evening: Evening) -> None:
    evening.onebot.will("send_group_forward_msg", TIMEOUT)
    assert (await evening.at(28, 20, 30))[1:] == [PICTURE]
    assert (await evening.states())["agenda"] == "unknown"


async def test_a_host_sends_again_what_was_not_confirmed_and_only_that(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    assert await evening.says(LINXI, "/补发 议程") == ["议程还没到时候，2026-11-28 周六 20:30 会自动发"]
    assert (await evening.says(LINXI, "/补发"))[0].startswith("要补发哪一种？")
    evening.onebot.will("send_group_forward_msg", TIMEOUT)
    await evening.at(28, 20, 30)
    assert evening.told(XU)[-1:] == [
        f"004 期的议程在群 {GROUP} 里没有得到 QQ 的明确回执（等不到，历史消息里也没找到）。请看一眼群里，缺了就在群里发 /resend agenda"
    ]
    assert await evening.says(AKAI, "/resend agenda") == ["这个要由 004 期的主持人、编辑或群管理来做"]
    assert await evening.says(LINXI, "/resend agenda") == []
    assert await evening.later(seconds=1) == ["[forward]"]  # the text above it had arrived
    await evening.says(LINXI, "/补发 议程")
    assert [row[:9] for row in await evening.later(seconds=1)] == [
        "【OpenLLM ",
        "[forward]",
        PICTURE[:9],
    ]  # all of it, as asked


async def test_nobody_resends_what_has_nothing_to_say(evening: Evening) -> None:
    for role in ("主持人", "编辑", "新闻", "推荐"):
        await evening.says(LINXI, f"/claim {role}")
    await evening.says(LINXI, "/news https://a.com/1")
    await evening.says(LINXI, "/rec https://a.com/2")
    assert await evening.at(25, 20) == []
    assert await evening.says(LINXI, "/补发 招募") == ["004 期现在什么都不缺，招募没有要说的"]


async def test_everybody_is_called_only_if_the_series_says_so_and_the_quota_allows(
    evening: Evening, series: Series
) -> None:
    group, rules = evening.onebot.group, evening.service.rules
    reminders = series.reminders.model_copy(update={"at_all": ("call", "gaps")})
    group.at_all_left = 1
    assert not (await evening.says(LINXI, "/talk"))[0].startswith("@all")
    evening.service.rules = type(rules)(series.model_copy(update={"reminders": reminders}), 4, rules.holidays)
    assert (await evening.at(25, 20))[0].startswith("@all\n004 期")
    assert (await evening.at(27, 20))[0].startswith("004 期 2026-11-28 周六 21:00 开始")  # no quota left
    assert not (await evening.at(28, 20, 30))[0].startswith("@all")
    assert (await evening.states())["call"] == "sent"


# Two accounts


async def test_of_two_accounts_one_answers_whichever_hears_first(evening: Evening) -> None:
    evening.bots[:] = [evening.bot, evening.other]
    for bots in ([evening.bot, evening.other], [evening.other, evening.bot]):
        hears = list(bots)
        spoken = evening.onebot.group.speak(LINXI.user_id, [{"type": "text", "data": {"text": "/claim 主持人"}}])
        for bot in hears:
            await evening.hears(bot, LINXI, spoken)
    said = [text_of(each) for each in evening.onebot.group.messages if each.user_id in (BOT.user_id, SECOND.user_id)]
    assert len(said) == 2


async def test_a_message_is_known_by_the_ids_of_both_accounts(evening: Evening) -> None:
    evening.bots[:] = [evening.bot, evening.other]
    await evening.says(LINXI, "/news https://a.com/1 甲")
    assert len(await evening.service.db.read(items.listed, 4)) == 1
    message_id = evening.onebot.group.messages[0].message_id
    assert evening.second.group.find(message_id) is not None
    evening.bots.remove(evening.bot)
    notice = {"notice_type": "group_recall", "user_id": LINXI.user_id, "operator_id": LINXI.user_id}
    await evening.notices(evening.other, **notice, message_id=message_id + evening.second.shift)
    assert await evening.service.db.read(items.listed, 4) == []


async def test_the_second_account_speaks_where_the_first_is_muted(evening: Evening) -> None:
    evening.bots.append(evening.other)
    await evening.notices(**BAN, sub_type="ban", user_id=BOT.user_id, duration=2_592_000)
    assert len(await evening.at(28, 20, 30)) == 3
    assert tried(evening) == 0


async def test_an_account_that_numbers_nothing_truly_loses_no_message(evening: Evening) -> None:
    """Some implementations call every message of a group by the same number."""
    for number in (1, 2, 3):
        spoken = evening.onebot.group.speak(
            LINXI.user_id, [{"type": "text", "data": {"text": f"/news https://a.com/{number}"}}]
        )
        spoken.seq = 7
        await evening.hears(evening.bot, LINXI, spoken)
    assert len(await evening.service.db.read(items.listed, 4)) == 3


# The clock


async def test_the_table_is_the_truth_and_the_job_only_rings(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jumps of the clock, forward or back, post nothing twice and lose nothing that is still of use."""
    posted: list[str] = []
    for day, hour, minute in [
        (25, 19, 59),
        (25, 20, 0),
        (24, 9, 0),
        (25, 20, 1),
        (28, 22, 0),
        (28, 20, 29),
        (28, 20, 31),
    ]:
        posted += await evening.at(day, hour, minute)
    assert [row.split("\n")[0] for row in posted] == [
        "004 期 2026-11-28 周六 21:00",
        "【OpenLLM Talk 004】2026-11-28 周六 21:00",
        "[forward]",
        PICTURE,
    ]


async def test_deliveries_are_paced_and_replies_are_not(evening: Evening) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    evening.service.pause = pause
    await evening.at(28, 20, 30)
    assert waits == [2.0, 2.0]
    await evening.says(LINXI, "/talk")
    await evening.says(LINXI, "/roles")
    assert waits == [2.0, 2.0]


def test_every_kind_has_a_name_that_people_use() -> None:
    reminders = {"招募", "开场前提醒", "议程", "收尾提醒", "改期通知", "补位", "换二维码的提醒"}
    assert {kind.called for kind in lasting()} == {*reminders, "开场", "收场小结"}
    assert {kind.called for kind in kinds.values() if kind.fleeting} == {"下一项", "还有两分钟", "时间到", "问谁代主持"}


async def test_wake_brings_the_next_look_forward(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.schedule import clock as talk_clock

    rung: list[timedelta] = []

    def ring(wait: timedelta, **_: Any) -> None:
        rung.append(wait)

    monkeypatch.setattr(talk_clock, "_wake_in", ring)
    evening.service.wake = talk_clock.wake
    await evening.says(MOMO, "/停办 放假")
    assert rung == [talk_clock.AT_ONCE]
    await deliver_due(evening.service)
