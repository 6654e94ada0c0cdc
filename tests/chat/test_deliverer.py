"""Deliveries through the real deliverer to the strict implementation, with a clock that is moved by hand."""

from dataclasses import replace
from typing import Any, NoReturn

import pytest

from db.engine import Unavailable
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._talk.deliveries.kinds import kinds
from tests.chat.evening import Evening
from tests.chat.loopback import PICTURE, text_of
from tests.people import GROUP, LINXI, SUC, XU

AGENDA = ("send_group_forward_msg", "send_group_msg")
REJECTED = {"status": "failed", "retcode": 1200, "data": None, "wording": "EventChecker: result -1 rich media"}
TIMEOUT = {"status": "failed", "retcode": 1200, "data": None, "wording": "Timeout: NTEvent serviceAndMethod"}
BLOCKED = {"status": "failed", "retcode": 100, "data": None, "wording": "blocked by server"}


async def test_a_week_by_itself_each_reminder_once(evening: Evening) -> None:
    await evening.says(LINXI, "/claim host")
    await evening.says(SUC, "/news https://a.com/1")
    assert await evening.at(25, 19, 59) == []
    assert [row.split("\n")[0] for row in await evening.at(25, 20)] == ["004 期 2026-11-28 周六 21:00"]
    assert await evening.at(25, 20, 1) == []
    assert [row.split("\n")[0] for row in await evening.at(27, 20)] == ["004 期 2026-11-28 周六 21:00 开始"]
    posted = await evening.at(28, 20, 30)
    assert posted[0].startswith("【OpenLLM Talk 004】2026-11-28 周六 21:00\n本周新闻 1 条\n主持人 @1580012345")
    assert posted[1:] == ["[forward]", PICTURE]
    assert await evening.at(28, 20, 31) == []
    assert [row.split("\n")[0] for row in await evening.at(29, 20)] == ["004 期辛苦啦！还差：纪要、文章、视频"]
    assert await evening.at(29, 21) == []
    assert set((await evening.states()).values()) == {"sent"}


async def test_the_forward_has_a_node_a_section_with_links_and_credits(evening: Evening) -> None:
    await evening.says(LINXI, "/news https://a.com/1?x=[CQ:at,qq=all] 好文")
    await evening.at(28, 20, 30)
    nodes = next(iter(evening.onebot.group.forwards.values()))
    said = {node["data"]["nickname"]: node["data"]["content"][0]["data"]["text"] for node in nodes}
    assert list(said) == ["本周新闻", "本周推荐", "Free Talk"]
    assert "好文 —— 林溪" in said["本周新闻"]


async def test_what_fell_due_unconnected_goes_out_late_if_it_is_still_of_use(evening: Evening) -> None:
    evening.service.bots = list
    assert await evening.at(25, 20) == []
    assert await evening.at(28, 20, 30) == []
    evening.service.bots = lambda: [evening.bot]
    posted = await evening.at(28, 22)
    assert [row.split("\n")[0] for row in posted] == ["【OpenLLM Talk 004】2026-11-28 周六 21:00", "[forward]", PICTURE]
    states = await evening.states()
    assert (states["call"], states["gaps"], states["agenda"]) == ("skipped", "skipped", "sent")
    missed = f"没能按时发出，时间过了不再发：004 期的招募（群 {GROUP}）、004 期的开场前提醒（群 {GROUP}）"
    assert evening.told(XU) == [missed]


async def test_an_agenda_that_is_too_late_is_not_posted(evening: Evening) -> None:
    assert await evening.at(29, 10) == []
    assert (await evening.states())["agenda"] == "skipped"


@pytest.mark.parametrize("answer", [REJECTED, BLOCKED])
async def test_a_rejected_forward_is_said_in_plain_text_with_the_same_links(
    evening: Evening, answer: dict[str, Any]
) -> None:
    await evening.says(LINXI, "/news https://a.com/1 甲")
    await evening.says(LINXI, "/rec https://a.com/2 乙")
    evening.onebot.will("send_group_forward_msg", answer)
    posted = await evening.at(28, 20, 30)
    assert len(posted) == 3
    assert [line for line in posted[1].split("\n") if line.startswith("http")] == ["https://a.com/1", "https://a.com/2"]
    assert (await evening.states())["agenda"] == "sent"


@pytest.mark.parametrize(("answer", "arrives"), [(TIMEOUT, True), (TIMEOUT, False), (None, True), (None, False)])
async def test_a_forward_whose_fate_is_unknown_is_looked_up_and_never_sent_again(
    evening: Evening, answer: dict[str, Any] | None, *, arrives: bool
) -> None:
    evening.onebot.will("send_group_forward_msg", answer, arrives=arrives)
    posted = await evening.at(28, 20, 30)
    assert posted[1:] == [*(["[forward]"] if arrives else []), PICTURE]
    assert (await evening.states())["agenda"] == ("sent" if arrives else "unknown")
    asked = [params for action, params in evening.onebot.calls if action == "get_group_msg_history"]
    looks = [params for params in asked if "message_seq" not in params]  # each begins with the newest page
    assert len(looks) == (1 if arrives else 2)
    told = [line for line in evening.told(XU) if line.startswith("004 期的议程在群")]
    assert [line[-14:] for line in told] == ([] if arrives else ["/resend agenda"])
    assert await evening.at(28, 20, 40) == []


async def test_what_never_left_is_sent_when_it_can_and_nothing_twice(evening: Evening) -> None:
    evening.onebot.will("send_group_forward_msg", RuntimeError("socket closed"))
    posted = await evening.at(28, 20, 30)
    assert len(posted) == 1
    assert (await evening.states())["agenda"] == "planned"
    assert await evening.at(28, 20, 31) == ["[forward]", PICTURE]
    assert (await evening.states())["agenda"] == "sent"


MUTED = {"status": "failed", "retcode": 1200, "data": None, "wording": "当前处于被禁言状态"}


async def test_a_muted_bot_does_not_insist_and_speaks_when_it_may(evening: Evening) -> None:
    evening.onebot.will("send_group_msg", MUTED)
    assert await evening.at(28, 20, 30) == []
    assert await evening.at(28, 20, 34) == []
    assert [action for action, _ in evening.onebot.calls if action in AGENDA] == ["send_group_msg"]
    assert len(await evening.at(28, 20, 35)) == 3
    assert (await evening.states())["agenda"] == "sent"


GONE = {"status": "failed", "retcode": 1200, "data": None, "wording": "EventChecker Failed: result 110 已被移出该群"}


async def test_out_of_the_group_there_is_no_other_form(evening: Evening) -> None:
    evening.onebot.will("send_group_msg", GONE)
    evening.onebot.will("send_group_msg", GONE)
    evening.onebot.will("send_group_forward_msg", GONE)
    assert await evening.at(28, 20, 30) == []
    assert (await evening.states())["agenda"] == "failed"
    tried = [action for action, _ in evening.onebot.calls if action in AGENDA]
    assert tried == ["send_group_msg", AGENDA[0], "send_group_msg"]


async def test_pieces_that_were_said_are_not_said_again(evening: Evening) -> None:
    for number in range(30):
        await evening.says(LINXI, f"/news https://a.com/{number} {'长' * 300}")
    evening.onebot.will("send_group_forward_msg", REJECTED)
    evening.onebot.will(
        "send_group_msg", {"status": "ok", "retcode": 0, "data": {"message_id": 1}}, arrives=True, times=3
    )
    evening.onebot.will("send_group_msg", RuntimeError("socket closed"))
    first = await evening.at(28, 20, 30)
    rest = await evening.at(28, 20, 31)
    assert (len(first), (await evening.states())["agenda"]) == (3, "sent")
    links = [line for text in (first + rest)[1:] for line in text.split("\n") if line.startswith("http")]
    assert links == [f"https://a.com/{number}" for number in range(30)]


async def test_a_socket_that_breaks_in_its_own_words_is_unknown(evening: Evening) -> None:
    class BrokeUnderIt(Exception):
        pass

    evening.onebot.will("send_group_forward_msg", BrokeUnderIt())
    await evening.at(28, 20, 30)
    assert (await evening.states())["agenda"] == "unknown"


@pytest.mark.parametrize("failing", ["begin_part", "end_part", "end", "claim", "plan", "resume"])
async def test_a_database_that_fails_once_costs_nothing(
    evening: Evening, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever write fails: nothing is posted twice, and all that can be known not to have arrived arrives."""
    write, failed = evening.service.db.write, [False]

    async def moody(use_case: Any, /, *args: Any, **kwargs: Any) -> Any:
        if use_case.__name__ == failing and not failed[0]:
            failed[0] = True
            raise Unavailable("database is locked")
        return await write(use_case, *args, **kwargs)

    monkeypatch.setattr(evening.service.db, "write", moody)
    posted = await evening.at(28, 20, 30)
    posted += await evening.at(28, 20, 31)
    posted += await evening.at(28, 20, 32)
    assert failed == [True]
    assert posted[1:] == ["[forward]", PICTURE]
    assert (await evening.states())["agenda"] == "sent"


async def test_a_stop_between_two_parts_loses_neither(evening: Evening) -> None:
    class Stopped(BaseException):
        pass

    async def stop(_seconds: float) -> None:
        raise Stopped

    evening.service.pause = stop
    with pytest.raises(Stopped):
        await evening.at(28, 20, 30)
    evening.service.pause = _no_pause
    assert await evening.at(28, 20, 31) == ["[forward]", PICTURE]
    assert (await evening.states())["agenda"] == "sent"


async def _no_pause(_seconds: float) -> None:
    return None


async def test_one_that_cannot_be_composed_does_not_stand_in_the_way(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setitem(kinds, "gaps", replace(kinds["gaps"], compose=broken))
    assert await evening.at(27, 20) == []
    assert (await evening.states())["gaps"] == "failed"
    assert len(await evening.at(28, 20, 30)) == 3


async def test_the_hosts_agenda_does_not_use_up_saturdays(evening: Evening) -> None:
    await evening.says(LINXI, "/claim host")
    await evening.says(LINXI, "/news https://a.com/1")
    said = len(evening.onebot.group.messages)
    await evening.says(LINXI, "/agenda")
    posted = [text_of(each) for each in evening.onebot.group.messages[said + 1 :]]
    assert posted[0].startswith("【OpenLLM Talk 004】")
    assert posted[1:4] == ["[forward]", PICTURE, "[file OpenLLM-Talk-004.md]"]
    assert posted[4].endswith("004 期议程已发，群文件里有 OpenLLM-Talk-004.md")
    assert "\n\n<https://a.com/1>\n" in evening.onebot.group.files[0].body.decode()
    assert len(await evening.at(28, 20, 30)) == 3


LOST_FILE = {"status": "file upload rejected: no permission", "retcode": 2003, "data": None}


async def test_an_upload_that_lagrange_lost_is_not_called_done(evening: Evening) -> None:
    await evening.says(LINXI, "/claim host")
    evening.onebot.will("upload_group_file", LOST_FILE)
    await evening.says(LINXI, "/agenda")
    said = text_of(evening.onebot.group.messages[-1])
    assert said.endswith("004 期议程已发；群文件没传上去，Markdown 私聊发你了")
    assert evening.told(LINXI)[0].startswith("# OpenLLM Talk 004\n")
    evening.onebot.will("upload_group_file", {"status": "ok", "retcode": 0, "data": {"file_id": None}}, arrives=True)
    await evening.says(LINXI, "/agenda")
    assert "议程已发" in text_of(evening.onebot.group.messages[-1])


async def test_the_clock_wakes_for_the_next_thing_due(evening: Evening) -> None:
    evening.clock.at = evening.clock.at.replace(day=25, hour=11, minute=59, second=30)
    upcoming = await deliver_due(evening.service)
    assert upcoming == evening.clock.at.replace(hour=12, minute=0, second=0)
