"""What a person should know of a schedule before it goes live, as named findings with dates that show it.

>>> for finding in lint(Schedule("monthly", 7), date(2024, 1, 31)):
...     print(finding)
rarely-due: only one month of the year is picked: 2024-07-31, 2025-07-31
start-not-due: the start is not due, so the first period is a stub: 2024-01-31, 2024-07-31
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum
from itertools import islice
from typing import NamedTuple

from recurring_schedule.analysis.profiles import clamped_share, gaps, with_start
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import MONTHS, Frequency, payment_place, picked_periods
from recurring_schedule.core.periods import ordinal, payment_of, period_of
from recurring_schedule.core.schedule import Schedule


class FindingCode(str, Enum):
    """What is found."""

    NEVER_DUE = "never-due"
    """The divisor picks no period, or none from the start on."""
    RARELY_DUE = "rarely-due"
    """The divisor picks one period of a year, or month, only, which some may lack; or one year of all."""
    LONG_GAP = "long-gap"
    """A year with a week 53 makes a longer gap than the divisor says."""
    UNEVEN_GAPS = "uneven-gaps"
    """The divisor begins anew in each year, or month, so that the last gap is another one."""
    LEAP_DAY = "leap-day"
    """29 February is asked for: in common years the 28th, or the 1st, stands for it."""
    CLAMPED = "clamped"
    """Some months do not have the day that is asked for, so that their last, or first, day stands for it."""
    START_NOT_DUE = "start-not-due"
    """The start is not due, so that the first period is a stub."""

    __str__ = str.__str__


class Finding(NamedTuple):
    """Something to know."""

    name: FindingCode
    text: str
    dates: tuple[date, ...]
    """Dates that show it."""

    def __str__(self) -> str:
        shown = f": {', '.join(map(str, self.dates))}" if self.dates else ""
        return f"{self.name}: {self.text}{shown}"


def lint(schedule: Schedule, start: date | None = None) -> tuple[Finding, ...]:
    """What is found, in the order of `Name`; nothing for most schedules.

    >>> lint(Schedule("monthly", offset=1), date(2024, 1, 1))
    ()

    Raises ValueError if there is no start and the schedule leaves something to it.
    """
    if never := schedule.never_due:
        return (Finding(FindingCode.NEVER_DUE, str(never), ()),)
    due = schedule.due_dates(with_start(schedule, start))
    if not due:
        return (Finding(FindingCode.NEVER_DUE, f"there is no due date from {due.start} on", ()),)
    found = [*_of_divisor(schedule, due), *_of_days(schedule, due)]
    if start is not None and due[0] != start:
        found.append(
            Finding(FindingCode.START_NOT_DUE, "the start is not due, so the first period is a stub", (start, due[0]))
        )
    return tuple(found)


_UNITS = {
    Frequency.DAILY: ("day", "month"),
    Frequency.WEEKLY: ("week", "year"),
    Frequency.MONTHLY: ("month", "year"),
    Frequency.QUARTERLY: ("quarter", "year"),
}

_IN_EACH = {Frequency.DAILY: 28, Frequency.WEEKLY: 52}  # So many days are in each month, so many weeks in each year.


def _of_divisor(schedule: Schedule, due: DueDates) -> Iterator[Finding]:
    frequency = schedule.frequency
    periods = picked_periods(frequency, schedule.divisor, schedule.dialect)
    step = periods.step
    if len(periods) == 1:
        unit, whole = _UNITS.get(frequency, ("year", "calendar"))
        left_out = ""
        if periods[0] > _IN_EACH.get(frequency, periods[0]):
            left_out = f", and a {whole} without number {periods[0]} is left out"
        yield Finding(FindingCode.RARELY_DUE, f"only one {unit} of the {whole} is picked{left_out}", tuple(due[:2]))
        if frequency is not Frequency.WEEKLY or left_out:
            return
        step = _IN_EACH[frequency]
    if step == 1 or frequency is Frequency.YEARLY:
        return
    unit, whole = _UNITS[frequency]
    usual = f"{step} {unit}s"
    found: dict[FindingCode, Finding] = {}
    for ordinals in gaps(due):
        first, second = map(date.fromordinal, ordinals)
        apart = _apart(frequency, first, second)
        if apart == step:
            continue
        if frequency is Frequency.WEEKLY and apart > step and _weeks(first) == 53:
            name, text = FindingCode.LONG_GAP, f"a year with a week 53 makes a gap of {apart} weeks instead of {usual}"
        else:
            name, text = FindingCode.UNEVEN_GAPS, f"numbers begin anew in each {whole}, so gaps are not always {usual}"
        found.setdefault(name, Finding(name, text, (first, second)))
    yield from (found[name] for name in FindingCode if name in found)


def _apart(frequency: Frequency, first: date, second: date) -> int:
    """How many periods the second is after the first."""
    if frequency in MONTHS:
        return ((second.year - first.year) * 12 + second.month - first.month) // MONTHS[frequency]
    return (second - first).days // (7 if frequency is Frequency.WEEKLY else 1)


def _weeks(day: date) -> int:
    """How many weeks the day's ISO year has."""
    return date(day.isocalendar()[0], 12, 28).isocalendar()[1]


def _of_days(schedule: Schedule, due: DueDates) -> Iterator[Finding]:
    if not clamped_share(schedule, due.start):
        return
    clamped = tuple(
        islice((day for day in due if payment_of(schedule, due.start, period_of(schedule, day)).is_clamped), 2)
    )
    if not clamped:  # The calendar ends before the first one.
        return
    _, wanted = payment_place(schedule.frequency, schedule.offset, schedule.dialect, due.start)
    stand_in = "last" if wanted > 0 else "first"
    if abs(wanted) == 29 and all(day.month == 2 for day in due[:2]):
        text = f"29 February is asked for: in common years the {stand_in} day stands for it"
        if wanted < 0:
            text = "the 29th-to-last day of February is asked for: in common years the first day stands for it"
        yield Finding(FindingCode.LEAP_DAY, text, clamped)
    else:
        yield Finding(
            FindingCode.CLAMPED,
            f"{ordinal(wanted)} is asked for: where a month does not have it, its {stand_in} day stands for it",
            clamped,
        )
