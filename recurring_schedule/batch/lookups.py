"""The lookups of `DueDates` for a part of the rows, in terms of the kernel's three."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import EPOCH, NULL, Int32
from recurring_schedule.batch.day_columns import BoundedDays, Flags
from recurring_schedule.batch.intervals import UNNUMBERED, UnnumberedRows
from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.window_cache import Kernel
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.due_dates import DueDates


class Part(NamedTuple):
    """Rows that are answered together, none of which lacks a value."""

    rows: slice | npt.NDArray[np.intp]
    """Their indices in the whole column."""
    numbers: Int32
    """The number of each row's rule."""
    columns: dict[str, BoundedDays]
    kernel: Kernel
    workspace: Workspace
    out: Int32
    """The memory in which answers may be computed."""
    unnumbered: Sequence[UnnumberedRows] = ()
    """The rows without a numbered rule."""

    @property
    def buffer(self) -> Int32:
        """The memory for the days to look up."""
        return self.workspace.days[: len(self.numbers)]

    def next_due(self, day: BoundedDays, out: Int32) -> Int32:
        """Return each row's first due day on or after the day, or a day after `LAST`."""
        due = self.kernel.next_due(self.numbers, day, out, self.workspace)
        for at, rows in self.unnumbered:
            due[at] = rows.next_due(day.take(at))
        return due

    def previous_due(self, day: BoundedDays, out: Int32) -> Int32:
        """Return each row's last due day on or before the day, or a day before the start."""
        due = self.kernel.previous_due(self.numbers, day, out, self.workspace)
        for at, rows in self.unnumbered:
            due[at] = rows.previous_due(day.take(at))
        return due

    def ranks(self, day: BoundedDays, out: Int32) -> Int32:
        """Return each row's number of due days before the day, counted from some day of the row."""
        ranks = self.kernel.ranks(self.numbers, day, out, self.workspace)
        for at, rows in self.unnumbered:
            ranks[at] = rows.ranks(day.take(at))
        return ranks

    def kept(self, is_kept: Flags) -> Part:
        """Return the part with some of its rows, to look up; the rest is as it was."""
        unnumbered = [some.kept(is_kept) for some in self.unnumbered]
        return self._replace(numbers=self.numbers[is_kept], unnumbered=unnumbered)


def after(part: Part) -> Int32:
    """Return each row's first due date after the day; a day after `LAST` if there is none."""
    return _first_due(part, part.columns["day"].plus(1, part.buffer))


def on_or_after(part: Part) -> Int32:
    """Return each row's first due date on or after the day; a day after `LAST` if there is none."""
    return _first_due(part, part.columns["day"])


def _first_due(part: Part, day: BoundedDays) -> Int32:
    day = day.at_least(part.columns["start"], part.buffer)
    due = part.next_due(day, part.out)
    if "end" in part.columns:
        np.copyto(due, NULL, where=due > part.columns["end"].days)
    return due


def before(part: Part) -> Int32:
    """Return each row's last due date before the day; a day after `LAST` if there is none."""
    return _last_due(part, part.columns["day"].plus(-1, part.buffer))


def on_or_before(part: Part) -> Int32:
    """Return each row's last due date on or before the day; a day after `LAST` if there is none."""
    return _last_due(part, part.columns["day"])


def _last_due(part: Part, day: BoundedDays) -> Int32:
    if "end" in part.columns:
        day = day.at_most(part.columns["end"], part.buffer)
    due = part.previous_due(day, part.out)
    np.copyto(due, NULL, where=due < part.columns["start"].days)
    return due


def contains(part: Part) -> Flags:
    """Return True for each row in which the day is due."""
    day, start = part.columns["day"], part.columns["start"]
    is_due: Flags = part.next_due(day, part.out) == day.days
    if start.highest > day.lowest:
        is_due &= day.days >= start.days
    if "end" in part.columns:
        is_due &= day.days <= part.columns["end"].days
    return is_due


def _bounds(part: Part, buffer: Int32) -> tuple[BoundedDays, BoundedDays]:
    """Return each row's first and last day that may be due; the first one may be in the buffer."""
    first, last = part.columns["first"].at_least(part.columns["start"], buffer), part.columns["last"]
    return first, last.at_most(part.columns["end"], np.empty_like(buffer)) if "end" in part.columns else last


def count(part: Part) -> Int32:
    """Return the number of due dates from each row's first to its last day, both included."""
    first, last = _bounds(part, np.empty_like(part.numbers))
    to_last = part.ranks(last.plus(1, part.buffer), np.empty_like(part.numbers))
    to_last -= part.ranks(first, part.buffer)
    return np.maximum(to_last, 0, out=to_last)


def between(part: Part) -> tuple[npt.NDArray[np.intp], Int32]:
    """Return the row and the day of each due date from the first to the last day, in order."""
    steps = list(_walk(part, *_bounds(part, np.empty_like(part.numbers))))
    live = np.concatenate([live for live, _ in steps])
    due = np.concatenate([due for _, due in steps])
    order = np.argsort(live, kind="stable")  # a radix sort, since 16 bits hold the rows of a usual part
    live = live[order].astype(np.intp)
    return part.rows.start + live if isinstance(part.rows, slice) else part.rows[live], due[order]


def _walk(
    part: Part, day: BoundedDays, last: BoundedDays
) -> Iterator[tuple[npt.NDArray[np.unsignedinteger[Any]], Int32]]:
    """Yield each row's first due date from `day` to `last`, then the second ones, and so on."""
    live = np.arange(len(part.numbers), dtype=np.min_scalar_type(len(part.numbers)))
    while True:
        due = part.next_due(day, np.empty_like(part.numbers))
        is_kept = due <= last.days
        rows = np.flatnonzero(is_kept)
        live, due, last, part = live[rows], due[rows], last.take(rows), part.kept(is_kept)
        yield live, due
        if not len(live):
            return
        day = BoundedDays(due + np.int32(1), day.lowest + 1, last.highest + 1)


class Forecast:
    """The number of payments on each day from `first` to `last`, both included."""

    def __init__(self, first: int, last: int, rules: Rules) -> None:
        self._first, self._last, self._rules = first, last, rules
        self._totals = np.zeros(last - first + 1, np.int64)
        self._live: list[npt.NDArray[np.intp]] = []  # by rule, the rows whose bounds include all of these days

    def add(self, part: Part) -> None:
        """Add the payments of these rows."""
        first, last = _bounds(part, part.buffer)
        is_live_throughout = (first.days == self._first) & (last.days == self._last)
        if part.unnumbered:
            is_live_throughout &= part.numbers != UNNUMBERED
        rest = np.flatnonzero(~is_live_throughout)
        self._live.append(np.bincount(part.numbers[is_live_throughout]))
        if len(rest):
            for _, due in _walk(part.kept(~is_live_throughout), first.take(rest), last.take(rest)):
                days = due - self._first
                if len(days) * 8 < len(self._totals):
                    np.add.at(self._totals, days, 1)
                else:
                    self._totals += np.bincount(days, minlength=len(self._totals))

    def totals(self) -> npt.NDArray[np.int64]:
        """Return the number of payments on each day, once all rows are added."""
        bounds = date.fromordinal(self._first + EPOCH), date.fromordinal(self._last + EPOCH)
        live = np.zeros(len(self._rules.rules), np.intp)
        for rows in self._live:
            live[: len(rows)] += rows
        for number in np.flatnonzero(live).tolist():
            due = DueDates(self._rules.rules[number], *bounds)
            days = np.fromiter((day.toordinal() for day in due), np.intp) - EPOCH - self._first
            self._totals[days] += live[number]
        return self._totals
