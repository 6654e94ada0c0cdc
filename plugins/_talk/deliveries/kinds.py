"""Everything that the bot posts by itself: when each kind is due, until when it is of use, what it says."""

from collections.abc import Callable
from datetime import datetime, timedelta

from db.queries.talks import TalkRow
from plugins._talk.deliveries import announcements, reminders
from plugins._talk.deliveries.kind import Kind, never, reminder
from plugins._talk.series import Series
from plugins._talk.usecases import joining, rescheduling, roles

WARNING = timedelta(minutes=2)
STALE = timedelta(minutes=15)  # how long a line of the evening's clock is of use
SUMMARY_USEFUL = timedelta(hours=6)
OPENING_USEFUL = timedelta(minutes=30)


def _until(moment: Callable[[TalkRow], datetime | None], span: timedelta) -> Callable[[Series, TalkRow], datetime]:
    return lambda _series, talk: (moment(talk) or talk.scheduled_at) + span


def turn_due(_series: Series, talk: TalkRow) -> datetime | None:
    """When the turn that is on began; None for the opening, which has a line of its own."""
    return talk.floor.began_at if talk.floor and talk.floor.position else None


def two_minutes_due(_series: Series, talk: TalkRow) -> datetime | None:
    """Two minutes before the end of the turn; None where the turn has no more than a minute besides."""
    floor = talk.floor
    if floor is None or floor.until is None or floor.until - floor.set_at <= WARNING + timedelta(minutes=1):
        return None
    return floor.until - WARNING


def time_up_due(_series: Series, talk: TalkRow) -> datetime | None:
    """When the time of the turn that is on is up; None where it is not limited."""
    floor = talk.floor
    return floor.until if floor and floor.until and floor.until > floor.set_at else None


def summary_due(_series: Series, talk: TalkRow) -> datetime | None:
    """When the talk ended, if its clock ran or somebody ended it."""
    return talk.ended_at if talk.started_at or talk.ended_by else None


KINDS = (
    Kind(name="call", called="招募", due=reminder(lambda moments: moments.call), compose=reminders.call),
    Kind(name="gaps", called="开场前提醒", due=reminder(lambda moments: moments.gaps), compose=reminders.gaps),
    Kind(
        name="agenda",
        called="议程",
        due=reminder(lambda moments: moments.agenda),
        compose=reminders.agenda,
        again=timedelta(),
        useful_until=lambda series, talk: talk.scheduled_at + series.meeting.length,
    ),
    Kind(
        name="aftercare",
        called="收尾提醒",
        due=reminder(lambda moments: moments.aftercare),
        compose=reminders.aftercare,
    ),
    Kind(
        name="moved",
        called="改期通知",
        due=rescheduling.announced_at,
        compose=reminders.moved,
        useful_until=lambda _series, talk: talk.scheduled_at,
        apart=True,
        again=timedelta(),  # a move is told of however short ago another one was
        prompt=True,
    ),
    Kind(name=roles.STAND_IN, called="补位", due=never, compose=reminders.stand_in, apart=True),
    Kind(name=joining.KIND, called="换二维码的提醒", due=never, compose=reminders.ask_again, apart=True),
    Kind(
        name="opening",
        called="开场",
        due=lambda _series, talk: talk.started_at,
        compose=announcements.opening,
        useful_until=_until(lambda talk: talk.started_at, OPENING_USEFUL),
        apart=True,
        event=True,
        prompt=True,
    ),
    Kind(
        name="turn",
        called="下一项",
        due=turn_due,
        compose=announcements.turn,
        useful_until=_until(lambda talk: talk.floor.began_at if talk.floor else None, STALE),
        apart=True,
        fleeting=True,
        prompt=True,
    ),
    Kind(
        name="two_minutes",
        called="还有两分钟",
        due=two_minutes_due,
        compose=announcements.two_minutes,
        useful_until=_until(lambda talk: talk.floor.until if talk.floor else None, timedelta(seconds=-30)),
        apart=True,
        fleeting=True,
    ),
    Kind(
        name="time_up",
        called="时间到",
        due=time_up_due,
        compose=announcements.time_up,
        useful_until=_until(lambda talk: talk.floor.until if talk.floor else None, STALE),
        apart=True,
        fleeting=True,
    ),
    Kind(
        name="summary",
        called="收场小结",
        due=summary_due,
        compose=announcements.summary,
        useful_until=_until(lambda talk: talk.ended_at, SUMMARY_USEFUL),
        apart=True,
        event=True,
        prompt=True,
    ),
)
kinds = {kind.name: kind for kind in KINDS}


def kind_called(name: str) -> Kind | None:
    """The kind that people mean by its name or by what it is called, of those that may be said again."""
    return next((kind for kind in lasting() if name.casefold().strip() in (kind.name, kind.called)), None)


def lasting() -> list[Kind]:
    """The kinds that may be said again."""
    return [kind for kind in kinds.values() if not kind.fleeting]
