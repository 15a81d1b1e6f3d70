"""Columns of answers, written one part of the rows at a time: of NumPy, or of Arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import NULL, Int32
from recurring_schedule.batch.day_columns import NAT

Rows = slice | npt.NDArray[np.intp]


class Answers:
    """A column of numbers or truth values of the type `dtype`, or of days if it is None."""

    def __init__(self, rows: int, is_arrow: bool, dtype: type[np.generic] | None = None) -> None:
        self._is_arrow, self._has_days = is_arrow, dtype is None
        self._answers: npt.NDArray[Any] = np.empty(rows, dtype or (np.int32 if is_arrow else np.int64))
        self._is_null, self._has_nulls = np.zeros(rows, np.bool_), False

    def buffer(self, rows: Rows) -> Int32 | None:
        """Return the memory for answers of these rows, or None if answers must be copied."""
        return self._answers[rows] if self._is_arrow and self._has_days else None

    def write(self, rows: Rows, answers: npt.NDArray[Any] | int) -> None:
        """Write the answers for these rows, unless they are there already; `NULL` is a null."""
        if np.min(answers, initial=0) == NULL:
            self._is_null[rows], self._has_nulls = answers == NULL, True
        if not (isinstance(answers, np.ndarray) and np.may_share_memory(answers, self._answers)):
            self._answers[rows] = answers

    def column(self) -> Any:
        """Return the column."""
        if not self._is_arrow:
            if self._has_nulls:
                self._answers[self._is_null] = NAT if self._has_days else 0
            return self._answers.view("datetime64[D]") if self._has_days else self._answers
        import pyarrow as pa

        column = pa.array(self._answers, mask=self._is_null if self._has_nulls else None)
        return column.view(pa.date32()) if self._has_days else column
