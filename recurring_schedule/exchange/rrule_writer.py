"""Schedules as RRULEs of RFC 5545, with exactly the same dates.

>>> print(to_rrule(Schedule("monthly", offset=31), date(2024, 1, 31)))
DTSTART;VALUE=DATE:20240131
RRULE:FREQ=MONTHLY;BYMONTHDAY=-1
"""

from __future__ import annotations

from datetime import date
from math import gcd

from recurring_schedule.core.calendars import LAST_DAY, MONTHS, MonthDay
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.rrule_days import write_day
from recurring_schedule.exchange.rrule_text import WEEKDAYS, Parts, month_parts, write_parts

_EVERY_WEEK = 53


def to_rrule(schedule: Schedule, start: date, end: date | None = None, *, plain_dtstart: bool = False) -> str:
    r"""Return DTSTART and RRULE with exactly the due dates from `start` to `end`, both included.

    >>> to_rrule(Schedule("weekly", offset=3), date(2024, 1, 31), plain_dtstart=True)
    'DTSTART:20240131\nRRULE:FREQ=WEEKLY;BYDAY=WE'

    DTSTART is the first due date, because the standard counts DTSTART as a date of the rule.
    Without an end, the RRULE has no UNTIL. `plain_dtstart` writes `DTSTART:20240131` instead of the
    standard `DTSTART;VALUE=DATE:20240131`, which rrule.js ignores.

    Raises ConversionError if there is no due date: an RRULE has at least one.
    """
    first, rrule = first_date_and_rrule(schedule, start, end)
    return f"DTSTART{'' if plain_dtstart else ';VALUE=DATE'}:{write_day(first)}\nRRULE:{rrule}"


def first_date_and_rrule(schedule: Schedule, start: date, end: date | None) -> tuple[date, str]:
    """Return the first due date, and the value of the RRULE that begins on it."""
    due = schedule.due_dates(start, end)
    if not due:
        reason = schedule.never_due or f"no day from {due.start} to {due.end} is due"
        raise ConversionError(f"an RRULE has at least one date, but the schedule has none: {reason}")
    parts = rrule_parts(schedule, start)
    if end is not None:
        parts["UNTIL"] = (write_day(end),)
    return due[0], write_parts(parts)


def rrule_parts(schedule: Schedule, start: date) -> Parts:
    """Return the parts of the RRULE without UNTIL.

    >>> rrule_parts(Schedule("weekly", 2, 3), date(2024, 1, 1))["FREQ"]
    ('YEARLY',)
    """
    frequency, periods = schedule.frequency, schedule.periods
    is_yearly = frequency.cycle == "calendar"  # the divisor of numbers that never begin again is an interval, too
    interval = schedule.interval or (periods.step if is_yearly else 1)
    interval = min(interval, LAST_DAY)  # a larger one has no second date either
    month, day = schedule.payment_day(start)
    if frequency.months:
        if interval == 1 and not is_yearly:
            return month_parts([frequency.months * (ordinal - 1) + month for ordinal in periods], day)
        first = (start.month - 1) // frequency.months * frequency.months + month
        return _every_nth_month(first, frequency.months * interval, day)
    if frequency.weeks:
        weekday = WEEKDAYS[day]  # type: ignore[index]  # no week has an n-th weekday
        weeks = tuple(frequency.weeks * (ordinal - 1) + 1 for ordinal in periods)
        if interval > 1:
            counted: Parts = {"FREQ": ("WEEKLY",), "INTERVAL": (frequency.weeks * interval,)}
            return counted | {"BYDAY": (weekday,), "WKST": ("MO",)}
        if len(weeks) == _EVERY_WEEK:
            return {"FREQ": ("WEEKLY",), "BYDAY": (weekday,)}
        return {"FREQ": ("YEARLY",), "BYWEEKNO": weeks, "BYDAY": (weekday,), "WKST": ("MO",)}
    if interval > 1:
        return {"FREQ": ("DAILY",), "INTERVAL": (interval,)}
    return {"FREQ": ("DAILY",)} if periods.step == 1 else {"FREQ": ("MONTHLY",), "BYMONTHDAY": tuple(periods)}


def _every_nth_month(month: int, step: int, day: MonthDay) -> Parts:
    """Return the parts for a day of every `step`-th month, counted from a month of a year, from 0.

    A step of all months of the calendar has no second date, so it takes the place of larger ones.
    """
    step = min(step, MONTHS)
    gap = gcd(step, 12)
    return month_parts(range(month % gap, 12, gap), day, step // 12 if gap == 12 else step)
