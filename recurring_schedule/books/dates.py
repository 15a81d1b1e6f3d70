"""Dates in books: columns of dates, or text in one form.

>>> DateForm().read("2024-01-31"), DateForm("%d/%m/%Y").read("31/01/2024"), DateForm("%d/%m/%Y").read("2024-01-31")
(datetime.date(2024, 1, 31), datetime.date(2024, 1, 31), None)
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from recurring_schedule.batch.calendar_tables import FIRST, LAST
from recurring_schedule.books.reasons import Reason
from recurring_schedule.core.checks import iso_date, short_repr

_ISO = "YYYY-MM-DD"
_PROBE = date(2013, 12, 31)  # no part of it is what a missing part is read as: 1900, 1 and 1


class DateForm:
    """The form of dates in text: YYYY-MM-DD, or a format of `strptime`.

    Raises ValueError for a format without a day, a month or a year.
    """

    def __init__(self, form: str | None = None) -> None:
        self._form = form
        self.name = form or _ISO
        """The form as errors write it."""
        if form is not None and not self._reads_back(form):
            raise ValueError("a format of strptime with the day, the month and the year, such as %d/%m/%Y")

    def _reads_back(self, form: str) -> bool:
        try:
            return self.read(_PROBE.strftime(form)) == _PROBE
        except re.error:  # such as that of a format with the same part twice
            return False

    def read(self, text: str) -> date | None:
        """Return the date that text has in this form, or None if it has none."""
        try:
            if self._form is None:
                return iso_date(text)
            found = datetime.strptime(text, self._form)  # noqa: DTZ007  # a date has no zone
        except ValueError:
            return None
        return found.date() if found.timetz() == time() else None


def read_dates(column: pa.Array, field: str, form: DateForm, wrong: dict[int, Reason]) -> pa.Array:
    """Return a column of text or dates as date32; an invalid value becomes null, with a reason."""
    if types.is_null(column.type):
        return column.cast(pa.date32())
    if types.is_string(column.type):
        return _dates_of_text(column, field, form, wrong)
    if types.is_date32(column.type) and not _is_beyond(column):
        return column
    in_days = types.is_date32(column.type)
    numpy_type = np.dtype(f"M8[{'D' if in_days else 'ms' if types.is_date64(column.type) else column.type.unit}]")
    values = np.asarray(column.view(pa.int32() if in_days else pa.int64()).fill_null(0)).astype(np.int64)
    days, rest = np.divmod(values, np.array(1, "M8[D]").astype(numpy_type).astype(np.int64))
    is_wrong = (rest != 0) | (days < FIRST) | (days > LAST)
    rows = np.flatnonzero(is_wrong)
    for row, value in zip(rows.tolist(), values[rows].view(numpy_type), strict=True):
        wrong.setdefault(row, _not_a_date(field, str(value), _ISO))
    is_missing = is_wrong | np.asarray(column.is_null())
    return pa.array(np.where(is_missing, 0, days).astype(np.int32), mask=is_missing).view(pa.date32())


def _is_beyond(column: pa.Array) -> bool:
    bounds = pc.min_max(column.view(pa.int32())).as_py()
    return bounds["min"] is not None and (bounds["min"] < FIRST or bounds["max"] > LAST)


def _dates_of_text(column: pa.Array, field: str, form: DateForm, wrong: dict[int, Reason]) -> pa.Array:
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    dates = [form.read(value) for value in values]
    if None in dates:
        indices = np.asarray(encoded.indices.fill_null(-1))
        is_wrong = np.array([*(day is None for day in dates), False])  # the last is for missing values
        for row in np.flatnonzero(is_wrong[indices]).tolist():
            wrong.setdefault(row, _not_a_date(field, short_repr(values[indices[row]]), form.name))
    return pa.array(dates, pa.date32()).take(encoded.indices)


def _not_a_date(field: str, got: str, form: str) -> Reason:
    nothing = ", or nothing for no end" if field == "end" else ""
    expected = f"a date, {form}, from 0001-01-01 to 9999-12-31{nothing}"
    return Reason(f"{field} is not a date", f"{field}: got {got}, expected {expected}")
