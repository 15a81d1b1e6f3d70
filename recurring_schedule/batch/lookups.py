"""The questions of `DueDates`, for a part of the rows of a column: in terms of what is due around days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import EPOCH, LAST, NULL, Int32
from recurring_schedule.batch.columns import Flags, PartOfDays
from recurring_schedule.batch.table_lookup import Lookups
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.rule import Rule


class Rows(NamedTuple):
    """Some rows in which nothing is missing, and where their answers belong."""

    places: slice | npt.NDArray[np.intp]
    numbers: Int32
    """The rows' rules."""
    columns: dict[str, PartOfDays]
    lookups: Lookups
    scratch: Workspace
    out: Int32
    """Where answers may be written."""

    def days(self, name: str) -> Int32:
        """A column."""
        return self.columns[name].values


def after(rows: Rows) -> Int32:
    """The first due date after the day; `NULL` for none."""
    day = rows.columns["day"]
    asked = np.add(day.values, 1, out=rows.scratch.column("asked", len(rows.numbers)))
    return _first_due(rows, day._replace(values=asked, lowest=day.lowest + 1))


def on_or_after(rows: Rows) -> Int32:
    """The first due date that is not before the day."""
    return _first_due(rows, rows.columns["day"])


def _first_due(rows: Rows, day: PartOfDays) -> Int32:
    asked, start = day.values, rows.columns["start"]
    if start.highest > day.lowest:
        asked = np.maximum(asked, start.values, out=rows.scratch.column("asked", len(asked)))
    due = rows.lookups.ahead(rows.numbers, asked, rows.out, rows.scratch)
    if "end" in rows.columns:
        np.copyto(due, NULL, where=due > rows.days("end"))
    elif due.max(initial=0) > LAST:
        due[due > LAST] = NULL
    return due


def before(rows: Rows) -> Int32:
    """The last due date before the day; `NULL` for none."""
    return _last_due(rows, np.subtract(rows.days("day"), 1, out=rows.scratch.column("asked", len(rows.numbers))))


def on_or_before(rows: Rows) -> Int32:
    """The last due date that is not after the day."""
    return _last_due(rows, rows.days("day"))


def _last_due(rows: Rows, day: Int32) -> Int32:
    if "end" in rows.columns:
        day = np.minimum(day, rows.days("end"), out=rows.scratch.column("asked", len(day)))
    due = rows.lookups.behind(rows.numbers, day, rows.out, rows.scratch)
    np.copyto(due, NULL, where=due < rows.days("start"))
    return due


def contains(rows: Rows) -> Flags:
    """Whether the day is due."""
    day = rows.days("day")
    is_due: Flags = rows.lookups.ahead(rows.numbers, day, rows.out, rows.scratch) == day
    is_due &= day >= rows.days("start")
    if "end" in rows.columns:
        is_due &= day <= rows.days("end")
    return is_due


def _bounds(rows: Rows) -> tuple[Int32, Int32]:
    """The first and the last day of each row that may be due."""
    first, last = np.maximum(rows.days("first"), rows.days("start")), rows.days("last")
    return first, np.minimum(last, rows.days("end")) if "end" in rows.columns else last


def count(rows: Rows) -> Int32:
    """How many due dates there are from the first to the last day."""
    first, last = _bounds(rows)
    ranks, asked = rows.lookups.ranks, rows.scratch.column("asked", len(first))
    to_last = ranks(rows.numbers, last + np.int32(1), np.empty_like(last), rows.scratch)
    to_last -= ranks(rows.numbers, first, asked, rows.scratch)
    return np.maximum(to_last, 0, out=to_last)


def between(rows: Rows) -> tuple[npt.NDArray[np.intp], Int32]:
    """The row and the day of each due date from the first to the last day, in order."""
    walked = list(_walk(rows, *_bounds(rows)))
    live = np.concatenate([live for live, _ in walked])
    due = np.concatenate([due for _, due in walked])
    order = np.argsort(live, kind="stable")  # of 16 bits if there are not more rows: a radix sort
    live = live[order].astype(np.intp)
    return rows.places.start + live if isinstance(rows.places, slice) else rows.places[live], due[order]


def _walk(rows: Rows, day: Int32, last: Int32) -> Iterator[tuple[npt.NDArray[np.unsignedinteger[Any]], Int32]]:
    """The first due date of each row from `day` to `last`, then the second of each that has one, and so on."""
    numbers, live = rows.numbers, np.arange(len(rows.numbers), dtype=np.min_scalar_type(len(rows.numbers)))
    while True:
        due = rows.lookups.ahead(numbers, day, np.empty_like(day), rows.scratch)
        kept = np.flatnonzero(due <= last)
        live, due, last, numbers = live[kept], due[kept], last[kept], numbers[kept]
        yield live, due
        if not len(live):
            return
        day = due + np.int32(1)


class Forecast:
    """The payments of each day from `first` to `last`."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self._totals = np.zeros(last - first + 1, np.int64)
        self._whole: dict[Rule, int] = {}
        self._lock = Lock()

    def add(self, rows: Rows) -> None:
        """The payments of these rows."""
        first, last = _bounds(rows)
        is_whole = (first == self._first) & (last == self._last)
        whole = np.bincount(rows.numbers[is_whole])
        rest = np.flatnonzero(~is_whole)
        some = rows._replace(numbers=rows.numbers[rest])
        with self._lock:
            for number in np.flatnonzero(whole).tolist():
                rule = rows.lookups.rules.rules[number]
                self._whole[rule] = self._whole.get(rule, 0) + int(whole[number])
            if len(rest):
                for _, due in _walk(some, first[rest], last[rest]):
                    self._add(due - self._first)

    def _add(self, places: Int32) -> None:
        if len(places) * 8 < len(self._totals):
            np.add.at(self._totals, places, 1)
        else:
            self._totals += np.bincount(places, minlength=len(self._totals))

    def done(self) -> npt.NDArray[np.int64]:
        """How many there are on each day."""
        bounds = date.fromordinal(self._first + EPOCH), date.fromordinal(self._last + EPOCH)
        for rule, number in self._whole.items():
            due = np.fromiter((day.toordinal() for day in DueDates(rule, *bounds)), np.intp)
            self._totals[due - EPOCH - self._first] += number
        return self._totals
