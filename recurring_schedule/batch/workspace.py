"""The memory in which answers for a part of the rows are made."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from recurring_schedule.batch.calendar_tables import Int32, UInt16

PART = 45_056
"""How many rows are answered at a time, so that they stay in a processor's cache."""
PART_OF_THREADS = 8 * PART
"""The same if threads share the work: they take turns at Python's lock between steps, so that steps have to be longer."""


class Workspace:
    """Columns of so many rows, which are written over and over: each by its name, made when it is first asked for."""

    def __init__(self, rows: int) -> None:
        self._columns: defaultdict[str, Int32] = defaultdict(lambda: np.empty(rows, np.int32))
        self._small = np.empty(rows, np.uint16)

    def column(self, name: str, rows: int) -> Int32:
        """The first rows of a column."""
        return self._columns[name][:rows]

    def small(self, rows: int) -> UInt16:
        """The first rows of the column of small numbers."""
        return self._small[:rows]
