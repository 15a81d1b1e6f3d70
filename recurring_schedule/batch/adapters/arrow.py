"""Due dates for columns and streams of Arrow, and so for every engine that speaks it.

>>> import pyarrow as pa
>>> Lookups(pa.array(["monthly", None])).after(date(2024, 1, 31), start=pa.array([date(2024, 1, 31)] * 2)).to_pylist()
[datetime.date(2024, 2, 29), None]

A column is an array of PyArrow, or of any package with the Arrow PyCapsule interface. Needs the
extra `arrow`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar

import numpy as np

from recurring_schedule.core.extras import extra

with extra("arrow", "recurring_schedule.batch.adapters.arrow needs PyArrow"):
    import pyarrow as pa

from recurring_schedule.batch.adapters.billing import BillingRun
from recurring_schedule.batch.schedule_array import Errors, ScheduleArray, ScheduleReader
from recurring_schedule.core.frequencies import Dialect

if TYPE_CHECKING:
    from typing_extensions import Unpack  # in `typing` since Python 3.11

Column = TypeVar("Column")

_DAY = pa.date32()
LOOKUPS = dict.fromkeys(("after", "on_or_after", "before", "on_or_before"), _DAY) | {
    "contains": pa.bool_(),
    "count": pa.int32(),
    "between": pa.list_(_DAY),
}
"""The lookups that every engine has, and the types of their answers."""


class Options(TypedDict, total=False):
    """The options of all lookups."""

    dialect: Dialect | str | None
    errors: Errors


def look_up(lookup: str, schedules: ScheduleArray, *days: Any) -> pa.Array:
    """Return each row's answer to one of `LOOKUPS`; `days` are the arguments of the method of that
    name.

    >>> look_up("between", ScheduleArray.from_wire(pa.array(["weekly"])), date(2024, 1, 1), date(2024, 1, 9), date(2024, 1, 1))[0]
    <pyarrow.ListScalar: [datetime.date(2024, 1, 1), datetime.date(2024, 1, 8)]>
    """
    if lookup != "between":
        return getattr(schedules, lookup)(*days)
    counts = schedules.count(*days)
    return lists(counts.fill_null(0), schedules.between(*days).due, is_null=counts.is_null())


def lists(lengths: Any, values: pa.Array, is_null: pa.Array | None = None) -> pa.Array:
    """Return a column of lists, which share out the values in order."""
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values, mask=is_null)


class Lookups(Generic[Column]):
    """The lookups of a column of schedules, with the arguments that they have in every engine.

    Days are columns, or one date for all rows. A row with a missing value has no answer, but a
    missing end means that the row has no end. The options of all lookups are `dialect` and
    `errors`, which are those of `ScheduleArray.from_wire`.
    """

    def __init__(self, schedules: Any) -> None:
        self._schedules = schedules

    def after(self, day: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return each row's first due date after `day`, which is excluded."""
        return self.look_up("after", {"day": day, "start": start, "end": end}, **options)

    def on_or_after(self, day: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return each row's first due date on or after `day`."""
        return self.look_up("on_or_after", {"day": day, "start": start, "end": end}, **options)

    def before(self, day: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return each row's last due date before `day`, which is excluded."""
        return self.look_up("before", {"day": day, "start": start, "end": end}, **options)

    def on_or_before(self, day: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return each row's last due date on or before `day`."""
        return self.look_up("on_or_before", {"day": day, "start": start, "end": end}, **options)

    def contains(self, day: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return true for each row in which `day` is due."""
        return self.look_up("contains", {"day": day, "start": start, "end": end}, **options)

    def count(self, first: Any, last: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return each row's number of due dates from `first` to `last`, both included."""
        return self.look_up("count", {"first": first, "last": last, "start": start, "end": end}, **options)

    def between(self, first: Any, last: Any, start: Any, end: Any = None, **options: Unpack[Options]) -> Column:
        """Return the list of each row's due dates from `first` to `last`, both included."""
        return self.look_up("between", {"first": first, "last": last, "start": start, "end": end}, **options)

    def look_up(self, lookup: str, days: dict[str, Any], **options: Unpack[Options]) -> Column:
        """Return the answers to one of `LOOKUPS`, in Arrow; engines override this to convert."""
        schedules = ScheduleReader(**options).read(self._schedules)
        in_arrow = ScheduleArray(schedules.codes, schedules.kernel, is_arrow=True)
        answers: Column = look_up(lookup, in_arrow, *days.values())
        return answers


def billing_run(book: Iterable[pa.RecordBatch], first: date, last: date, **options: Any) -> Iterator[pa.RecordBatch]:
    """Yield the due dates from `first` to `last`, both included, of all rows of a stream, each with
    the row's own columns: a batch for each batch.

    The book is a stream of any package with the Arrow PyCapsule interface, such as a table, or
    record batches. The columns that are added, the options and the errors are those of
    `billing.BillingRun`.
    """
    run = BillingRun(first, last, **options)
    is_stream = hasattr(book, "__arrow_c_stream__")
    for batch in map(_without_views, pa.RecordBatchReader.from_stream(book) if is_stream else book):
        rows, added = run.occurrences(batch.schema.names, batch.column)
        schema = pa.schema([*batch.schema, *added.schema])
        yield pa.RecordBatch.from_arrays([*batch.take(rows).columns, *added.columns], schema=schema)


def _without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    # PyArrow 26 takes no rows of views, which the streams of Polars have.
    types = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    schema = pa.schema([field.with_type(types.get(field.type, field.type)) for field in batch.schema])
    return batch.cast(schema) if schema != batch.schema else batch
