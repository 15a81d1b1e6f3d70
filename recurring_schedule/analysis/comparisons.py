"""Comparisons of due dates over all years: subsets, disjoint dates and the first difference.

They are exact, and compare whole years instead of walking over the dates.

>>> ends = Schedule("monthly", offset=-1).due_dates(date(2024, 1, 1))
>>> thirty_firsts = Schedule("monthly", offset=31).due_dates(date(2024, 1, 31))
>>> is_subset(thirty_firsts, ends), are_disjoint(ends, Schedule("monthly", offset=1).due_dates(date(2024, 1, 1)))
(True, True)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from recurring_schedule.analysis.years import due_marks
from recurring_schedule.core.calendars import CIVIL
from recurring_schedule.core.due_dates import DueDates, check_due_dates


def is_subset(a: DueDates, b: DueDates) -> bool:
    """Return True if every date of `a` is also in `b`.

    >>> start = date(2024, 1, 1)
    >>> quarterly, monthly = Schedule("quarterly").due_dates(start), Schedule("monthly").due_dates(start)
    >>> is_subset(quarterly, monthly), is_subset(monthly, quarterly)
    (True, False)
    """
    return not any(days & ~others for _, days, others in _years(a, b))


def are_disjoint(a: DueDates, b: DueDates) -> bool:
    """Return True if `a` and `b` have no date in common.

    >>> start = date(2024, 1, 1)
    >>> are_disjoint(Schedule("weekly", offset=5).due_dates(start), Schedule("monthly", offset=13).due_dates(start))
    False
    """
    return not any(days & others for _, days, others in _years(a, b))


def first_difference(a: DueDates, b: DueDates) -> date | None:
    """Return the first date in one but not in the other, or None if both have the same dates.

    >>> a, b = (Schedule("monthly", offset=day).due_dates(date(2023, 1, 1)) for day in (29, -1))
    >>> first_difference(a, b), date(2023, 1, 29) in a
    (datetime.date(2023, 1, 29), True)
    """
    for start, days, others in _years(a, b):
        if different := days ^ others:
            return date.fromordinal(start + (different & -different).bit_length() - 1)
    return None


def _years(a: DueDates, b: DueDates) -> Iterator[tuple[int, int, int]]:
    """Yield the first day of each year, and the due days of both in it as bits."""
    check_due_dates(a=a, b=b)
    first = min(a.start.year, b.start.year)
    years = range(first, max(first, a.end.year, b.end.year) + 1)  # the end may be before the start
    return zip(CIVIL.starts[years.start : years.stop], due_marks(a, years), due_marks(b, years), strict=True)
