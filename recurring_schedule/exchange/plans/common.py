"""The parts that the plans of other systems share: every n-th period, counted from an anchor.

>>> every("month", 2, date(2024, 1, 31))
Schedule('monthly', offset=31, interval=2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from recurring_schedule.core.calendars import MONTH_STARTS
from recurring_schedule.core.checks import listed, plain_date, short_repr, whole_number
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.rrule_reader import ImportedSchedule

UNITS = ("day", "week", "month", "year")
"""The units of most systems, in the order of their length."""
MOST = 10**9 - 1
"""The largest number of units or of payments where a system states none."""

_FREQUENCIES = {frequency.noun: frequency for frequency in Frequency}


def every(unit: str, count: int, anchor: date, day: int | None = None) -> Schedule:
    """Return the schedule of every `count` units on the weekday, or the day and month, of `anchor`.

    `day` is another day of the month, from 1, or from its end, -1 being the last.
    """
    day = day or anchor.day
    offsets = {"day": None, "week": anchor.isoweekday() % 7, "month": day, "year": (anchor.month - 1, day)}
    return Schedule(_FREQUENCIES[unit], offset=offsets[unit], interval=count if count > 1 else None)


def months_in(unit: str) -> int:
    """Return the number of months in a unit; 0 if it is not made of months.

    >>> months_in("year"), months_in("week")
    (12, 0)
    """
    return _FREQUENCIES[unit].months


def first_on_or_after(start: date, schedule: Schedule, anchor: date) -> date:
    """Return the first date on or after `start`; the schedule counts from `anchor`, both ways."""
    found = DueDates(schedule.rule(anchor), start).on_or_after(start)
    if found is None:
        raise ConversionError(f"start: got {start}, expected an earlier day: the calendar ends before the next date")
    return found


# Checks of the values in a plan


def one_of(name: str, value: object, words: Sequence[str]) -> str:
    """Return `value` if it is one of the words. Raise ConversionError, which names it, if not."""
    if isinstance(value, str) and value in words:
        return value
    raise ConversionError(f"{name}: got {short_repr(value)}, expected {listed(words)}")


def number(name: str, value: object, first: int, last: int) -> int:
    """Return `value` if it is an integer in these bounds. Raise ConversionError if not."""
    found = whole_number(value)
    if found is None or not first <= found <= last:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected an integer from {first} to {last}")
    return found


def check_months_have_the_day(name: str, anchor: date, unit: str, count: int, day: int | None = None) -> None:
    """Raise ConversionError if a month of the plan is shorter than the day, which `anchor` gives.

    It is for systems that do not say which day is then due.
    """
    day, months = day or anchor.day, months_in(unit) * count
    month_starts = MONTH_STARTS[0]
    paid = {(anchor.month - 1 + months * passed) % 12 for passed in range(12)} if months else set()
    if any(day > month_starts[month + 1] - month_starts[month] for month in paid):
        raise ConversionError(
            f"{name}: got day {day}, expected a day that every month of the plan has: the documentation does not say "
            "which day is due in the others; if it is their last day, write a schedule with that day as its offset"
        )


def check_is_due(name: str, day: date, due: DueDates, plan: str) -> None:
    """Raise ConversionError if `day` is not a date of the plan."""
    if day in due:
        return
    near = due.on_or_after(day) or due.before(day)
    raise ConversionError(f"{name}: got {day}, expected a date of {plan}" + (f", such as {near}" if near else ""))


def limited(schedule: Schedule, start: date, payments: int | None) -> ImportedSchedule:
    """Return the schedule from `start` to its n-th date; without an end for None."""
    if payments is None:
        return ImportedSchedule(schedule, plain_date(start, "start"), None)
    due = schedule.due_dates(start)
    return ImportedSchedule(schedule, start, due[min(payments, len(due)) - 1])


# The way back: a plan is written if reading it gives the same dates.

Arguments = dict[str, Any]
"""The arguments of the function that reads a plan."""


def dates_of(schedule: Plan, start: date, end: date | None, system: str) -> DueDates:
    """Return the due dates. Raise ConversionError if there are none."""
    due = schedule.due_dates(start, end)
    if not due:
        raise ConversionError(f"a plan of {system} has at least one date, but {schedule!r} has none from {start}")
    return due


def units_and_counts(schedule: Plan, start: date) -> Iterator[tuple[str, int]]:
    """Yield the units, the longest first, with the counts that lie between the first two due dates.

    >>> [*units_and_counts(Schedule("monthly", 6), date(2024, 6, 14))]
    [('month', 6), ('day', 183)]
    """
    for first, second in pairwise(schedule.due_dates(start)[:2]):
        months, days = 12 * (second.year - first.year) + second.month - first.month, (second - first).days
        for unit in reversed(UNITS):
            passed, size = (months, months_in(unit)) if months_in(unit) else (days, 7 if unit == "week" else 1)
            if passed and passed % size == 0:
                yield unit, passed // size


def plan_with(
    due: DueDates, plans: Iterable[Arguments], read: Callable[..., ImportedSchedule], system: str
) -> Arguments:
    """Return the first of the plans that `read` reads with exactly these dates.

    Raises ConversionError if there is none.
    """
    for plan in plans:
        try:
            found = read(**plan)
        except ConversionError:
            continue
        if found.schedule.due_dates(found.start, found.end) == due:
            return plan
    raise ConversionError(f"no plan of {system} that this package can read has the dates {_shown(due)}")


def _shown(due: DueDates) -> str:
    shown = ", ".join(map(str, due[:3]))
    return shown + ", ..." if len(due[:4]) > 3 else shown
