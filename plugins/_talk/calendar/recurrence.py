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
    first = _rule(meeting, day).after(datetime.combine(day, datetime.min.time()), inc=True)
    if first is None:
        raise OverflowError(f"no meeting after {after:%Y-%m-%d}")
    return datetime.combine(first.date(), meeting.time, series.zone)


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _rule(meeting: Meeting, day: date) -> rrule.rrule:
    """The days of the meetings about `day`: it counts from its start, which lies as near as it can."""
    return rrule.rrule(
        rrule.MONTHLY if meeting.is_monthly else rrule.WEEKLY,
        dtstart=datetime.combine(_period(meeting, day), datetime.min.time()),
        interval=meeting.every,
        byweekday=[rrule.weekday(each.day, each.nth) for each in meeting.weekday],
    )


def _period(meeting: Meeting, day: date) -> date:
    """The first day of the counted week or month in which `day` lies; at the earliest that of `since`."""
    since = meeting.since or EPOCH
    if meeting.is_monthly:
        months = 12 * (day.year - since.year) + day.month - since.month
        year, month = divmod(12 * since.year + since.month - 1 + _whole(months, meeting.every), 12)
        return date(year, month + 1, 1)
    monday = since - timedelta(days=since.weekday())
    return monday + timedelta(weeks=_whole((day - monday).days // 7, meeting.every))


def _whole(periods: int, every: int) -> int:
    """So many periods, rounded down to those that count."""
    return max(0, periods - periods % every)
