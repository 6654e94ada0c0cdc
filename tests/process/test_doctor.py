"""`python bot.py doctor`: how things stand, beside a bot that runs or without one."""

import asyncio
import sys
from pathlib import Path

from tests.people import GROUP, LINXI, MONDAY
from tests.process.bot_process import BOT_PY, BotProcess, connected, make_group, open_talk_at


async def doctor(folder: Path, **environment: str) -> tuple[int, str]:
    """Its exit code, and what it prints."""
    bot = BotProcess(folder, **environment)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(BOT_PY), "doctor", cwd=folder, env=bot.environment, stdout=-1, stderr=-2
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_beside_a_running_bot(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]")
    await bot.start()
    async with connected(make_group(), bot) as line:
        await line.asks(LINXI, "/claim 主持人")
        code, printed = await doctor(tmp_path, TALK_GROUPS=f"[{GROUP}]")
    await bot.stop()
    assert code == 0, printed
    assert "设置没有问题" in printed
    assert "000 期 " in printed
    assert "收集中，还缺 编辑、新闻负责人、推荐负责人" in printed
    assert "计划：\n  000 期 " in printed
    assert printed.endswith("一切正常\n")


async def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    code, printed = await doctor(tmp_path, TALK_GROUPS=f"[{GROUP}]")
    assert (code, printed) == (1, "有问题：还没有数据库 data/talk.db：先启动一次机器人\n")
    code, printed = await doctor(tmp_path, TALK_GROUPS="x")
    assert (code, printed.startswith("有问题：TALK_GROUPS")) == (1, True)
    await open_talk_at(tmp_path, MONDAY)
    code, printed = await doctor(tmp_path, TALK_GROUPS=f"[{GROUP}]", DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert (code, "\n有问题：数据库打不开" in printed, "Traceback" in printed) == (1, True, False)
