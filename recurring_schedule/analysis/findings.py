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
from recurring_schedule.core.periods import payment_of, period_of
from recurring_schedule.core.schedule import Schedule, check_schedule
from recurring_schedule.languages import Language, language


class FindingCode(str, Enum):
    """The kinds of findings."""

    NEVER_DUE = "never-due"
    """The divisor picks no period, or none from the start on."""
    RARELY_DUE = "rarely-due"
    """The divisor picks only one period of each month or year, or only one year.

    Or the interval leads past the end of the calendar before there is a second due date.
    """
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


def lint(schedule: Schedule, start: date | None = None, locale: str = "en") -> tuple[Finding, ...]:
    """Return the findings in the order of `FindingCode`; most schedules have none.

    >>> lint(Schedule("monthly", offset=1), date(2024, 1, 1))
    ()
    >>> print(*lint(Schedule("monthly", 7, 1), date(2024, 7, 1), "sv"))
    rarely-due: bara en månad om året är vald: 2024-07-01, 2025-07-01

    Only the texts depend on the language. Raises ValueError without a start if the schedule is
    anchored, and for an unknown language.
    """
    check_schedule(schedule)
    words = language(locale)
    if never := schedule.never_due:
        return (Finding(FindingCode.NEVER_DUE, words.reason(never), ()),)
    due = schedule.due_dates(with_start(schedule, start))
    if not due:
        return (Finding(FindingCode.NEVER_DUE, words.say("no-date-from", start=due.start), ()),)
    found = [*_of_picking(schedule, due, words), *_of_payment_day(schedule, due, words)]
    if start is not None and due[0] != start:
        found.append(Finding(FindingCode.START_NOT_DUE, words.say("start-not-due"), (start, due[0])))
    return tuple(found)


def _of_picking(schedule: Schedule, due: DueDates, words: Language) -> Iterator[Finding]:
    frequency, periods = schedule.frequency, schedule.periods
    if "count" in schedule.anchor and len(due) == 1:
        yield Finding(FindingCode.RARELY_DUE, words.say("interval-past-calendar"), (due[0],))
    if len(periods) > 1:
        yield from _of_gaps(frequency, periods.step, due, words)
        return
    is_lacking = periods[0] > frequency.always
    text = words.say("rarely-due-lacking" if is_lacking else "rarely-due", frequency.noun, number=periods[0])
    yield Finding(FindingCode.RARELY_DUE, text, tuple(due[:2]))
    if frequency.weeks and not is_lacking:
        yield from _of_gaps(frequency, frequency.always, due, words)


def _of_gaps(frequency: Frequency, step: int, due: DueDates, words: Language) -> Iterator[Finding]:
    """Yield a finding for each kind of gap that is not `step` periods long."""
    noun, step = ("week", step * frequency.weeks) if frequency.weeks else (frequency.noun, step)
    if step == 1 or frequency.cycle == "calendar":
        return
    found: dict[FindingCode, Finding] = {}
    for first, second in (map(date.fromordinal, gap) for gap in gaps(due)):
        apart = _apart(frequency, first, second)
        if apart == step:
            continue
        if frequency.weeks and apart > step and iso_weeks(first.isocalendar()[0]) == 53:
            code, text = FindingCode.LONG_GAP, words.say("long-gap", weeks=apart, step=step)
        else:
            code, text = FindingCode.UNEVEN_GAPS, words.say("uneven-gaps", noun, step=step)
        found.setdefault(code, Finding(code, text, (first, second)))
    yield from (found[code] for code in FindingCode if code in found)


def _apart(frequency: Frequency, first: date, second: date) -> int:
    """Return the time between two payment days in periods; for periods made of weeks, in weeks."""
    if frequency.months:
        return ((second.year - first.year) * 12 + second.month - first.month) // frequency.months
    return (second - first).days // (7 if frequency.weeks else 1)


def _of_payment_day(schedule: Schedule, due: DueDates, words: Language) -> Iterator[Finding]:
    _, wanted = schedule.payment_day(due.start)
    if isinstance(wanted, tuple) or not clamped_share(schedule, due.start):
        return
    payments = ((day, payment_of(schedule, due.start, period_of(schedule, day))) for day in due)
    clamped = tuple(islice((day for day, payment in payments if payment.is_clamped), 2))
    if not clamped:  # the calendar ends before the first one
        return
    nearest = "to-last" if wanted > 0 else "to-first"
    if abs(wanted) == 29 and all(day.month == 2 for day in due[:2]):
        text = words.say(f"leap-day-{nearest}", date=words.day_in_year(2, wanted))
        yield Finding(FindingCode.LEAP_DAY, text, clamped)
    else:
        text = words.say(f"lacking-day-{nearest}", day=words.day(wanted))
        yield Finding(FindingCode.CLAMPED, text, clamped)
