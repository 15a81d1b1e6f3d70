"""`DueDatesArray`: the due dates of many rows, asked as `DueDates` is asked, for all rows at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import chain, pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch import lookups as questions
from recurring_schedule.batch.calendar_tables import CYCLE_FIRST, CYCLE_LAST, EPOCH, LAST, NULL, Int32
from recurring_schedule.batch.columns import DayOutput, Days, Flags, NumberOutput, PartOfDays, days
from recurring_schedule.batch.lookups import Rows
from recurring_schedule.batch.table_lookup import Lookups
from recurring_schedule.batch.workspace import PART, PART_OF_THREADS, Workspace
from recurring_schedule.core.checks import plain_date, short_repr, whole_number

Answer = TypeVar("Answer")


class Pairs(NamedTuple):
    """Due dates of many rows: the row of each, and the date; in the order of the rows, and of the dates of each."""

    row: Any
    due: Any


class DueDatesArray:
    """The due dates of many rows, each a schedule with its start and perhaps an end: what `ScheduleArray.due_dates` gives.

    >>> from recurring_schedule.batch import ScheduleArray
    >>> due = ScheduleArray.from_wire(["monthly", "quarterly"]).due_dates([date(2024, 1, 31), date(2024, 1, 31)])
    >>> due.after(date(2024, 1, 31))
    array(['2024-02-29', '2024-04-30'], dtype='datetime64[D]')

    The lookups and their columns are those of `ScheduleArray`. The rule of each row is found once, so that a question takes about
    half the time; it is kept in 4 bytes a row, beside the columns of starts and ends.
    """

    __slots__ = ("_codes", "_columns", "_is_arrow", "_lookups", "_numbers")

    def __init__(self, codes: Int32, lookups: Lookups, start: object, end: object, is_arrow: bool) -> None:
        self._codes, self._lookups, self._numbers = codes, lookups, codes
        self._columns: dict[str, Days] = {}
        self._is_arrow = is_arrow
        self._columns, self._is_arrow = self._read({"start": start} if end is None else {"start": start, "end": end})

    def planned(self, workers: int) -> DueDatesArray:
        """The same, with the rule of each row."""
        self._columns = {name: column.checked(name) for name, column in self._columns.items()}
        numbers = np.full(len(self), -1, np.int32)

        def put(rows: Rows) -> None:
            numbers[rows.places] = rows.numbers

        self._ask(self._columns, workers, put)
        numbers.flags.writeable = False
        self._numbers = numbers
        return self

    def __len__(self) -> int:
        return len(self._codes)

    def __repr__(self) -> str:
        return f"<DueDatesArray: {len(self)} rows, {len(self._lookups.rules.schedules)} distinct schedules>"

    def after(self, day: object, *, workers: int = 1) -> Any:
        """The first due date of each row after `day`, which is excluded."""
        return self._dates({"day": day}, workers, questions.after)

    def on_or_after(self, day: object, *, workers: int = 1) -> Any:
        """The first due date of each row that is not before `day`."""
        return self._dates({"day": day}, workers, questions.on_or_after)

    def before(self, day: object, *, workers: int = 1) -> Any:
        """The last due date of each row before `day`, which is excluded."""
        return self._dates({"day": day}, workers, questions.before)

    def on_or_before(self, day: object, *, workers: int = 1) -> Any:
        """The last due date of each row that is not after `day`."""
        return self._dates({"day": day}, workers, questions.on_or_before)

    def contains(self, day: object, *, workers: int = 1) -> Any:
        """Whether `day` is due in each row."""
        columns, is_arrow = self._read({"day": day})
        output = NumberOutput(len(self), is_arrow, np.bool_)
        return self._answered(columns, workers, questions.contains, output)

    def count(self, first: object, last: object, *, workers: int = 1) -> Any:
        """How many due dates each row has from `first` to `last`, both included."""
        columns, is_arrow = self._read({"first": first, "last": last})
        output = NumberOutput(len(self), is_arrow, np.int32)
        return self._answered(columns, workers, questions.count, output)

    def between(self, first: object, last: object, *, workers: int = 1) -> Pairs:
        """The due dates of all rows from `first` to `last`, both included: the billing run."""
        columns, is_arrow = self._read({"first": first, "last": last})
        found = self._ask(columns, workers, questions.between)
        rows = np.concatenate([rows for rows, _ in found] or [np.empty(0, np.intp)])
        due = DayOutput(len(rows), is_arrow)
        place = 0
        for _, days_due in found:
            due.put(slice(place, place := place + len(days_due)), days_due)
        return Pairs(rows, due.done())

    def forecast(self, first: date, last: date, *, workers: int = 1) -> npt.NDArray[np.int64]:
        """How many payments fall due on each day from `first` to `last`, both included; the pairs are not made."""
        lo, hi = (plain_date(day, name).toordinal() - EPOCH for day, name in ((first, "first"), (last, "last")))
        if lo > hi:
            return np.zeros(0, np.int64)
        forecast = questions.Forecast(lo, hi)
        columns, _ = self._read({"first": first, "last": last})
        self._ask(columns, workers, forecast.add)
        return forecast.done()

    def _read(self, columns: dict[str, object]) -> tuple[dict[str, Days], bool]:
        read = {name: days(value, name) for name, value in columns.items()}
        for name, column in read.items():
            if column.rows not in (None, len(self)):
                raise ValueError(
                    f"{name}: got {column.rows} rows, expected {len(self)}, as many as there are schedules"
                )
        return read | self._columns, self._is_arrow or any(column.is_arrow for column in read.values())

    def _dates(self, columns: dict[str, object], workers: int, answer: Callable[[Rows], Int32]) -> Any:
        read, is_arrow = self._read(columns)
        return self._answered(read, workers, answer, DayOutput(len(self), is_arrow))

    def _answered(
        self, columns: dict[str, Days], workers: int, answer: Callable[[Rows], Any], output: DayOutput | NumberOutput
    ) -> Any:
        self._ask(columns, workers, lambda rows: output.put(rows.places, answer(rows)), output)
        return output.done()

    def _ask(
        self,
        columns: dict[str, Days],
        workers: int,
        work: Callable[[Rows], Answer],
        output: DayOutput | NumberOutput | None = None,
    ) -> list[Answer]:
        """What `work` makes of each part of the rows, in order; the rows in which something is missing are null in `output`."""
        if whole_number(workers) is None or workers < 1:
            raise ValueError(f"workers: got {short_repr(workers)}, expected a number of threads, 1 or more")
        is_shared = workers > 1 and len(self) > PART
        most = PART_OF_THREADS if is_shared else PART

        def answers(share: tuple[int, int]) -> list[Answer]:
            parts = _shares(*share, -(-(share[1] - share[0]) // most))
            scratch = Workspace(max((last - first for first, last in parts), default=0))
            rows = (self._part(columns, first, last, scratch, output) for first, last in parts)
            return [work(part) for part in rows if len(part.numbers)]

        if not is_shared:
            return answers((0, len(self)))
        with ThreadPoolExecutor(workers) as pool:
            return list(chain.from_iterable(pool.map(answers, _shares(0, len(self), workers))))

    def _part(
        self,
        columns: dict[str, Days],
        first: int,
        last: int,
        scratch: Workspace,
        output: DayOutput | NumberOutput | None,
    ) -> Rows:
        numbers = self._numbers[first:last]
        is_null: Flags | None = numbers < 0 if numbers.min() < 0 else None
        read: dict[str, PartOfDays] = {}
        for name, column in columns.items():
            part = column.part(name, first, last, scratch.column(name, last - first))
            if (missing := part.is_null) is not None:
                if name == "end":
                    part = part._replace(values=np.where(missing, np.int32(LAST), part.values))
                else:
                    is_null = missing if is_null is None else is_null | missing
            read[name] = part
        places: slice | Any = slice(first, last)
        out = None if output is None else output.room(places)
        if is_null is not None:
            if output is not None:
                output.put(first + np.flatnonzero(is_null), NULL)
            present = np.flatnonzero(~is_null)
            places, numbers, out = first + present, numbers[present], None
            read = {name: part._replace(values=part.values[present]) for name, part in read.items()}
        if self._numbers is self._codes:
            start = read["start"]
            is_near = start.lowest >= CYCLE_FIRST and start.highest <= CYCLE_LAST
            into = scratch.column("numbers", len(numbers))
            numbers = self._lookups.rules.numbers(numbers, start.values, is_near, scratch, into)
        if out is None:
            out = scratch.column("out", len(numbers))
        return Rows(places, numbers, read, self._lookups, scratch, out)


def _shares(first: int, last: int, number: int) -> list[tuple[int, int]]:
    """The rows from `first` up to, and without, `last` in so many shares, as even as can be."""
    return [*pairwise(first + (last - first) * place // number for place in range(number + 1))] if number else []
