"""`python bot.py doctor` and /health: how things stand, what is wrong and how to mend it."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from plugins._onebot.implementation import Implementation
from tests.people import BOT, GROUP, LINXI, MONDAY
from tests.process.bot_process import BotProcess, asks, connected, make_group, meets_at, open_talk_at

SETTINGS = {"TALK_GROUPS": f"[{GROUP}]", "ONEBOT_ACCESS_TOKEN": "a long word"}


async def test_beside_a_running_bot(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, **SETTINGS)
    await bot.start()
    async with connected(make_group(), bot, "a long word") as line:
        await line.asks(LINXI, "/claim 主持人")
        code, printed = await asks(bot, "doctor")
        assert code == 0, printed
    assert "设置没有问题" in printed
    assert f"账号 {BOT.user_id}（NapCat.Onebot" in printed
    assert "000 期 " in printed
    assert "收集中，还缺 编辑、新闻负责人、推荐负责人" in printed
    assert "计划：\n  000 期 " in printed
    assert printed.endswith("一切正常\n")
    code, printed = await asks(bot, "doctor")  # nobody is connected any more
    assert (code, "没有账号连着\n    → 看 NapCat" in printed) == (1, True)
    await bot.stop()
    code, printed = await asks(bot, "doctor")
    assert (code, "机器人没在运行" in printed, "→ 启动它" in printed) == (1, True, True)


async def test_health_says_yes_or_why_not(tmp_path: Path) -> None:
    toml = meets_at(tmp_path, datetime.now(UTC) + timedelta(days=2))
    bot = BotProcess(tmp_path, **SETTINGS, TALK_FILE=str(toml), PUBLIC_URL="https://talk.example.org")
    await bot.start()
    await bot.listens()
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    token = {"Authorization": "Bearer a long word"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["reasons"]) == (503, ["nobody_connected"])
        assert answer.json()["findings"][0]["mend"].startswith("看 NapCat")
        assert (await client.get("/health", headers=proxied)).json() == {
            "status": "failing",
            "reasons": ["nobody_connected"],
        }
        for headers in ({}, proxied | token, {"Authorization": "Bearer other"}):
            assert (await client.get("/metrics", headers=headers)).status_code == 404
        group = make_group()
        onebot = Implementation(BOT.user_id, group)
        async with connected(group, bot, "a long word", onebot) as line:
            await line.asks(LINXI, "/claim 主持人")
            await line.asks(LINXI, "/claim 没有这个角色")
            answer = await client.get("/health")
            assert (answer.status_code, answer.json()["status"]) == (200, "ok")
            metrics = (await client.get("/metrics", headers=token)).text
            assert 'talk_commands_total{command="claim",outcome="done"} 1.0' in metrics
            assert 'talk_commands_total{command="claim",outcome="refused"} 1.0' in metrics
            assert "talk_answer_seconds_count 2.0" in metrics
            assert "talk_connections 1.0" in metrics
            assert 'talk_deliveries{kind="agenda",state="planned"} 1.0' in metrics
            with sqlite3.connect(tmp_path / "data" / "talk.db", isolation_level=None) as beside:
                beside.execute("UPDATE deliveries SET due = '2020-01-01', until = '2099-01-01' WHERE kind = 'agenda'")
                assert (await client.get("/health")).json()["reasons"] == ["overdue"]
            beside.close()
    await bot.stop()


async def test_what_is_wrong_is_said_with_its_mend(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, TALK_GROUPS="x", PORT="0")
    code, printed = await asks(bot, "doctor")
    assert code == 1
    assert "  TALK_GROUPS=x：应为群号的 JSON 列表，例 [123456789]\n    → 改好再来" in printed
    assert "  PORT=0：应为 1 到 65535 的数字\n" in printed
    await open_talk_at(tmp_path, MONDAY)
    code, printed = await asks(BotProcess(tmp_path, **SETTINGS, DATABASE_URL="postgresql://127.0.0.1:1/none"), "doctor")
    assert (code, "数据库打不开" in printed, "Traceback" in printed) == (1, True, False)
    code, printed = await asks(BotProcess(tmp_path, **SETTINGS, DATABASE_URL="mysql://localhost/talk"), "doctor")
    assert (code, "→ 改 .env 里的 DATABASE_URL" in printed, "Traceback" in printed) == (1, True, False)
    with sqlite3.connect(tmp_path / "data" / "talk.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    code, printed = await asks(BotProcess(tmp_path, **SETTINGS), "doctor")
    assert (code, "数据库版本 9999 比程序新\n    → 更新程序" in printed) == (1, True)


async def test_another_program_on_the_port_is_told(tmp_path: Path) -> None:
    async def page(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = json.dumps({"status": "fine"})
        writer.write(f"HTTP/1.0 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    bot = BotProcess(tmp_path, **SETTINGS)
    async with await asyncio.start_server(page, "127.0.0.1", bot.port):
        code, printed = await asks(bot, "doctor")
    assert (code, "上是别的程序" in printed) == (1, True)
