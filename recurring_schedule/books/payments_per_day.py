"""The number of payments on each day of a run.

>>> per_day = PaymentsPerDay(date(2024, 4, 1), date(2024, 4, 3))
>>> per_day.add(np.array(["2024-04-03", "2024-03-28"], "datetime64[D]").astype(np.int64))
>>> str(per_day.first), per_day.counts.tolist(), per_day.total
('2024-03-28', [1, 0, 0, 0, 0, 0, 1], 2)
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import EPOCH
from recurring_schedule.books.payment_windows import Days


class PaymentsPerDay:
    """Counts the payments on each day from a first to a last one; the first may become earlier."""

    def __init__(self, first: date, last: date) -> None:
        self._first = first.toordinal() - EPOCH
        self.counts: npt.NDArray[np.int64] = np.zeros((last - first).days + 1, np.int64)
        """By day, from the first."""

    def add(self, paid: Days) -> None:
        """Add payments on these days, of which there is at least one."""
        lowest = int(paid.min())
        if lowest < self._first:
            self.counts = np.concatenate([np.zeros(self._first - lowest, np.int64), self.counts])
            self._first = lowest
        counts = np.bincount(paid - lowest)
        self.counts[lowest - self._first :][: len(counts)] += counts

    @property
    def first(self) -> date:
        """The first day."""
        return date.fromordinal(self._first + EPOCH)

    @property
    def total(self) -> int:
        """The number of payments."""
        return int(self.counts.sum())
