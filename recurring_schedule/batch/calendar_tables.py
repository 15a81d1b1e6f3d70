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

from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, ISO, LAST_DAY, LAST_YEAR, MONTHS, WEEKDAYS, Years
from recurring_schedule.core.year_rule import Frame

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
CALENDARS = {Frame.CIVIL: CIVIL, Frame.ISO: ISO, Frame.WEEKDAYS: WEEKDAYS}
"""The years of each frame, in the order of their blocks in the tables."""


def frame_index(frame: Frame) -> int:
    """Return the index of the frame's block in tables with a block for each frame."""
    return [*CALENDARS].index(frame)


class Anchor(IntEnum):
    """The part of its start that a schedule takes.

    The value is the index of the anchor's block in `Cycle.anchors`.
    """

    NOTHING = 0
    WEEKDAY = 1
    DAY = 2
    MONTH_OF_QUARTER_AND_DAY = 3
    MONTH_AND_DAY = 4


ANCHORS = 372
"""An upper bound of the numbers of an anchor: at most twelve months of 31 days."""


class Cycle(NamedTuple):
    """Tables over the days of the cycle."""

    anchors: UInt16
    """The number of the part that a schedule takes of a start on that day: a block for each
    `Anchor`, one after the other.
    """
    year_days: UInt16
    """`WIDTH` times the shape of the day's year, plus the day of the year: a block for each frame.
    """
    years: UInt16
    """The day's year, counted from `CYCLE_FIRST_YEAR`: a block for each frame."""
    months: UInt16
    """The day's month, counted from January of `CYCLE_FIRST_YEAR`."""


@cache
def cycle() -> Cycle:
    """Return the tables, which the first call makes."""
    days = np.arange(CYCLE_FIRST, CYCLE_LAST + 1, dtype=np.int32)
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    day = days - months.astype("datetime64[D]").astype(np.int64)
    numbers = months.astype(np.int64) - (CYCLE_FIRST_YEAR - 1970) * 12
    month = numbers % 12
    anchors = {
        Anchor.NOTHING: np.zeros_like(days),
        Anchor.WEEKDAY: (days + 3) % 7,  # 1970-01-01 was a Thursday
        Anchor.DAY: day,
        Anchor.MONTH_OF_QUARTER_AND_DAY: month % 3 * 31 + day,
        Anchor.MONTH_AND_DAY: month * 31 + day,
    }
    frames = [_year_days(calendar, days) for calendar in CALENDARS.values()]
    return Cycle(
        np.concatenate([anchors[anchor] for anchor in Anchor]).astype(np.uint16),
        np.concatenate([year_days for year_days, _ in frames]),
        np.concatenate([years for _, years in frames]),
        numbers.astype(np.uint16),
    )


@cache
def year_shapes(calendar: Years) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of a year: the types of the year before, of the year, and of the one after.

    >>> len(year_shapes(CIVIL)), len(year_shapes(ISO)), len(year_shapes(WEEKDAYS))
    (4, 4, 35)
    """
    types = calendar.types[: CYCLE_YEARS + 2]
    return tuple(sorted(set(zip(types, types[1:], types[2:], strict=False))))


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


def months_of(days: Int32, lowest: int, highest: int) -> Int32:
    """Return the months of days between two bounds; January of the year 1 is number 1."""
    cyclic = in_cycle(days, lowest, highest)
    months = cycle().months.take(cyclic - CYCLE_FIRST, mode="wrap").astype(np.int32)
    months += (CYCLE_FIRST_YEAR - 1) * 12 + 1
    if cyclic is not days:
        months += (days - cyclic) // CYCLE * (12 * CYCLE_YEARS)
    return months


def _year_days(calendar: Years, days: Int32) -> tuple[UInt16, UInt16]:
    """Return `Cycle.year_days` and `Cycle.years` of these days in one calendar."""
    first = CYCLE_FIRST_YEAR - 1  # an ISO year may begin before its civil year, or after it
    starts = np.array(calendar.starts[first : first + CYCLE_YEARS + 3]) - EPOCH
    types = calendar.types[first - 1 :]
    shapes = [*map(year_shapes(calendar).index, zip(types, types[1:], types[2 : len(starts) + 2], strict=False))]
    years = np.searchsorted(starts, days, side="right") - 1
    year_days = np.array(shapes, np.int32)[years] * WIDTH + (days - starts[years])
    return year_days.astype(np.uint16), (years - 1).astype(np.uint16)


YEARS = LAST_YEAR + 3
"""The number of years in the tables of years, which begin with the year 0."""


class YearTables(NamedTuple):
    """Tables over years: a block for each frame."""

    starts: Int32
    types: Int32
    long_before: Int32
    """The number of long years from the year 1 to the year before."""


@cache
def year_tables() -> YearTables:
    """Return the tables, which the first call makes."""
    calendars = CALENDARS.values()
    starts = np.array([calendar.starts[:YEARS] for calendar in calendars], np.int32) - np.int32(EPOCH)
    types = np.array([list(calendar.types[:YEARS]) for calendar in calendars], np.int32)
    lengths = np.diff(starts, append=0)[:, 1:-1]
    long_before = np.zeros_like(starts)
    np.cumsum(lengths > lengths.min(axis=1, keepdims=True), axis=1, out=long_before[:, 2:])
    return YearTables(starts.ravel(), types.ravel(), long_before.ravel())


class MonthTables(NamedTuple):
    """Tables over months, by their numbers, from 0, the month before the calendar, to `MONTHS + 1`,
    the month after it.
    """

    starts: Int32
    """The first day."""
    kinds: npt.NDArray[np.uint8]
    """The kind, of `MONTH_KINDS`: four times the weekday of the first day, from Monday, 0, plus the
    days beyond 28.
    """


MONTH_KINDS = 28


@cache
def month_tables() -> MonthTables:
    """Return the tables, which the first call makes."""
    months = np.arange(MONTHS + 3) - (12 * 1969 + 1)  # from January 1970; one more, whose start ends the last
    starts = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    kinds = (starts[:-1] + 3) % 7 * 4 + np.diff(starts) - 28
    return MonthTables(starts[:-1], kinds.astype(np.uint8))
