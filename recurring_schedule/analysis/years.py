"""The days of each civil year as the bits of an integer: the lowest one is 1 January.

All due dates of a rule are 9,999 such integers, made in a millisecond or two. They compare a whole
year at once, and years with equal bits have equal due days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from operator import and_, invert, or_

from recurring_schedule.core.calendars import CIVIL, LAST_YEAR, MONTH_STARTS, clamp
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet

YEARS = range(1, LAST_YEAR + 1)

_LONGEST = max(CIVIL.lengths)


def members_of(schedule: Plan) -> tuple[Schedule, ...]:
    """Return the members of a set, or the schedule alone."""
    return schedule.members if isinstance(schedule, ScheduleSet) else (schedule,)


def days_of(marks: int) -> list[int]:
    """Return the days of a year whose bits are set, from 0.

    >>> days_of(0b1001)
    [0, 3]
    """
    return [day for day, mark in enumerate(f"{marks:b}"[::-1]) if mark == "1"]


def due_marks(due: DueDates, years: range = YEARS) -> Iterator[int]:
    """Yield the due dates in each of the years as bits.

    >>> due = Schedule("yearly", offset=[0, 3]).due_dates(date(2024, 1, 2), date(2025, 12, 31))
    >>> [*due_marks(due, range(2023, 2027))]
    [0, 4, 4, 0]
    """
    first, last = due.start.toordinal(), due.end.toordinal()
    for year, marks in zip(years, due.rule.marks(years), strict=True):
        start = CIVIL.starts[year]
        if start < first:
            marks = marks >> (first - start) << (first - start)  # noqa: PLW2901
        if start + _LONGEST > last:
            marks &= (1 << max(last - start + 1, 0)) - 1  # noqa: PLW2901
        yield marks


def clamped_marks(schedule: Plan, start: date, years: range = YEARS) -> Iterator[int]:
    """Yield the clamped due days in each of the years as bits, whatever the start and the end.

    A day is clamped if every member that is due on it is clamped there, and it is not added.

    >>> [days_of(marks) for marks in clamped_marks(Schedule("yearly", offset=[1, 29]), date.min, range(2023, 2025))]
    [[58], []]
    """
    clamped = [_clamped_days(member, start) for member in members_of(schedule)]
    due = unclamped = [0] * len(years)
    if not any(map(any, clamped)):
        return iter(due)
    types = CIVIL.types[years.start : years.stop]
    for member, days in zip(members_of(schedule), clamped, strict=True):
        marks = [*member.rule(start).marks(years)]
        due = [*map(or_, due, marks)]
        unclamped = [others | some & ~days[kind] for others, some, kind in zip(unclamped, marks, types, strict=True)]
    for day in schedule.adding if isinstance(schedule, ScheduleSet) else ():
        if day.year in years:
            unclamped[day.year - years.start] |= 1 << (day - date(day.year, 1, 1)).days
    return map(and_, due, map(invert, unclamped))


def _clamped_days(schedule: Schedule, start: date) -> tuple[int, ...]:
    """Return the days to which the payment day is clamped in common and in leap years, as bits."""
    _, day = schedule.payment_day(start)
    return _clamped_to(day) if schedule.frequency.months and isinstance(day, int) else (0, 0)


@cache
def _clamped_to(day: int) -> tuple[int, ...]:
    return tuple(
        sum(
            1 << (first + clamp(day, after - first) - 1)
            for first, after in pairwise(starts)
            if abs(day) > after - first
        )
        for starts in MONTH_STARTS
    )
