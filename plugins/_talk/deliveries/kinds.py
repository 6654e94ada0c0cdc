"""All deliveries that the bot posts without being asked: when each kind is due, when it expires, how it is composed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from db.queries.talks import TalkRow
from plugins._talk.deliveries import announcements, reminders
from plugins._talk.deliveries.kind import Kind, never, reminder
from plugins._talk.series import Series
from plugins._talk.usecases import joining, rescheduling, roles, standing_in, undo

WARNING = timedelta(minutes=2)
STALE = timedelta(minutes=15)  # after which an announcement of a turn or its end expires
SUMMARY_USEFUL = timedelta(hours=6)
OPENING_USEFUL = timedelta(minutes=30)
ABSENCE_USEFUL = timedelta(hours=1)


def _until(moment: Callable[[TalkRow], datetime | None], span: timedelta) -> Callable[[Series, TalkRow], datetime]:
    return lambda _series, talk: (moment(talk) or talk.scheduled_at) + span


def turn_due(_series: Series, talk: TalkRow) -> datetime | None:
    """When the turn that is on began; None for the opening, which has a line of its own."""
    return talk.floor.began_at if talk.floor and talk.floor.position else None


def two_minutes_due(_series: Series, talk: TalkRow) -> datetime | None:
    """Two minutes before the current turn ends; None when it has no limit, or one of at most three minutes."""
    floor = talk.floor
    if floor is None or floor.until is None or floor.until - floor.set_at <= WARNING + timedelta(minutes=1):
        return None
    return floor.until - WARNING


def time_up_due(_series: Series, talk: TalkRow) -> datetime | None:
    """When the time of the current turn is up; None when it has no limit or had no time left."""
    floor = talk.floor
    return floor.until if floor and floor.until and floor.until > floor.set_at else None


def absence_due(_series: Series, talk: TalkRow) -> datetime | None:
    """Ten minutes after a talk's time, if its hosts have said nothing until then."""
    return talk.scheduled_at + standing_in.PATIENCE if standing_in.is_missed(talk) else None


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
        again=timedelta(),  # every move is announced, however soon after another one
        prompt=True,
    ),
    Kind(
        name="absence",
        called="问谁代主持",
        due=absence_due,
        compose=reminders.absence,
        useful_until=lambda _series, talk: talk.scheduled_at + ABSENCE_USEFUL,
        apart=True,
        fleeting=True,
    ),
    Kind(
        name=undo.KIND,
        called="撤销的通知",
        due=never,
        compose=announcements.undone,
        apart=True,
        prompt=True,
        resendable=False,
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
    """The kind with this name or chat name among those that may be resent, or None."""
    return next((kind for kind in lasting() if name.casefold().strip() in (kind.name, kind.called)), None)


def lasting() -> list[Kind]:
    """The kinds that may be resent by hand."""
    return [kind for kind in kinds.values() if not kind.fleeting and kind.resendable]
