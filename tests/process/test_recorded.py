"""The bot against answers of a OneBot server that nobody here wrote, recorded once and played again.

`recorded/other_server.json` holds the frames in their order, each `{"to the bot": frame}` or `{"from the bot": frame}`;
files are cut down to "base64://". That server knows neither the group nor the bot's account, its message ids are
strings, and its answer to a forwarded chat has no id.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.people import GROUP
from tests.process.bot_process import PATIENCE, BotProcess

Frame = dict[str, Any]

RECORDED: list[dict[str, Frame]] = json.loads(
    Path(__file__).with_name("recorded").joinpath("other_server.json").read_text(encoding="utf-8")
)
SENT = [each["to the bot"] for each in RECORDED if "to the bot" in each]
ASKED = [each["from the bot"] for each in RECORDED if "from the bot" in each]
EVENTS = [each for each in SENT if "post_type" in each]
ANSWERS = {each["echo"]: each for each in SENT if "echo" in each}


async def _answer_until(server: ClientConnection, last: str) -> list[Frame]:
    """Answer as was recorded for each action, its n-th call with the n-th answer, until `last` is answered."""
    calls: list[Frame] = []
    async with asyncio.timeout(PATIENCE):
        while not calls or calls[-1]["action"] != last:
            calls.append(asked := json.loads(await server.recv()))
            recorded = [each["echo"] for each in ASKED if each["action"] == asked["action"]]
            earlier = sum(each["action"] == asked["action"] for each in calls) - 1
            answer = ANSWERS[recorded[min(earlier, len(recorded) - 1)]]
            await server.send(json.dumps({**answer, "echo": asked["echo"]}))
    return calls


async def test_a_submission_and_an_agenda(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]")
    await bot.start()
    await bot.listens()
    submission, lifecycle, agenda = EVENTS
    async with connect(bot.url, additional_headers={"X-Self-ID": "123456789"}) as server:
        await server.send(json.dumps(submission))
        await server.send(json.dumps(lifecycle))
        filed = (await _answer_until(server, "send_group_msg"))[-1]
        await server.send(json.dumps(agenda))
        posted = await _answer_until(server, "upload_group_file")
    await bot.kill()
    assert "Traceback" not in bot.output
    assert filed["params"] == next(each["params"] for each in ASKED if each["action"] == "send_group_msg")
    (forward,) = (each["params"] for each in posted if each["action"] == "send_group_forward_msg")
    assert "https://a.com/1" in forward["messages"][0]["data"]["content"][0]["data"]["text"]
    assert posted[-1]["params"]["name"] == "OpenLLM-Talk-000.md"
