"""What a schedule is like: how often it is due, how far its dates are apart, how many are clamped. Exactly, from its rule.

>>> found = profile(Schedule("weekly", 2, 3), date(2024, 1, 1))
>>> found.per_year, found.shortest.days, found.longest.days
(Fraction(26, 1), 14, 21)
>>> found.longest.first, found.longest.second  # 2026 has a week 53
(datetime.date(2026, 12, 23), datetime.date(2027, 1, 13))
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from typing import NamedTuple

from recurring_schedule.analysis.years import DueDays
from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, MONTH_STARTS
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import MONTHS, Frequency, payment_place, picked_periods
from recurring_schedule.core.periods import divisor_of, open_parts, payment_of, period_of
from recurring_schedule.core.schedule import NeverDue, Schedule


class Gap(NamedTuple):
    """Two due dates, one after the other."""

    days: int
    """From the first to the second."""
    first: date
    second: date


class Profile(NamedTuple):
    """What a schedule is like."""

    never_due: NeverDue | None
    """Why there is no due date; `None` if there are."""
    per_cycle: Fraction
    """Due dates in 400 years, after which the calendar repeats; a fraction if they are not the same number in each 400 years.

    0 if there is no due date from the start on."""
    shortest: Gap | None
    """The first of the shortest gaps; `None` for less than two due dates."""
    longest: Gap | None
    """The first of the longest gaps."""
    clamped: Fraction
    """The share of due dates for which a month does not have the day that is asked for."""

    @property
    def per_year(self) -> Fraction:
        """Due dates in a year, on average."""
        return self.per_cycle / CYCLE_YEARS


def profile(schedule: Schedule, start: date | None = None) -> Profile:
    """How often the schedule is due from `start` on, with the shortest and the longest gap, and the share of clamped dates.

    >>> profile(Schedule("monthly"), date(2024, 1, 31)).clamped
    Fraction(5, 12)
    >>> print(profile(Schedule("monthly", 13, 1)).never_due)
    no month has a number that is a multiple of 13: they are 1 to 12

    Without a start, gaps are looked for from 0001-01-01. Raises ValueError if there is none and the schedule takes something of it.
    """
    due = schedule.due_dates(with_start(schedule, start))
    shortest, longest = _extremes(due)
    clamped = clamped_share(schedule, due.start) if due else Fraction(0)
    return Profile(schedule.never_due, _per_cycle(schedule, due), shortest, longest, clamped)


def with_start(schedule: Schedule, start: date | None) -> date:
    """The start, or the first day that there is if the schedule takes nothing of it."""
    if start is not None:
        return start
    if missing := open_parts(schedule):
        raise ValueError(
            f"start: got nothing, expected a date: the schedule takes its {' and its '.join(missing)} from it"
        )
    return date.min


def _per_cycle(schedule: Schedule, due: DueDates) -> Fraction:
    if not due:
        return Fraction(0)
    if schedule.frequency is Frequency.YEARLY:
        return Fraction(CYCLE_YEARS, divisor_of(schedule)[1])
    return Fraction(due.rule.rank(CIVIL.starts[2 * CYCLE_YEARS]) - due.rule.rank(CIVIL.starts[CYCLE_YEARS]))


def _extremes(due: DueDates) -> tuple[Gap | None, Gap | None]:
    """The first of the shortest and of the longest gaps."""
    shortest = longest = None
    for first, second in gaps(due):
        days = second - first
        if shortest is None or days < shortest[0]:
            shortest = days, first, second
        if longest is None or days > longest[0]:
            longest = days, first, second
    return _gap(shortest), _gap(longest)


def _gap(found: tuple[int, int, int] | None) -> Gap | None:
    return None if found is None else Gap(found[0], *map(date.fromordinal, found[1:]))


def gaps(due: DueDates) -> Iterator[tuple[int, int]]:
    """Neighbours among the due dates, as ordinals, in order.

    Of years that look alike there are only the gaps inside the first one; the gaps between years are all there.
    """
    if not due:
        return
    days, first, last = DueDays(due.rule), due[0], due[-1]
    previous, seen = None, set()
    for year in range(first.year, min(last.year, first.year + days.cycle) + 1, due.rule.years[1]):
        ordinals = days.in_year(year)
        if year in (first.year, last.year):
            ordinals = tuple(day for day in ordinals if first.toordinal() <= day <= last.toordinal())
        if not ordinals:
            continue
        if previous is not None:
            yield previous, ordinals[0]
        kind = days.kind(year)
        if kind not in seen:
            yield from pairwise(ordinals)
            if year > first.year:  # which may be cut
                seen.add(kind)
        previous = ordinals[-1]


def clamped_share(schedule: Schedule, start: date) -> Fraction:
    """How many of the due dates are clamped: in 400 years, or as many more as the divisor needs, or as many as there are."""
    frequency = schedule.frequency
    if frequency not in MONTHS or schedule.never_due:
        return Fraction(0)
    month, day = payment_place(frequency, schedule.offset, schedule.dialect, start)
    # A year's place among the 400 is any of those that its remainder has modulo what the divisor and 400 have in common.
    remainder, divisor = divisor_of(schedule) if frequency is Frequency.YEARLY else (0, 1)
    if lcm(CYCLE_YEARS, divisor) > date.max.year:
        due = schedule.due_dates(start)
        payments = [payment_of(schedule, start, period_of(schedule, day)) for day in due]
        return Fraction(sum(payment.is_clamped for payment in payments), max(len(payments), 1))
    common = gcd(CYCLE_YEARS, divisor)
    years = range(remainder % common, CYCLE_YEARS, common)
    periods = [1] if frequency is Frequency.YEARLY else picked_periods(frequency, schedule.divisor, schedule.dialect)
    months = [MONTHS[frequency] * (number - 1) + month for number in periods]
    clamped = 0
    for is_long, starts in enumerate(MONTH_STARTS):
        like = sum(CIVIL.is_long[year] == is_long for year in years)
        clamped += like * sum(abs(day) > starts[place + 1] - starts[place] for place in months)
    return Fraction(clamped, len(years) * len(months))
