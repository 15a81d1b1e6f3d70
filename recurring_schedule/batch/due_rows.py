"""Rows with due dates, and how lookups go through them: some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.answer_columns import Answers, Rows
from recurring_schedule.batch.calendar_tables import EPOCH, LAST, Int32
from recurring_schedule.batch.day_columns import BoundedDays, DayColumn, day_column
from recurring_schedule.batch.lookups import Part
from recurring_schedule.batch.window_cache import Kernel
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.schedule_set import Plan

Columns = dict[str, DayColumn]
_MISSING = {"end": LAST}  # A missing end is the last day; a row with another missing day has no answer.


class DueRows:
    """Rows, each with a schedule, a start and perhaps an end.

    It is immutable, and threads may share it. A copy or a pickle finds the rules of the rows again.
    """

    __slots__ = ("_bounds", "_codes", "_has_nulls", "_is_arrow", "_numbers", "kernel")

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
        self._codes, self._has_nulls, self._numbers = codes, has_nulls, numbers
        self.kernel = kernel
        """The tables that answer lookups."""
        self._bounds = self.read({"start": start} if end is None else {"start": start, "end": end})
        self._is_arrow = is_arrow or any(column.is_arrow for column in self._bounds.values())

    def planned(self) -> DueRows:
        """Return the same rows with the rule of each, so that lookups need not find it."""
        bounds = {name: column.checked(name, _MISSING.get(name)) for name, column in self._bounds.items()}
        columns = bounds["start"], bounds.get("end")
        checked = DueRows(self._codes, self._has_nulls, self.kernel, *columns, self._is_arrow)
        numbers = np.full(len(self), -1, np.int32)
        for part in checked.parts({}):
            numbers[part.rows] = part.numbers
        numbers.flags.writeable = False
        return DueRows(self._codes, bool(numbers.min(initial=0) < 0), self.kernel, *columns, self._is_arrow, numbers)

    def __reduce__(self) -> tuple[Callable[..., DueRows], tuple[object, ...]]:
        # Without the numbers of the rules, which are those of this kernel.
        bounds = self._bounds["start"], self._bounds.get("end")
        return _planned, (self._codes, self._has_nulls, self.kernel, *bounds, self._is_arrow)

    def __len__(self) -> int:
        return len(self._codes)

    def read(self, values: dict[str, object]) -> Columns:
        """Return columns of days, by name, with a day for each row."""
        return {name: day_column(value, name, len(self)) for name, value in values.items()}

    def answers(
        self,
        days: dict[str, object],
        answer: Callable[[Part], npt.NDArray[Any]],
        dtype: type[np.generic] | None = None,
    ) -> Any:
        """Return a column of the answers to parts: numbers of this type, or days if it is None."""
        columns = self.read(days)
        output = Answers(len(self), self._gives_arrow(columns), dtype)
        for part in self.parts(columns, output):
            output.write(part.rows, answer(part))
        return output.column()

    def joined(self, found: Sequence[tuple[npt.NDArray[Any], ...]], width: int, columns: Columns) -> tuple[Any, ...]:
        """Return what was found in parts as `width` columns: the rows, then columns of days."""
        rows, *days = ([part[index] for part in found] for index in range(width))
        return np.concatenate(rows or [np.empty(0, np.intp)]), *(self._joined_days(parts, columns) for parts in days)

    def _joined_days(self, parts: Sequence[Int32], columns: Columns) -> Any:
        output = Answers(sum(map(len, parts)), self._gives_arrow(columns))
        done = 0
        for days in parts:
            output.write(slice(done, done := done + len(days)), days)
        return output.column()

    def parts(self, columns: Columns, output: Answers | None = None) -> Iterator[Part]:
        """Yield the parts of the rows with these columns, each in the memory of the one before.

        Rows in which a value is missing are in no part, and are null in `output`.
        """
        columns = columns | self._bounds
        rows, workspaces = len(self), self.kernel.workspaces
        number = -(-rows // self.kernel.rules.policy.part_rows)
        workspace = workspaces.borrow()
        try:
            for share in range(number):
                first, last = rows * share // number, rows * (share + 1) // number
                part = self._part(columns, first, last, workspace, output)
                if len(part.numbers):
                    yield part
        finally:
            workspaces.give_back(workspace)

    def due_dates(self, row: int) -> DueDates:
        """Return the due dates of a row, which lacks no value."""
        bounds = []
        for name, column in self._bounds.items():
            part, _ = column.part(name, row, row + 1, np.empty(1, np.int32), _MISSING.get(name))
            bounds.append(date.fromordinal(int(part.days[0]) + EPOCH))
        plan: Plan = self.kernel.rules.schedules[self._codes[row]]
        return plan.due_dates(*bounds)

    def _gives_arrow(self, columns: Columns) -> bool:
        return self._is_arrow or any(column.is_arrow for column in columns.values())

    def _part(self, columns: Columns, first: int, last: int, workspace: Workspace, output: Answers | None) -> Part:
        rules, parts = self.kernel.rules, dict[str, BoundedDays]()
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
        return Part(rows, numbers, parts, self.kernel, workspace, out, unnumbered)


def _planned(*args: Any) -> DueRows:
    """Return the rows of a pickle, after finding the rule of each again."""
    return DueRows(*args).planned()
