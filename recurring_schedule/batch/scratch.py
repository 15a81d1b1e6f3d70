"""The memory in which answers for a part of the rows are made."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from recurring_schedule.batch.cycle import Int32, UInt16

PART = 45_056
"""How many rows are answered at a time."""


class Scratch:
    """Columns of `PART` rows, which are written over and over: each by its name, made when it is first asked for."""

    def __init__(self) -> None:
        self._columns: defaultdict[str, Int32] = defaultdict(lambda: np.empty(PART, np.int32))
        self._small = np.empty(PART, np.uint16)

    def column(self, name: str, rows: int) -> Int32:
        """The first rows of a column."""
        return self._columns[name][:rows]

    def small(self, rows: int) -> UInt16:
        """The first rows of the column of small numbers."""
        return self._small[:rows]
