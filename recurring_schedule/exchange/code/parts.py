"""The due dates of a plan as a few arithmetic parts, which each language writes in its own words.

>>> found = parts_of(Schedule("monthly", 2, 31), date(2024, 1, 31), None)
>>> [*found.members]
[Member(part=MonthSteps(first=24289, step=2, day=-1), first=datetime.date(2024, 2, 29), excluded=0)]
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import wrap
from typing import NamedTuple

from recurring_schedule.analysis import describe
from recurring_schedule.core.calendars import LAST_DAY, MONTHS, MonthDay
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, check_plan
from recurring_schedule.exchange.errors import ConversionError, never_due_reason

SHORTEST_MONTH = 28
"""The days that every month has."""
_WIDTH = 100
_IN_A_ROW = 5


class DaySteps(NamedTuple):
    """Every `step`-th day, from a due date on."""

    first: date
    step: int


class DaysOfMonth(NamedTuple):
    """Days of the month by their numbers."""

    numbers: range


class WeeksOfYear(NamedTuple):
    """One weekday, from Monday, 0, of ISO weeks by their numbers."""

    numbers: range
    weekday: int


class MonthSteps(NamedTuple):
    """A day of every `step`-th month. January of the year 0 is month 0."""

    first: int
    step: int
    day: MonthDay


class MonthsOfYear(NamedTuple):
    """A day of months by their numbers, from 1."""

    numbers: range
    day: MonthDay


Part = DaySteps | DaysOfMonth | WeeksOfYear | MonthSteps | MonthsOfYear


class Member(NamedTuple):
    """A part, with its first due date and the number of its due dates that a set excludes."""

    part: Part
    first: date
    excluded: int


class Parts(NamedTuple):
    """All that the code of a plan needs."""

    members: Sequence[Member]
    start: date
    end: date
    excluding: Sequence[date]
    adding: Sequence[date]
    comment: Sequence[str]
    """Lines that say the plan in words, and as it was written."""

    @property
    def is_one_rule(self) -> bool:
        """True for one part and no other days."""
        return len(self.members) == 1 and not self.excluding and not self.adding


def parts_of(schedule: Plan, start: date, end: date | None) -> Parts:
    """Return the parts of the due dates from `start` to `end`, both included.

    Raises ConversionError if nothing is due.
    """
    check_plan(schedule)
    due = schedule.due_dates(start, end)
    if not due:
        reason = never_due_reason(schedule) or f"no day from {due.start} to {due.end} is due"
        raise ConversionError(f"code has at least one due date, but the schedule has none: {reason}")
    several = schedule if isinstance(schedule, ScheduleSet) else ScheduleSet([schedule])
    excluding, adding = (
        sorted(day for day in days if due.start <= day <= due.end) for days in (several.excluding, several.adding)
    )
    members = [*_members(several, start, end, excluding)]
    sentences = f"Due: {describe(schedule, start)}.{f' The last day is {due.end}.' if end else ''}", _written(schedule)
    comment = [line for sentence in sentences for line in wrap(sentence, _WIDTH)]
    return Parts(members, due.start, due.end, excluding, adding, comment)


def _members(several: ScheduleSet, start: date, end: date | None, excluding: Sequence[date]) -> Iterator[Member]:
    for one in several.members:
        dates = one.due_dates(start, end)
        if dates:
            first = next(iter(dates))
            yield Member(_part(one, start, first), first, sum(day in dates for day in excluding))


def _written(schedule: Plan) -> str:
    dialect = "" if schedule.dialect is Dialect.INTERGIRO else f" in the dialect {schedule.dialect.value}"
    return f"The schedule is {json.dumps(schedule.to_wire())}{dialect}."


def _part(schedule: Schedule, start: date, first: date) -> Part:
    """Return the part of a schedule whose first due date is `first`."""
    frequency, periods, interval = schedule.frequency, schedule.periods, schedule.interval
    month, day = schedule.payment_day(start)
    is_of_all = periods.step == 1 and len(periods) > 1
    if frequency.months:
        return _months(frequency.months, periods, interval, frequency.cycle == "calendar", month, _plain(day), first)
    if interval or is_of_all:
        return DaySteps(first, min((interval or 1) * (7 * frequency.weeks or 1), LAST_DAY))
    return WeeksOfYear(periods, first.weekday()) if frequency.weeks else DaysOfMonth(periods)


def _plain(day: MonthDay) -> MonthDay:
    """Return the day of the month, with the last for the 31st, and the first for the 31st last."""
    return {31: -1, -31: 1}.get(day, day) if isinstance(day, int) else day


def _months(
    months: int, periods: range, interval: int | None, is_yearly: bool, month: int, day: MonthDay, first: date
) -> Part:
    """Return the part of periods of `months` months; `month` counts in each from 0."""
    number = 12 * first.year + first.month - 1
    step = months * (interval or periods.step)
    if interval or is_yearly:
        return MonthSteps(number, min(step, MONTHS), day)
    of_year = range(months * (periods.start - 1) + month + 1, 13, step)
    if len(of_year) == 1 or len(of_year) * step == 12:
        return MonthSteps(number, 12 // len(of_year), day)
    return MonthsOfYear(of_year, day)


def listing(values: Sequence[str], margin: str) -> str:
    """Return the values with commas, several in a row where they are many, which `margin` indents.

    >>> listing(["1", "2"], "")
    '1, 2'
    """
    if len(values) <= _IN_A_ROW:
        return ", ".join(values)
    rows = (", ".join(values[at : at + _IN_A_ROW]) for at in range(0, len(values), _IN_A_ROW))
    return "\n" + ",\n".join(f"{margin}  {row}" for row in rows) + f"\n{margin}"


class Residue(NamedTuple):
    """The numbers that leave `remainder` when divided by `divisor`."""

    remainder: int
    divisor: int


def picked(numbers: range) -> Residue | list[int]:
    """Return how to test for one of the numbers: by their remainder if that decides, or as a list.

    >>> picked(range(2, 13, 5)), picked(range(7, 13, 7)), picked(range(6, 13, 5))
    (Residue(remainder=2, divisor=5), [7], [6, 11])
    """
    if len(numbers) > 1 and numbers.start <= numbers.step:
        return Residue(numbers.start % numbers.step, numbers.step)
    return [*numbers]
