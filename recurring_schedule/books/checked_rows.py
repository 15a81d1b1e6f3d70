"""The rows of a chunk: which of them are rejected, and the occurrences of the others."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recurring_schedule.batch.adapters import billing
from recurring_schedule.batch.schedule_array import ScheduleReader
from recurring_schedule.books.adjustments import Adjustments
from recurring_schedule.books.charges import Charges
from recurring_schedule.books.chunks import Chunk
from recurring_schedule.books.done_keys import DoneKeys
from recurring_schedule.books.payment_windows import Days
from recurring_schedule.books.reasons import Reason, reason_of_unknown_day, reasons_of_columns
from recurring_schedule.business import UnknownDayError

Rows = npt.NDArray[np.intp]
Dates = npt.NDArray[np.datetime64]
_DAYS = np.array([date.min, date.max], "datetime64[D]")


def occurrence_schema(fields: tuple[str, ...], charges: Charges, is_adjusted: bool) -> pa.Schema:
    """Return the columns of the occurrences of a book that has these fields."""
    due, *others = billing.ADDED
    payment = [("payment_date", pa.date32())] if is_adjusted else []
    carried = [(name, pa.string()) for name in ("items", "currency") if name in fields]
    amount = [("amount", charges.type)] if "items" in fields else []
    return pa.schema([("id", pa.string()), due, *payment, *others, *carried, *amount])


class CheckedRows:
    """The rows of a chunk, with the reasons of those that are rejected.

    A row is rejected, too, if one of its payments in the window of the run depends on a day that
    its calendar does not know.
    """

    def __init__(self, chunk: Chunk, reader: ScheduleReader, charges: Charges, adjustments: Adjustments) -> None:
        self._chunk, columns = chunk, chunk.columns
        self._adjustments = adjustments
        self._schedules = reader.read(columns["schedule"])
        self._charged = charges.read(columns["items"], columns.get("currency")) if "items" in columns else None
        rows = len(chunk.numbers)
        self._codes, self.wrong = adjustments.read(columns.get("calendar"), columns.get("convention"), rows)
        self.wrong |= reasons_of_columns(self._schedules, columns["start"], columns.get("id"))
        self.wrong |= self._charged.wrong if self._charged else {}
        self.wrong |= chunk.wrong
        is_good = np.ones(rows, np.bool_)
        is_good[list(self.wrong)] = False
        unknown = self._unknown(np.flatnonzero(is_good))
        is_good[list(unknown)] = False
        self.wrong |= unknown
        self.good = np.flatnonzero(is_good)
        """The indices of the rows that are not rejected."""

    @property
    def good_ids(self) -> pa.Array:
        """The ids of the rows that are not rejected."""
        ids = self._chunk.columns["id"]
        return ids.take(pa.array(self.good)) if self.wrong else ids

    def _unknown(self, rows: Rows) -> dict[int, Reason]:
        """Return the reasons for those rows whose payments in the window are not all known."""
        rows = rows[~self._adjustments.are_certain(self._codes[rows])]
        if not len(rows):
            return {}
        codes, schedules, bounds = self._codes[rows], self._schedules.take(rows), self._bounds(rows)
        certain = schedules.count(*self._adjustments.certain(codes), *bounds)
        possible = schedules.count(*self._adjustments.possible(codes), *bounds)
        found = rows[np.asarray(certain) != np.asarray(possible)]
        return {row: reason_of_unknown_day(self._unknown_day(row)) for row in found.tolist()}

    def _unknown_day(self, row: int) -> UnknownDayError:
        schedule = self._schedules.schedules[self._schedules.codes[row]]
        start, end = (None if column is None else column[0].as_py() for column in self._bounds(np.array([row])))
        return self._adjustments.windows[int(self._codes[row])].unknown_day(schedule.due_dates(start, end))

    def _bounds(self, rows: Rows) -> tuple[pa.Array, pa.Array | None]:
        """Return the starts and the ends of rows."""
        columns, indices = self._chunk.columns, pa.array(rows)
        return columns["start"].take(indices), columns["end"].take(indices) if "end" in columns else None

    @property
    def first_and_last(self) -> tuple[date, date]:
        """The first and the last due date that are in the window, of all rows."""
        first, last = self._adjustments.certain(self._codes[self.good])
        return first.min(initial=_DAYS[1]).item(), last.max(initial=_DAYS[0]).item()

    def occurrences(
        self, rows: Rows, first: Dates, last: Dates, schema: pa.Schema, done: DoneKeys | None
    ) -> tuple[pa.RecordBatch, Days]:
        """Return the occurrences of rows that are due in their windows and not done, and their
        payment days.
        """
        begin, end = self._adjustments.certain(self._codes[rows])
        bounds = np.maximum(first, begin), np.minimum(last, end), *self._bounds(rows)
        found, due, numbers = billing.occurrences(self._schedules.take(rows), *bounds)
        rows = rows[np.asarray(found)]
        columns, taken = self._chunk.columns, pa.array(rows)
        ids = columns["id"].take(taken) if "id" in columns else self._chunk.row_ids(self._chunk.numbers[rows])
        values = {"id": ids, "due": due, "number": numbers, "key": billing.keys(ids, due)}
        if done:
            is_new = ~done.contain(values["key"])
            rows, values = rows[is_new], {name: column.filter(is_new) for name, column in values.items()}
            taken = pa.array(rows)
        paid = np.asarray(values["due"].cast(pa.int32())).astype(np.int64)
        if "payment_date" in schema.names:
            paid = self._adjustments.paid(self._codes[rows], paid)
            values["payment_date"] = pa.array(paid.astype(np.int32)).view(pa.date32())
        values |= {
            name: columns[name].take(taken).cast(pa.string()) for name in ("items", "currency") if name in columns
        }
        if self._charged:
            values["amount"] = self._charged.amounts.take(taken)
            self._charged.add(rows)
        arrays = [
            values[name] if name in values else pa.nulls(len(rows), schema.field(name).type) for name in schema.names
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema), paid
