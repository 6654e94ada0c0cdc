"""`bot.py napcat` makes NapCat's network configuration for this bot."""

import json
import re
import stat
from pathlib import Path

import pytest

from tests.process.bot_process import BotProcess, asks

THEIRS = {"enable": True, "name": "other", "url": "ws://127.0.0.1:9/"}


async def test_the_connection_and_the_token(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment\nTALK_GROUPS=[1]\nONEBOT_ACCESS_TOKEN=\n")
    folder = tmp_path / "napcat" / "config"
    folder.mkdir(parents=True)
    (folder / "onebot11_10001.json").write_text(json.dumps({"network": {"websocketClients": [THEIRS]}, "own": 1}))
    bot = BotProcess(tmp_path)
    code, printed = await asks(bot, "napcat", str(folder))
    assert code == 0, printed
    env = (tmp_path / ".env").read_text()
    found = re.fullmatch(r"# a comment\nTALK_GROUPS=\[1\]\nONEBOT_ACCESS_TOKEN=([\w-]{32})\n", env)
    assert found
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    theirs = json.loads((folder / "onebot11_10001.json").read_text())
    assert theirs["own"] == 1
    other, ours = theirs["network"]["websocketClients"]
    assert other == THEIRS
    assert (ours["url"], ours["token"], ours["messagePostFormat"]) == (bot.url, found[1], "array")
    fresh = json.loads((folder / "onebot11.json").read_text())
    assert fresh["network"]["websocketClients"] == [ours]
    code, printed = await asks(bot, "napcat", str(folder), "--url", "ws://nonebot:8080/onebot/v11/ws")
    theirs = json.loads((folder / "onebot11_10001.json").read_text())
    assert code == 0
    assert [each["url"] for each in theirs["network"]["websocketClients"]] == [
        "ws://127.0.0.1:9/",
        "ws://nonebot:8080/onebot/v11/ws",
    ]
    assert (tmp_path / ".env").read_text() == env


async def test_files_that_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ONEBOT_ACCESS_TOKEN=\nTALK_GROUPS=[1]\n", "utf-8-sig")
    (tmp_path / "onebot11.json").write_text(json.dumps({"network": {"websocketClients": [THEIRS]}}), "utf-8-sig")
    code, printed = await asks(BotProcess(tmp_path), "napcat", str(tmp_path))
    assert code == 0, printed
    assert re.fullmatch(r"ONEBOT_ACCESS_TOKEN=[\w-]{32}\nTALK_GROUPS=\[1\]\n", (tmp_path / ".env").read_text())
    clients = json.loads((tmp_path / "onebot11.json").read_text())["network"]["websocketClients"]
    assert [each["name"] for each in clients] == ["other", "talk-bot"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{broken", "不是 JSON"),
        ("[1]", "不是 NapCat 的网络配置"),
        ('{"network": [1]}', "不是 NapCat 的网络配置"),
        ('{"network": {"websocketClients": ["x"]}}', "不是 NapCat 的网络配置"),
        ('{"network": {"websocketClients": {}}}', "不是 NapCat 的网络配置"),
    ],
)
async def test_what_is_no_configuration_stays(tmp_path: Path, written: str, says: str) -> None:
    (tmp_path / "onebot11.json").write_text(written)
    code, printed = await asks(BotProcess(tmp_path, TALK_GROUPS="[1]"), "napcat", str(tmp_path))
    assert (code, says in printed, "Traceback" in printed) == (1, True, False)
    assert (tmp_path / "onebot11.json").read_text() == written
