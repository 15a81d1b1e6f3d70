"""Findings about a schedule, to read before it goes live: each has a code, and dates that show it.

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
from recurring_schedule.core.calendars import iso_weeks
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.periods import day_in_words, payment_of, period_of
from recurring_schedule.core.schedule import Schedule


class FindingCode(str, Enum):
    """The kinds of findings."""

    NEVER_DUE = "never-due"
    """The divisor picks no period, or none from the start on."""
    RARELY_DUE = "rarely-due"
    """The divisor picks only one period of each month or year, or only one year."""
    LONG_GAP = "long-gap"
    """A year with a week 53 makes a longer gap than the divisor."""
    UNEVEN_GAPS = "uneven-gaps"
    """Numbers begin again in each year or month, so its last gap has another length."""
    LEAP_DAY = "leap-day"
    """The payment day is 29 February, which is clamped in common years."""
    CLAMPED = "clamped"
    """Some months do not have the payment day, so it is clamped."""
    START_NOT_DUE = "start-not-due"
    """The start is not due, so the first period is a stub."""

    __str__ = str.__str__


class Finding(NamedTuple):
    """A fact to know before a schedule goes live: its code, a text, and dates that show it."""

    code: FindingCode
    text: str
    dates: tuple[date, ...]
    """Dates that show it."""

    def __str__(self) -> str:
        dates = f": {', '.join(map(str, self.dates))}" if self.dates else ""
        return f"{self.code}: {self.text}{dates}"


def lint(schedule: Schedule, start: date | None = None) -> tuple[Finding, ...]:
    """Return the findings in the order of `FindingCode`; most schedules have none.

    >>> lint(Schedule("monthly", offset=1), date(2024, 1, 1))
    ()

    Raises ValueError without a start if the schedule is anchored.
    """
    if never := schedule.never_due:
        return (Finding(FindingCode.NEVER_DUE, str(never), ()),)
    due = schedule.due_dates(with_start(schedule, start))
    if not due:
        return (Finding(FindingCode.NEVER_DUE, f"there is no due date from {due.start} on", ()),)
    found = [*_of_divisor(schedule, due), *_of_payment_day(schedule, due)]
    if start is not None and due[0] != start:
        text = "the start is not due, so the first period is a stub"
        found.append(Finding(FindingCode.START_NOT_DUE, text, (start, due[0])))
    return tuple(found)


def _of_divisor(schedule: Schedule, due: DueDates) -> Iterator[Finding]:
    frequency, periods = schedule.frequency, schedule.periods
    if len(periods) > 1:
        yield from _of_gaps(frequency, periods.step, due)
        return
    text, is_lacking = f"only one {frequency.noun} of the {frequency.cycle} is picked", periods[0] > frequency.always
    if is_lacking:
        text += f", and a {frequency.cycle} without number {periods[0]} has no due date"
    yield Finding(FindingCode.RARELY_DUE, text, tuple(due[:2]))
    if frequency.weeks and not is_lacking:
        yield from _of_gaps(frequency, frequency.always, due)


def _of_gaps(frequency: Frequency, step: int, due: DueDates) -> Iterator[Finding]:
    """Yield a finding for each kind of gap that is not `step` periods long."""
    noun, step = ("week", step * frequency.weeks) if frequency.weeks else (frequency.noun, step)
    if step == 1 or frequency.cycle == "calendar":
        return
    usual = f"{step} {noun}s"
    found: dict[FindingCode, Finding] = {}
    for first, second in (map(date.fromordinal, gap) for gap in gaps(due)):
        apart = _apart(frequency, first, second)
        if apart == step:
            continue
        if frequency.weeks and apart > step and iso_weeks(first.isocalendar()[0]) == 53:
            code, text = FindingCode.LONG_GAP, f"a year with a week 53 makes a gap of {apart} weeks instead of {usual}"
        else:
            code = FindingCode.UNEVEN_GAPS
            text = f"the numbers start over in each {frequency.cycle}, so gaps are not always {usual}"
        found.setdefault(code, Finding(code, text, (first, second)))
    yield from (found[code] for code in FindingCode if code in found)


def _apart(frequency: Frequency, first: date, second: date) -> int:
    """Return the time between two payment days in periods; for periods made of weeks, in weeks."""
    if frequency.months:
        return ((second.year - first.year) * 12 + second.month - first.month) // frequency.months
    return (second - first).days // (7 if frequency.weeks else 1)


def _of_payment_day(schedule: Schedule, due: DueDates) -> Iterator[Finding]:
    if not clamped_share(schedule, due.start):
        return
    payments = ((day, payment_of(schedule, due.start, period_of(schedule, day))) for day in due)
    clamped = tuple(islice((day for day, payment in payments if payment.is_clamped), 2))
    if not clamped:  # the calendar ends before the first one
        return
    _, wanted = schedule.payment_day(due.start)
    nearest = "last" if wanted > 0 else "first"
    if abs(wanted) == 29 and all(day.month == 2 for day in due[:2]):
        leap_day = "29 February" if wanted > 0 else "the 29th-to-last day of February"
        text = f"the payment day is {leap_day}: in common years it is clamped to the {nearest} day"
        yield Finding(FindingCode.LEAP_DAY, text, clamped)
    else:
        text = f"the payment day is {day_in_words(wanted)}: months that lack it are due on their {nearest} day"
        yield Finding(FindingCode.CLAMPED, text, clamped)
