"""Schedules as the five fields of cron, where they fit.

>>> to_cron(Schedule("daily", (3, 10)), date(2024, 1, 1)), to_cron(Schedule("weekly"), date(2024, 1, 31))
('0 0 3,13,23 * *', '0 0 * * 3')
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from recurring_schedule.core.calendars import MONTH_STARTS
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, check_plan
from recurring_schedule.core.year_rule import Frame, YearRule
from recurring_schedule.exchange.errors import ConversionError, never_due_reason, refuse_payment_days

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention

_EVERY_WEEK = 53


def to_cron(
    schedule: Plan,
    start: date,
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> str:
    """Return the five fields of cron that match midnight of each due date, and nothing else.

    >>> to_cron(Schedule("monthly", 3, 31), date(2024, 1, 1))
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: cron repeats the same days every month and year, but these days vary: 30, 31

    >>> to_cron(ScheduleSet([Schedule("monthly", offset=1), Schedule("monthly", offset=15)]), date(2024, 1, 1))
    '0 0 1,15 * *'

    `start` is the subscription's start, from which the schedule takes its anchor. The fields have
    neither a start nor an end. Raises ConversionError if they cannot express the schedule, and for
    a calendar: the fields cannot say which days it closes.
    """
    refuse_payment_days("cron", calendar, convention)
    check_plan(schedule)
    rule = schedule.rule(start)
    if schedule.never_due:
        raise ConversionError(f"cron has at least one date, but the schedule has none: {never_due_reason(schedule)}")
    if isinstance(schedule, ScheduleSet) and (schedule.excluding or schedule.adding):
        raise ConversionError("cron has no years: it neither leaves out a date once nor has one once")
    if not isinstance(rule, YearRule):
        raise ConversionError("cron has no start to count from: only a schedule of the same days in every year fits")
    if rule.frame is Frame.WEEKDAYS:
        raise ConversionError(
            "cron has no n-th weekdays of a month, nor weekdays beside days: only a schedule of days of the month fits"
        )
    if rule.frame is Frame.ISO:
        weekdays = {(day + 1) % 7 for day in rule.days[1]}
        if len(rule.days[1]) < _EVERY_WEEK * len(weekdays):
            raise ConversionError("cron has no ISO weeks: only a schedule of every week fits")
        return f"0 0 * * {','.join(map(str, sorted(weekdays)))}"
    if rule.years[1] > 1:
        raise ConversionError("cron has no years: only a schedule of every year fits")
    return _fields_of_months(rule)


def _fields_of_months(rule: YearRule) -> str:
    years = [*zip((rule.days[0], rule.days[1]), MONTH_STARTS, strict=True)]
    found = {(month := bisect_right(starts, day) - 1, day - starts[month]) for due, starts in years for day in due}
    months, days = (sorted(set(numbers)) for numbers in zip(*found, strict=True))
    for due, starts in years:
        met = (starts[month] + day for month in months for day in days if starts[month] + day < starts[month + 1])
        if due != tuple(met):
            varying = ", ".join(str(day + 1) for day in days)
            raise ConversionError(f"cron repeats the same days every month and year, but these days vary: {varying}")
    return f"0 0 {_field(days, 31)} {_field(months, 12)} *"


def _field(numbers: Sequence[int], every: int) -> str:
    return "*" if len(numbers) == every else ",".join(str(number + 1) for number in numbers)
