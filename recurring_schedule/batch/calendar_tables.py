"""The calendar as tables: an entry for each day of a 400-year cycle, and for each year.

Days are counted from 1970-01-01, as Arrow's date32 and NumPy's datetime64[D] count them.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, ISO, LAST_DAY, LAST_YEAR, Years

Int32 = npt.NDArray[np.int32]
UInt16 = npt.NDArray[np.uint16]

EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = 1 - EPOCH, LAST_DAY - EPOCH
"""0001-01-01 and 9999-12-31."""
NULL = np.iinfo(np.int32).max
"""Stands for a missing day, as every day after `LAST` does."""

CYCLE = 146_097
"""Days after which the calendar, its weekdays and its ISO weeks repeat."""
CYCLE_FIRST_YEAR = 1801
CYCLE_FIRST = date(CYCLE_FIRST_YEAR, 1, 1).toordinal() - EPOCH
CYCLE_LAST = CYCLE_FIRST + CYCLE - 1
"""The bounds of the cycle that the tables cover: 1801-01-01 to 2200-12-31."""

WIDTH = 371
"""Days of the longest year."""
YEAR_SHAPES = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
"""The shapes of a year: 1 if long, for the year before, the year and the year after. Two long years
are never neighbours.
"""


class Anchor(IntEnum):
    """The part of its start that a schedule takes, and the calendar whose years its rule uses.

    The value is the index of the anchor's block in the tables of `Cycle`.
    """

    NOTHING = 0
    NOTHING_ISO = 1
    WEEKDAY = 2
    DAY = 3
    MONTH_OF_QUARTER_AND_DAY = 4
    MONTH_AND_DAY = 5

    @property
    def is_iso(self) -> bool:
        """True if the years are ISO years."""
        return self in (Anchor.NOTHING_ISO, Anchor.WEEKDAY)


ANCHORS = 372
"""An upper bound of the numbers of an anchor: at most twelve months of 31 days."""


class Cycle(NamedTuple):
    """Tables over the days of the cycle: a block for each `Anchor`, one after the other."""

    anchors: UInt16
    """The number of the part that a schedule takes of a start on that day."""
    year_days: UInt16
    """`WIDTH` times the shape of the day's year, plus the day of the year."""
    years: UInt16
    """The day's year, counted from `CYCLE_FIRST_YEAR`."""


@cache
def cycle() -> Cycle:
    """Return the tables, which the first call makes."""
    days = np.arange(CYCLE_FIRST, CYCLE_LAST + 1, dtype=np.int32)
    civil, iso = _year_days(CIVIL, days), _year_days(ISO, days)
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    month, day = months.astype(np.int64) % 12, (days - months.astype("datetime64[D]").astype(np.int64))
    anchors = {
        Anchor.NOTHING: np.zeros_like(days),
        Anchor.NOTHING_ISO: np.zeros_like(days),
        Anchor.WEEKDAY: (days + 3) % 7,  # 1970-01-01 was a Thursday
        Anchor.DAY: day,
        Anchor.MONTH_OF_QUARTER_AND_DAY: month % 3 * 31 + day,
        Anchor.MONTH_AND_DAY: month * 31 + day,
    }
    frames = [iso if anchor.is_iso else civil for anchor in Anchor]
    return Cycle(
        np.concatenate([anchors[anchor] for anchor in Anchor]).astype(np.uint16),
        np.concatenate([year_days for year_days, _ in frames]),
        np.concatenate([years for _, years in frames]),
    )


def in_cycle(days: Int32, lowest: int, highest: int) -> Int32:
    """Return the days of the cycle that look like these; the same array if the bounds of the days
    are inside it.
    """
    if lowest >= CYCLE_FIRST and highest <= CYCLE_LAST:
        return days
    cyclic = np.subtract(days, CYCLE_FIRST)
    np.remainder(cyclic, CYCLE, out=cyclic)
    return np.add(cyclic, CYCLE_FIRST, out=cyclic)


def years_of(days: Int32, frames: Int32, lowest: int, highest: int) -> Int32:
    """Return the years of days between two bounds; `frames` plus a day of the cycle is its index in
    `Cycle`.
    """
    cyclic = in_cycle(days, lowest, highest)
    years = cycle().years.take(frames + cyclic, mode="wrap").astype(np.int32)
    years += CYCLE_FIRST_YEAR
    if cyclic is not days:
        years += (days - cyclic) // CYCLE * CYCLE_YEARS
    return years


def _year_days(calendar: Years, days: Int32) -> tuple[UInt16, UInt16]:
    """Return `Cycle.year_days` and `Cycle.years` of these days in one calendar."""
    starts = np.array(calendar.starts[CYCLE_FIRST_YEAR - 1 : CYCLE_FIRST_YEAR + CYCLE_YEARS + 2]) - EPOCH
    is_long = np.frombuffer(calendar.is_long, np.uint8)[CYCLE_FIRST_YEAR - 2 : CYCLE_FIRST_YEAR + CYCLE_YEARS + 3]
    shapes = is_long[:-2] * 1 + is_long[1:-1] * 2 + is_long[2:] * 3  # of the years that `starts` begins
    years = np.searchsorted(starts, days, side="right") - 1
    year_days = shapes[years].astype(np.int32) * WIDTH + (days - starts[years])
    return year_days.astype(np.uint16), (years - 1).astype(np.uint16)


YEARS = LAST_YEAR + 3
"""The number of years in the tables of years, which begin with the year 0."""


class YearTables(NamedTuple):
    """Tables over years: first the civil years, then the ISO years."""

    starts: Int32
    is_long: npt.NDArray[np.uint8]
    long_before: Int32
    """The number of long years from the year 1 to the year before."""


@cache
def year_tables() -> YearTables:
    """Return the tables, which the first call makes."""
    starts = np.array([calendar.starts[:YEARS] for calendar in (CIVIL, ISO)], np.int32) - np.int32(EPOCH)
    is_long = np.array([list(calendar.is_long[:YEARS]) for calendar in (CIVIL, ISO)], np.uint8)
    long_before = np.zeros((2, YEARS), np.int32)
    np.cumsum(is_long[:, 1:-1], axis=1, out=long_before[:, 2:])
    return YearTables(starts.ravel(), is_long.ravel(), long_before.ravel())
