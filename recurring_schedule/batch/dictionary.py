"""Columns of schedules as they are written, read as the places of the distinct ones: each is parsed once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import Int32
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import Schedule

_SHOWN = 5  # how many rows, and values, an error names
_MOST_WRONG = 4096  # values that are remembered


class BadSchedule(NamedTuple):
    """A value in a column that is no schedule."""

    value: object
    error: ScheduleError
    rows: npt.NDArray[np.intp]
    """The rows that have it."""

    def __str__(self) -> str:
        rows = ", ".join(map(str, self.rows[:_SHOWN].tolist())) + ", ..." * (len(self.rows) > _SHOWN)
        return f"row{'s' * (len(self.rows) > 1)} {rows}: {self.error}"


class BadSchedulesError(ValueError):
    """Some values of a column are no schedules."""

    def __init__(self, bad: Sequence[BadSchedule]) -> None:
        super().__init__(bad)
        self.bad = bad
        """Each such value, with the reason and its rows."""

    def __str__(self) -> str:
        rows = sum(len(one.rows) for one in self.bad)
        first = sorted(self.bad, key=lambda one: int(one.rows[0]))[:_SHOWN]
        more = f"\n- and {len(self.bad) - len(first)} more values" if len(self.bad) > len(first) else ""
        return f"{rows} row{'s' * (rows > 1)} with no schedule:" + "".join(f"\n- {one}" for one in first) + more


class ScheduleDictionary:
    """The distinct schedules met so far, each with its place: a value is parsed when it is met first.

    Wire forms that say the same schedule have the same place.
    """

    def __init__(self, dialect: Dialect | str | None = None) -> None:
        self._dialect = dialect
        self._known: dict[Hashable, int] = {}
        self._wrong: dict[Hashable, ScheduleError] = {}
        self._places: dict[Schedule, int] = {}

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The schedules, by their places."""
        return tuple(self._places)

    def places(self, column: object) -> tuple[Int32, list[BadSchedule]]:
        """For each row the place of its schedule, -1 for none; and the values that are no schedules."""
        indices, values = _encoded(column)
        found = [self._place(value) for value in values]
        places = np.array([*(place if isinstance(place, int) else -1 for place in found), -1], np.int32)
        is_wrong = np.array([*(isinstance(place, ScheduleError) for place in found), False])
        rows = np.flatnonzero(is_wrong[indices])
        rows = rows[np.argsort(indices[rows], kind="stable")]
        numbers, begins = np.unique(indices[rows], return_index=True)
        bad = [
            BadSchedule(values[number], error, of_value)
            for number, of_value in zip(numbers.tolist(), np.split(rows, begins[1:]), strict=False)
            if isinstance(error := found[number], ScheduleError)
        ]
        return places[indices], bad

    def _place(self, value: object) -> int | ScheduleError:
        if _is_missing(value):
            return -1
        key = _key(value)
        place = self._known.get(key)
        return place if place is not None else self._wrong.get(key) or self._parse(value, key)

    def _parse(self, value: object, key: Hashable) -> int | ScheduleError:
        try:
            schedule = Schedule.parse(value, self._dialect)
        except ScheduleError as error:
            if len(self._wrong) >= _MOST_WRONG:
                self._wrong.clear()
            # Without its trace, whose frames would keep the column.
            return self._wrong.setdefault(key, ScheduleError(*error.args))
        return self._known.setdefault(key, self._places.setdefault(schedule, len(self._places)))


def _is_missing(value: object) -> bool:
    # pandas has missing values of its own.
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )


def _key(value: object) -> Hashable:
    # Not the value itself, which may be unhashable; nor by equality, for 2, 2.0 and True are three values.
    return value if isinstance(value, str) else (type(value), repr(value))


def _encoded(column: object) -> tuple[npt.NDArray[np.integer[Any]], Sequence[Any]]:
    """For each row the place of its value among the distinct ones, -1 for a missing one; and these values."""
    package = type(column).__module__.partition(".")[0]
    if package == "polars":
        column = column.to_arrow()  # type: ignore[attr-defined]  # what all series of Polars have
        package = "pyarrow"
    if package == "pandas":
        if hasattr(column, "cat"):
            return np.asarray(column.cat.codes), list(column.cat.categories)
        array = getattr(column, "array", column)
        if hasattr(array, "__arrow_array__"):
            column, package = array.__arrow_array__(), "pyarrow"
        else:
            column = np.asarray(array)
    if package == "pyarrow":
        return _encoded_arrow(column)
    if isinstance(column, (str, bytes)) or not isinstance(column, Iterable):
        raise TypeError(f"schedules: got {short_repr(column)}, expected a column of them")
    places: dict[Hashable, int] = {}
    values: list[object] = []
    return np.fromiter(_indices(column, places, values), np.int32), values


def _indices(column: Iterable[object], places: dict[Hashable, int], values: list[object]) -> Iterable[int]:
    for value in column:
        key = value if isinstance(value, str) else _key(value)
        place = places.get(key)
        if place is None:
            place = places[key] = len(values)
            values.append(value)
        yield place


def _encoded_arrow(column: Any) -> tuple[npt.NDArray[np.integer[Any]], Sequence[Any]]:
    import pyarrow as pa

    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # chunks with different dictionaries, or none
        array = pa.concat_arrays([chunk.dictionary_decode() for chunk in array.chunks])
    if pa.types.is_struct(array.type) or pa.types.is_null(array.type):
        return _encoded(array.to_pylist())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    return np.asarray(array.indices.cast(pa.int32()).fill_null(-1)), array.dictionary.to_pylist()
