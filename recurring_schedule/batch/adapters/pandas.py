"""An accessor for pandas, `frame.schedule.recurring_schedule.after(day, frame.start)`, and the
billing run.

>>> import pandas as pd
>>> import recurring_schedule.batch.adapters.pandas
>>> schedules = pd.Series(["monthly", "weekly"], index=[7, 9])
>>> schedules.recurring_schedule.after(date(2024, 2, 29), start=date(2024, 1, 31)).astype(str).to_dict()
{7: '2024-03-31', 9: '2024-03-06'}

Needs the extra `pandas`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from recurring_schedule.core.extras import extra

with extra("pandas", "recurring_schedule.batch.adapters.pandas needs pandas and PyArrow"):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.adapters.billing import BillingRun

if TYPE_CHECKING:
    from typing_extensions import Unpack  # in `typing` since Python 3.11

_NULLABLE = {pa.bool_(): pd.BooleanDtype(), pa.int32(): pd.Int32Dtype()}


@pd.api.extensions.register_series_accessor("recurring_schedule")
class RecurringSchedule(arrow.Lookups[Any]):
    """Lookups of a series of schedules, which give series with the same index.

    Days are series with the same labels, columns without an index in the order of the rows, or
    dates. `between` gives an entry for each due date, under the label of its row.
    """

    def look_up(self, lookup: str, days: dict[str, Any], **options: Unpack[arrow.Options]) -> Any:
        """Return the answers to one of the lookups."""
        index = self._schedules.index
        answers = super().look_up(lookup, {name: _aligned(day, index, name) for name, day in days.items()}, **options)
        if lookup == "between":
            index, answers = index[pc.list_parent_indices(answers)], answers.flatten()
        return answers.to_pandas(date_as_object=False, types_mapper=_NULLABLE.get).set_axis(index)


def _aligned(day: Any, index: Any, name: str) -> Any:
    """Return days in the order of the index. Raises ValueError for a series with other labels."""
    if not isinstance(day, pd.Series) or day.index.equals(index):
        return day
    if len(day) != len(index) or not index.is_unique or not index.isin(day.index).all():
        # Alignment would make a missing day of a missing label, and a row without a start is never due.
        raise ValueError(
            f"{name}: got a series whose index is not that of the schedules, expected the same labels; "
            "select the same rows of both, or pair them by position with .to_numpy()"
        )
    return day.reindex(index)


def billing_run(frame: Any, first: date, last: date, **options: Any) -> Any:
    """Return the due dates from `first` to `last`, both included, as `arrow.billing_run` does: the
    rows of the frame, under their labels, with the columns that are added.
    """
    rows, added = BillingRun(first, last, **options).occurrences(frame.columns, frame.__getitem__)
    columns = added.to_pandas(date_as_object=False, types_mapper=_NULLABLE.get)
    found = frame.iloc[rows.to_numpy()]
    return found.assign(**{name: columns[name].array for name in columns})
