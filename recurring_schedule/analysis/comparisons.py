"""Comparisons of due dates over all years: subsets, disjoint dates and the first difference.

They are exact, and look at one year of each pattern instead of walking over the dates.

>>> ends = Schedule("monthly", offset=-1).due_dates(date(2024, 1, 1))
>>> thirty_firsts = Schedule("monthly", offset=31).due_dates(date(2024, 1, 31))
>>> is_subset(thirty_firsts, ends), are_disjoint(ends, Schedule("monthly", offset=1).due_dates(date(2024, 1, 1)))
(True, True)
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date
from itertools import pairwise
from math import lcm

from recurring_schedule.analysis.years import DueDays
from recurring_schedule.core.due_dates import DueDates, check_due_dates


def is_subset(a: DueDates, b: DueDates) -> bool:
    """Return True if every date of `a` is also in `b`.

    >>> start = date(2024, 1, 1)
    >>> quarterly, monthly = Schedule("quarterly").due_dates(start), Schedule("monthly").due_dates(start)
    >>> is_subset(quarterly, monthly), is_subset(monthly, quarterly)
    (True, False)
    """
    return all(days <= others for days, others in _years(a, b))


def are_disjoint(a: DueDates, b: DueDates) -> bool:
    """Return True if `a` and `b` have no date in common.

    >>> start = date(2024, 1, 1)
    >>> are_disjoint(Schedule("weekly", offset=5).due_dates(start), Schedule("monthly", offset=13).due_dates(start))
    False
    """
    return all(days.isdisjoint(others) for days, others in _years(a, b))


def first_difference(a: DueDates, b: DueDates) -> date | None:
    """Return the first date in one but not in the other, or None if both have the same dates.

    >>> a, b = (Schedule("monthly", offset=day).due_dates(date(2023, 1, 1)) for day in (29, -1))
    >>> first_difference(a, b), date(2023, 1, 29) in a
    (datetime.date(2023, 1, 29), True)
    """
    differences = (days ^ others for days, others in _years(a, b))
    first = next(filter(None, differences), None)
    return None if first is None else date.fromordinal(min(first))


def _years(a: DueDates, b: DueDates) -> Iterator[tuple[Set[int], Set[int]]]:
    """Yield the due days of both by year, without years that repeat earlier patterns."""
    check_due_dates(a=a, b=b)
    one, other = _YearsOf(a), _YearsOf(b)
    cycle = lcm(one.days.cycle, other.days.cycle)
    seen = set()
    for year, following in pairwise(sorted(one.breaks | other.breaks)):
        for like in range(year, min(following, year + cycle)):
            patterns = one.pattern(like), other.pattern(like)
            if patterns not in seen:
                seen.add(patterns)
                yield one.in_year(like), other.in_year(like)


class _YearsOf:
    """Due dates by years. Years outside them have none, and the first and the last may be cut."""

    def __init__(self, due: DueDates) -> None:
        self.days = DueDays(due.rule)
        self._first, self._last = (due[0], due[-1]) if due else (date.max, date.min)
        cut = {self._first.year, self._last.year} if due else set()
        self.breaks = cut | {year + 1 for year in cut}
        """The first and the last year, and the years after these."""

    def pattern(self, year: int) -> object:
        """Return the year's pattern, None outside the due dates, or the year itself if cut."""
        if year in (self._first.year, self._last.year):
            return year
        return self.days.pattern(year) if self._first.year < year < self._last.year else None

    def in_year(self, year: int) -> Set[int]:
        if not self._first.year <= year <= self._last.year:
            return frozenset()
        first, last = self._first.toordinal(), self._last.toordinal()
        return frozenset(day for day in self.days.in_year(year) if first <= day <= last)
