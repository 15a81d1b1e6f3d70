"""Billing runs: an occurrence for each due date, with a key that is the same in every run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recurring_schedule.batch.adapters import billing
from recurring_schedule.batch.schedule_array import ScheduleReader
from recurring_schedule.books import Book, BookError, Chunk, Output, RejectedRows, check_targets
from recurring_schedule.books.charges import SCALE, Charges
from recurring_schedule.books.limits import Limit
from recurring_schedule.books.reasons import reasons_of_columns
from recurring_schedule.books.repeated_ids import RepeatedIds
from recurring_schedule.books.repeated_rows import RepeatedRows
from recurring_schedule.core.frequencies import Dialect

Rows = npt.NDArray[np.intp]
Dates = npt.NDArray[np.datetime64]


class Summary(NamedTuple):
    """The result of a run."""

    rows: int
    due: int
    """The number of occurrences."""
    per_day: npt.NDArray[np.int64]
    """The number of occurrences on each day."""
    amounts: Mapping[str, Decimal]
    """The exact amount that is due in each currency; "" is that of rows without one."""
    repeated: int
    """The number of rows with an id that an earlier row has, so that their keys are not unique."""
    rejected: RejectedRows
    seconds: float


def run(
    book: Book,
    first: date,
    last: date,
    out: Path | None,
    rejected: Path,
    repeated: Path | None = None,
    *,
    limit: Limit | None = None,
    dialect: Dialect | str | None = None,
    scale: int = SCALE,
    progress: Callable[[], object] = lambda: None,
    most_row_days: int = 2**21,
    most_days: int = 366,
) -> Summary:
    """Write an occurrence for each due date from `first` to `last`, both included.

    An occurrence has the row's id, the due date, its number, counted from the start, and a key,
    made of the id and the due date. If the book has them, it also has the row's items and currency,
    and the amount. Rejected rows are written to `rejected`, with the reason. Rows with repeated
    ids are written to `repeated`, for which the book is read again. `progress` is called after each
    chunk of the book.

    With a `limit`, the run stops once more rows are rejected. For a share, it stops before the end
    only if the limit would be exceeded even in a book of twice the rows that this one seems to
    have.

    In CSV, an amount is a number without an exponent. In Parquet it is a decimal of 38 digits,
    `scale` of them after the point; a row whose amount has more is rejected.

    The run is divided into blocks of at most `most_days` days, and of at most `most_row_days` rows
    times days, which limits the memory that occurrences take.

    Raises BookError for a book that cannot be read or that changes until the end of the run, for
    more rejected rows than `limit` allows, and, before the book is read, for files that cannot be
    written. Raises ValueError if `last` is before `first`.
    """
    billing.check_window(first, last)
    started = perf_counter()
    check_targets(filter(None, (out, rejected, repeated)), book)
    is_parquet = out is not None and out.suffix.lower() == ".parquet"
    reader, charges = ScheduleReader(dialect, errors="null"), Charges(scale if is_parquet else None)
    schema = _schema(book, charges)
    per_day = np.zeros((last - first).days + 1, np.int64)
    rows = 0
    ids = RepeatedIds()
    with (
        Output(out, schema, plain=["amount"]) as output,
        RejectedRows(rejected, book.fields) as rejected_rows,
        RepeatedRows(repeated) if repeated else nullcontext() as repeated_rows,
    ):
        for chunk in book.chunks():
            rows += len(chunk.numbers) + len(chunk.lines)
            checked = _Checked(chunk, reader, charges)
            rejected_rows.add(chunk, checked.wrong)
            _check_limit(limit, rejected_rows, book, rows, _most_rows(book, rows))
            if "id" in chunk.columns:
                ids.add(chunk.columns["id"].take(pa.array(checked.good)))
            for block, begin, until in _blocks(checked.good, first, last, most_row_days, most_days):
                occurrences, due = checked.occurrences(block, begin, until, schema)
                if len(due):
                    on = due - np.datetime64(first).astype(np.int64)
                    counts = np.bincount(on - on.min())
                    per_day[on.min() :][: len(counts)] += counts
                    output.write(occurrences)
            progress()
        _check_limit(limit, rejected_rows, book, rows, rows)
        repeats = ids.count()
        if repeated_rows and repeats:
            repeated_rows.add_all(book, ids)
        for file in filter(None, (repeated_rows, rejected_rows, output)):
            file.finish()
        book.check_unchanged()  # before the files get their names
    seconds = perf_counter() - started
    return Summary(rows, int(per_day.sum()), per_day, charges.totals, repeats, rejected_rows, seconds)


def _most_rows(book: Book, rows: int) -> int:
    """Return twice the number of rows that a book seems to have, given the bytes read so far.

    Rows differ in length, so a run that stopped at the estimate itself might stop too early.
    """
    return 2 * rows * max(book.size, book.read) // book.read if book.read else sys.maxsize


def _check_limit(limit: Limit | None, rejected: RejectedRows, book: Book, rows: int, of: int) -> None:
    """Raise BookError if more rows are rejected than a limit allows in a book of `of` rows."""
    if limit and not limit.allows(rejected.count, of):
        raise BookError(
            f"{book.path}: {rejected.count:,} of the first {rows:,} rows are rejected, "
            f"expected at most {limit.text} (--max-bad); {rejected.kinds(1)[0]}"
        )


def _schema(book: Book, charges: Charges) -> pa.Schema:
    carried = [(name, pa.string()) for name in ("items", "currency") if name in book.fields]
    amount = [("amount", charges.type)] if "items" in book.fields else []
    return pa.schema([("id", pa.string()), *billing.ADDED, *carried, *amount])


def _blocks(
    rows: Rows, first: date, last: date, most_row_days: int, most_days: int
) -> Iterator[tuple[Rows, Dates, Dates]]:
    """Yield blocks: rows, and the first and last day of a window for each of them."""
    days = (last - first).days + 1
    window = min(days, most_days)
    windows = -(-days // window)
    size = max(most_row_days // window, 1)
    for begin in range(0, len(rows) * windows, size):
        indices, number = np.divmod(np.arange(begin, min(begin + size, len(rows) * windows)), windows)
        opening = np.datetime64(first) + number * window
        yield rows[indices], opening, np.minimum(opening + (window - 1), np.datetime64(last))


class _Checked:
    """The rows of a chunk, with the reasons of those that are rejected."""

    def __init__(self, chunk: Chunk, reader: ScheduleReader, charges: Charges) -> None:
        self._chunk, columns = chunk, chunk.columns
        self._schedules = reader.read(columns["schedule"])
        self._charged = charges.read(columns["items"], columns.get("currency")) if "items" in columns else None
        self.wrong = reasons_of_columns(self._schedules, columns["start"], columns.get("id"))
        self.wrong |= self._charged.wrong if self._charged else {}
        self.wrong |= chunk.wrong
        is_good = np.ones(len(chunk.numbers), np.bool_)
        is_good[list(self.wrong)] = False
        self.good = np.flatnonzero(is_good)
        """The indices of the rows that are not rejected."""

    def occurrences(
        self, rows: Rows, first: Dates, last: Dates, schema: pa.Schema
    ) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
        """Return the occurrences of rows in their windows, and the due dates as days from 1970."""
        columns, indices = self._chunk.columns, pa.array(rows)
        start, end = (columns[name].take(indices) if name in columns else None for name in ("start", "end"))
        found, due, numbers = billing.occurrences(self._schedules.take(rows), first, last, start, end)
        rows = rows[np.asarray(found)]
        taken = pa.array(rows)
        ids = columns["id"].take(taken) if "id" in columns else self._chunk.row_ids(self._chunk.numbers[rows])
        values = {"id": ids, "due": due, "number": numbers, "key": billing.keys(ids, due)}
        values |= {name: columns[name].take(taken) for name in ("items", "currency") if name in columns}
        if self._charged:
            values["amount"] = self._charged.amounts.take(taken)
            self._charged.add(rows)
        arrays = [
            values[name] if name in values else pa.nulls(len(rows), schema.field(name).type) for name in schema.names
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema), np.asarray(due.cast(pa.int32())).astype(np.int64)
