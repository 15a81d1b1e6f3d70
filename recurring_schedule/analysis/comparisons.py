"""Comparing due dates: the same, a part of, apart from, and where they differ first: exactly, by a look at each kind of year.

>>> ends = Schedule("monthly", offset=-1).due_dates(date(2024, 1, 1))
>>> thirty_firsts = Schedule("monthly", offset=31).due_dates(date(2024, 1, 31))
>>> same_dates(ends, thirty_firsts), are_disjoint(ends, Schedule("monthly", offset=1).due_dates(date(2024, 1, 1)))
(True, True)
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date
from itertools import pairwise
from math import lcm

from recurring_schedule.analysis.years import DueDays
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.due_dates import DueDates


def same_dates(a: DueDates, b: DueDates) -> bool:
    """Whether both hold the same dates, as `a == b` says; without a walk over the dates."""
    return first_difference(a, b) is None


def is_subset(a: DueDates, b: DueDates) -> bool:
    """Whether every date of `a` is one of `b`.

    >>> start = date(2024, 1, 1)
    >>> quarterly, monthly = Schedule("quarterly").due_dates(start), Schedule("monthly").due_dates(start)
    >>> is_subset(quarterly, monthly), is_subset(monthly, quarterly)
    (True, False)
    """
    return all(days <= others for days, others in _years(a, b))


def are_disjoint(a: DueDates, b: DueDates) -> bool:
    """Whether no date is in both.

    >>> start = date(2024, 1, 1)
    >>> are_disjoint(Schedule("weekly", offset=5).due_dates(start), Schedule("monthly", offset=13).due_dates(start))
    False
    """
    return all(days.isdisjoint(others) for days, others in _years(a, b))


def first_difference(a: DueDates, b: DueDates) -> date | None:
    """The first date that is in one and not in the other; `None` if they hold the same dates.

    >>> a, b = (Schedule("monthly", offset=day).due_dates(date(2023, 1, 1)) for day in (29, -1))
    >>> first_difference(a, b), date(2023, 1, 29) in a
    (datetime.date(2023, 1, 29), True)
    """
    differences = (days ^ others for days, others in _years(a, b))
    first = next(filter(None, differences), None)
    return None if first is None else date.fromordinal(min(first))


def _years(a: DueDates, b: DueDates) -> Iterator[tuple[Set[int], Set[int]]]:
    """The due days of both, year by year, but of no year that is like an earlier one."""
    for name, due in (("a", a), ("b", b)):
        if not isinstance(due, DueDates):
            raise TypeError(f"{name}: got {short_repr(due)}, expected DueDates, which Schedule.due_dates gives")
    sides = [_Side(due) for due in (a, b)]
    bounds = sorted({year for side in sides for year in side.bounds})
    cycle = lcm(*(side.days.cycle for side in sides))
    for year, following in pairwise((*bounds, *(year + 1 for year in bounds[-1:]))):
        yield sides[0].in_year(year), sides[1].in_year(year)
        seen = set()
        for between in range(year + 1, min(following, year + 1 + cycle)):
            kinds = sides[0].kind(between), sides[1].kind(between)
            if kinds not in seen:
                seen.add(kinds)
                yield sides[0].in_year(between), sides[1].in_year(between)


class _Side:
    """Due dates by years: the first and the last may be cut, and there are none outside them."""

    def __init__(self, due: DueDates) -> None:
        self.days = DueDays(due.rule)
        self._first, self._last = (due[0], due[-1]) if due else (date.max, date.min)
        self.bounds = (self._first.year, self._last.year) if due else ()

    def kind(self, year: int) -> object:
        return self.days.kind(year) if self._first.year < year < self._last.year else None

    def in_year(self, year: int) -> Set[int]:
        if not self._first.year <= year <= self._last.year:
            return frozenset()
        days = self.days.in_year(year)
        first, last = self._first.toordinal(), self._last.toordinal()
        return frozenset(day for day in days if first <= day <= last)
