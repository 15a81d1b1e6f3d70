"""The billing run of a book: what falls due between two days, written with keys that are the same in every run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.schedule_array import ScheduleReader
from recurring_schedule.books import Book, Chunk, Output, RejectedRows, check_targets
from recurring_schedule.books.charges import Charges
from recurring_schedule.core.frequencies import Dialect

_SCHEMA = [("id", pa.string()), ("due", pa.date32()), ("number", pa.int32()), ("key", pa.string())]
_DAYS_AT_ONCE = 2**21  # rows times days: as many may be due
_WINDOW = 366  # days of a row at once
Places = npt.NDArray[np.intp]
Dates = npt.NDArray[np.datetime64]


class Summary(NamedTuple):
    """What a run did."""

    rows: int
    due: int
    per_day: npt.NDArray[np.int64]
    """How many are due on each day."""
    amounts: Mapping[str, Decimal]
    """What is due in each currency, exactly; that of rows without a currency is empty."""
    repeated: int
    """How many rows have an id that an earlier row has: their keys are not their own."""
    bad: RejectedRows
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
    from the start, and a key made of the id and the due date; the row's items and currency, if the book has them, and the amount.

    Rows that are wrong are written to `bad`, with the reason. `progress` is called after each part of the book.

    Raises BookError for a book that cannot be read, and, before it is read, for files that cannot be written.
    """
    started = perf_counter()
    check_targets([bad] if out is None else [out, bad], book)
    carried = [name for name in ("items", "currency") if name in book.fields]
    added = [*carried, "amount"] if "items" in carried else carried
    schema = pa.schema([*_SCHEMA, *((name, pa.string()) for name in added)])
    reader, charges = ScheduleReader(dialect, errors="null"), Charges()
    per_day = np.zeros((last - first).days + 1, np.int64)
    rows = 0
    ids: list[npt.NDArray[np.int64]] = []
    with Output(out, schema) as output, RejectedRows(bad) as bad_rows:
        for part in book.parts():
            rows += len(part.numbers) + len(part.lines)
            checked = _Checked(part, reader, charges)
            bad_rows.add(part, checked.wrong)
            if "id" in part.columns:
                good = part.columns["id"].take(pa.array(checked.good))
                ids.append(np.fromiter(map(hash, good.to_pylist()), np.int64, len(good)))
            for places, begin, until in _blocks(checked.good, first, last):
                occurrences, due = checked.occurrences(places, begin, until, schema, workers)
                if len(due):
                    on = due - np.datetime64(first).astype(np.int64)
                    counts = np.bincount(on - on.min())
                    per_day[on.min() :][: len(counts)] += counts
                    output.write(occurrences)
            progress()
        bad_rows.finish()
        output.finish()
    known = np.sort(np.concatenate(ids)) if ids else np.empty(0, np.int64)
    repeated = int((known[1:] == known[:-1]).sum())
    seconds = perf_counter() - started
    return Summary(rows, int(per_day.sum()), per_day, charges.totals, repeated, bad_rows, seconds)


def _blocks(rows: Places, first: date, last: date) -> Iterator[tuple[Places, Dates, Dates]]:
    """The rows, each with all the windows that the days are divided into, in order: so many that few days are asked for at once."""
    days = (last - first).days + 1
    window = min(days, _WINDOW)
    windows = -(-days // window)
    at_once = max(_DAYS_AT_ONCE // window, 1)
    for begin in range(0, len(rows) * windows, at_once):
        places, number = np.divmod(np.arange(begin, min(begin + at_once, len(rows) * windows)), windows)
        opening = np.datetime64(first) + number * window
        yield rows[places], opening, np.minimum(opening + (window - 1), np.datetime64(last))


class _Checked:
    """The rows of a part, of which it is known which are wrong, and why."""

    def __init__(self, part: Chunk, reader: ScheduleReader, charges: Charges) -> None:
        self._part, columns = part, part.columns
        self._schedules = reader.read(columns["schedule"])
        self._charged = charges.read(columns["items"], columns.get("currency")) if "items" in columns else None
        self.wrong = arrow.wrong_rows(self._schedules, columns["start"], columns.get("id"))
        self.wrong |= self._charged.wrong if self._charged else {}
        self.wrong |= part.wrong
        is_good = np.ones(len(part.numbers), np.bool_)
        is_good[list(self.wrong)] = False
        self.good = np.flatnonzero(is_good)
        """The places of the rows that are not wrong."""

    def occurrences(
        self, places: Places, first: Dates, last: Dates, schema: pa.Schema, workers: int
    ) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
        """What is due in these rows from a first to a last day of each; and the days alone."""
        part, asked = self._part, pa.array(places)
        start, end = (part.columns[name].take(asked) if name in part.columns else None for name in ("start", "end"))
        found, due, numbers = arrow.occurrences(self._schedules.take(places), first, last, start, end, workers)
        rows = places[np.asarray(found)]
        taken = pa.array(rows)
        if "id" in part.columns:
            ids = part.columns["id"].take(taken)
        else:  # the row's number in its file, and the file, if the book is a folder
            ids = pa.array(part.numbers[rows]).cast(pa.string())
            if part.inside:
                ids = pc.binary_join_element_wise(part.inside, ids, ":")
        columns = {"id": ids, "due": due, "number": numbers, "key": arrow.keys(ids, due)}
        columns |= {name: part.columns[name].take(taken) for name in ("items", "currency") if name in part.columns}
        if self._charged:
            columns["amount"] = self._charged.amounts.take(taken)
            self._charged.add(rows)
        values = [columns[name] if name in columns else pa.nulls(len(rows), pa.string()) for name in schema.names]
        return pa.RecordBatch.from_arrays(values, schema=schema), np.asarray(due.cast(pa.int32())).astype(np.int64)
