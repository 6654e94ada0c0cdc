"""What happens beside messages, as the implementations report it."""

import json
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import Adapter

from plugins._chat.commands.notices import Admin, Health, Joined, Left, Mute, Notice, Recall, read_notice
from tests.chat.test_samples import SAMPLES, sample
from tests.people import BOT, GROUP, MOMO

BOT_ID, ELSEWHERE = BOT.user_id, 612_345_679


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        ("078_napcat_group_recall_by_author", Recall(GROUP, 1_500_000_777, 1_580_012_345, 1_580_012_345)),
        ("080_lagrange_group_recall_tip", Recall(GROUP, -1_203_344_556, 3_456_700_011, MOMO.user_id)),
        ("081_napcat_group_increase_approve", Joined(GROUP, 2_988_001_122)),
        ("083_napcat_group_decrease_kick_me", Left(ELSEWHERE, BOT_ID)),
        ("085_napcat_group_ban_bot", Mute(GROUP, BOT_ID, 600)),
        ("086_napcat_group_ban_whole", Mute(GROUP, 0, None)),
        ("089_napcat_group_admin_set_bot", Admin(GROUP, BOT_ID, is_admin=True)),
        ("101_napcat_bot_offline", Health(online=False, why="您的账号在另一地点登录，您已被迫下线")),
        ("107_napcat_heartbeat", Health(online=True)),
        ("108_napcat_heartbeat_offline", Health(online=False)),
        ("111_gocqhttp_heartbeat_stat", Health(online=True)),
        ("098_napcat_notify_input_status", None),
        ("100_napcat_notify_profile_like_no_user_id", None),
        ("001_napcat_group_text_command", None),
    ],
)
def test_reading(name: str, notice: Notice | None) -> None:
    event = Adapter.json_to_event(sample(f"{name}.json"))
    assert event is not None
    assert read_notice(event) == notice


BAN = json.loads((SAMPLES / "086_napcat_group_ban_whole.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "seconds"),
    [
        ({"duration": 268_435_455}, None),  # go-cqhttp
        ({"duration": 0}, None),
        ({"duration": "60"}, 60),
        ({"sub_type": "lift_ban", "duration": 0}, 0),
        ({"sub_type": "lift_ban", "duration": -1}, 0),
    ],
)
def test_mutes_of_every_length(change: dict[str, Any], seconds: int | None) -> None:
    event = Adapter.json_to_event({**BAN, **change})
    assert event is not None
    assert read_notice(event) == Mute(GROUP, 0, seconds)


def test_a_heartbeat_that_does_not_know_is_no_alarm() -> None:
    beat = sample("107_napcat_heartbeat.json")
    for status in ({"online": None, "good": None}, {}, {"good": True}):
        event = Adapter.json_to_event({**beat, "status": status})
        assert event is not None
        assert read_notice(event) == Health(online=True)
