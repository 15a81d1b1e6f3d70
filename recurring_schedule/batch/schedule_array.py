"""`ScheduleArray`: a column of schedules, asked as `DueDates` is asked, for all rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from threading import Lock
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import Int32
from recurring_schedule.batch.dictionary import BadSchedule, BadSchedulesError, ScheduleDictionary
from recurring_schedule.batch.due_dates_array import DueDatesArray, Pairs
from recurring_schedule.batch.rule_tables import MOST_RULES
from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.table_lookup import Lookups
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import Schedule


class ScheduleArray:
    """A column of schedules: the distinct ones, and for each row the place of its own among them; -1 for none.

    >>> schedules = ScheduleArray.from_wire(["monthly", {"frequency": "weekly", "divisor": 2}, None])
    >>> schedules.after(date(2024, 2, 1), start=[date(2024, 1, 31), date(2024, 1, 1), date(2024, 1, 1)])
    array(['2024-02-29', '2024-02-05',        'NaT'], dtype='datetime64[D]')

    All lookups take columns of days, of NumPy (`datetime64[D]`), Arrow (`date32`), pandas or Polars, or a sequence of dates; or a
    date, for all rows. They answer with Arrow columns if the schedules or some of the days are one, with NumPy's otherwise. A row
    in which something is missing has no answer: null, NaT, or among NumPy's truth values and numbers, False and 0; but a missing
    end is no end. `workers` is how many threads answer.

    Lookups raise TypeError for what is no day, ValueError for a time of day, and for a column of another length.
    """

    __slots__ = ("_bad", "_codes", "_is_arrow", "_lookups")

    def __init__(self, codes: Int32, lookups: Lookups, bad: Sequence[BadSchedule] = (), is_arrow: bool = False) -> None:
        codes.flags.writeable = False  # so that they stay places of schedules, which nothing looks at again
        self._codes, self._lookups, self._bad, self._is_arrow = codes, lookups, tuple(bad), is_arrow

    @classmethod
    def from_wire(
        cls, column: object, dialect: Dialect | str | None = None, errors: Literal["raise", "null"] = "raise"
    ) -> ScheduleArray:
        """The schedules that a column of wire forms says: each distinct one is parsed once.

        >>> schedules = ScheduleArray.from_wire(["monthly", {"frequency": "weekly", "offset": 7}], errors="null")
        >>> print(schedules.null_count, *schedules.bad)
        1 row 1: offset: got 7, expected a weekday, 0 (Sunday) to 6 (Saturday); Sunday is 0

        The column is of Arrow (strings or structs, dictionary encoded or not), pandas, Polars or NumPy, or any sequence; what is
        missing is no schedule. `dialect` is INTERGIRO if not given. Raises BadSchedulesError, a ValueError, for values that are no
        schedules, unless `errors` is "null": then these rows are null, and `bad` says why.
        """
        return ScheduleReader(dialect, errors).read(column)

    @classmethod
    def from_codes(cls, codes: object, schedules: Iterable[Schedule]) -> ScheduleArray:
        """The schedules at these places of `schedules`: codes are integers from 0, and -1 for none.

        >>> ScheduleArray.from_codes([0, 0, -1], [Schedule("monthly")])[1]
        Schedule('monthly')

        Raises ValueError for other codes, TypeError for what is no Schedule.
        """
        distinct = tuple(schedules)
        for place, schedule in enumerate(distinct):
            if not isinstance(schedule, Schedule):
                raise TypeError(
                    f"schedules[{place}]: got {short_repr(schedule)}, expected a Schedule, which Schedule.parse gives"
                )
        numbers = np.asarray(codes)
        if numbers.ndim != 1 or (numbers.dtype.kind not in "iu" and len(numbers)):
            raise ValueError(f"codes: got {numbers.ndim} dimensions of {numbers.dtype}, expected a column of integers")
        if len(numbers) and (numbers.min() < -1 or numbers.max() >= len(distinct)):
            row = int(np.argmax((numbers < -1) | (numbers >= len(distinct))))
            raise ValueError(
                f"codes[{row}]: got {numbers[row]}, expected -1 for none, or a place from 0 to {len(distinct) - 1}"
            )
        return cls(numbers.astype(np.int32), Lookups(Rules(distinct)))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The distinct schedules."""
        return self._lookups.rules.schedules

    @property
    def codes(self) -> Int32:
        """For each row the place of its schedule in `schedules`; -1 for none."""
        return self._codes

    @property
    def bad(self) -> tuple[BadSchedule, ...]:
        """The values that were no schedules, each with the reason and its rows."""
        return self._bad

    @property
    def null_count(self) -> int:
        """In how many rows there is no schedule."""
        return int(np.count_nonzero(self._codes < 0))

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, row: int) -> Schedule | None: ...
    @overload
    def __getitem__(self, row: slice) -> ScheduleArray: ...
    def __getitem__(self, row: int | slice) -> Schedule | ScheduleArray | None:
        """The schedule of a row, from either end, `None` if there is none; or those of a slice. Raises IndexError outside."""
        if isinstance(row, slice):
            return self.take(row)
        code = int(self._codes[row])
        return None if code < 0 else self.schedules[code]

    def take(self, rows: slice | npt.NDArray[np.intp]) -> ScheduleArray:
        """The schedules of these rows, which may be repeated; what is known of their rules is known to both."""
        return ScheduleArray(self._codes[rows], self._lookups, (), self._is_arrow)

    def __iter__(self) -> Iterator[Schedule | None]:
        return (None if code < 0 else self.schedules[code] for code in self._codes.tolist())

    def __repr__(self) -> str:
        return f"<ScheduleArray: {len(self)} rows, {len(self.schedules)} distinct schedules, {self.null_count} null>"

    def due_dates(self, start: object, end: object = None, *, workers: int = 1) -> DueDatesArray:
        """The due dates of each row from `start`, and up to `end`, both included: for many questions about the same rows.

        >>> schedules = ScheduleArray.from_wire(["monthly", "weekly"])
        >>> schedules.due_dates(date(2024, 1, 31)).between(date(2024, 2, 25), date(2024, 2, 29)).due
        array(['2024-02-29', '2024-02-28'], dtype='datetime64[D]')
        """
        return self._due_dates(start, end).planned(workers)

    def _due_dates(self, start: object, end: object) -> DueDatesArray:
        return DueDatesArray(self._codes, self._lookups, start, end, self._is_arrow)

    def after(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The first due date of each row after `day`, which is excluded. In a column of ends, a null is no end."""
        return self._due_dates(start, end).after(day, workers=workers)

    def on_or_after(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The first due date of each row that is not before `day`."""
        return self._due_dates(start, end).on_or_after(day, workers=workers)

    def before(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The last due date of each row before `day`, which is excluded."""
        return self._due_dates(start, end).before(day, workers=workers)

    def on_or_before(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The last due date of each row that is not after `day`."""
        return self._due_dates(start, end).on_or_before(day, workers=workers)

    def contains(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """Whether `day` is due in each row."""
        return self._due_dates(start, end).contains(day, workers=workers)

    def count(self, first: object, last: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """How many due dates each row has from `first` to `last`, both included.

        >>> ScheduleArray.from_wire(["monthly", "weekly"]).count(date(2024, 1, 1), date(2024, 12, 31), start=date(2024, 1, 1))
        array([12, 53], dtype=int32)
        """
        return self._due_dates(start, end).count(first, last, workers=workers)

    def between(self, first: object, last: object, start: object, end: object = None, *, workers: int = 1) -> Pairs:
        """The due dates of all rows from `first` to `last`, both included: the billing run.

        >>> schedules = ScheduleArray.from_wire(["monthly", "weekly"])
        >>> pairs = schedules.between(date(2024, 1, 1), date(2024, 1, 14), start=date(2024, 1, 1))
        >>> pairs.row, pairs.due
        (array([0, 1, 1]), array(['2024-01-01', '2024-01-01', '2024-01-08'], dtype='datetime64[D]'))
        """
        return self._due_dates(start, end).between(first, last, workers=workers)

    def forecast(
        self, first: date, last: date, start: object, end: object = None, *, workers: int = 1
    ) -> npt.NDArray[np.int64]:
        """How many payments fall due on each day from `first` to `last`, both included; the pairs are not made.

        >>> ScheduleArray.from_wire(["monthly", "weekly"]).forecast(date(2024, 1, 1), date(2024, 1, 8), start=date(2024, 1, 1))
        array([2, 0, 0, 0, 0, 0, 0, 1])
        """
        return self._due_dates(start, end).forecast(first, last, workers=workers)


class ScheduleReader:
    """Reads columns of schedules one after the other, such as the batches of a stream: what one has taught serves the next.

    >>> reader = ScheduleReader()
    >>> [reader.read(column).schedules for column in (["monthly"], ["weekly", "monthly"])]
    [(Schedule('monthly'),), (Schedule('monthly'), Schedule('weekly'))]

    `dialect` and `errors` are those of `ScheduleArray.from_wire`. Threads may share it.
    """

    def __init__(self, dialect: Dialect | str | None = None, errors: Literal["raise", "null"] = "raise") -> None:
        if errors not in ("raise", "null"):
            raise ValueError(f"errors: got {errors!r}, expected 'raise' or 'null'")
        self._dictionary, self._errors = ScheduleDictionary(dialect), errors
        self._lookups, self._lock = Lookups(Rules(())), Lock()

    def read(self, column: object) -> ScheduleArray:
        """The schedules of a column, as `ScheduleArray.from_wire` gives them."""
        with self._lock:
            codes, bad = self._dictionary.places(column)
            schedules, rules = self._dictionary.schedules, self._lookups.rules
            if len(schedules) > len(rules.schedules) or len(rules.rules) > MOST_RULES:
                self._lookups = Lookups(Rules(schedules))
            lookups = self._lookups
        if bad and self._errors == "raise":
            raise BadSchedulesError(bad)
        return ScheduleArray(codes, lookups, bad, type(column).__module__.partition(".")[0] == "pyarrow")
