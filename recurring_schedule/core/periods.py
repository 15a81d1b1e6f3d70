"""The numbered periods that a schedule divides time into, one at a time: what `explain`, `profile` and `lint` are about.

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

from recurring_schedule.core.frequencies import MONTHS, Frequency, payment_place, period_numbers
from recurring_schedule.core.schedule import Schedule


class NumberedPeriod(NamedTuple):
    """A period of the calendar, and its number as a divisor reads it."""

    frequency: Frequency
    number: int
    """As the schedule's dialect numbers it."""
    first: date
    last: date
    """The last day; 9999-12-31 at the latest."""


class Payment(NamedTuple):
    """The payment day of a period."""

    day: date | None
    """`None` if it is past 9999-12-31."""
    wanted: int | None
    """The day of the month that is asked for, from 1, or back from the end, from -1; `None` if it is no day of a month."""
    is_clamped: bool
    """Whether the month does not have that day, so that the nearest one stands for it."""


def open_parts(schedule: Schedule) -> tuple[str, ...]:
    """What the offset leaves to the start: of "weekday", "month" and "day".

    >>> open_parts(Schedule("quarterly", offset=1)), open_parts(Schedule("yearly")), open_parts(Schedule("daily"))
    (('day',), ('month', 'day'), ())
    """
    frequency, offset = schedule.frequency, schedule.offset
    if frequency is Frequency.WEEKLY:
        return ("weekday",) if offset is None else ()
    if (
        frequency is Frequency.DAILY
        or isinstance(offset, tuple)
        or (frequency is Frequency.MONTHLY and offset is not None)
    ):
        return ()
    return ("day",) if frequency is Frequency.MONTHLY or offset is not None else ("month", "day")


def period_of(schedule: Schedule, day: date) -> NumberedPeriod:
    """The period in which the day is."""
    frequency = schedule.frequency
    if frequency is Frequency.DAILY:
        return NumberedPeriod(frequency, day.day, day, day)
    if frequency is Frequency.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        last = monday + timedelta(days=min(6, (date.max - monday).days))
        return NumberedPeriod(frequency, day.isocalendar()[1], monday, last)
    months = MONTHS[frequency]
    month0 = (day.month - 1) // months * months
    number = (
        day.year if frequency is Frequency.YEARLY else month0 // months + period_numbers(frequency, schedule.dialect)[0]
    )
    last_month = month0 + months
    last = date(day.year, last_month, monthrange(day.year, last_month)[1])
    return NumberedPeriod(frequency, number, date(day.year, month0 + 1, 1), last)


def divisor_of(schedule: Schedule) -> tuple[int, int]:
    """The remainder and the divisor that pick its periods; (0, 1) for all of them."""
    divisor = schedule.divisor
    return divisor if isinstance(divisor, tuple) else (0, divisor or 1)


def is_picked(schedule: Schedule, period: NumberedPeriod) -> bool:
    """Whether the divisor picks the period."""
    divisor = schedule.divisor
    if divisor is None or divisor == 1:
        return True
    if isinstance(divisor, int):
        return period.number > 0 and period.number % divisor == 0
    return period.number % divisor[1] == divisor[0]


def payment_of(schedule: Schedule, start: date, period: NumberedPeriod) -> Payment:
    """The payment day of a period, picked or not, for a subscription with that start."""
    month, day = payment_place(schedule.frequency, schedule.offset, schedule.dialect, start)
    if schedule.frequency not in MONTHS:
        left = (period.last - period.first).days
        return Payment(period.first + timedelta(days=day) if day <= left else None, None, False)
    first = period.first.replace(month=period.first.month + month)
    length = monthrange(first.year, first.month)[1]
    nearest = min(day, length) if day > 0 else max(length + 1 + day, 1)
    return Payment(first.replace(day=nearest), day, abs(day) > length)


def ordinal(day: int) -> str:
    """A day of the month in words, from 1, or back from its end, from -1.

    >>> ordinal(31), ordinal(-1), ordinal(-2)
    ('the 31st', 'the last day', 'the 2nd-to-last day')
    """
    if day == -1:
        return "the last day"
    number = abs(day)
    suffix = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"the {number}{suffix}" if day > 0 else f"the {number}{suffix}-to-last day"
