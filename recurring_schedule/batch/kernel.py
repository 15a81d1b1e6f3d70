"""The arithmetic of `DueDates` on columns: a part of the rows at a time, a gather for each question.

The place of a row's schedule and what the schedule takes of the row's start make a *key*; the key's rule has a row in a table over
the days of a year, and the table says how far the due day is. Indices are made of columns whose range is checked, so that a gather
that would wrap around never does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.cycle import (
    ANCHORS,
    CYCLE,
    CYCLE_FIRST,
    CYCLE_FIRST_YEAR,
    CYCLE_LAST,
    LAST,
    NULL,
    YEARS,
    Int32,
    UInt16,
    cycle,
    year_tables,
)
from recurring_schedule.batch.rules import ROW, SPARSE, Rules, Table
from recurring_schedule.civil import CYCLE_YEARS

PART = 45_056
"""How many rows are answered at a time."""


class Scratch:
    """The memory that answers for a part of the rows are made in."""

    def __init__(self) -> None:
        self.columns: defaultdict[str, Int32] = defaultdict(lambda: np.empty(PART, np.int32))
        self.asked, self.cyclic, self.row, self.slot, self.index, self.out = np.empty((6, PART), np.int32)
        self.small = np.empty(PART, np.uint16)


class Part:
    """Some rows: for each the place of its schedule, and its start; neither is missing.

    `near` says that no start, and no day that will be asked for, is outside the cycle that the tables are for.
    """

    def __init__(self, rules: Rules, table: Table, codes: Int32, start: Int32, near: bool, scratch: Scratch) -> None:
        rows = len(codes)
        if rows and (codes.min() < 0 or codes.max() >= len(rules.rows)):
            raise IndexError(f"got a code outside 0 to {len(rules.rows) - 1}, the places of the schedules")
        self._rules, self._table, self._near, self._scratch = rules, table, near, scratch
        self._row = rules.rows.take(codes, out=scratch.row[:rows], mode="wrap")
        index, small = scratch.index[:rows], scratch.small[:rows]
        np.add(self._row, self._in_cycle(start), out=index)
        cycle().anchors.take(index, out=small, mode="wrap")
        np.multiply(codes, ANCHORS, out=index)
        np.add(index, small, out=index)
        self._slot = scratch.slot[:rows]
        rules.slots(index, table, out=self._slot)

    def keep(self, rows: npt.NDArray[np.intp]) -> None:
        """Go on with these rows only."""
        self._row, self._slot = self._row[rows], self._slot[rows]

    @property
    def numbers(self) -> Int32:
        """The numbers of the rules."""
        return self._slot // ROW

    def _in_cycle(self, day: Int32) -> Int32:
        """The days of the cycle that are like these; the days themselves if they are in it."""
        if self._near or not len(day) or (day.min() >= CYCLE_FIRST and day.max() <= CYCLE_LAST):
            return day
        cyclic = self._scratch.cyclic[: len(day)]
        np.subtract(day, CYCLE_FIRST, out=cyclic)
        np.remainder(cyclic, CYCLE, out=cyclic)
        return np.add(cyclic, CYCLE_FIRST, out=cyclic)

    def _entries(self, day: Int32) -> UInt16:
        rows = len(day)
        index, small = self._scratch.index[:rows], self._scratch.small[:rows]
        np.add(self._row, self._in_cycle(day), out=index)
        cycle().places.take(index, out=small, mode="wrap")
        np.add(self._slot, small, out=index)
        return self._table.flat.take(index, out=small, mode="wrap")

    def _years(self, row: Int32, day: Int32) -> Int32:
        cyclic = self._in_cycle(day)
        years = cycle().years.take(row + cyclic, mode="wrap").astype(np.int32)
        years += CYCLE_FIRST_YEAR
        if cyclic is not day:
            years += (day - cyclic) // CYCLE * CYCLE_YEARS
        return years

    def _sparse(self, entries: UInt16, day: Int32, answer: Callable[[Int32, Int32, Int32], Int32], out: Int32) -> None:
        """Writes the answers of sparse rules where there are no entries."""
        if len(entries) and entries.max() == SPARSE:
            rows = np.flatnonzero(entries == SPARSE)
            some = day[rows]
            out[rows] = answer(self._slot[rows] // ROW, some, self._years(self._row[rows], some))

    def ahead(self, day: Int32, out: Int32) -> Int32:
        """The first due day of the rule that is not before `day`, which may be past the calendar's end."""
        entries = self._entries(day)
        np.add(day, entries, out=out)
        self._sparse(entries, day, self._rules.sparse.ahead, out)
        return out

    def behind(self, day: Int32, out: Int32) -> Int32:
        """The last due day of the rule that is not after `day`, which may be before the calendar's start."""
        entries = self._entries(day)
        np.subtract(day, entries, out=out)
        self._sparse(entries, day, self._rules.sparse.behind, out)
        return out

    def ranks(self, day: Int32) -> Int32:
        """How many due days the rule has before `day`."""
        years, numbers = self._years(self._row, day), self.numbers
        short, long, is_iso = (dues.take(numbers, mode="wrap") for dues in self._rules.dues)
        long_before = year_tables().long_before.take(is_iso * YEARS + years, mode="wrap")
        entries = self._entries(day)
        ranks: Int32 = (years - 1 - long_before) * short + long_before * long + entries
        self._sparse(entries, day, self._rules.sparse.ranks, ranks)
        return ranks


def without_later(due: Int32, end: Int32 | None) -> Int32:
    """The days, with `NULL` for those after the end."""
    if end is not None:
        due[due > end] = NULL
    elif len(due) and due.max() > LAST:
        due[due > LAST] = NULL
    return due
