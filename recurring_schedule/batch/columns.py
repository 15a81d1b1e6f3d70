"""Columns of days as NumPy, Arrow, pandas, Polars and Python write them, read as numbers of days, and written back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import EPOCH, FIRST, LAST, NULL, Int32
from recurring_schedule.core.checks import plain_date, short_repr

Flags = npt.NDArray[np.bool_]
_NAT = np.iinfo(np.int64).min
_PART = 65_536  # a multiple of 8


class PartOfDays(NamedTuple):
    """Some rows of a column of days."""

    values: Int32
    is_null: Flags | None
    """Which are missing; `None` for none."""
    lowest: int
    highest: int


class Days:
    """A column of days, or one day for all rows: days counted from 1970-01-01, some of which may be missing."""

    def __init__(
        self,
        values: npt.NDArray[Any] | int | None,
        is_null: Flags | None = None,
        is_arrow: bool = False,
        bounds: tuple[int, int] | None = None,
    ) -> None:
        self._values, self._is_null, self._bounds = values, is_null, bounds
        self.is_arrow = is_arrow
        """Whether it is an Arrow column."""

    def for_numpy(self) -> Days:
        """The same days, which are no Arrow column."""
        return Days(self._values, self._is_null)

    @property
    def rows(self) -> int | None:
        """How many rows it has; `None` if it is one day for all."""
        return len(self._values) if isinstance(self._values, np.ndarray) else None

    def checked(self, name: str) -> Days:
        """The same days, of which it is known between which they are; in 32 bits, so that they are copied if they were not.

        Raises ValueError as `part` does.
        """
        if not isinstance(self._values, np.ndarray) or not len(self._values):
            return self
        part = self.part(
            name, 0, len(self._values), np.empty(0 if self._values.dtype == np.int32 else len(self._values), np.int32)
        )
        return Days(part.values, part.is_null, self.is_arrow, (part.lowest, part.highest))

    def part(self, name: str, first: int, last: int, into: Int32) -> PartOfDays:
        """The rows from `first` up to, and without, `last`; any day stands for those that are missing. `into` may be used for it.

        Raises ValueError for a number that is no day from 0001-01-01 to 9999-12-31.
        """
        if not isinstance(self._values, np.ndarray):
            day = self._values or 0
            into.fill(day)
            return PartOfDays(into, np.ones(len(into), np.bool_) if self._values is None else None, day, day)
        values, is_null = self._values[first:last], None
        if self._is_null is not None and self._is_null[first:last].any():
            is_null = self._is_null[first:last]
        elif values.dtype == np.int64 and values.min() == _NAT:
            is_null = values == _NAT
        if self._bounds is not None:
            return PartOfDays(values, is_null, *self._bounds)
        if is_null is not None:
            values = np.where(is_null, 0, values)
        lowest, highest = int(values.min()), int(values.max())
        if lowest < FIRST or highest > LAST:
            row = int(np.argmax((values < FIRST) | (values > LAST)))
            raise ValueError(
                f"{name}[{first + row}]: got day {values[row]} from 1970-01-01, expected a day from 0001-01-01 to 9999-12-31"
            )
        if values.dtype != np.int32:
            np.copyto(into, values, casting="unsafe")  # in the range that was checked
            values = into
        return PartOfDays(values, is_null, lowest, highest)


def days(value: object, name: str) -> Days:
    """A column of days, or one day: a `date`, `datetime64`, or a column of them of NumPy, Arrow, pandas, Polars or a sequence.

    Arrow's date32 and NumPy's datetime64[D] are not copied. Raises TypeError for what is no day, ValueError for a time of day.
    """
    if value is None:
        return Days(None)
    if isinstance(value, date) and not _is_nat(value):
        return Days(plain_date(value, name).toordinal() - EPOCH)
    if isinstance(value, np.datetime64):
        day = _of_numpy(np.array([value]), name)
        return Days(None if day[0] == _NAT else int(day[0]))
    package = type(value).__module__.partition(".")[0]
    if package == "pyarrow":
        return _of_arrow(value, name)
    if package == "pandas":
        return _of_pandas(value, name)
    if package == "polars":
        return _of_polars(value, name)
    if isinstance(value, np.ndarray) and value.dtype != object:
        return Days(_of_numpy(value, name))
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes)):
        return _of_sequence(value, name)
    raise TypeError(f"{name}: got {short_repr(value)}, expected a date or a column of dates")


def _is_nat(value: date) -> bool:
    return value != value  # pandas' NaT says that it is a datetime, and is not equal to itself


def _of_numpy(value: npt.NDArray[Any], name: str) -> npt.NDArray[np.int64]:
    if value.ndim != 1 or value.dtype.kind != "M":
        raise TypeError(
            f"{name}: got an array of {value.ndim} dimensions of {value.dtype}, expected a column of datetime64[D]"
        )
    in_days = value.astype("datetime64[D]", copy=False)
    if value.dtype != in_days.dtype and not (same := (in_days == value) | np.isnat(value)).all():
        row = int(np.argmin(same))
        raise ValueError(f"{name}[{row}]: got {value[row]}, expected a day without a time of day")
    return in_days.view(np.int64)


def _of_arrow(value: Any, name: str) -> Days:
    import pyarrow as pa

    column = value.combine_chunks() if isinstance(value, pa.ChunkedArray) else value
    if isinstance(column, pa.Scalar):
        return days(column.as_py(), name)
    if isinstance(column, pa.ExtensionArray) or not isinstance(column, pa.Array):
        raise TypeError(f"{name}: got {short_repr(value)}, expected a column of date32")
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    elif pa.types.is_null(kind):
        column = column.cast(pa.date32())
    elif (pa.types.is_timestamp(kind) and kind.tz is None) or pa.types.is_date64(kind):
        return Days(_of_numpy(column.to_numpy(zero_copy_only=False), name), is_arrow=True)
    if not pa.types.is_date32(column.type):
        raise TypeError(f"{name}: got a column of {kind}, expected date32")
    is_null = np.asarray(column.is_null()) if column.null_count else None
    values = np.frombuffer(column.buffers()[1] or b"", np.int32)[column.offset : column.offset + len(column)]
    return Days(values, is_null, is_arrow=True)


def _of_pandas(value: Any, name: str) -> Days:
    import pandas as pd

    if value is pd.NaT or value is pd.NA:
        return Days(None)
    column = getattr(value, "array", value)
    if isinstance(getattr(column, "dtype", None), pd.ArrowDtype):
        return _of_arrow(column.__arrow_array__(), name).for_numpy()
    if isinstance(getattr(column, "dtype", None), pd.DatetimeTZDtype):
        raise TypeError(
            f"{name}: got a column of {column.dtype}, expected days: which day an instant is depends on a time zone"
        )
    values = np.asarray(column)
    return Days(_of_numpy(values, name)) if values.dtype != object else _of_sequence(values, name)


def _of_polars(value: Any, name: str) -> Days:
    import polars as pl

    if not isinstance(value, pl.Series) or value.dtype not in (pl.Date, pl.Null):
        got = f"a column of {value.dtype}" if isinstance(value, pl.Series) else short_repr(value)
        raise TypeError(f"{name}: got {got}, expected a column of Date")
    values = value.cast(pl.Date).to_physical()
    return Days(values.fill_null(0).to_numpy(), values.is_null().to_numpy() if values.null_count() else None)


def _of_sequence(value: Sequence[Any] | npt.NDArray[Any], name: str) -> Days:
    values = np.empty(len(value), np.int32)
    is_null = np.zeros(len(value), np.bool_)
    for row, one in enumerate(value):
        if type(one) is date:
            values[row] = one.toordinal() - EPOCH
        elif one is None or type(one).__name__ == "NAType" or one != one:  # a NaT, or a NaN
            is_null[row], values[row] = True, 0
        else:
            values[row] = plain_date(one, f"{name}[{row}]").toordinal() - EPOCH
    return Days(values, is_null if is_null.any() else None)


class DayOutput:
    """A column of days that is written a part at a time: datetime64[D], or Arrow's date32."""

    def __init__(self, rows: int, is_arrow: bool) -> None:
        self._is_arrow, self._has_nulls = is_arrow, False
        self._values = np.empty(rows, np.int32 if is_arrow else np.int64)

    def room(self, rows: slice) -> Int32 | None:
        """Where the answers for these rows may be written; `None` if they have to be put there."""
        return self._values[rows].view(np.int32) if self._is_arrow else None

    def put(self, rows: slice | npt.NDArray[np.intp], answers: Int32 | int) -> None:
        """Writes the answers for these rows, unless they are there; `NULL` for none."""
        if not (isinstance(answers, np.ndarray) and np.may_share_memory(answers, self._values)):
            self._values[rows] = answers
        if not self._has_nulls and np.min(answers, initial=0) == NULL:
            self._has_nulls = True

    def done(self) -> Any:
        """The column."""
        if not self._is_arrow:
            for values in _parts(self._values) if self._has_nulls else ():
                values[values == NULL] = _NAT
            return self._values.view("datetime64[D]")
        import pyarrow as pa

        valid = None
        if self._has_nulls:
            valid = pa.py_buffer(
                np.concatenate([np.packbits(values != NULL, bitorder="little") for values in _parts(self._values)])
            )
        return pa.Array.from_buffers(pa.date32(), len(self._values), [valid, pa.py_buffer(self._values)])


class NumberOutput:
    """A column of truth values or numbers that is written a part at a time: of NumPy, or of Arrow with nulls."""

    def __init__(self, rows: int, is_arrow: bool, dtype: type[np.generic]) -> None:
        self._is_arrow = is_arrow
        self._values = np.empty(rows, dtype)
        self._is_null: Flags | None = None

    def room(self, rows: slice) -> None:
        """Answers have to be put."""

    def put(self, rows: slice | npt.NDArray[np.intp], answers: npt.NDArray[Any] | int) -> None:
        """Writes the answers for these rows; `NULL` for none."""
        if isinstance(answers, int):
            if self._is_null is None:
                self._is_null = np.zeros(len(self._values), np.bool_)
            self._is_null[rows] = True
            answers = 0
        self._values[rows] = answers

    def done(self) -> Any:
        """The column."""
        if not self._is_arrow:
            return self._values
        import pyarrow as pa

        return pa.array(self._values, mask=self._is_null)


def _parts(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    return (values[first : first + _PART] for first in range(0, len(values), _PART))
