"""The memory in which part of the rows is answered."""

from __future__ import annotations

import numpy as np

from recurring_schedule.batch.calendar_tables import Int32, UInt16


class Workspace:
    """Buffers of one length, which every part of the rows overwrites."""

    columns: list[Int32]  # the columns of days that a lookup reads: four at most
    days: Int32  # to look up
    numbers: Int32  # of the rows' rules
    answers: Int32
    index: Int32  # into a table
    offset: Int32  # of days from the first one of a window
    entries: UInt16  # of a table

    def __init__(self, rows: int) -> None:
        # Two allocations, since allocating is a large part of the cost of a lookup of few rows.
        self.days, self.numbers, self.answers, self.index, self.offset, *self.columns = np.empty((9, rows), np.int32)
        self.entries = np.empty(rows, np.uint16)
