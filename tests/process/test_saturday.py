"""A whole process on a Saturday evening, at 20:29:50 by its own clock."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.chat.loopback import PICTURE, text_of
from tests.people import GROUP, LINXI, MONDAY
from tests.process.bot_process import BotProcess, Night, asks, connected, make_group, open_talk_at, without_faketime


@without_faketime
async def test_the_agenda_comes_at_half_past_eight_and_not_before(tmp_path: Path) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    await open_talk_at(tmp_path, MONDAY + timedelta(days=5))  # that noon: earlier reminders are not owed
    night = Night(datetime(2026, 11, 28, 20, 29, 35, tzinfo=shanghai))
    group = make_group(night)
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]").by(night)
    await bot.start()
    async with connected(group, bot) as line:
        said = await line.asks(LINXI, "/news https://a.com/1 赶上了")
        assert said[0].endswith("004 期本周新闻 #1 已收录：赶上了")
        assert night() < datetime(2026, 11, 28, 20, 30, tzinfo=shanghai)
        said = await line.hears(0, 4)
    await bot.stop()
    posted = [message for message in group.messages if message.user_id != LINXI.user_id][1:]
    assert said[1].startswith("【OpenLLM Talk 004】2026-11-28 周六 21:00\n本周新闻 1 条")
    assert said[2:] == ["[forward]", PICTURE]
    begins = datetime(2026, 11, 28, 20, 30, tzinfo=shanghai).timestamp()
    assert begins <= posted[0].time <= begins + 2


@without_faketime
async def test_a_restored_older_copy_posts_nothing_twice(tmp_path: Path) -> None:
    """Backed up before the agenda was posted, restored after: what the group's history shows as sent counts."""
    shanghai = ZoneInfo("Asia/Shanghai")
    await open_talk_at(tmp_path, MONDAY + timedelta(days=5))
    night = Night(datetime(2026, 11, 28, 20, 29, 35, tzinfo=shanghai))
    group = make_group(night)
    bot = BotProcess(tmp_path, TALK_GROUPS=f"[{GROUP}]").by(night)
    await bot.start()
    async with connected(group, bot) as line:
        await line.asks(LINXI, "/news https://a.com/1 赶上了")
        code, printed = await asks(bot, "backup", str(tmp_path / "older.zip"))
        assert (code, "备份好了" in printed) == (0, True), printed
        await line.asks(LINXI, "/news https://a.com/2 也赶上了")
        await line.hears(0, 5)
    code, printed = await asks(bot, "restore", str(tmp_path / "older.zip"))
    assert (code, "请先停掉它" in printed) == (1, True)
    await bot.stop()
    before = len(group.messages)
    night.jump(datetime(2026, 11, 28, 20, 35, tzinfo=shanghai))
    code, printed = await asks(bot, "restore", str(tmp_path / "older.zip"))
    assert (code, "原来的数据库留在" in printed) == (0, True), printed
    bot.output = ""
    await bot.start()
    async with connected(group, bot) as line:
        await bot.prints("stands in group")
        await line.hears(before, 1)
        said = await line.asks(LINXI, "/talk")
        assert "新闻 2" in said[0]  # what was said since the backup was read from the history and done again
    await bot.stop()
    ours = [message for message in group.messages[before:] if message.user_id != LINXI.user_id]
    assert not any("【OpenLLM Talk 004】" in text_of(message) for message in ours)
    assert len(ours) == 2  # what was caught up, and the answer
