"""The regular dates of a series: every week or month, every second one, on one day or several."""

from datetime import date, datetime, timedelta

from dateutil import rrule

from plugins._talk.series import Meeting, Series

EPOCH = date(2001, 1, 1)  # a Monday: from where weeks are counted if no `since` says otherwise


def meeting_after(series: Series, after: datetime) -> datetime:
    """The first regular meeting later than `after` (aware), in the series' zone."""
    meeting = series.meeting
    local = after.astimezone(series.zone)
    day = local.date() if datetime.combine(local.date(), meeting.time, series.zone) > after else _next(local.date())
    first = _rule(meeting).after(datetime.combine(day, datetime.min.time()), inc=True)
    if first is None:
        raise OverflowError(f"no meeting after {after:%Y-%m-%d}")
    return datetime.combine(first.date(), meeting.time, series.zone)


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _rule(meeting: Meeting) -> rrule.rrule:
    """The days of the meetings. Its start is the Monday, or the first of the month, of `since`."""
    since = meeting.since or EPOCH
    begins = since.replace(day=1) if meeting.is_monthly else since - timedelta(days=since.weekday())
    return rrule.rrule(
        rrule.MONTHLY if meeting.is_monthly else rrule.WEEKLY,
        dtstart=datetime.combine(begins, datetime.min.time()),
        interval=meeting.every,
        byweekday=[rrule.weekday(each.day, each.nth) for each in meeting.weekday],
    )
