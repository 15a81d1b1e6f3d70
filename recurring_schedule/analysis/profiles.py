"""The profile of a schedule: how often it is due, its gaps, and how many dates are clamped.

Everything is exact and comes from the rule.

>>> found = profile(Schedule("weekly", 2, 3), date(2024, 1, 1))
>>> found.per_year, found.shortest.days, found.longest.days
(Fraction(26, 1), 14, 21)
>>> found.longest.first, found.longest.second  # 2026 has a week 53
(datetime.date(2026, 12, 23), datetime.date(2027, 1, 13))
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from recurring_schedule.analysis.years import DueDays
from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Frequency, residue
from recurring_schedule.core.interval_rules import StepRule
from recurring_schedule.core.schedule import NeverDue, Schedule, check_schedule
from recurring_schedule.core.year_rule import YearRule

_SHORTEST_MONTH = 28


class Gap(NamedTuple):
    """Two neighbouring due dates."""

    days: int
    """The number of days from the first to the second."""
    first: date
    second: date


class Profile(NamedTuple):
    """The profile of a schedule."""

    never_due: NeverDue | None
    """The reason why the schedule is never due; `None` if it has due dates."""
    per_cycle: Fraction
    """The number of due dates in 400 years, after which the calendar repeats.

    0 if none follows the start; a fraction if the 400-year cycles differ.
    """
    shortest: Gap | None
    """The first of the shortest gaps; `None` if there are fewer than two due dates."""
    longest: Gap | None
    """The first of the longest gaps; `None` likewise."""
    clamped: Fraction
    """The share of due dates that are clamped."""

    @property
    def per_year(self) -> Fraction:
        """The mean number of due dates in a year."""
        return self.per_cycle / CYCLE_YEARS


def profile(schedule: Schedule, start: date | None = None) -> Profile:
    """Return the profile of the schedule from `start` on; without a start, from 0001-01-01 on.

    >>> profile(Schedule("monthly"), date(2024, 1, 31)).clamped
    Fraction(5, 12)
    >>> print(profile(Schedule("monthly", 13, 1)).never_due)
    no month has a number that is a multiple of 13: the numbers are 1 to 12

    Raises ValueError without a start if the schedule is anchored.
    """
    check_schedule(schedule)
    due = schedule.due_dates(with_start(schedule, start))
    shortest, longest = _extremes(due)
    clamped = clamped_share(schedule, due.start) if due else Fraction(0)
    return Profile(schedule.never_due, _per_cycle(schedule, due), shortest, longest, clamped)


def with_start(schedule: Schedule, start: date | None) -> date:
    """Return the start, or 0001-01-01 if there is none and the schedule is not anchored."""
    if start is not None:
        return start
    if missing := schedule.anchor:
        parts = " and its ".join(missing)
        raise ValueError(f"start: got nothing, expected a date: the schedule takes its {parts} from the start")
    return date.min


def _per_cycle(schedule: Schedule, due: DueDates) -> Fraction:
    if not due:
        return Fraction(0)
    frequency = schedule.frequency
    if schedule.interval or frequency.cycle == "calendar":  # counted on across years
        return Fraction(_periods_in_cycle(frequency), schedule.interval or residue(schedule.divisor)[1])
    return Fraction(due.rule.rank(CIVIL.starts[2 * CYCLE_YEARS]) - due.rule.rank(CIVIL.starts[CYCLE_YEARS]))


def _periods_in_cycle(frequency: Frequency) -> int:
    """Return the number of periods in 400 years."""
    if frequency.months:
        return 12 * CYCLE_YEARS // frequency.months
    return (CIVIL.starts[CYCLE_YEARS] - CIVIL.starts[0]) // (7 * frequency.weeks or 1)


def _extremes(due: DueDates) -> tuple[Gap | None, Gap | None]:
    """Return the first of the shortest gaps and the first of the longest ones."""
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
    """Yield neighbouring due dates, as ordinals, in order: at least one pair for each length of
    gap.

    Years with the same due days are looked into once; gaps from one year to the next are all there.
    """
    if not due:
        return
    if isinstance(due.rule, StepRule):  # all gaps are alike
        yield from pairwise(day.toordinal() for day in due[:2])
        return
    days, first, last = DueDays(due.rule), due[0], due[-1]
    apart = due.rule.years[1] if isinstance(due.rule, YearRule) else 1
    previous, seen = None, set()
    for year in range(first.year, min(last.year, first.year + days.cycle) + 1, apart):
        ordinals = days.in_year(year)
        if year in (first.year, last.year):
            ordinals = tuple(day for day in ordinals if first.toordinal() <= day <= last.toordinal())
        if not ordinals:
            continue
        if previous is not None:
            yield previous, ordinals[0]
        pattern = days.pattern(year)
        if pattern not in seen:
            yield from pairwise(ordinals)
            if year > first.year:  # which may be cut
                seen.add(pattern)
        previous = ordinals[-1]


def clamped_share(schedule: Schedule, start: date) -> Fraction:
    """Return the share of due dates that are clamped, over the years after which it repeats.

    If these are more than the calendar has, it is the share of all due dates from the start on.
    """
    wanted = schedule.payment_day(start)[1]
    if not schedule.frequency.months or isinstance(wanted, tuple) or abs(wanted) <= _SHORTEST_MONTH:
        return Fraction(0)
    due = schedule.due_dates(start)
    cycle = DueDays(due.rule).cycle
    if cycle <= date.max.year:
        due = DueDates(due.rule, date.min, date(cycle, 12, 31))
    clamped = sum(abs(wanted) > monthrange(day.year, day.month)[1] for day in due)
    return Fraction(clamped, max(len(due), 1))
