"""Running the evening: /start, /next, /extend, /end, /carry, and what the clock says by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from nonebot.plugin import PluginMetadata

from db.queries.talks import TalkRow
from plugins._chat.call import Call, Reply
from plugins._chat.commands import Command, Takes, Who, commands, item_refs
from plugins._chat.kinds import add_kind
from plugins._talk import announcements, evening
from plugins._talk.deliveries import Kind
from plugins._talk.evening import Waiting
from plugins._talk.series import Series
from plugins.evening import words

__plugin_meta__ = PluginMetadata(
    name="当晚", description="开场、推进、计时、收场，视频章节", usage="/开始；/下一项；/延长 5；/结束；/转下期"
)

WARNING = timedelta(minutes=2)
STALE = timedelta(minutes=15)  # after which what the clock says is of no use
WITHIN = timedelta(hours=6)


async def start(call: Call) -> Reply | None:
    """Open the talk; all groups hear of it in the same words, this one too."""
    opened = await call.desk(evening.start)
    if isinstance(opened, Waiting):
        return words.waiting(opened)
    call.service.wake()
    return None


async def go_on(call: Call) -> None:
    await call.desk(evening.go_on, call.words, call.item)
    call.service.wake()


async def extend(call: Call) -> Reply:
    done = await call.desk(evening.extend, call.words)
    call.service.wake()
    return words.extended(done, call.service.series)


async def end(call: Call) -> None:
    await call.desk(evening.end)
    call.service.wake()


async def carry(call: Call) -> Reply:
    refs = item_refs(call.words, *([call.item] if call.item.number is not None else []))
    return words.carried(await call.desk(evening.carry, refs))


def _until(moment: Callable[[TalkRow], datetime | None], span: timedelta) -> Callable[[Series, TalkRow], datetime]:
    return lambda _series, talk: (moment(talk) or talk.starts_at) + span


def _turn(_series: Series, talk: TalkRow) -> datetime | None:
    return talk.floor.began_at if talk.floor and talk.floor.position else None


def _two_minutes(_series: Series, talk: TalkRow) -> datetime | None:
    """Only where there is more than another minute before that."""
    floor = talk.floor
    if floor is None or floor.until is None or floor.until - floor.set_at <= WARNING + timedelta(minutes=1):
        return None
    return floor.until - WARNING


def _time_up(_series: Series, talk: TalkRow) -> datetime | None:
    floor = talk.floor
    return floor.until if floor and floor.until and floor.until > floor.set_at else None


def _summary(_series: Series, talk: TalkRow) -> datetime | None:
    """A talk that ran by its clock, or that somebody ended."""
    return talk.ended_at if talk.started_at or talk.ended_by else None


commands.add(
    Command(
        "start",
        "开始",
        "/start",
        "开场并开始计时（大家发就是提醒主持人）",
        "/start",
        start,
        who=Who.HOST,
    )
)
commands.add(
    Command(
        "next",
        "下一项",
        "/next [#编号|版块]",
        "讲下一项，报出轮到谁、有多久、接下来是谁；也可以跳到某条或某版块",
        "/next #7",
        go_on,
        who=Who.HOST,
        takes=Takes.ANY_ITEM,
    )
)
commands.add(Command("extend", "延长", "/extend [分钟]", "给正在讲的多几分钟", "/extend 5", extend, who=Who.HOST))
commands.add(Command("end", "结束", "/end", "收场：小结和视频章节（安静两小时后谁都可以）", "/end", end, who=Who.HOST))
commands.add(
    Command(
        "carry",
        "转下期",
        "/carry [#编号…]",
        "把没讲到的（或写明的几条）转到下期，署名不变",
        "/carry #7 #9",
        carry,
        who=Who.HOST,
        takes=Takes.ANY_ITEM,
    )
)
add_kind(
    Kind(
        "opening",
        "开场",
        lambda _series, talk: talk.started_at,
        announcements.opening,
        _until(lambda talk: talk.started_at, timedelta(minutes=30)),
        apart=True,
        event=True,
        prompt=True,
    )
)
add_kind(
    Kind(
        "turn",
        "下一项",
        _turn,
        announcements.turn,
        _until(lambda talk: talk.floor.began_at if talk.floor else None, STALE),
        apart=True,
        fleeting=True,
        prompt=True,
    )
)
add_kind(
    Kind(
        "two_minutes",
        "还有两分钟",
        _two_minutes,
        announcements.two_minutes,
        _until(lambda talk: talk.floor.until if talk.floor else None, timedelta(seconds=-30)),
        apart=True,
        fleeting=True,
    )
)
add_kind(
    Kind(
        "time_up",
        "时间到",
        _time_up,
        announcements.time_up,
        _until(lambda talk: talk.floor.until if talk.floor else None, STALE),
        apart=True,
        fleeting=True,
    )
)
add_kind(
    Kind(
        "summary",
        "收场小结",
        _summary,
        announcements.summary,
        _until(lambda talk: talk.ended_at, WITHIN),
        apart=True,
        event=True,
        prompt=True,
    )
)
