"""`DueDatesArray`: the lookups of `DueDates`, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import reduce
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch import lookups
from recurring_schedule.batch.answer_columns import Answers, Rows
from recurring_schedule.batch.calendar_tables import EPOCH, LAST, Int32
from recurring_schedule.batch.day_columns import BoundedDays, DayColumn, day_column
from recurring_schedule.batch.lookups import Part
from recurring_schedule.batch.window_cache import Kernel
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.checks import plain_date

Result = TypeVar("Result")
Columns = dict[str, DayColumn]
_MISSING = {"end": LAST}  # A missing end is the last day; a row with another missing day has no answer.


class Pairs(NamedTuple):
    """Due dates of many rows: the row of each, and the date; ordered by row, then by date."""

    row: Any
    due: Any


class DueDatesArray:
    """The due dates of many rows, each with a schedule, a start and perhaps an end;
    `ScheduleArray.due_dates` makes it.

    >>> from recurring_schedule.batch import ScheduleArray
    >>> due = ScheduleArray.from_wire(["monthly", "quarterly"]).due_dates([date(2024, 1, 31), date(2024, 1, 31)])
    >>> due.after(date(2024, 1, 31))
    array(['2024-02-29', '2024-04-30'], dtype='datetime64[D]')

    The lookups and their columns are those of `ScheduleArray`. The rule of each row is found once,
    so a lookup takes about half the time. The rules take 4 bytes a row, beside the columns of
    starts and ends.

    Like a `ScheduleArray`, it is immutable, and threads may share it. It can be copied and pickled.
    """

    __slots__ = ("_bounds", "_codes", "_has_nulls", "_is_arrow", "_kernel", "_numbers")

    def __init__(
        self,
        codes: Int32,
        has_nulls: bool,
        kernel: Kernel,
        start: object,
        end: object,
        is_arrow: bool,
        numbers: Int32 | None = None,
    ) -> None:
        self._codes, self._has_nulls, self._kernel, self._numbers = codes, has_nulls, kernel, numbers
        self._bounds = self._read({"start": start} if end is None else {"start": start, "end": end})
        self._is_arrow = is_arrow or any(column.is_arrow for column in self._bounds.values())

    def planned(self) -> DueDatesArray:
        """Return the same due dates with the rule of each row, so that lookups need not find it."""
        bounds = {name: column.checked(name, _MISSING.get(name)) for name, column in self._bounds.items()}
        numbers = np.full(len(self), -1, np.int32)

        def keep(part: Part) -> None:
            numbers[part.rows] = part.numbers

        self._by_parts(bounds, keep)
        numbers.flags.writeable = False
        has_nulls = bool(numbers.min(initial=0) < 0)
        columns = bounds["start"], bounds.get("end")
        return DueDatesArray(self._codes, has_nulls, self._kernel, *columns, self._is_arrow, numbers)

    def __reduce__(self) -> tuple[Callable[..., DueDatesArray], tuple[object, ...]]:
        # Without the numbers of the rules, which are those of this kernel.
        bounds = self._bounds["start"], self._bounds.get("end")
        return _planned, (self._codes, self._has_nulls, self._kernel, *bounds, self._is_arrow)

    def __len__(self) -> int:
        return len(self._codes)

    def __repr__(self) -> str:
        return f"<DueDatesArray: {len(self)} rows, {len(self._kernel.rules.schedules)} distinct schedules>"

    def after(self, day: object) -> Any:
        """Return each row's first due date after `day`, which is excluded, or a null."""
        return self._answers({"day": day}, lookups.after)

    def on_or_after(self, day: object) -> Any:
        """Return each row's first due date on or after `day`, or a null."""
        return self._answers({"day": day}, lookups.on_or_after)

    def before(self, day: object) -> Any:
        """Return each row's last due date before `day`, which is excluded, or a null."""
        return self._answers({"day": day}, lookups.before)

    def on_or_before(self, day: object) -> Any:
        """Return each row's last due date on or before `day`, or a null."""
        return self._answers({"day": day}, lookups.on_or_before)

    def contains(self, day: object) -> Any:
        """Return True for each row in which `day` is due."""
        return self._answers({"day": day}, lookups.contains, np.bool_)

    def count(self, first: object, last: object) -> Any:
        """Return each row's number of due dates from `first` to `last`, both included."""
        return self._answers({"first": first, "last": last}, lookups.count, np.int32)

    def between(self, first: object, last: object) -> Pairs:
        """Return the due dates of all rows from `first` to `last`, both included: a billing run."""
        columns = self._read({"first": first, "last": last})
        return self._pairs(self._by_parts(columns | self._bounds, lookups.between), columns)

    def between_parts(self, first: object, last: object) -> Iterator[Pairs]:
        """Return an iterator of the pairs of `between`, some rows at a time."""
        columns = self._read({"first": first, "last": last})
        return (self._pairs([lookups.between(part)], columns) for part in self._parts(columns | self._bounds))

    def forecast(self, first: date, last: date) -> npt.NDArray[np.int64]:
        """Return the number of payments on each day from `first` to `last`, both included."""
        lo, hi = (plain_date(day, name).toordinal() - EPOCH for day, name in ((first, "first"), (last, "last")))
        if lo > hi:
            return np.zeros(0, np.int64)
        forecast = lookups.Forecast(lo, hi, self._kernel.rules)
        self._by_parts(self._read({"first": first, "last": last}) | self._bounds, forecast.add)
        return forecast.totals()

    def _pairs(self, found: list[tuple[npt.NDArray[np.intp], Int32]], columns: Columns) -> Pairs:
        """Return the pairs of rows and days of some parts as one."""
        rows = np.concatenate([rows for rows, _ in found] or [np.empty(0, np.intp)])
        due = Answers(len(rows), self._gives_arrow(columns))
        done = 0
        for _, days in found:
            due.write(slice(done, done := done + len(days)), days)
        return Pairs(rows, due.column())

    def _read(self, values: dict[str, object]) -> Columns:
        return {name: day_column(value, name, len(self)) for name, value in values.items()}

    def _gives_arrow(self, columns: Columns) -> bool:
        return self._is_arrow or any(column.is_arrow for column in columns.values())

    def _answers(
        self,
        days: dict[str, object],
        answer: Callable[[Part], Any],
        dtype: type[np.generic] | None = None,
    ) -> Any:
        """Return a column of numbers of this type, or of days if it is None."""
        columns = self._read(days)
        output = Answers(len(self), self._gives_arrow(columns), dtype)
        self._by_parts(columns | self._bounds, lambda part: output.write(part.rows, answer(part)), output)
        return output.column()

    def _by_parts(
        self, columns: Columns, work: Callable[[Part], Result], output: Answers | None = None
    ) -> list[Result]:
        """Call `work` with each part of the rows and return the results in order."""
        return [work(part) for part in self._parts(columns, output)]

    def _parts(self, columns: Columns, output: Answers | None = None) -> Iterator[Part]:
        """Yield the parts of the rows, each in the memory of the one before.

        Rows in which a value is missing are in no part, and are null in `output`.
        """
        rows, workspaces = len(self), self._kernel.workspaces
        number = -(-rows // self._kernel.rules.policy.part_rows)
        workspace = workspaces.borrow()
        try:
            for share in range(number):
                first, last = rows * share // number, rows * (share + 1) // number
                part = self._part(columns, first, last, workspace, output)
                if len(part.numbers):
                    yield part
        finally:
            workspaces.give_back(workspace)

    def _part(self, columns: Columns, first: int, last: int, workspace: Workspace, output: Answers | None) -> Part:
        rules, parts = self._kernel.rules, dict[str, BoundedDays]()
        nulls = []
        for (name, column), buffer in zip(columns.items(), workspace.columns, strict=False):
            parts[name], is_null = column.part(name, first, last, buffer[: last - first], _MISSING.get(name))
            if is_null is not None:
                nulls.append(is_null)
        numbers = (self._codes if self._numbers is None else self._numbers)[first:last]
        if self._has_nulls:
            nulls.append(numbers < 0)
        rows: Rows = slice(first, last)
        out = None
        if nulls:
            is_null = reduce(np.logical_or, nulls)
            if output is not None:
                output.write_nulls(first + np.flatnonzero(is_null))
            present = np.flatnonzero(~is_null)
            rows, numbers = first + present, numbers[present]
            parts = {name: days.take(present) for name, days in parts.items()}
        elif output is not None:
            out = output.buffer(rows)
        if self._numbers is None:
            numbers = rules.numbers(numbers, parts["start"], workspace)
        out = workspace.answers[: len(numbers)] if out is None else out
        unnumbered = rules.intervals.unnumbered(numbers, self._codes[rows], parts["start"]) if rules.intervals else ()
        return Part(rows, numbers, parts, self._kernel, workspace, out, unnumbered)


def _planned(*args: Any) -> DueDatesArray:
    """Return the array of a pickle, after finding the rule of each row again."""
    return DueDatesArray(*args).planned()
