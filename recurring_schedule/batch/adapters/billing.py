"""The billing run that all engines share: the occurrences of the rows of a book, in Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.batch.day_columns import arrow_array
from recurring_schedule.batch.schedule_array import Errors, ScheduleArray, ScheduleReader
from recurring_schedule.core.frequencies import Dialect

ADDED = pa.schema([("due", pa.date32()), ("number", pa.int32()), ("key", pa.string())])
"""The columns that a billing run adds."""
_DAY = len("@2024-02-29")
"""The octets of a key after its id."""


def added_fields(errors: Errors = "raise") -> list[pa.Field]:
    """Return the fields that a billing run adds to those of its book."""
    return [*ADDED, pa.field("error", pa.string())] if errors == "null" else [*ADDED]


def check_window(first: date, last: date) -> None:
    """Raise ValueError if the last day of a run is before the first."""
    if last < first:
        raise ValueError(f"last: got {last}, expected {first} (the first day) or later")


class BillingRun:
    """The occurrences from `first` to `last`, both included, of a book that is read in parts.

    Three columns are added to those of the book: `due`; `number`, the due date's number counted
    from the start; and `key`, made of the id and the due date. So a key is the same in every run,
    and unique if the ids are. In a book without ids it is null.

    `schedule`, `start`, `end` and `id` are the names of the columns. Those of `end` and `id` may be
    absent. A row without a schedule or a start is never due. A row without an id has no key. With
    `errors="null"`, each of these rows, and each row whose schedule is not valid, comes once, with
    a null `due` and the reason in the column `error`.

    Raises ValueError if `last` is before `first`. Runs raise ValueError for a book without
    schedules or starts, BadSchedulesError for values that are not schedules.
    """

    def __init__(
        self,
        first: date,
        last: date,
        *,
        schedule: str = "schedule",
        start: str = "start",
        end: str = "end",
        id: str = "id",  # noqa: A002  # the name of the column
        dialect: Dialect | str | None = None,
        errors: Errors = "raise",
    ) -> None:
        check_window(first, last)
        self._window, self._errors = (first, last), errors
        self._names = schedule, start, end, id
        self._reader = ScheduleReader(dialect, errors)

    def occurrences(self, names: Iterable[str], column: Callable[[str], Any]) -> tuple[pa.Array, pa.RecordBatch]:
        """Return the row of each occurrence in this part of the book, and the columns to add to it.

        `names` are those of the part's columns, and `column` returns the column of a name.
        """
        known = [*names]
        for name in self._names[:2]:
            if name not in known:
                raise ValueError(f"no column {name!r} among: {', '.join(known)}")
        schedule, *others = (column(name) if name in known else None for name in self._names)
        start, end, ids = (other if other is None else arrow_array(other) for other in others)
        return added_columns(self._reader.read(schedule), *self._window, start, end, ids, errors=self._errors)


def added_columns(
    schedules: ScheduleArray,
    first: object,
    last: object,
    start: pa.Array,
    end: pa.Array | None = None,
    ids: pa.Array | None = None,
    *,
    errors: Errors = "raise",
) -> tuple[pa.Array, pa.RecordBatch]:
    """Return the row of each occurrence, in order, and the columns of `added_fields`.

    If `errors` is "null", each row that cannot have a payment comes once, with the reason.
    """
    rows, due, number = occurrences(schedules, first, last, start, end)
    key = pa.nulls(len(rows), pa.string()) if ids is None else keys(ids.take(rows), due)
    found = pa.RecordBatch.from_arrays([due, number, key], schema=ADDED)
    return (rows, found) if errors == "raise" else _with_wrong(rows, found, wrong_rows(schedules, start, ids))


def _with_wrong(rows: pa.Array, found: pa.RecordBatch, wrong: dict[int, str]) -> tuple[pa.Array, pa.RecordBatch]:
    """Return the occurrences of the other rows, and an occurrence with the reason for each wrong
    row.
    """
    indices = np.array([*wrong], np.int64)
    kept = np.flatnonzero(~np.isin(rows, indices))
    both = np.concatenate([np.asarray(rows)[kept], indices])
    order = np.argsort(both, kind="stable")
    is_wrong = order >= len(kept)
    right = found.take(pa.array(kept)).take(pa.array(order, mask=is_wrong))
    reasons = pa.array(wrong.values(), pa.string()).take(pa.array(order - len(kept), mask=~is_wrong))
    batch = pa.RecordBatch.from_arrays([*right.columns, reasons], schema=pa.schema(added_fields("null")))
    return pa.array(both[order]), batch


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
    """Return each payment's key: the same in every run, and unique to its id and due date.

    >>> keys(pa.array(["a"]), pa.array([date(2024, 2, 29)]))[0]
    <pyarrow.StringScalar: 'a@2024-02-29'>
    """
    days = due.dictionary_encode()  # dates repeat: writing each once takes a third of the time
    texts, ids = days.dictionary.cast(pa.string()), ids.cast(pa.string())
    if width := _width(ids):
        return _joined(ids, width, texts, np.asarray(days.indices))
    return pc.binary_join_element_wise(ids, texts.take(days.indices), "@")


def _width(ids: pa.Array) -> int:
    """Return the number of octets of each id, if all have as many and the keys fit in one array;
    otherwise 0.
    """
    if not len(ids) or ids.null_count:
        return 0
    widths = np.diff(_offsets(ids))
    width = int(widths[0])
    return width if (widths == width).all() and (width + _DAY) * len(ids) < 1 << 31 else 0


def _offsets(ids: pa.Array) -> npt.NDArray[np.int32]:
    return np.frombuffer(ids.buffers()[1], np.int32, len(ids) + 1, 4 * ids.offset)


def _joined(ids: pa.Array, width: int, texts: pa.Array, indices: npt.NDArray[np.int32]) -> pa.Array:
    """Return keys of ids of one width, such as UUIDs, in half the time: each id with "@" and the
    text of its index.
    """
    ends = np.array([f"@{text}" for text in texts.to_pylist()], f"S{_DAY}").view(f"V{_DAY}")
    octets = np.empty(len(ids), [("id", f"V{width}"), ("end", f"V{_DAY}")])
    octets["id"] = np.frombuffer(ids.buffers()[2], f"V{width}", len(ids), _offsets(ids)[0])
    octets["end"] = ends.take(indices)
    offsets = np.arange(len(ids) + 1, dtype=np.int32) * np.int32(width + _DAY)
    return pa.StringArray.from_buffers(len(ids), pa.py_buffer(offsets), pa.py_buffer(octets))


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
