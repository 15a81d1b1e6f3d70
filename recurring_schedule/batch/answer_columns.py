"""Columns of answers, written one part of the rows at a time: of NumPy, or of Arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import LAST, NULL, Int32
from recurring_schedule.batch.day_columns import NAT, maximum

Rows = slice | npt.NDArray[np.intp]


class Answers:
    """A column of numbers or truth values of the type `dtype`, or of days if it is None."""

    def __init__(self, rows: int, is_arrow: bool, dtype: type[np.generic] | None = None) -> None:
        self._is_arrow, self._has_days = is_arrow, dtype is None
        self._answers: npt.NDArray[Any] = np.empty(rows, dtype or (np.int32 if is_arrow else np.int64))
        self._is_null = None if self._has_days else np.zeros(rows, np.bool_)
        self._has_nulls = False

    def buffer(self, rows: Rows) -> Int32 | None:
        """Return the memory for answers of these rows, or None if answers must be copied."""
        return self._answers[rows] if self._is_arrow and self._has_days else None

    def write(self, rows: Rows, answers: npt.NDArray[Any]) -> None:
        """Write the answers for these rows, unless they are in the buffer; days after `LAST` are
        nulls.
        """
        if self._has_days and not self._has_nulls:
            self._has_nulls = len(answers) > 0 and maximum(answers) > LAST
        if answers.base is not self._answers:
            self._answers[rows] = answers

    def write_nulls(self, rows: Rows) -> None:
        """Write nulls for these rows."""
        self._has_nulls = True
        if self._is_null is None:
            self._answers[rows] = NULL
        else:
            self._is_null[rows] = True

    def column(self) -> Any:
        """Return the column."""
        answers, is_null = self._answers, None
        if self._has_nulls:
            is_null = answers > LAST if self._has_days else self._is_null
        if not self._is_arrow:
            if is_null is not None:
                answers[is_null] = NAT if self._has_days else 0
            return answers.view("datetime64[D]") if self._has_days else answers
        import pyarrow as pa

        if not self._has_days:
            return pa.array(answers, mask=is_null)
        valid = None if is_null is None else pa.py_buffer(np.packbits(~is_null, bitorder="little"))
        return pa.Array.from_buffers(pa.date32(), len(answers), [valid, pa.py_buffer(answers)])
