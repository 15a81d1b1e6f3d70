"""Columns of answers, written one part of the rows at a time: of NumPy, or of Arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import NULL, Int32
from recurring_schedule.batch.day_columns import NAT, Flags

Rows = slice | npt.NDArray[np.intp]


class DayAnswers:
    """A column of days: NumPy's datetime64[D], or Arrow's date32."""

    def __init__(self, rows: int, is_arrow: bool) -> None:
        self._is_arrow, self._has_nulls = is_arrow, False
        self._days: npt.NDArray[Any] = np.empty(rows, np.int32 if is_arrow else np.int64)

    def buffer(self, rows: Rows) -> Int32 | None:
        """Return the memory for answers of these rows, or None if answers must be copied."""
        return self._days[rows] if self._is_arrow else None

    def write(self, rows: Rows, answers: Int32 | int) -> None:
        """Write the answers for these rows, unless they are there already; `NULL` is a null."""
        if not (isinstance(answers, np.ndarray) and np.may_share_memory(answers, self._days)):
            self._days[rows] = answers
        if not self._has_nulls and np.min(answers, initial=0) == NULL:
            self._has_nulls = True

    def column(self) -> Any:
        """Return the column."""
        if not self._is_arrow:
            if self._has_nulls:
                self._days[self._days == NULL] = NAT
            return self._days.view("datetime64[D]")
        import pyarrow as pa

        valid = pa.py_buffer(np.packbits(self._days != NULL, bitorder="little")) if self._has_nulls else None
        return pa.Array.from_buffers(pa.date32(), len(self._days), [valid, pa.py_buffer(self._days)])


class NumberAnswers:
    """A column of truth values or numbers: NumPy's, or Arrow's with nulls."""

    def __init__(self, rows: int, is_arrow: bool, dtype: type[np.generic]) -> None:
        self._is_arrow = is_arrow
        self._numbers = np.empty(rows, dtype)
        self._is_null: Flags | None = None

    def buffer(self, rows: Rows) -> None:
        """Return None: answers must be copied."""

    def write(self, rows: Rows, answers: npt.NDArray[Any] | int) -> None:
        """Write the answers for these rows; the number `NULL` leaves all of them without one."""
        if isinstance(answers, int):
            if self._is_null is None:
                self._is_null = np.zeros(len(self._numbers), np.bool_)
            self._is_null[rows] = True
            answers = 0
        self._numbers[rows] = answers

    def column(self) -> Any:
        """Return the column."""
        if not self._is_arrow:
            return self._numbers
        import pyarrow as pa

        return pa.array(self._numbers, mask=self._is_null)
