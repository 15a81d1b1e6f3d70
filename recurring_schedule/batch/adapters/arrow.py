"""Columns and streams of Arrow: record batches in, record batches out, for any engine that speaks it.

>>> import pyarrow as pa
>>> next_due(pa.array(["monthly", None]), pa.array([date(2024, 1, 31)] * 2), date(2024, 1, 31)).to_pylist()
[datetime.date(2024, 2, 29), None]

Needs the extra `arrow`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as error:
    raise ImportError(
        "recurring_schedule.batch.adapters.arrow needs PyArrow: pip install 'recurring-schedule[arrow]'"
    ) from error

from recurring_schedule.batch.schedule_array import ScheduleArray, ScheduleReader
from recurring_schedule.core.frequencies import Dialect

ADDED = pa.schema([("due", pa.date32()), ("number", pa.int32()), ("key", pa.string())])
"""The columns that a billing run adds."""


def next_due(
    schedule: Any, start: Any, after: Any, end: Any = None, *, reader: ScheduleReader | None = None
) -> pa.Array:
    """The first due date of each row after `after`, which is excluded; null for none."""
    return (reader or ScheduleReader()).read(schedule).after(after, start, end)


def is_due(schedule: Any, start: Any, day: Any, end: Any = None, *, reader: ScheduleReader | None = None) -> pa.Array:
    """Whether `day` is due in each row; null where something is missing."""
    return (reader or ScheduleReader()).read(schedule).contains(day, start, end)


def billing_run(
    batches: Iterable[pa.RecordBatch],
    first: date,
    last: date,
    *,
    schedule: str = "schedule",
    start: str = "start",
    end: str = "end",
    id: str = "id",  # noqa: A002  # what the column is called
    dialect: Dialect | str | None = None,
    errors: Literal["raise", "null"] = "raise",
) -> Iterator[pa.RecordBatch]:
    """The due dates from `first` to `last`, both included, of all rows of a stream: each with the row's own columns.

    Added are `due`, its `number` counted from the start, and `key`: the id and the due date, so the same in every run, and another
    for every occurrence of every id; null if there is no column of ids. Columns are found by the names given; `end` and `id`
    may be missing. A row without a schedule or a start is never due, one without an id has no key. With `errors="null"` these rows,
    and those whose schedule is none, come once, with a null `due` and the reason in `error`.

    Raises ValueError for a batch without schedules or starts, BadSchedulesError for values that are no schedules.
    """
    reader = ScheduleReader(dialect, errors)
    for batch in batches:
        names = batch.schema.names
        for column in (schedule, start):
            if column not in names:
                raise ValueError(f"no column {column!r}, of: {', '.join(names)}")
        schedules = reader.read(batch.column(schedule))
        wrong: dict[int, str] = {}
        if errors == "null":
            wrong = wrong_rows(schedules, batch.column(start), batch.column(id) if id in names else None)
        right = batch
        if wrong:
            is_right = np.ones(len(batch), np.bool_)
            is_right[list(wrong)] = False
            right, schedules = batch.filter(pa.array(is_right)), schedules.take(np.flatnonzero(is_right))
        ends = right.column(end) if end in names else None
        rows, due, number = occurrences(schedules, first, last, right.column(start), ends)
        key = keys(right.column(id).take(rows), due) if id in names else pa.nulls(len(rows), pa.string())
        added = [due, number, key]
        if errors == "null":
            added.append(pa.nulls(len(rows), pa.string()))
        yield _with(right.take(rows), added)
        if wrong:
            rows = sorted(wrong)
            nulls = [pa.nulls(len(rows), field.type) for field in ADDED]
            yield _with(batch.take(pa.array(rows)), [*nulls, pa.array([wrong[row] for row in rows], pa.string())])


def wrong_rows(schedules: ScheduleArray, start: pa.Array, ids: pa.Array | None) -> dict[int, str]:
    """What is wrong with rows of which no payment can be made: the reasons, by the row."""
    wrong = {row: f"schedule: {bad.error}" for bad in schedules.bad for row in bad.rows.tolist()}
    missing = {"schedule": (schedules.codes < 0, "a schedule"), "start": (_is_null(start), "a date")}
    if ids is not None:
        missing["id"] = _is_null(ids), "an id, which keys are made of"
    for name, (is_missing, expected) in missing.items():
        for row in np.flatnonzero(is_missing).tolist():
            wrong.setdefault(row, f"{name}: got nothing, expected {expected}")
    return wrong


def _is_null(column: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(column.is_null())


def occurrences(
    schedules: ScheduleArray, first: object, last: object, start: pa.Array, end: pa.Array | None, workers: int = 1
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The row of each payment from `first` to `last`, its due date, and its number, 1 for the first from the row's start.

    The days may be columns, too.
    """
    rows, due = schedules.between(first, last, start, end, workers=workers)
    places = pa.array(rows)
    return places, due, schedules.take(rows).count(date.min, due, start.take(places), workers=workers)


def keys(ids: pa.Array, due: pa.Array) -> pa.Array:
    """What names a payment: the same in every run, another for every due date of every id."""
    return pc.binary_join_element_wise(ids.cast(pa.string()), due.cast(pa.string()), "@")


def added_fields(errors: Literal["raise", "null"] = "raise") -> list[pa.Field]:
    """What `billing_run` adds to the fields of its batches."""
    return [*ADDED, pa.field("error", pa.string())] if errors == "null" else [*ADDED]


def _with(batch: pa.RecordBatch, added: list[pa.Array]) -> pa.RecordBatch:
    fields = added_fields("null" if len(added) > len(ADDED) else "raise")
    return pa.RecordBatch.from_arrays([*batch.columns, *added], schema=pa.schema([*batch.schema, *fields]))
