"""Starting, and refusing to start with one line that says why."""

import asyncio
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.people import GROUP
from tests.process.bot_process import BotProcess

GROUPS = f"[{GROUP}]"

WRONG = [
    ({"TALK_GROUPS": "123456789"}, "TALK_GROUPS"),
    ({"TALK_GROUPS": "[一群]"}, "TALK_GROUPS"),
    ({"TALK_GROUPS": '["x"]'}, "TALK_GROUPS"),
    ({"TALK_GROUPS": "[]"}, "TALK_GROUPS"),
    ({"TALK_GROUPS": GROUPS, "PORT": "eighty"}, "PORT=eighty"),
    ({"TALK_GROUPS": GROUPS, "PORT": "99999"}, "PORT=99999"),
    ({"TALK_GROUPS": GROUPS, "HOST": "my-host"}, "HOST=my-host"),
    ({"TALK_GROUPS": GROUPS, "LOG_LEVEL": "LOUD"}, "LOG_LEVEL=LOUD"),
    ({"TALK_GROUPS": GROUPS, "SUPERUSERS": "10001"}, "SUPERUSERS"),
    ({"TALK_GROUPS": GROUPS, "COMMAND_START": "/"}, "COMMAND_START"),
    ({"TALK_GROUPS": GROUPS, "TALK_FIRST_NUMBER": "-1"}, "TALK_FIRST_NUMBER=-1"),
    ({"TALK_GROUPS": GROUPS, "TALK_FILE": "none.toml"}, "none.toml"),
    ({"TALK_GROUPS": GROUPS, "DATABASE_URL": "talk.db"}, "DATABASE_URL"),
    ({"TALK_GROUPS": GROUPS, "DATABASE_URL": "sqlite:////proc/none/talk.db"}, "/proc/none"),
    ({"TALK_GROUPS": GROUPS, "DATABASE_URL": "mysql://localhost/talk"}, "DATABASE_URL"),
    ({"TALK_GROUPS": GROUPS, "DATABASE_URL": "postgresql://127.0.0.1:1/talk"}, "DATABASE_URL"),
    ({"TALK_GROUPS": GROUPS, "PUBLIC_URL": "talk.example.org"}, "PUBLIC_URL=talk.example.org"),
    ({"TALK_GROUPS": GROUPS, "SANDBOX": "true"}, "SANDBOX"),
    ({"TALK_GROUPS": GROUPS, "SANDBOX": "maybe"}, "SANDBOX=maybe"),
    ({"SANDBOX": "true", "HOST": "0.0.0.0"}, "HOST=0.0.0.0"),
    ({"TALK_GROUPS": GROUPS, "HOST": "0.0.0.0"}, "ONEBOT_ACCESS_TOKEN"),
    ({"TALK_GROUPS": GROUPS, "HOST": "::"}, "ONEBOT_ACCESS_TOKEN"),
    ({"TALK_GROUPS": GROUPS, "HOST": "192.168.1.5"}, "ONEBOT_ACCESS_TOKEN"),
    ({"TALK_GROUPS": GROUPS, "PUBLIC_URL": "https://talk.example.org"}, "ONEBOT_ACCESS_TOKEN"),
    ({"SANDBOX": "false"}, "TALK_GROUPS"),
]


@pytest.mark.parametrize(("environment", "names"), WRONG, ids=[names for _, names in WRONG])
async def test_a_value_that_makes_no_sense_is_named_in_one_line(
    tmp_path: Path, environment: dict[str, str], names: str
) -> None:
    bot = BotProcess(tmp_path, **environment)
    await bot.start()
    code, printed = await bot.ends()
    assert code == 1
    told = [line for line in printed.splitlines() if line.startswith("没有启动：")]
    assert len(told) == 1
    assert names in told[0]
    assert "Traceback" not in printed


async def test_an_env_file_without_groups_is_not_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=INFO\n")
    bot = BotProcess(tmp_path)
    await bot.start()
    code, printed = await bot.ends()
    assert (code, "TALK_GROUPS" in printed) == (1, True)


async def test_the_start_prints_where_to_connect_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"TALK_GROUPS={GROUPS}\nHOST=0.0.0.0\nONEBOT_ACCESS_TOKEN=a long word\n")
    bot = BotProcess(tmp_path)
    await bot.start()
    await bot.listens()
    assert f"ws://0.0.0.0:{bot.port}/onebot/v11/ws" in bot.output
    assert str(GROUP) in bot.output
    assert "下一步" in bot.output
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{bot.port}/sandbox")).status_code == 404
    await bot.stop()
    assert (tmp_path / "data" / "talk.db").exists()


async def test_with_nothing_set_it_is_a_sandbox_with_data_of_its_own(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path)
    await bot.start()
    await bot.listens()
    assert f"http://127.0.0.1:{bot.port}/sandbox" in bot.output
    await bot.stop()
    assert [each.name for each in (tmp_path / "data").glob("*.db")] == ["sandbox.db"]


async def test_a_second_process_on_the_same_file_refuses(tmp_path: Path) -> None:
    first = BotProcess(tmp_path, TALK_GROUPS=GROUPS, LOG_LEVEL="DEBUG")
    await first.start()
    await first.listens()
    await first.prints("looked for what is due")
    second = BotProcess(tmp_path, TALK_GROUPS=GROUPS)
    await second.start()
    code, printed = await second.ends()
    assert (code, "另一个进程正在使用" in printed) == (1, True)
    beside = sqlite3.connect(tmp_path / "data" / "talk.db")  # an export may read beside the server
    assert beside.execute("SELECT number, state FROM talks").fetchall() == [(0, "collecting")]
    beside.close()
    await first.stop()


async def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, TALK_GROUPS=GROUPS)
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", bot.port)
    await bot.start()
    code, printed = await bot.ends()
    assert (code, printed.count("没有启动："), f"127.0.0.1:{bot.port} 用不了" in printed) == (1, 1, True)
    server.close()
