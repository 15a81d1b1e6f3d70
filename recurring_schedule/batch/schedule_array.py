"""`ScheduleArray`: a column of schedules, with the lookups of `DueDates` for all rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from threading import Lock
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import Int32
from recurring_schedule.batch.day_columns import minimum, speaks_arrow
from recurring_schedule.batch.dictionary import BadSchedule, BadSchedulesError, ScheduleDictionary
from recurring_schedule.batch.due_dates_array import DueDatesArray, Pairs
from recurring_schedule.batch.due_rows import DueRows
from recurring_schedule.batch.policy import STANDARD, Policy
from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.window_cache import Kernel
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule_set import Plan, check_plan, parse

Errors = Literal["raise", "null"]


class ScheduleArray:
    """A column of schedules and of sets: the distinct ones, and a code for each row, which is the
    index of its schedule, or -1 for a null.

    >>> schedules = ScheduleArray.from_wire(["monthly", {"frequency": "weekly", "divisor": 2}, None])
    >>> schedules.after(date(2024, 2, 1), start=[date(2024, 1, 31), date(2024, 1, 1), date(2024, 1, 1)])
    array(['2024-02-29', '2024-02-05',        'NaT'], dtype='datetime64[D]')

    All lookups take days as columns or as one date for all rows. A column is an array of NumPy
    (`datetime64[D]`) or Arrow (`date32`), a series of pandas or Polars, or a sequence of dates. The
    answer is an Arrow array if the schedules or any of the days are one, and otherwise a NumPy
    array.

    A row with a missing value has no answer: null or NaT, or, in a NumPy array of truth values or
    numbers, False or 0. But a missing end means that the row has no end.

    Lookups raise TypeError for a column that does not hold days, ValueError for a time of day or a
    column of another length.

    A column is immutable. Threads may share it. It can be copied and pickled, for example for a
    pool of processes; a pickle or a deep copy has the same answers, and builds its tables again.
    """

    __slots__ = ("_bad", "_codes", "_has_nulls", "_is_arrow", "kernel")

    def __init__(self, codes: Int32, kernel: Kernel, bad: Sequence[BadSchedule] = (), is_arrow: bool = False) -> None:
        codes.flags.writeable = False  # they are not checked again
        self._codes, self._bad, self._is_arrow = codes, tuple(bad), is_arrow
        self._has_nulls = len(codes) > 0 and minimum(codes) < 0
        self.kernel = kernel
        """The tables that answer lookups. Columns taken from this one share them."""

    @classmethod
    def from_wire(cls, column: object, dialect: Dialect | str | None = None, errors: Errors = "raise") -> ScheduleArray:
        """Return the schedules of a column of wire forms. Each distinct one is parsed once.

        >>> schedules = ScheduleArray.from_wire(["monthly", {"frequency": "weekly", "offset": 7}], errors="null")
        >>> print(schedules.null_count, *schedules.bad)
        1 row 1: offset: got 7, expected a weekday, 0 (Sunday) to 6 (Saturday); Sunday is 0

        The column is of Arrow (strings or structs, dictionary encoded or not), pandas, Polars or
        NumPy, or any sequence. Missing values are nulls. `dialect` is INTERGIRO if not given.
        Raises BadSchedulesError, a ValueError, for values that are not schedules. If `errors` is
        "null", their rows are nulls instead, and `bad` holds the reasons.
        """
        return ScheduleReader(dialect, errors).read(column)

    @classmethod
    def from_codes(cls, codes: object, schedules: Iterable[Plan], policy: Policy = STANDARD) -> ScheduleArray:
        """Return a column of schedules. A code is an index into `schedules`, or -1 for a null.

        >>> ScheduleArray.from_codes([0, 0, -1], [Schedule("monthly")])[1]
        Schedule('monthly')

        Raises ValueError for other codes, TypeError if an element of `schedules` is neither a
        Schedule nor a ScheduleSet. `policy` limits the memory of the lookups' tables.
        """
        distinct = tuple(schedules)
        for code, one in enumerate(distinct):
            check_plan(one, f"schedules[{code}]")
        numbers = np.asarray(codes)
        if numbers.ndim != 1 or (numbers.dtype.kind not in "iu" and len(numbers)):
            raise ValueError(
                f"codes: got a {numbers.ndim}-dimensional array of {numbers.dtype}, expected a column of integers"
            )
        if len(numbers) and (numbers.min() < -1 or numbers.max() >= len(distinct)):
            row = int(np.argmax((numbers < -1) | (numbers >= len(distinct))))
            raise ValueError(
                f"codes[{row}]: got {numbers[row]}, expected -1 for a null, or an index from 0 to {len(distinct) - 1}"
            )
        return cls(numbers.astype(np.int32), Kernel(Rules(distinct, policy)))

    @property
    def schedules(self) -> tuple[Plan, ...]:
        """The distinct schedules."""
        return self.kernel.rules.schedules

    @property
    def codes(self) -> Int32:
        """Each row's code: the index of its schedule in `schedules`, or -1 for a null."""
        return self._codes

    @property
    def bad(self) -> tuple[BadSchedule, ...]:
        """The values that are not schedules, each with its error and its rows."""
        return self._bad

    @property
    def null_count(self) -> int:
        """The number of rows without a schedule."""
        return int((self._codes < 0).sum())

    def __reduce__(self) -> tuple[type[ScheduleArray], tuple[object, ...]]:
        return type(self), (self._codes, self.kernel, self._bad, self._is_arrow)

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, row: int) -> Plan | None: ...
    @overload
    def __getitem__(self, row: slice) -> ScheduleArray: ...
    def __getitem__(self, row: int | slice) -> Plan | ScheduleArray | None:
        """Return the schedule of a row, or None; a negative row counts from the end, and a slice is
        a column. Raises IndexError outside.
        """
        if isinstance(row, slice):
            return self.take(row)
        code = int(self._codes[row])
        return None if code < 0 else self.schedules[code]

    def take(self, rows: slice | npt.NDArray[np.intp]) -> ScheduleArray:
        """Return the schedules of these rows, which may repeat. Both columns share their tables."""
        return ScheduleArray(self._codes[rows], self.kernel, (), self._is_arrow)

    def __iter__(self) -> Iterator[Plan | None]:
        return (None if code < 0 else self.schedules[code] for code in self._codes.tolist())

    def __repr__(self) -> str:
        return f"<ScheduleArray: {len(self)} rows, {len(self.schedules)} distinct schedules, {self.null_count} null>"

    def due_dates(self, start: object, end: object = None) -> DueDatesArray:
        """Return the due dates from `start` to `end`, both included, to look up many times.

        >>> schedules = ScheduleArray.from_wire(["monthly", "weekly"])
        >>> schedules.due_dates(date(2024, 1, 31)).between(date(2024, 2, 25), date(2024, 2, 29)).due
        array(['2024-02-29', '2024-02-28'], dtype='datetime64[D]')
        """
        return self._due_dates(start, end).planned()

    def _due_dates(self, start: object, end: object) -> DueDatesArray:
        return DueDatesArray(DueRows(self._codes, self._has_nulls, self.kernel, start, end, self._is_arrow))

    def after(self, day: object, start: object, end: object = None) -> Any:
        """Return each row's first due date after `day`, which is excluded."""
        return self._due_dates(start, end).after(day)

    def on_or_after(self, day: object, start: object, end: object = None) -> Any:
        """Return each row's first due date on or after `day`."""
        return self._due_dates(start, end).on_or_after(day)

    def before(self, day: object, start: object, end: object = None) -> Any:
        """Return each row's last due date before `day`, which is excluded."""
        return self._due_dates(start, end).before(day)

    def on_or_before(self, day: object, start: object, end: object = None) -> Any:
        """Return each row's last due date on or before `day`."""
        return self._due_dates(start, end).on_or_before(day)

    def contains(self, day: object, start: object, end: object = None) -> Any:
        """Return True for each row in which `day` is due."""
        return self._due_dates(start, end).contains(day)

    def count(self, first: object, last: object, start: object, end: object = None) -> Any:
        """Return each row's number of due dates from `first` to `last`, both included.

        >>> ScheduleArray.from_wire(["monthly", "weekly"]).count(date(2024, 1, 1), date(2024, 12, 31), start=date(2024, 1, 1))
        array([12, 53], dtype=int32)
        """
        return self._due_dates(start, end).count(first, last)

    def between(self, first: object, last: object, start: object, end: object = None) -> Pairs:
        """Return the due dates of all rows from `first` to `last`, both included: a billing run.

        >>> schedules = ScheduleArray.from_wire(["monthly", "weekly"])
        >>> pairs = schedules.between(date(2024, 1, 1), date(2024, 1, 14), start=date(2024, 1, 1))
        >>> pairs.row, pairs.due
        (array([0, 1, 1]), array(['2024-01-01', '2024-01-01', '2024-01-08'], dtype='datetime64[D]'))
        """
        return self._due_dates(start, end).between(first, last)

    def between_parts(self, first: object, last: object, start: object, end: object = None) -> Iterator[Pairs]:
        """Return an iterator of the pairs of `between`, some rows at a time.

        So a billing run over many rows takes little memory: each part has the pairs of at most
        `Policy.part_rows` rows, 65,535 by default. Rows have the indices that `between` gives them.

        >>> schedules = ScheduleArray.from_wire(["monthly", "weekly"])
        >>> parts = schedules.between_parts(date(2024, 1, 1), date(2024, 1, 14), start=date(2024, 1, 1))
        >>> sum(len(pairs.due) for pairs in parts)
        3
        """
        return self._due_dates(start, end).between_parts(first, last)

    def forecast(self, first: date, last: date, start: object, end: object = None) -> npt.NDArray[np.int64]:
        """Return the number of payments on each day from `first` to `last`, both included.

        >>> ScheduleArray.from_wire(["monthly", "weekly"]).forecast(date(2024, 1, 1), date(2024, 1, 8), start=date(2024, 1, 1))
        array([2, 0, 0, 0, 0, 0, 0, 1])
        """
        return self._due_dates(start, end).forecast(first, last)


class ScheduleReader:
    """A reader of columns, such as the batches of a stream, that parses each distinct value once.

    >>> reader = ScheduleReader()
    >>> [reader.read(column).schedules for column in (["monthly"], ["weekly", "monthly"])]
    [(Schedule('monthly'),), (Schedule('monthly'), Schedule('weekly'))]

    `dialect` and `errors` are those of `ScheduleArray.from_wire`; `policy` limits the memory of the
    lookups' tables. Threads may share a reader. A copy or a pickle is a new reader with the same
    settings, which has not read anything yet.
    """

    def __init__(
        self, dialect: Dialect | str | None = None, errors: Errors = "raise", policy: Policy = STANDARD
    ) -> None:
        if errors not in ("raise", "null"):
            raise ValueError(f"errors: got {errors!r}, expected 'raise' or 'null'")
        self._settings = dialect, errors, policy
        self._dictionary = ScheduleDictionary(partial(parse, dialect=dialect))
        self._kernel, self._lock = Kernel(Rules((), policy)), Lock()

    def __reduce__(self) -> tuple[type[ScheduleReader], tuple[object, ...]]:
        return type(self), self._settings

    def read(self, column: object) -> ScheduleArray:
        """Return the schedules of a column, as `ScheduleArray.from_wire` does."""
        _, errors, policy = self._settings
        with self._lock:
            codes, bad = self._dictionary.codes(column)
            rules = self._kernel.rules
            if len(self._dictionary) > len(rules.schedules) or len(rules.rules) > policy.most_rules:
                self._kernel = Kernel(Rules(self._dictionary.schedules, policy))
            kernel = self._kernel
        if bad and errors == "raise":
            raise BadSchedulesError(bad)
        return ScheduleArray(codes, kernel, bad, speaks_arrow(column))
