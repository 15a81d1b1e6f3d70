"""Billing runs: an occurrence for each due date, with a key that is the same in every run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from recurring_schedule.batch.policy import STANDARD
from recurring_schedule.batch.schedule_array import ScheduleReader
from recurring_schedule.books import Book, BookError, Output, RejectedRows, check_targets
from recurring_schedule.books.adjustments import Adjustments, UsedCalendar
from recurring_schedule.books.charges import SCALE, Charges
from recurring_schedule.books.checked_rows import CheckedRows, Dates, Rows, occurrence_schema
from recurring_schedule.books.done_keys import DoneKeys
from recurring_schedule.books.limits import Limit
from recurring_schedule.books.payment_windows import PaymentWindow
from recurring_schedule.books.payments_per_day import PaymentsPerDay
from recurring_schedule.books.repeated_ids import RepeatedIds
from recurring_schedule.books.repeated_rows import RepeatedRows, first_repeated_row
from recurring_schedule.business import BusinessCalendar, Convention, named_calendar
from recurring_schedule.core.frequencies import Dialect


class Summary(NamedTuple):
    """The result of a run."""

    rows: int
    due: int
    """The number of occurrences."""
    first: date
    """The first day of `per_day`."""
    per_day: npt.NDArray[np.int64]
    """The number of occurrences on each payment day."""
    amounts: Mapping[str, Decimal]
    """The exact amount that is due in each currency; "" is that of rows without one."""
    repeated: int
    """The number of rows with an id that an earlier row has, so that their keys are not unique."""
    rejected: RejectedRows
    seconds: float
    calendars: Sequence[UsedCalendar]
    """The calendars of the rows, with their fingerprints, by name."""
    next_since: date | None
    """The first due date of the next run, if this one has `done`: all earlier ones are settled, but
    for those of rejected rows. It is None if no due date is left.
    """

    @property
    def earlier(self) -> int:
        """The number of occurrences whose payment day is before the last day of the run."""
        return self.due - int(self.per_day[-1])


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
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
    named: Callable[[str], BusinessCalendar] = named_calendar,
    done: Collection[Path] | None = None,
) -> Summary:
    """Write an occurrence for each due date that is paid from `first` to `last`, both included.

    An occurrence has the row's id, the due date, its number, counted from the start, and a key,
    made of the id and the due date. If the book has them, it also has the row's items and currency,
    and the amount. Rejected rows are written to `rejected`, with the reason. Rows with repeated
    ids are written to `repeated`, for which the book is read again. `progress` is called after each
    chunk of the book.

    A row has the `calendar` and the `convention` in its cells, or else these; without them, a due
    date is its payment day. `named` returns the calendar of a name in a cell. If the book may have
    calendars, an occurrence has its payment date.

    With `done`, files of the keys of payments that are done, `first` is a due date instead: an
    occurrence is written for each due date from `first` on that is paid on `last` or earlier and
    whose key is in none of the files. Then every row needs an id of its own.

    With a `limit`, the run stops once more rows are rejected. For a share, it stops before the end
    only if the limit would be exceeded even in a book of twice the rows that this one seems to
    have.

    In CSV, an amount is a number without an exponent. In Parquet it is a decimal of 38 digits,
    `scale` of them after the point; a row whose amount has more is rejected.

    The run is divided into blocks of at most `most_days` days, and of at most `most_row_days` rows
    times days, which limits the memory that occurrences take.

    Raises BookError for a book that cannot be read or that changes until the end of the run, for
    more rejected rows than `limit` allows, with `done` for a book without ids or with repeated ones
    and for files without keys, and, before the book is read, for files that cannot be written.
    Raises ValueError if `last` is before `first` without `done`, TypeError for a calendar without a
    convention or the reverse.
    """
    started = perf_counter()
    adjustments = Adjustments(_window(first, last, has_done=done is not None), calendar, convention, named)
    check_targets(filter(None, (out, rejected, repeated)), book, done or ())
    keys = _done_keys(book, done, first)
    reader, charges = ScheduleReader(dialect, errors="null"), _charges(out, scale)
    schema = _schema(book, charges, calendar)
    per_day = PaymentsPerDay(min(first, last), last)
    rows = 0
    ids = RepeatedIds()
    with (
        Output(out, schema, plain=["amount"]) as output,
        RejectedRows(rejected, book.fields) as rejected_rows,
        RepeatedRows(repeated) if repeated else nullcontext() as repeated_rows,
    ):
        for chunk in book.chunks():
            rows += len(chunk.numbers) + len(chunk.lines)
            checked = CheckedRows(chunk, reader, charges, adjustments)
            rejected_rows.add(chunk, checked.wrong)
            _check_limit(limit, rejected_rows, book, rows, _most_rows(book, rows))
            if "id" in chunk.columns:
                ids.add(checked.good_ids)
            for block in _blocks(checked.good, *checked.first_and_last, most_row_days, most_days):
                occurrences, paid = checked.occurrences(*block, schema, keys)
                if len(paid):
                    per_day.add(paid)
                    output.write(occurrences)
            progress()
        _check_limit(limit, rejected_rows, book, rows, rows)
        repeats = ids.count()
        if repeats:
            _report_repeats(book, ids, repeats, repeated_rows, keys)
        next_since = None if done is None else adjustments.next_since(first)
        output.describe(_metadata(adjustments.calendars, next_since))
        for file in filter(None, (repeated_rows, rejected_rows, output)):
            file.finish()
        book.check_unchanged()  # before the files get their names
    seconds = perf_counter() - started
    return Summary(
        rows,
        per_day.total,
        per_day.first,
        per_day.counts,
        charges.totals,
        repeats,
        rejected_rows,
        seconds,
        adjustments.calendars,
        next_since,
    )


def _window(first: date, last: date, *, has_done: bool) -> PaymentWindow:
    if has_done:
        return PaymentWindow(date.min, last, since=first)
    billing.check_window(first, last)
    return PaymentWindow(first, last)


def _done_keys(book: Book, done: Collection[Path] | None, first: date) -> DoneKeys | None:
    if done is None:
        return None
    if "id" not in book.fields:
        raise BookError(f"{book.path}: there is no column 'id', which keys of payments that are done are made of")
    return DoneKeys(done, first)


def _charges(out: Path | None, scale: int) -> Charges:
    """Return an empty sum of charges, whose amounts have a scale in Parquet only."""
    is_parquet = out is not None and out.suffix.lower() == ".parquet"
    return Charges(scale if is_parquet else None)


def _schema(book: Book, charges: Charges, calendar: BusinessCalendar | None) -> pa.Schema:
    is_adjusted = calendar is not None or not {"calendar", "convention"}.isdisjoint(book.fields)
    return occurrence_schema(book.fields, charges, is_adjusted)


def _metadata(calendars: Sequence[UsedCalendar], next_since: date | None) -> dict[str, str]:
    """Return the metadata of the output: the fingerprints of the calendars, and the next run's
    `since`.
    """
    metadata = {"calendars": json.dumps([one._asdict() for one in calendars])} if calendars else {}
    return metadata | ({"next_since": str(next_since)} if next_since else {})


def _report_repeats(
    book: Book, ids: RepeatedIds, repeats: int, rows: RepeatedRows | None, keys: DoneKeys | None
) -> None:
    """Write the rows with repeated ids, unless their keys name payments that are done."""
    if keys is not None:
        raise _repeated_ids(book, ids, repeats)
    if rows:
        rows.add_all(book, ids)


def _repeated_ids(book: Book, ids: RepeatedIds, repeats: int) -> BookError:
    """Return the error for ids that several rows have, with the first of these rows if the book can
    be read again.
    """
    row = first_repeated_row(book, ids)
    rows = f"{repeats:,} row{'s' * (repeats > 1)} with an id that an earlier row has"
    example = f", such as the id of {row}" if row else ""
    return BookError(
        f"{book.path}: got {rows}{example}; expected an id of its own for each row, since its keys name payments that are done"
    )


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


def _blocks(
    rows: Rows, first: date, last: date, most_row_days: int, most_days: int
) -> Iterator[tuple[Rows, Dates, Dates]]:
    """Yield blocks: rows, and the first and last day of a window for each of them."""
    days = (last - first).days + 1
    window = min(days, most_days)
    windows = -(-days // window)
    size = max(most_row_days // window, 1)
    if windows == 1:
        blocks = -(-len(rows) // min(size, STANDARD.part_rows))
        for part in np.array_split(rows, blocks) if blocks else ():
            yield part, np.full(len(part), first, "datetime64[D]"), np.full(len(part), last, "datetime64[D]")
        return
    for begin in range(0, len(rows) * windows, size):
        indices, number = np.divmod(np.arange(begin, min(begin + size, len(rows) * windows)), windows)
        opening = np.datetime64(first) + number * window
        yield rows[indices], opening, np.minimum(opening + (window - 1), np.datetime64(last))
