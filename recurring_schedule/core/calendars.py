"""The calendar in integers: day numbers, month starts, civil years and ISO years.

A *day number* is the proleptic Gregorian ordinal of `datetime.date.toordinal`: 1 is 0001-01-01, a
Monday. The calendar repeats after 400 years: 400 * 365 + 97 = 146_097 days, and 146_097 % 7 == 0,
so its weekdays and ISO weeks repeat too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import accumulate, pairwise

LAST_YEAR = 9999
LAST_DAY = 3_652_059
"""The day number of 9999-12-31."""
MONTHS = 12 * LAST_YEAR
"""The number of months; January of the year 1 is number 0."""

CYCLE_YEARS = 400

_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

MONTH_STARTS = (
    tuple(accumulate(_MONTH_LENGTHS, initial=0)),
    tuple(accumulate((_MONTH_LENGTHS[0], 29, *_MONTH_LENGTHS[2:]), initial=0)),
)
"""Days of the year before each month and before the next year, in common and in leap years."""


def clamp(day: int, length: int) -> int:
    """Return the day of a month of `length` days that is nearest to `day`.

    `day` counts from 1, or back from -1, the last day. Source of the rule: "A day that the month
    does not have is clamped to the nearest day that it has".

    >>> clamp(31, 30), clamp(-1, 30), clamp(-31, 28)
    (30, 30, 1)
    """
    return min(day, length) if day > 0 else max(length + 1 + day, 1)


class Years:
    """A division of days into years of a few types. Years of one type have the same length.

    Its tables are indexed by the year, from 0 to beyond 10_000. `start` returns the day number of a
    year's first day. `reach` is the number of years on each side that make a year's shape.
    `by_weekday` divides the years of a length by the weekday of their first day, from Monday, 0,
    and by the length of the year before.
    """

    __slots__ = ("kinds", "lead_in_days", "lengths", "shapes", "starts", "surroundings", "types")

    def __init__(self, start: Callable[[int], int], reach: int, lead_in_days: int, *, by_weekday: bool = False) -> None:
        self.lead_in_days = lead_in_days
        """The days before the year's first day with which a table of the year begins."""
        cycles = LAST_YEAR // CYCLE_YEARS + 2  # a whole one past the year 10_000
        starts = [*map(start, range(CYCLE_YEARS + 1))]
        days = [following - first for first, following in pairwise(starts)]
        self.starts = tuple(accumulate(days * cycles, initial=starts[0]))
        """The day number of each year's first day."""
        kinds: list[tuple[int, ...]] = [(length,) for length in days]
        if by_weekday:
            weekdays = [(first - 1) % 7 for first in starts]  # day number 1 is a Monday
            kinds = [*zip(days, weekdays, days[-1:] + days, strict=False)]
        self.kinds = tuple(sorted(set(kinds)))
        """The length of each type; if `by_weekday`, the first weekday and the length before too."""
        self.lengths = tuple(length for length, *_ in self.kinds)
        """The days of a year of each type."""
        types = _numbered(kinds, self.kinds)
        self.types = types * cycles
        """The type of each year."""
        around = types[-reach:] + types + types[:reach]
        surroundings = [*zip(*(around[skipped:] for skipped in range(2 * reach + 1)), strict=False)]
        self.surroundings = tuple(sorted(set(surroundings)))
        """For each shape: the types of the year, in the middle, and of the years on both sides."""
        self.shapes = _numbered(surroundings, self.surroundings) * cycles
        """The shape of each year. Years of one shape have the same surroundings."""


def _numbered(values: Iterable[tuple[int, ...]], distinct: Iterable[tuple[int, ...]]) -> bytes:
    numbers = {value: number for number, value in enumerate(distinct)}
    return bytes(map(numbers.__getitem__, values))


def _civil_start(year: int) -> int:
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + 1


def _iso_start(year: int) -> int:
    # ISO 8601: week 1 is the week, Monday to Sunday, that contains 4 January. Day number 1 is a Monday.
    fourth = _civil_start(year) + 3
    return fourth - (fourth - 1) % 7


CIVIL = Years(_civil_start, reach=1, lead_in_days=1)
"""Civil years, common and leap."""
ISO = Years(_iso_start, reach=2, lead_in_days=4)
"""ISO years of 52 and of 53 weeks."""
WEEKDAYS = Years(_civil_start, reach=1, lead_in_days=1, by_weekday=True)
"""Civil years of 21 types, which decide the weekday and the ISO week of each day."""


MonthDay = int | tuple[int, int]
"""A day of a month, from 1, or back from -1, the last; or an n-th weekday `(n, weekday)`.

`n` counts from 1, or back from -1, and the weekday from 0, Monday.
"""
MONTH_DAYS: tuple[MonthDay, ...] = (
    *range(1, 32),
    *range(-31, 0),
    *((n, weekday) for n in (*range(1, 5), *range(-4, 0)) for weekday in range(7)),
)
"""All of them; first those that a start may supply."""


@cache  # a few dozen days and weekdays
def days_of_months(day: MonthDay) -> tuple[Years, tuple[tuple[int, ...], ...]]:
    """Return the years that decide that day, and for each of their types the day of each month.

    A day that a month does not have is clamped.

    >>> years, by_type = days_of_months(31)
    >>> by_type[0]
    (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    >>> years, by_type = days_of_months((1, 0))
    >>> by_type[0]  # the first Mondays of a year that begins on a Monday
    (1, 5, 5, 2, 7, 4, 2, 6, 3, 1, 5, 3)
    """
    years = WEEKDAYS if isinstance(day, tuple) else CIVIL
    by_type = []
    for length, *kind in years.kinds:
        months = [*pairwise(MONTH_STARTS[length - 365])]
        if isinstance(day, tuple):
            by_type.append(tuple(nth_weekday(*day, kind[0] + first, after - first) for first, after in months))
        else:
            by_type.append(tuple(clamp(day, after - first) for first, after in months))
    return years, tuple(by_type)


def nth_weekday(n: int, weekday: int, first: int, length: int) -> int:
    """Return the day of a month of `length` days whose first day is `first` days after a Monday.

    >>> nth_weekday(1, 0, 1, 30), nth_weekday(-1, 0, 1, 30)  # Mondays of a month that begins on a Tuesday
    (7, 28)
    """
    if n > 0:
        return (weekday - first) % 7 + 7 * n - 6
    return length - (first + length - 1 - weekday) % 7 + 7 * (n + 1)


def iso_weeks(year: int) -> int:
    """Return the number of weeks in an ISO year.

    >>> iso_weeks(2020), iso_weeks(2021)
    (53, 52)
    """
    return ISO.lengths[ISO.types[year]] // 7
