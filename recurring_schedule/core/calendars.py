"""The calendar in integers: day numbers, month starts, civil and ISO years.

A *day number* is the proleptic Gregorian ordinal of `datetime.date.toordinal`: 1 is 0001-01-01, a Monday. The calendar
repeats after 400 years: 400 * 365 + 97 = 146_097 days, and 146_097 % 7 == 0, so its weekdays and ISO weeks repeat too.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

LAST_YEAR = 9999
LAST_DAY = 3_652_059
"""The day number of 9999-12-31."""

CYCLE_YEARS = 400

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

MONTH_STARTS = (
    tuple(accumulate(_LENGTHS, initial=0)),
    tuple(accumulate((_LENGTHS[0], 29, *_LENGTHS[2:]), initial=0)),
)
"""Days of the year before each month, and before the next year: for a common year, and for a leap year."""


class Years:
    """A way to divide days into years of two lengths. Its tables are indexed by the year, from 0 to beyond 10_000.

    `start` gives the day number of a year's first day. A year's window is that year with `reach` years on either side.
    """

    __slots__ = ("is_long", "kinds", "lead", "lengths", "starts", "windows")

    def __init__(self, start: Callable[[int], int], lengths: tuple[int, int], reach: int, lead: int) -> None:
        self.lengths = lengths
        """Days of a short and of a long year."""
        self.lead = lead
        """How many days before the year's first day a table of the year begins: the day before 1 January is in it."""
        cycles = LAST_YEAR // CYCLE_YEARS + 2  # a whole one past the year 10_000
        days = [start(year + 1) - start(year) for year in range(CYCLE_YEARS)]
        self.starts = tuple(accumulate(days * cycles, initial=start(0)))
        """The day number of the year's first day."""
        is_long = bytes(map(lengths.index, days))
        self.is_long = is_long * cycles
        """1 for a long year, else 0."""
        around = is_long[-reach:] + is_long + is_long[:reach]
        windows = [tuple(around[year : year + 2 * reach + 1]) for year in range(CYCLE_YEARS)]
        self.windows = tuple(sorted(set(windows)))
        """What `is_long` says of the years of a window, for each kind of year; the year itself is in the middle."""
        self.kinds = bytes(map(self.windows.index, windows)) * cycles
        """The kind of the year: years of one kind look alike in their windows."""


def _civil_start(year: int) -> int:
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + 1


def _iso_start(year: int) -> int:
    # ISO 8601: week 1 is the week, Monday to Sunday, that has 4 January in it. Day number 1 is a Monday.
    fourth = _civil_start(year) + 3
    return fourth - (fourth - 1) % 7


CIVIL = Years(_civil_start, (365, 366), reach=1, lead=1)
ISO = Years(_iso_start, (364, 371), reach=2, lead=4)
