"""The strict implementation is strict: what the tests and the sandbox rest on refuses what QQ would refuse."""

from typing import Any

import pytest

from plugins._onebot.implementation import Implementation
from tests.chat.loopback import group
from tests.people import BOT, GROUP, Clock

TEXT = [{"type": "text", "data": {"text": "x"}}]
NODE = {"type": "node", "data": {"user_id": "1", "nickname": "x", "content": TEXT}}
REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("set_group_reaction", {}, 1404),
    ("send_group_msg", {"group_id": 1, "message": TEXT}, 1200),
    ("send_group_msg", {"group_id": GROUP}, 1400),
    ("send_group_msg", {"group_id": GROUP, "message": "a string with [CQ:at,qq=all]"}, 1400),
    ("send_group_msg", {"group_id": GROUP, "message": [{"type": "share", "data": {}}]}, 1200),
    ("send_group_msg", {"group_id": GROUP, "message": [{"type": "reply", "data": {"id": "1"}}]}, 1200),
    ("send_group_forward_msg", {"group_id": GROUP, "messages": []}, 1400),
    ("send_group_forward_msg", {"group_id": GROUP, "messages": [NODE, TEXT[0]]}, 1400),
    ("send_group_forward_msg", {"group_id": GROUP, "messages": [{**NODE, "data": {"user_id": 1}}]}, 1400),
    ("upload_group_file", {"group_id": GROUP, "file": "base64://eA=="}, 1400),
    ("upload_group_file", {"group_id": GROUP, "file": "/data/x.md", "name": "x.md"}, 1200),
    ("get_msg", {"message_id": 1}, 1200),
    ("get_group_msg_history", {"group_id": GROUP}, 1200),
    ("get_group_member_info", {"group_id": GROUP, "user_id": 1}, 1200),
]


@pytest.mark.parametrize(("action", "params", "retcode"), REFUSED)
async def test_refused(clock: Clock, action: str, params: dict[str, Any], retcode: int) -> None:
    answer = await Implementation(BOT.user_id, group(clock)).answer(action, params)
    assert answer is not None
    assert (answer["status"], answer["retcode"]) == ("failed", retcode)


async def test_what_was_sent_is_in_the_history(clock: Clock) -> None:
    onebot = Implementation(BOT.user_id, group(clock))
    sent = await onebot.answer("send_group_msg", {"group_id": GROUP, "message": TEXT})
    forwarded = await onebot.answer("send_group_forward_msg", {"group_id": GROUP, "messages": [NODE]})
    history = await onebot.answer("get_group_msg_history", {"group_id": GROUP, "count": 1})
    assert sent is not None
    assert forwarded is not None
    assert history is not None
    assert [each["message_id"] for each in history["data"]["messages"]] == [forwarded["data"]["message_id"]]
    nodes = await onebot.answer("get_forward_msg", {"id": forwarded["data"]["forward_id"]})
    assert nodes is not None
    assert nodes["data"]["messages"] == [NODE]
