"""The calendar in integers: day numbers, month starts, civil years and ISO years.

A *day number* is the proleptic Gregorian ordinal of `datetime.date.toordinal`: 1 is 0001-01-01, a
Monday. The calendar repeats after 400 years: 400 * 365 + 97 = 146_097 days, and 146_097 % 7 == 0,
so its weekdays and ISO weeks repeat too.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

LAST_YEAR = 9999
LAST_DAY = 3_652_059
"""The day number of 9999-12-31."""

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
    """A division of days into years of two lengths, short and long.

    Its tables are indexed by the year, from 0 to beyond 10_000. `start` returns the day number of a
    year's first day. `reach` is the number of years on each side that make a year's shape.
    """

    __slots__ = ("is_long", "lead_in_days", "lengths", "shapes", "starts", "surroundings")

    def __init__(self, start: Callable[[int], int], lengths: tuple[int, int], reach: int, lead_in_days: int) -> None:
        self.lengths = lengths
        """The days of a short and of a long year."""
        self.lead_in_days = lead_in_days
        """The days before the year's first day with which a table of the year begins."""
        cycles = LAST_YEAR // CYCLE_YEARS + 2  # a whole one past the year 10_000
        days = [start(year + 1) - start(year) for year in range(CYCLE_YEARS)]
        self.starts = tuple(accumulate(days * cycles, initial=start(0)))
        """The day number of each year's first day."""
        is_long = bytes(map(lengths.index, days))
        self.is_long = is_long * cycles
        """1 for a long year, else 0."""
        around = is_long[-reach:] + is_long + is_long[:reach]
        surroundings = [tuple(around[year : year + 2 * reach + 1]) for year in range(CYCLE_YEARS)]
        self.surroundings = tuple(sorted(set(surroundings)))
        """For each shape: `is_long` of the year, in the middle, and of the years on both sides."""
        self.shapes = bytes(map(self.surroundings.index, surroundings)) * cycles
        """The shape of each year. Years of one shape have the same surroundings."""


def _civil_start(year: int) -> int:
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + 1


def _iso_start(year: int) -> int:
    # ISO 8601: week 1 is the week, Monday to Sunday, that contains 4 January. Day number 1 is a Monday.
    fourth = _civil_start(year) + 3
    return fourth - (fourth - 1) % 7


CIVIL = Years(_civil_start, (365, 366), reach=1, lead_in_days=1)
ISO = Years(_iso_start, (364, 371), reach=2, lead_in_days=4)


def iso_weeks(year: int) -> int:
    """Return the number of weeks in an ISO year.

    >>> iso_weeks(2020), iso_weeks(2021)
    (53, 52)
    """
    return ISO.lengths[ISO.is_long[year]] // 7
