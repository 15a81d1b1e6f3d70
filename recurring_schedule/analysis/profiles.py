"""The profile of a schedule: how often it is due, its gaps, and how many dates are clamped.

Everything is exact and comes from the rule.

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
from math import lcm
from operator import and_
from typing import NamedTuple

from recurring_schedule.analysis.years import clamped_marks, days_of, due_marks, members_of
from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, LAST_YEAR
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Frequency, residue
from recurring_schedule.core.interval_rules import StepRule
from recurring_schedule.core.schedule import NeverDue, Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, check_plan
from recurring_schedule.core.year_rule import YearRule

_DAYS_IN_CYCLE = CIVIL.starts[CYCLE_YEARS] - CIVIL.starts[0]


class Gap(NamedTuple):
    """Two neighbouring due dates."""

    days: int
    """The number of days from the first to the second."""
    first: date
    second: date


class Profile(NamedTuple):
    """The profile of a schedule or a set."""

    never_due: NeverDue | tuple[NeverDue, ...] | None
    """The reason why the schedule is never due, or those of all members of a set.

    `None` if there are due dates.
    """
    per_cycle: Fraction
    """The number of due dates in 400 years, after which the calendar repeats.

    0 if none follows the start; a fraction if the 400-year cycles differ. That of a set is the
    number of its members: excluded and added days do not change it. If the members do not repeat
    together within the calendar, or are never due, it is the mean from the start to 9999-12-31.
    """
    shortest: Gap | None
    """The first of the shortest gaps; `None` if there are fewer than two due dates."""
    longest: Gap | None
    """The first of the longest gaps; `None` likewise."""
    clamped: Fraction
    """The share of due dates that are clamped, over the years after which the members repeat.

    If these are more than the calendar has, it is the share from the start to 9999-12-31. A date
    of several members is clamped if all of them clamp it. An added date is not clamped.
    """

    @property
    def per_year(self) -> Fraction:
        """The mean number of due dates in a year."""
        return self.per_cycle / CYCLE_YEARS


def profile(schedule: Plan, start: date | None = None) -> Profile:
    """Return the profile of the schedule or set from `start` on; without one, from 0001-01-01 on.

    >>> profile(Schedule("monthly"), date(2024, 1, 31)).clamped
    Fraction(5, 12)
    >>> twice = ScheduleSet([{"frequency": "monthly", "offset": 15}, {"frequency": "monthly", "offset": 31}])
    >>> found = profile(twice)
    >>> found.per_year, found.shortest.days, found.longest.days, found.clamped
    (Fraction(24, 1), 13, 16, Fraction(5, 24))
    >>> print(profile(Schedule("monthly", 13, 1)).never_due)
    no month has a number that is a multiple of 13: the numbers are 1 to 12

    Raises ValueError without a start if the schedule is anchored.
    """
    check_plan(schedule)
    due = schedule.due_dates(with_start(schedule, start))
    if not due:
        return Profile(schedule.never_due, Fraction(0), None, None, Fraction(0))
    return Profile(None, _per_cycle(schedule, due), *_extremes(due), clamped_share(schedule, due.start))


def with_start(schedule: Plan, start: date | None) -> date:
    """Return the start, or 0001-01-01 if there is none and the schedule is not anchored."""
    if start is not None:
        return start
    if missing := schedule.anchor:
        parts = " and its ".join(missing)
        raise ValueError(f"start: got nothing, expected a date: the schedule takes its {parts} from the start")
    return date.min


def _per_cycle(schedule: Plan, due: DueDates) -> Fraction:
    pattern = _pattern(schedule, due.start)
    if pattern:
        return Fraction(CYCLE_YEARS * len(pattern), pattern.end.year)
    if isinstance(schedule, Schedule):
        return Fraction(_periods_in_cycle(schedule.frequency), _step(schedule))
    return Fraction(_DAYS_IN_CYCLE * len(due), (due.end - due.start).days + 1)


def _pattern(schedule: Plan, start: date) -> DueDates | None:
    """Return the due dates of the members in the years after which they repeat.

    None if these years are more than the calendar has.
    """
    members = members_of(schedule)
    cycles = (Fraction(_step(member), _periods_in_cycle(member.frequency)) for member in members)
    years = CYCLE_YEARS * lcm(*(cycle.numerator for cycle in cycles))
    if years > LAST_YEAR:
        return None
    return DueDates(ScheduleSet(members).rule(start), date.min, date(years, 12, 31))


def _step(schedule: Schedule) -> int:
    """Return the periods from each picked one to the next, if they are counted across years."""
    return schedule.interval or (residue(schedule.divisor)[1] if schedule.frequency.cycle == "calendar" else 1)


def _periods_in_cycle(frequency: Frequency) -> int:
    """Return the number of periods in 400 years."""
    if frequency.months:
        return 12 * CYCLE_YEARS // frequency.months
    return _DAYS_IN_CYCLE // (7 * frequency.weeks or 1)


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
    """Yield neighbouring due dates, as ordinals, in order: those of each length of gap that come
    first, and a few more.

    Years with the same due days, and the same gap before them, are looked into once.
    """
    if isinstance(due.rule, StepRule):  # all gaps are alike
        yield from pairwise(day.toordinal() for day in due[:2])
        return
    years = _repeating_years(due)
    last: int | None = None
    seen: set[tuple[str, int]] = set()
    lengths: set[int] = set()
    for start, marks in zip(CIVIL.starts[years.start : years.stop], due_marks(due, years), strict=True):
        if not marks:
            continue
        before = "" if last is None else "1".rjust(start - last, "0")  # in binary, earlier days come later
        if (before, marks) not in seen:
            seen.add((before, marks))
            found = {*map(len, f"{marks:b}{before}".split("1")[1:-1])}
            if found - lengths:
                lengths |= found
                days = [start + day for day in days_of(marks)]
                yield from pairwise(days if last is None else [last, *days])
        last = start + marks.bit_length() - 1


def _repeating_years(due: DueDates) -> range:
    """Return the years from the first date to that from which on the dates repeat, or the last."""
    first, last = due[0].year, due[-1].year
    if isinstance(due.rule, YearRule):
        last = min(last, first + lcm(CYCLE_YEARS, due.rule.years[1]))
    return range(first, last + 1)


def clamped_share(schedule: Plan, start: date) -> Fraction:
    """Return the share of due dates that are clamped, over the years after which it repeats.

    If these are more than the calendar has, it is the share of all due dates from the start on.
    """
    due = _pattern(schedule, start)
    if due:
        schedule = ScheduleSet(members_of(schedule))  # without the added days, which the pattern has not
    else:
        due = schedule.due_dates(start)
    years = range(due.start.year, due.end.year + 1)
    clamped = [*clamped_marks(schedule, start, years)]
    if not any(clamped):
        return Fraction(0)
    marks = [*due_marks(due, years)]
    count = sum(map(int.bit_count, marks))
    return Fraction(sum(map(int.bit_count, map(and_, marks, clamped))), max(count, 1))
