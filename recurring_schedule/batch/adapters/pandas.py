"""An accessor for pandas: `frame.schedule.recurring_schedule.next_due(frame.start, after)`.

>>> import pandas as pd
>>> import recurring_schedule.batch.adapters.pandas
>>> schedules = pd.Series(["monthly", "weekly"], index=[7, 9])
>>> schedules.recurring_schedule.next_due(date(2024, 1, 31), date(2024, 2, 29)).astype(str).to_dict()
{7: '2024-03-31', 9: '2024-03-06'}

Needs the extra `pandas`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from recurring_schedule.core.extras import extra

with extra("pandas", "recurring_schedule.batch.adapters.pandas needs pandas"):
    import pandas as pd

from recurring_schedule.batch.schedule_array import ScheduleArray


@pd.api.extensions.register_series_accessor("recurring_schedule")
class RecurringSchedule:
    """Lookups of a series of schedules. Days are series in the same order, or dates."""

    def __init__(self, schedules: Any) -> None:
        self._index = schedules.index
        self._schedules = ScheduleArray.from_wire(schedules)

    def next_due(self, start: Any, after: Any, end: Any = None) -> Any:
        """Return each row's first due date after `after`, which is excluded, or NaT."""
        return pd.Series(self._schedules.after(after, start, end), self._index)

    def is_due(self, start: Any, day: Any, end: Any = None) -> Any:
        """Return True for each row in which `day` is due; False where a value is missing."""
        return pd.Series(self._schedules.contains(day, start, end), self._index)

    def billing_run(self, first: date, last: date, start: Any, end: Any = None) -> Any:
        """Return the due dates from `first` to `last`, both included, by the rows' index."""
        pairs = self._schedules.between(first, last, start, end)
        return pd.Series(pairs.due, self._index[pairs.row], name="due")
