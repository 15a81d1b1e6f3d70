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
    entries: UInt16  # of a table

    def __init__(self, rows: int) -> None:
        self.days, self.numbers, self.answers, self.index, *self.columns = np.empty((8, rows), np.int32)
        self.entries = np.empty(rows, np.uint16)


class Workspaces:
    """Workspaces of one length, which lookups borrow: one in use by each thread.

    New memory costs a lookup more than its arithmetic, since the system clears each page.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._free: list[Workspace] = []

    def borrow(self) -> Workspace:
        """Return a workspace that no other lookup uses until it is given back."""
        try:
            return self._free.pop()
        except IndexError:
            return Workspace(self._rows)

    def give_back(self, workspace: Workspace) -> None:
        """Let others borrow this workspace."""
        self._free.append(workspace)
