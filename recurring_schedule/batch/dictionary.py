"""Columns of wire forms, read as codes: the indices of the distinct schedules."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import Int32
from recurring_schedule.batch.day_columns import arrow_array, engine_of, speaks_arrow
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.schedule_set import Plan

_SHOWN = 5  # rows, and values, that an error names


class BadSchedule(NamedTuple):
    """A value of a column that is not a schedule."""

    value: object
    error: ScheduleError
    rows: npt.NDArray[np.intp]
    """The rows with this value."""

    def __str__(self) -> str:
        rows = ", ".join(map(str, self.rows[:_SHOWN].tolist())) + ", ..." * (len(self.rows) > _SHOWN)
        return f"row{'s' * (len(self.rows) > 1)} {rows}: {self.error}"


class BadSchedulesError(ValueError):
    """Values of a column that are not schedules."""

    def __init__(self, bad: Sequence[BadSchedule]) -> None:
        super().__init__(bad)
        self.bad = bad
        """Each of these values, with its error and its rows, in the order of the first rows."""

    def __str__(self) -> str:
        rows = sum(len(one.rows) for one in self.bad)
        lines = [f"{rows} row{'s' * (rows > 1)} without a valid schedule:", *map(str, self.bad[:_SHOWN])]
        rest = len(self.bad) - _SHOWN
        return "\n- ".join(lines) + (f"\n- and {rest} more value{'s' * (rest > 1)}" if rest > 0 else "")


class _KnownTexts(NamedTuple):
    """The texts among the known values, as Arrow looks them up."""

    known: int
    """The number of known values when this was made."""
    options: Any
    codes: Int32
    """The code of each text, and -1 at the end."""


class ScheduleDictionary:
    """The distinct schedules met so far, and their codes. Each distinct value is parsed once.

    Wire forms of equal schedules have the same code. At most `most_errors` values that are not
    schedules are remembered.
    """

    def __init__(self, parse: Callable[[object], Plan], most_errors: int = 4096) -> None:
        self._parse, self._most_errors = parse, most_errors
        self._known: dict[Hashable, int] = {}
        self._codes: dict[Plan, int] = {}
        self._texts: _KnownTexts | None = None
        self.errors: dict[Hashable, ScheduleError] = {}
        """The errors of the values that are remembered."""

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def schedules(self) -> tuple[Plan, ...]:
        """The schedules, by their codes."""
        return tuple(self._codes)

    def codes(self, column: object) -> tuple[Int32, list[BadSchedule]]:
        """Return the code of each row, -1 for none, and the values that are not schedules."""
        known_codes = self._codes_of_known_texts(column)
        if known_codes is not None:
            return known_codes, []
        indices, values = _encoded(column)
        found: list[int] = []
        errors: dict[int, ScheduleError] = {}
        for index, value in enumerate(values):
            known = self._known.get(value) if value.__class__ is str else None  # which most values are
            code = self._code(value) if known is None else known
            if isinstance(code, ScheduleError):
                errors[index], code = code, -1
            found.append(code)
        bad = _bad_schedules(indices, values, errors) if errors else []
        return np.array([*found, -1], np.int32)[indices], bad

    def _codes_of_known_texts(self, column: Any) -> Int32 | None:
        """Return the code of each row of a column of texts in Arrow, or None unless all are known.

        This takes 38 us instead of 96 for 2,048 rows of 186 texts, a vector of DuckDB.
        """
        is_text = type(column).__name__ in ("StringArray", "LargeStringArray")
        if not is_text or len(column) < len(self._known):  # Arrow hashes the known texts in each call
            return None
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._texts is None or self._texts.known != len(self._known):
            codes = {text: code for text, code in self._known.items() if isinstance(text, str)}
            options = pc.SetLookupOptions(pa.array([*codes], pa.string()))
            self._texts = _KnownTexts(len(self._known), options, np.array([*codes.values(), -1], np.int32))
        indices = pc.call_function("index_in", [column], self._texts.options)
        if indices.null_count != column.null_count:
            return None
        codes_of_texts: Int32 = self._texts.codes
        return codes_of_texts.take(np.asarray(indices.fill_null(-1) if indices.null_count else indices), mode="wrap")

    def _code(self, value: object) -> int | ScheduleError:
        if _is_missing(value):
            return -1
        key = _key(value)
        known = self._known.get(key, self.errors.get(key))
        if known is not None:
            return known
        try:
            schedule = self._parse(value)
        except ScheduleError as error:
            if len(self.errors) >= self._most_errors:
                self.errors.clear()
            # Without its traceback, whose frames would keep the column in memory.
            return self.errors.setdefault(key, ScheduleError(*error.args))
        return self._known.setdefault(key, self._codes.setdefault(schedule, len(self._codes)))


def _bad_schedules(
    indices: npt.NDArray[np.integer[Any]], values: Sequence[object], errors: Mapping[int, ScheduleError]
) -> list[BadSchedule]:
    """Return the values that have an error, by their index, in the order of their first rows."""
    is_bad = np.zeros(len(values) + 1, np.bool_)
    is_bad[[*errors]] = True
    rows = np.flatnonzero(is_bad[indices])
    rows_of: dict[int, list[int]] = {}
    for row, index in zip(rows.tolist(), indices[rows].tolist(), strict=True):
        rows_of.setdefault(index, []).append(row)
    return [BadSchedule(values[index], errors[index], np.array(rows)) for index, rows in rows_of.items()]


def _is_missing(value: object) -> bool:
    # pandas has missing values of its own.
    is_nan = isinstance(value, float) and value != value
    return value is None or is_nan or type(value).__name__ in ("NAType", "NaTType")


def _key(value: object) -> Hashable:
    # Values may be unhashable, and 2, 2.0 and True, which are equal, are three values.
    return value if isinstance(value, str) else (type(value), repr(value))


def _encoded(column: Any) -> tuple[npt.NDArray[np.integer[Any]], Sequence[Any]]:
    """Return each row's index into the distinct values, -1 if it is missing; and these values."""
    if engine_of(column) == "pandas":
        if hasattr(column, "cat"):
            return np.asarray(column.cat.codes), list(column.cat.categories)
        array = getattr(column, "array", column)
        column = array.__arrow_array__() if hasattr(array, "__arrow_array__") else np.asarray(array)
    if speaks_arrow(column):
        return _encoded_arrow(arrow_array(column))
    if isinstance(column, (str, bytes)) or not isinstance(column, Iterable):
        raise TypeError(f"schedules: got {short_repr(column)}, expected a column of schedules")
    indices: dict[Hashable, int] = {}
    values: list[object] = []
    found = []
    for value in column:
        key = value if isinstance(value, str) else _key(value)
        index = indices.get(key)
        if index is None:
            index = indices[key] = len(values)
            values.append(value)
        found.append(index)
    return np.array(found, np.int32), values


def _encoded_arrow(array: Any) -> tuple[npt.NDArray[np.integer[Any]], Sequence[Any]]:
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):  # chunks with different dictionaries, or none
        array = pa.concat_arrays([chunk.dictionary_decode() for chunk in array.chunks])
    if pa.types.is_struct(array.type):
        return _encoded_structs(array)
    if pa.types.is_nested(array.type) or pa.types.is_null(array.type):
        return _encoded(array.to_pylist())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    indices = array.indices if not array.null_count else array.indices.cast(pa.int32()).fill_null(-1)
    return indices.to_numpy(zero_copy_only=False), array.dictionary.to_pylist()


def _encoded_structs(array: Any) -> tuple[npt.NDArray[np.integer[Any]], Sequence[Any]]:
    # Structs differ if one of their fields does, or if one of them is null.
    codes = np.asarray(array.is_valid()).astype(np.int64)
    for field in array.flatten():
        indices, values = _encoded_arrow(field)
        _, codes = np.unique(codes * (len(values) + 1) + indices, return_inverse=True)
    _, rows, codes = np.unique(codes, return_index=True, return_inverse=True)
    return codes, [array[row].as_py() for row in rows.tolist()]
