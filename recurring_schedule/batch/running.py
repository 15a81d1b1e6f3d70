"""The billing run of a book: what falls due between two days, written with keys that are the same in every run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.batch import arrow
from recurring_schedule.batch.array import ScheduleReader
from recurring_schedule.batch.files import BadRows, Book, Output, Part
from recurring_schedule.compiling import Dialect

_SCHEMA = [("id", pa.string()), ("due", pa.date32()), ("number", pa.int32()), ("key", pa.string())]


class Summary(NamedTuple):
    """What a run did."""

    rows: int
    due: int
    per_day: npt.NDArray[np.int64]
    """How many are due on each day."""
    repeated: int
    """How many rows have an id that an earlier row has: their keys are not their own."""
    bad: BadRows
    seconds: float


def run(
    book: Book,
    first: date,
    last: date,
    out: Path | None,
    bad: Path,
    *,
    dialect: Dialect | str | None = None,
    workers: int = 1,
    progress: Callable[[], object] = lambda: None,
) -> Summary:
    """Writes an occurrence for each due date from `first` to `last`, both included: the row's id, the due date, its number counted
    from the start, and a key made of the id and the due date; and the row's items and currency, if the book has them.

    Rows that are wrong are written to `bad`, with the reason. `progress` is called after each part of the book.
    """
    started = perf_counter()
    reader = ScheduleReader(dialect, errors="null")
    bad_rows = BadRows(bad)
    per_day = np.zeros((last - first).days + 1, np.int64)
    rows = 0
    ids: list[npt.NDArray[np.int64]] = []
    parts = book.parts()
    part = next(parts, None)
    carried: list[str] = [name for name in ("items", "currency") if part and name in part.columns]
    with Output(out, pa.schema([*_SCHEMA, *((name, pa.string()) for name in carried)])) as output:
        try:
            while part is not None:
                number = len(part.columns["start"])
                rows += number
                occurrences, due = _occurrences(reader, part, first, last, carried, bad_rows, workers)
                per_day += np.bincount(due - np.datetime64(first).astype(np.int64), minlength=len(per_day))
                output.write(occurrences)
                if "id" in part.columns:
                    ids.append(np.fromiter(map(hash, part.columns["id"].drop_null().to_pylist()), np.int64))
                progress()
                part = next(parts, None)
        finally:
            bad_rows.close()
    known = np.sort(np.concatenate(ids)) if ids else np.empty(0, np.int64)
    repeated = int((known[1:] == known[:-1]).sum())
    return Summary(rows, int(per_day.sum()), per_day, repeated, bad_rows, perf_counter() - started)


def _occurrences(
    reader: ScheduleReader, part: Part, first: date, last: date, carried: list[str], bad: BadRows, workers: int
) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
    schedules = reader.read(part.columns["schedule"])
    wrong = dict(part.wrong)
    for one in schedules.bad:
        for place in one.rows.tolist():
            wrong.setdefault(place, f"schedule: {one.error}")
    for place in np.flatnonzero(schedules.codes < 0).tolist():
        wrong.setdefault(place, "schedule: got nothing, expected a schedule")
    for place in sorted(wrong):
        bad.add(part, place, wrong[place])
    start = part.columns["start"]
    rows, due, numbers = arrow.occurrences(schedules, first, last, start, part.columns.get("end"), workers)
    if "id" in part.columns:
        ids = part.columns["id"].take(rows).cast(pa.string())
    else:  # the row's number in its file, and the file, if there are more
        ids = pc.add(rows, part.first).cast(pa.string())
        if part.inside:
            ids = pc.binary_join_element_wise(part.inside, ids, ":")
    values = [ids, due, numbers, arrow.keys(ids, due)]
    for name in carried:
        column = part.columns.get(name)
        values.append(pa.nulls(len(rows), pa.string()) if column is None else column.take(rows).cast(pa.string()))
    names = [name for name, _ in _SCHEMA] + carried
    return pa.RecordBatch.from_arrays(values, names=names), np.asarray(due.cast(pa.int32())).astype(np.int64)
