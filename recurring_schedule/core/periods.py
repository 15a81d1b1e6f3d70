"""The numbered periods that a schedule divides time into, one at a time, each with its payment day.

>>> schedule = Schedule("monthly", 2, 31)
>>> found = period_of(schedule, date(2024, 2, 10))
>>> found.number, found.first, found.last, is_picked(schedule, date(2024, 1, 1), found)
(2, datetime.date(2024, 2, 1), datetime.date(2024, 2, 29), True)
>>> payment = payment_of(schedule, date(2024, 1, 1), found)
>>> payment.day, payment.wanted, payment.is_clamped
(datetime.date(2024, 2, 29), 31, True)
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from recurring_schedule.core.calendars import iso_weeks
from recurring_schedule.core.frequencies import Frequency, period_numbers
from recurring_schedule.core.schedule import Schedule


class NumberedPeriod(NamedTuple):
    """A period of the calendar and its number."""

    frequency: Frequency
    number: int
    """The number that a divisor reads, in the schedule's dialect."""
    ordinal: int
    """The ordinal of the period in its month, year or the calendar, from 1, in every dialect."""
    first: date
    last: date
    """The last day; 9999-12-31 at the latest."""


class Payment(NamedTuple):
    """The payment day of a period."""

    day: date | None
    """`None` if it is past 9999-12-31."""
    wanted: int | None
    """The day of the month before clamping, from 1 or from -1; `None` if it is not one."""
    is_clamped: bool
    """True if the month does not have the wanted day, so it is clamped to the nearest day."""


def period_of(schedule: Schedule, day: date) -> NumberedPeriod:
    """Return the period that contains the day."""
    frequency = schedule.frequency
    if frequency.weeks:
        year, week, weekday = day.isocalendar()
        ordinal0 = (week - 1) // frequency.weeks
        first = day - timedelta(days=weekday - 1 + 7 * (week - 1 - ordinal0 * frequency.weeks))
        length = 7 * min(frequency.weeks, iso_weeks(year) - ordinal0 * frequency.weeks)
        last = first + timedelta(days=min(length - 1, (date.max - first).days))
    elif frequency.months:
        month0 = (day.month - 1) // frequency.months * frequency.months
        ordinal0 = day.year - 1 if frequency.cycle == "calendar" else month0 // frequency.months
        first = date(day.year, month0 + 1, 1)
        last_month = month0 + frequency.months
        last = date(day.year, last_month, monthrange(day.year, last_month)[1])
    else:
        ordinal0, first, last = day.day - 1, day, day
    number = period_numbers(frequency, schedule.dialect)[ordinal0]
    return NumberedPeriod(frequency, number, ordinal0 + 1, first, last)


def count_of(schedule: Schedule, start: date, period: NumberedPeriod) -> int:
    """Return the number of periods from the one that contains the start to this one.

    >>> schedule = Schedule("weekly", interval=2)
    >>> count_of(schedule, date(2024, 1, 3), period_of(schedule, date(2024, 1, 15)))
    2
    """
    frequency, first = schedule.frequency, period_of(schedule, start).first
    if frequency.months:
        return (12 * (period.first.year - first.year) + period.first.month - first.month) // frequency.months
    return (period.first - first).days // (7 * frequency.weeks or 1)


def is_picked(schedule: Schedule, start: date, period: NumberedPeriod) -> bool:
    """Return True if the divisor or the interval picks the period."""
    if schedule.interval:
        return count_of(schedule, start, period) % schedule.interval == 0
    return period.ordinal in schedule.periods


def payment_of(schedule: Schedule, start: date, period: NumberedPeriod) -> Payment:
    """Return the payment day of a period, picked or not, for a subscription with that start."""
    every = Schedule(schedule.frequency, None, schedule.offset, schedule.dialect, weekday=schedule.weekday)
    rule = every.rule(start)
    rank = rule.rank(period.first.toordinal())
    day = date.fromordinal(rule.nth(rank)) if rank < rule.count else None
    wanted = schedule.payment_day(start)[1]
    if not schedule.frequency.months or day is None or isinstance(wanted, tuple):
        return Payment(day, None, is_clamped=False)
    return Payment(day, wanted, abs(wanted) > monthrange(day.year, day.month)[1])
