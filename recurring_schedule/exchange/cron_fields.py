"""Schedules as the five fields of cron, where they fit.

>>> to_cron(Schedule("daily", (3, 10)), date(2024, 1, 1)), to_cron(Schedule("weekly"), date(2024, 1, 31))
('0 0 3,13,23 * *', '0 0 * * 3')
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from recurring_schedule.core.calendars import MONTH_STARTS
from recurring_schedule.core.rule import Frame
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.exchange.rrules import ConversionError

_EVERY_WEEK = 53


def to_cron(schedule: Schedule, start: date) -> str:
    """The five fields of cron that are met at midnight on each due date, and on no other day, for a subscription with that start.

    >>> to_cron(Schedule("monthly", 3, 31), date(2024, 1, 1))
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: cron has the same days in all its months and years, and not now 30, now 31

    Cron knows neither start nor end: it begins at once, and goes on. Raises ConversionError for what the fields cannot say.
    """
    rule = schedule.rule(start)
    if schedule.never_due:
        raise ConversionError(f"cron has at least one date, and the schedule has none: {schedule.never_due}")
    if rule.frame is Frame.ISO:
        if len(rule.long) < _EVERY_WEEK:
            raise ConversionError("cron has no ISO weeks: only a schedule of every week fits")
        return f"0 0 * * {(rule.long[0] + 1) % 7}"
    if rule.years[1] > 1:
        raise ConversionError("cron has no years: only a schedule of every year fits")
    kinds = [*zip((rule.short, rule.long), MONTH_STARTS, strict=True)]
    places = {(month := bisect_right(starts, day) - 1, day - starts[month]) for due, starts in kinds for day in due}
    months, days = sorted({month for month, _ in places}), sorted({day for _, day in places})
    for due, starts in kinds:
        if due != tuple(
            starts[month] + day for month in months for day in days if starts[month] + day < starts[month + 1]
        ):
            now = ", now ".join(str(day + 1) for day in days)
            raise ConversionError(f"cron has the same days in all its months and years, and not now {now}")
    return f"0 0 {_field(days, 31)} {_field(months, 12)} *"


def _field(places: list[int], every: int) -> str:
    return "*" if len(places) == every else ",".join(str(place + 1) for place in places)
