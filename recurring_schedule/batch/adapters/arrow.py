"""Due dates for columns and streams of Arrow, and so for every engine that speaks it.

>>> import pyarrow as pa
>>> next_due(pa.array(["monthly", None]), pa.array([date(2024, 1, 31)] * 2), date(2024, 1, 31)).to_pylist()
[datetime.date(2024, 2, 29), None]

Needs the extra `arrow`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np

from recurring_schedule.core.extras import extra

with extra("arrow", "recurring_schedule.batch.adapters.arrow needs PyArrow"):
    import pyarrow as pa
    import pyarrow.compute as pc

from recurring_schedule.batch.schedule_array import Errors, ScheduleArray, ScheduleReader
from recurring_schedule.core.frequencies import Dialect

ADDED = pa.schema([("due", pa.date32()), ("number", pa.int32()), ("key", pa.string())])
"""The columns that a billing run adds."""


def next_due(
    schedule: Any, start: Any, after: Any, end: Any = None, *, reader: ScheduleReader | None = None
) -> pa.Array:
    """Return each row's first due date after `after`, which is excluded, or null."""
    return (reader or ScheduleReader()).read(schedule).after(after, start, end)


def is_due(schedule: Any, start: Any, day: Any, end: Any = None, *, reader: ScheduleReader | None = None) -> pa.Array:
    """Return true for each row in which `day` is due; null where a value is missing."""
    return (reader or ScheduleReader()).read(schedule).contains(day, start, end)


def billing_run(
    batches: Iterable[pa.RecordBatch],
    first: date,
    last: date,
    *,
    schedule: str = "schedule",
    start: str = "start",
    end: str = "end",
    id: str = "id",  # noqa: A002  # the name of the column
    dialect: Dialect | str | None = None,
    errors: Errors = "raise",
) -> Iterator[pa.RecordBatch]:
    """Yield the due dates from `first` to `last`, both included, of all rows of a stream, each with
    the row's own columns.

    Three columns are added: `due`; `number`, the due date's number counted from the start; and
    `key`, made of the id and the due date. So a key is the same in every run, and unique if the ids
    are. It is null if there is no column of ids.

    The last four names are those of the columns. Those of `end` and `id` may be absent. A row
    without a schedule or a start is never due. A row without an id has no key. With
    `errors="null"`, each of these rows, and each row whose schedule is not valid, comes once, with
    a null `due` and the reason in the column `error`.

    Raises ValueError for a batch without schedules or starts, BadSchedulesError for values that are
    not schedules.
    """
    reader = ScheduleReader(dialect, errors)
    for batch in batches:
        schedules, starts = reader.read(_column(batch, schedule)), _column(batch, start)
        ends, ids = (batch.column(name) if name in batch.schema.names else None for name in (end, id))
        rows, due, number = occurrences(schedules, first, last, starts, ends)
        wrong = wrong_rows(schedules, starts, ids) if errors == "null" else {}
        if wrong:
            is_right = np.ones(len(batch), np.bool_)
            is_right[list(wrong)] = False
            of_right = pa.array(is_right).take(rows)
            rows, due, number = (column.filter(of_right) for column in (rows, due, number))
        key = pa.nulls(len(rows), pa.string()) if ids is None else keys(ids.take(rows), due)
        reason = pa.nulls(len(rows), pa.string())
        yield _with_columns(batch.take(rows), [due, number, key, reason], errors)
        if wrong:
            rows = sorted(wrong)
            nulls = [pa.nulls(len(rows), field.type) for field in ADDED]
            reason = pa.array([wrong[row] for row in rows], pa.string())
            yield _with_columns(batch.take(pa.array(rows)), [*nulls, reason], errors)


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    names = batch.schema.names
    if name not in names:
        raise ValueError(f"no column {name!r} among: {', '.join(names)}")
    return batch.column(name)


def wrong_rows(schedules: ScheduleArray, start: pa.Array, ids: pa.Array | None) -> dict[int, str]:
    """Return the rows that cannot have a payment, each with the reason."""
    wrong = {row: f"schedule: {bad.error}" for bad in schedules.bad for row in bad.rows.tolist()}
    missing = {"schedule": (schedules.codes < 0, "a schedule"), "start": (np.asarray(start.is_null()), "a date")}
    if ids is not None:
        missing["id"] = np.asarray(ids.is_null()), "an id to make a key from"
    for name, (is_missing, expected) in missing.items():
        for row in np.flatnonzero(is_missing).tolist():
            wrong.setdefault(row, f"{name}: got nothing, expected {expected}")
    return wrong


def occurrences(
    schedules: ScheduleArray, first: object, last: object, start: pa.Array, end: pa.Array | None
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return the payments from `first` to `last`, both included, which may be columns.

    For each payment: its row, its due date, and its number, which is 1 for the first one from the
    row's start.
    """
    rows, due = schedules.between(first, last, start, end)
    indices = pa.array(rows)
    return indices, due, schedules.take(rows).count(date.min, due, start.take(indices))


def keys(ids: pa.Array, due: pa.Array) -> pa.Array:
    """Return each payment's key: the same in every run, and unique to its id and due date."""
    return pc.binary_join_element_wise(ids.cast(pa.string()), due.cast(pa.string()), "@")


def added_fields(errors: Errors = "raise") -> list[pa.Field]:
    """Return the fields that `billing_run` adds to those of its batches."""
    return [*ADDED, pa.field("error", pa.string())] if errors == "null" else [*ADDED]


def _with_columns(batch: pa.RecordBatch, added: list[pa.Array], errors: Errors) -> pa.RecordBatch:
    fields = added_fields(errors)
    schema = pa.schema([*batch.schema, *fields])
    return pa.RecordBatch.from_arrays([*batch.columns, *added[: len(fields)]], schema=schema)
