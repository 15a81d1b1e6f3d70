"""The numbered periods that a schedule divides time into, one at a time, each with its payment day.

>>> schedule = Schedule("monthly", 2, 31)
>>> found = period_of(schedule, date(2024, 2, 10))
>>> found.number, found.first, found.last, is_picked(schedule, found)
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


def is_picked(schedule: Schedule, period: NumberedPeriod) -> bool:
    """Return True if the divisor picks the period."""
    return period.ordinal in schedule.periods


def payment_of(schedule: Schedule, start: date, period: NumberedPeriod) -> Payment:
    """Return the payment day of a period, picked or not, for a subscription with that start."""
    rule = Schedule(schedule.frequency, None, schedule.offset, schedule.dialect).rule(start)
    rank = rule.rank(period.first.toordinal())
    day = date.fromordinal(rule.nth(rank)) if rank < rule.count else None
    if not schedule.frequency.months or day is None:
        return Payment(day, None, is_clamped=False)
    wanted = schedule.payment_day(start)[1]
    return Payment(day, wanted, abs(wanted) > monthrange(day.year, day.month)[1])
