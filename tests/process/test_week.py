"""The main job over a real WebSocket, with kill -9 in the middle."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.opening import open_database
from db.queries import items
from plugins._onebot.implementation import Implementation
from tests.chat.loopback import PICTURE
from tests.people import AKAI, GROUP, LINXI, SUC
from tests.process.bot_process import BotProcess, connected, make_group, meets_at, open_talk_at

SETTINGS = {"TALK_GROUPS": f"[{GROUP}]", "TALK_FIRST_NUMBER": "4", "ONEBOT_ACCESS_TOKEN": "secret"}


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    group = make_group()
    bot = BotProcess(tmp_path, **SETTINGS)
    await bot.start()
    async with connected(group, bot, "secret") as line:
        said = await line.asks(LINXI, "/news https://arxiv.org/abs/2306.17806 CFG")
        assert said[0].endswith("004 期本周新闻 #1 已收录：CFG")
        said = await line.asks(AKAI, "/rec https://github.com/ztxz16/fastllm")
        assert said[0].endswith("004 期本周推荐 #2 已收录：github.com/ztxz16/fastllm")
        await bot.kill()
    again = BotProcess(tmp_path, **SETTINGS)
    await again.start()
    async with connected(group, again, "secret") as line:
        news = group.messages[0]
        await line.onebot.emit(**line.onebot.event(news))  # the same message once more: no second item, no reply
        said = await line.asks(SUC, "/news https://arxiv.org/pdf/2306.17806v3")
        assert said[0].endswith("林溪 已经发过了：004#1 CFG（记下你也推荐）")
        said = await line.asks(SUC, "/news https://a.com/3")
        assert said[0].endswith("004 期本周新闻 #3 已收录：a.com/3")
        await line.asks(LINXI, "/claim 主持人")
        said = await line.asks(LINXI, "/agenda", answers=5)
        assert [row.split("\n")[0] for row in said[1:4]] == ["[forward]", PICTURE, "[file OpenLLM-Talk-004.md]"]
        document = group.files[0].body.decode()
        assert all(
            url in document
            for url in ("arxiv.org/abs/2306.17806", "github.com/ztxz16/fastllm", "https://a.com/3", "suc16")
        )
    await again.stop()
    assert "Traceback" not in bot.output + again.output


async def test_what_was_said_while_the_bot_was_away_is_picked_up_once(tmp_path: Path) -> None:
    group = make_group()
    bot = BotProcess(tmp_path, **SETTINGS)
    await bot.start()
    async with connected(group, bot, "secret") as line:
        await line.asks(LINXI, "/news https://a.com/1 早先的")
        await bot.kill()
    for number in range(2, 27):
        group.speak(AKAI.user_id, [{"type": "text", "data": {"text": f"/news https://a.com/{number} 第 {number} 篇"}}])
    since = len(group.messages)
    again = BotProcess(tmp_path, **SETTINGS)
    await again.start()
    async with connected(group, again, "secret") as line:
        told = await line.hears(since, 1)
        assert told[0].startswith("刚才不在，补上了 25 条命令（")
        await again.kill()
    third = BotProcess(tmp_path, **SETTINGS, LOG_LEVEL="DEBUG")
    await third.start()
    async with connected(group, third, "secret") as line:
        await third.prints("caught up with")
        assert len(await line.asks(SUC, "/mine")) == 1
    await third.stop()
    assert sum("刚才不在" in str(each.segments) for each in group.messages) == 1
    database = open_database(f"sqlite:///{tmp_path}/data/talk.db")
    listed = await database.read(items.listed, 4)
    database.close()
    assert [(item.number, item.url) for item in listed] == [(n, f"https://a.com/{n}") for n in range(1, 27)]


async def test_the_wrong_token_is_not_let_in(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path, **SETTINGS)
    await bot.start()
    await bot.listens()
    group = make_group()
    async with connected(group, bot, "secret"):
        pass
    stranger = Implementation(99, group)
    await stranger.serve(bot.url, "wrong")
    assert not stranger.connected.is_set()
    await bot.stop()


def series_with_agenda_due_at(folder: Path, due: datetime, starts_at: datetime) -> Path:
    """A series that meets at this time, whose agenda is due at `due`, and all else at times far away."""
    minutes = int((due - starts_at).total_seconds() // 60)
    path = meets_at(folder, starts_at)
    text = path.read_text("utf-8")
    for kind, usual, moment in (
        ("agenda", "minutes = -30", minutes),
        ("call", 'days = -3, at = "20:00"', -200_000),
        ("gaps", 'days = -1, at = "20:00"', -199_000),
        ("aftercare", 'days = 1, at = "20:00"', 200_000),
    ):
        assert f"{kind} = {{ {usual} }}" in text
        text = text.replace(f"{kind} = {{ {usual} }}", f"{kind} = {{ minutes = {moment} }}")
    path.write_text(text, "utf-8")
    return path


async def test_the_agenda_is_posted_once_on_connect_and_not_again_after_kill_9(tmp_path: Path) -> None:
    """Due while nobody was connected: posted on connect; never again, whatever becomes of process and socket."""
    opened = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)
    toml = series_with_agenda_due_at(tmp_path, due=opened + timedelta(hours=1), starts_at=opened + timedelta(days=2))
    await open_talk_at(tmp_path, opened, toml=toml)
    settings = {**SETTINGS, "TALK_FILE": str(toml)}
    group = make_group()
    bot = BotProcess(tmp_path, **settings)
    await bot.start()
    async with connected(group, bot, "secret") as line:
        said = await line.hears(0, 3)
        assert said[0].startswith("【OpenLLM Talk 004】")
        assert said[1:] == ["[forward]", PICTURE]
        await line.asks(LINXI, "/help")
        await bot.kill()
    again = BotProcess(tmp_path, **settings, LOG_LEVEL="DEBUG")
    await again.start()
    for _ in range(2):
        async with connected(group, again, "secret") as line:
            await line.asks(LINXI, "/talk")
            await again.prints("looked for what is due", again.output.count("looked for what is due") + 1)
    await again.stop()
    texts = [each.segments[0]["data"].get("text", "") for each in group.messages]
    assert sum(text.startswith("【OpenLLM Talk 004】") for text in texts) == 1
    assert len(group.forwards) == 1
