"""The bot against a OneBot server that nobody here wrote: ncatbot's NapCatMockServer, over a relay of a few lines."""

import asyncio
import json
from pathlib import Path
from typing import Any

from ncatbot.utils.testing import NapCatMockServer
from websockets.asyncio.client import ClientConnection, connect

from tests.people import GROUP, LINXI
from tests.process.bot_process import PATIENCE, BotProcess, free_port


async def _pass_on(source: ClientConnection, target: ClientConnection, passed: asyncio.Event) -> None:
    async for frame in source:
        passed.set()
        await target.send(frame)


async def _until(server: Any, action: str, answered: asyncio.Event) -> dict[str, Any]:
    """The parameters of the last call of `action`, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while not (calls := server.get_calls_for_action(action)):
            answered.clear()
            await answered.wait()
    return calls[-1]


def _event(message_id: int, text: str) -> dict[str, Any]:
    return {
        "time": 1_764_061_237,
        "self_id": 123456789,
        "post_type": "message",
        "message_type": "group",
        "sub_type": "normal",
        "message_id": message_id,
        "group_id": GROUP,
        "user_id": LINXI.user_id,
        "raw_message": text,
        "font": 0,
        "message": [{"type": "text", "data": {"text": text}}],
        "sender": {"user_id": LINXI.user_id, "nickname": LINXI.nickname, "card": LINXI.card, "role": "owner"},
    }


async def test_a_submission_and_an_agenda(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]")
    await bot.start()
    await bot.listens()
    server = NapCatMockServer(host="127.0.0.1", port=free_port())
    async with server:
        headers = {"X-Self-ID": "123456789"}
        async with connect(server.uri) as there, connect(bot.url, additional_headers=headers) as here:
            answered = asyncio.Event()
            relays = [
                asyncio.create_task(_pass_on(there, here, answered)),
                asyncio.create_task(_pass_on(here, there, asyncio.Event())),
            ]
            await here.send(json.dumps(_event(1, "/news https://a.com/1 好文")))
            said = await _until(server, "send_group_msg", answered)
            assert [each["type"] for each in said["message"]] == ["reply", "text"]
            assert said["message"][1]["data"]["text"] == "000 期本周新闻 #1 已收录：好文"
            await here.send(json.dumps(_event(2, "/agenda")))
            forward = await _until(server, "send_group_forward_msg", answered)
            assert "https://a.com/1" in forward["messages"][0]["data"]["content"][0]["data"]["text"]
            uploaded = await _until(server, "upload_group_file", answered)
            assert uploaded["name"] == "OpenLLM-Talk-000.md"
            for relay in relays:
                relay.cancel()
            await asyncio.gather(*relays, return_exceptions=True)
    await bot.kill()
    assert "Traceback" not in bot.output
