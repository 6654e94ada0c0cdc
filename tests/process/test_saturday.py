"""A whole process on a Saturday evening, at 20:29:50 by its own clock."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.chat.loopback import PICTURE
from tests.people import GROUP, LINXI, MONDAY
from tests.process.bot_process import BotProcess, Night, connected, make_group, open_talk_at, without_faketime


@without_faketime
async def test_the_agenda_comes_at_half_past_eight_and_not_before(tmp_path: Path) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    await open_talk_at(tmp_path, MONDAY + timedelta(days=5))  # that noon: earlier reminders are not owed
    night = Night(datetime(2026, 11, 28, 20, 29, 50, tzinfo=shanghai))
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
