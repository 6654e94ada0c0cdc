"""Starting, and refusing to start with one line that says why."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from db.archive import look_into_archive
from plugins._chat.version import VERSION
from plugins._talk.series_file import BUILT_IN
from tests.db.test_every_version import fill
from tests.people import GROUP, LINXI
from tests.process.bot_process import BotProcess, asks, connected, make_group

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
    told = printed[printed.index("没有启动") :]
    assert names in told
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


async def test_everything_that_is_wrong_is_told_in_one_list(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('name = "读书会"\nzone = "Asia/Shanghia"\n\n[meeting]\nweekday = "wed"\n')
    (tmp_path / ".env").write_text("TALK_GROUP=[1]\n\nPORT=eighty\nTALK_FILE=ours.toml\n")
    bot = BotProcess(tmp_path)
    del bot.environment["PORT"]
    code, printed = await asks(bot, "check")
    assert (code, printed.splitlines()[0]) == (1, "没有做成，这 7 处要改：")
    for line in (
        "  .env 第 1 行：没有 TALK_GROUP 这个设置，是不是 TALK_GROUPS？",
        "  .env 第 3 行：PORT=eighty：应为 1 到 65535 的数字",
        f"  {tmp_path}/ours.toml 第 2 行：zone = Asia/Shanghia：没有这个时区，例 Asia/Shanghai、Europe/Berlin",
        f"  {tmp_path}/ours.toml 第 4 行：meeting.time：缺这一项",
    ):
        assert line in printed.splitlines(), line


async def test_commands_that_clash_are_told(tmp_path: Path) -> None:
    text = BUILT_IN.read_text("utf-8").replace('key = "classic"', 'key = "talk"')
    (tmp_path / "ours.toml").write_text(text, "utf-8")
    for words in (["check"], []):
        code, printed = await asks(BotProcess(tmp_path, TALK_GROUPS=GROUPS, TALK_FILE="ours.toml"), *words)
        assert (code, "都叫 talk，改一下版块的 key、name 或 short" in printed) == (1, True), printed
    code, printed = await asks(BotProcess(tmp_path), "check", str(tmp_path / "ours.toml"))
    assert (code, "都叫 talk" in printed) == (1, True), printed


async def test_an_unknown_word_says_what_there_is(tmp_path: Path) -> None:
    code, printed = await asks(BotProcess(tmp_path), "docter")
    assert (code, printed.splitlines()[0]) == (2, "看不懂：没有 docter 这个命令，是不是 doctor？")
    assert "python bot.py restore" in printed
    assert await asks(BotProcess(tmp_path), "--version") == (0, f"{VERSION}\n")
    code, printed = await asks(BotProcess(tmp_path), "--help")
    assert (code, "napcat" in printed) == (0, True)


async def test_with_nothing_set_it_does_not_start(tmp_path: Path) -> None:
    code, printed = await asks(BotProcess(tmp_path))
    assert (code, "TALK_GROUPS 没有设置" in printed, "SANDBOX=true" in printed) == (1, True, True)
    assert not (tmp_path / "data").exists()


async def test_a_plugin_that_nb_installed_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "store_plugin.py").write_text("print('the plugin is there')\n")
    environment = {"TALK_GROUPS": GROUPS, "PYTHONPATH": str(tmp_path / "elsewhere")}
    for listed in ('plugins = ["store_plugin"]', '[tool.nonebot.plugins]\n"nonebot-store-plugin" = ["store_plugin"]'):
        (tmp_path / "pyproject.toml").write_text(f"[tool.nonebot]\n{listed}\n")
        code, printed = await asks(BotProcess(tmp_path, **environment), "check")
        assert (code, "the plugin is there" in printed) == (0, True), printed


async def test_another_plugin_hears_the_whole_chat(tmp_path: Path) -> None:
    """Without one, what is not for the bot is not even parsed."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "listening_plugin.py").write_text(
        "from nonebot import on_message\n"
        "@on_message(priority=50).handle()\n"
        "async def _(event):\n    print('heard', event.get_plaintext(), flush=True)\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.nonebot]\nplugins = ["listening_plugin"]\n')
    group = make_group()
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]", PYTHONPATH=str(tmp_path / "elsewhere"))
    await bot.start()
    async with connected(group, bot) as line:
        await line.onebot.say(LINXI.user_id, [{"type": "text", "data": {"text": "早上好"}}])
        await bot.prints("heard 早上好")
        assert await line.asks(LINXI, "/help")
    await bot.stop()


async def test_a_wrong_token_and_a_group_that_is_not_served_are_one_line_each(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, TALK_GROUPS="[1]", ONEBOT_ACCESS_TOKEN="right")  # noqa: S106 nobody's
    await bot.start()
    await bot.listens()
    for _ in range(5):
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            async with connect(bot.url, additional_headers={"X-Self-ID": "5", "Authorization": "Bearer wrong"}) as line:
                await line.recv()
    group = make_group()
    async with connected(group, bot, "right") as line:
        for words in ("早上好", "/news https://a.com/1 好文", "/news https://a.com/2 好文"):
            await line.onebot.say(LINXI.user_id, [{"type": "text", "data": {"text": words}}])
        await bot.prints("不在 TALK_GROUPS 里")
    await bot.stop()
    lines = [line for line in bot.output.splitlines() if "WARNING" in line]
    assert [line.count("token 不对") for line in lines if "token" in line] == [1]
    assert [line.count(f"群 {GROUP} 里有人发了 /news") for line in lines if "TALK_GROUPS" in line] == [1]
    assert "好文" not in bot.output


async def test_a_sandbox_has_data_of_its_own(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, SANDBOX="true")
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


async def test_an_older_database_is_backed_up_first_and_a_newer_one_refused_with_the_way_back(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "talk.db", "0009")
    bot = BotProcess(tmp_path, TALK_GROUPS=GROUPS, BACKUPS="0")
    await bot.start()
    await bot.listens()
    await bot.stop()
    kept = tmp_path / "data" / "backups" / "before-upgrade-0009.zip"
    assert look_into_archive(kept).version == "0009"
    assert str(kept) in bot.output
    with closing(sqlite3.connect(tmp_path / "data" / "talk.db", isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    (kept.parent / "talk-2099-01-01.zip").write_bytes(b"of a newer program, newer than the other")
    code, printed = await asks(BotProcess(tmp_path, TALK_GROUPS=GROUPS))
    assert code == 1
    assert "比程序新，请先更新程序；数据库没有被改动" in printed
    assert f"python bot.py restore {kept}" in printed


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    for words in ([], ["backup"]):
        code, printed = await asks(BotProcess(tmp_path, TALK_GROUPS=GROUPS), *words)
        assert (code, str(tmp_path / "data") in printed, "Traceback" in printed) == (1, True, False), printed
