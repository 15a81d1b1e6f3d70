"""Tables of the due days of rules, for those that no table of a year's days can say: most sets.

A rule has a table of the years that lookups ask for, within the cycle of the other tables. Days
outside the cycle, such as an end in 9999, are looked up one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import accumulate, pairwise
from threading import RLock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import CYCLE_FIRST, CYCLE_LAST, EPOCH, FIRST, LAST, Int32
from recurring_schedule.batch.day_columns import BoundedDays
from recurring_schedule.core.calendars import CIVIL, LAST_YEAR
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.rule import Rule

Indices = npt.NDArray[np.intp]
Keys = npt.NDArray[np.integer[Any]]
_RULE_COST = 1024  # entries that a rule counts as, beside those of its table: its members, and what it remembers
_BASE_YEAR = date.fromordinal(EPOCH).year
_YEAR_BYTES = -(-max(CIVIL.lengths) // 8)


def keys_of_starts(codes: Int32, starts: Int32) -> npt.NDArray[np.int64]:
    """Return a key for each schedule with its start; keys are larger than the numbers of rules."""
    return (codes.astype(np.int64) + 1 << 32) + starts + EPOCH


def code_and_start(key: int) -> tuple[int, date | None]:
    """Return the schedule's code and the start of a key; None for the start in a rule's number.

    >>> code_and_start(int(keys_of_starts(np.array([7]), np.array([0]))[0]))
    (7, datetime.date(1970, 1, 1))
    """
    code, start = divmod(key, 1 << 32)
    return code - 1, date.fromordinal(start) if code else None


class _Table(NamedTuple):
    """The due days of a rule in some years."""

    years: range
    days: Int32
    """The due days of these years, between the last one before and the first one after."""
    base: int
    """The index of the first one from 1970 on, if that year is one of them."""


class DayTables:
    """The lookups of rules by tables of their due days.

    `rule_of` returns the rule of a key. All tables are forgotten once they have `most_entries`.
    """

    def __init__(self, rule_of: Callable[[int], Rule], most_entries: int) -> None:
        self._rule_of, self._most_entries = rule_of, most_entries
        self._lock = RLock()
        self._forget()

    def next_due(self, keys: Keys, day: BoundedDays) -> Int32:
        """Return each rule's first due day on or after the day, or a day after `LAST`."""

        def by_table(table: _Table, days: Int32) -> Int32:
            return table.days[np.searchsorted(table.days, days)]

        def of_day(key: int, day: int) -> int:
            return _number(_all_due(self._rule(key)).on_or_after(_date(day)) if day <= LAST else None, LAST + 1)

        return self._answers(keys, day, by_table, of_day)

    def previous_due(self, keys: Keys, day: BoundedDays) -> Int32:
        """Return each rule's last due day on or before the day, or a day before `FIRST`."""

        def by_table(table: _Table, days: Int32) -> Int32:
            return table.days[np.searchsorted(table.days, days, side="right") - 1]

        def of_day(key: int, day: int) -> int:
            return _number(_all_due(self._rule(key)).on_or_before(_date(day)) if day >= FIRST else None, FIRST - 1)

        return self._answers(keys, day, by_table, of_day)

    def ranks(self, keys: Keys, day: BoundedDays) -> Int32:
        """Return each rule's number of due days before the day, counted from 1970-01-01."""

        def by_table(table: _Table, days: Int32) -> Int32:
            return (np.searchsorted(table.days, days) - table.base).astype(np.int32)

        return self._answers(keys, day, by_table, self._rank, range(_BASE_YEAR, _BASE_YEAR + 1))

    def _answers(
        self,
        keys: Keys,
        day: BoundedDays,
        by_table: Callable[[_Table, Int32], Int32],
        of_day: Callable[[int, int], int],
        years: range = range(0),
    ) -> Int32:
        """Return the answers: for days in the cycle by each rule's table, which also has these
        years; for others one at a time.
        """
        days, answers = day.days, np.empty(len(keys), np.int32)
        is_near = (days >= CYCLE_FIRST) & (days <= CYCLE_LAST)
        near, far = np.flatnonzero(is_near), np.flatnonzero(~is_near)
        for key, some in _groups(keys[near]):
            at = near[some]
            asked = days[at]
            first, last = _date(int(asked.min())).year, _date(int(asked.max())).year
            answers[at] = by_table(self._table(key, first, last, years), asked)
        of_days = cache(of_day)  # many rows may have the same end
        answers[far] = [of_days(key, day) for key, day in zip(keys[far].tolist(), days[far].tolist(), strict=True)]
        return answers

    def _forget(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._tables: dict[int, _Table] = {}
        self._before: dict[int, Int32] = {}
        self._entries = 0

    def _pay(self, entries: int) -> None:
        """Add up the entries, and forget all once they are too many."""
        with self._lock:
            if self._entries + entries > self._most_entries:
                self._forget()
            self._entries += entries

    def _rule(self, key: int) -> Rule:
        rule = self._rules.get(key)
        if rule is None:
            rule = self._rule_of(key)
            self._pay(_RULE_COST)
            self._rules[key] = rule
        return rule

    def _table(self, key: int, first: int, last: int, years: range) -> _Table:
        """Return a table of the rule with the years from first to last, and with these."""
        table = self._tables.get(key)
        if table is None or not all(year in table.years for year in (first, last, *years)):
            known = table.years if table else ()
            wanted = sorted((first, last, *years, *known))
            table = _made(
                self._rule(key), range(wanted[0] // 10 * 10, wanted[-1] // 10 * 10 + 10)
            )  # few are made again
            self._pay(len(table.days))
            self._tables[key] = table
        return table

    def _rank(self, key: int, day: int) -> int:
        """Return the number of due days before the day, counted from 1970-01-01."""
        rule, before = self._rule(key), self._before.get(key)
        if before is None:
            numbers = map(int.bit_count, rule.marks(range(1, LAST_YEAR + 1)))
            before = np.fromiter(accumulate(numbers, initial=0), np.int32)
            self._pay(len(before))
            self._before[key] = before
        base = before[_BASE_YEAR - 1]
        if day > LAST:
            return int(before[LAST_YEAR] - base)
        year = _date(day).year
        in_year = next(rule.marks(range(year, year + 1))) & ((1 << (day + EPOCH - CIVIL.starts[year])) - 1)
        return int(before[year - 1] - base) + in_year.bit_count()


def _made(rule: Rule, years: range) -> _Table:
    """Return the rule's table of these years."""
    marks = b"".join(bits.to_bytes(_YEAR_BYTES, "little") for bits in rule.marks(years))
    is_due = np.unpackbits(np.frombuffer(marks, np.uint8), bitorder="little").reshape(len(years), -1)
    year, day = is_due.nonzero()
    days = np.array(CIVIL.starts[years.start : years.stop])[year] + day - EPOCH
    before = _number(_all_due(rule).before(date(years[0], 1, 1)), FIRST - 1)
    after = _number(_all_due(rule).after(date(years[-1], 12, 31)), LAST + 1)
    table = np.concatenate(([before], days, [after]), dtype=np.int32, casting="same_kind")
    return _Table(years, table, int(np.searchsorted(table, 0)))


def _all_due(rule: Rule) -> DueDates:
    return DueDates(rule, date.min)


def _number(due: date | None, nothing: int) -> int:
    return nothing if due is None else due.toordinal() - EPOCH


def _date(day: int) -> date:
    return date.fromordinal(day + EPOCH)


def _groups(keys: Keys) -> Iterator[tuple[int, Indices]]:
    """Yield each key with the indices of its rows."""
    if not len(keys):
        return
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    bounds = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    for first, end in pairwise([0, *bounds.tolist(), len(keys)]):
        yield int(ordered[first]), order[first:end]


class SetRows(NamedTuple):
    """Rows of sets that have no numbered rule."""

    keys: Keys
    tables: DayTables

    def next_due(self, day: BoundedDays) -> Int32:
        """Return each row's first due day on or after the day, or a day after `LAST`."""
        return self.tables.next_due(self.keys, day)

    def previous_due(self, day: BoundedDays) -> Int32:
        """Return each row's last due day on or before the day, or a day before the start."""
        return self.tables.previous_due(self.keys, day)

    def ranks(self, day: BoundedDays) -> Int32:
        """Return the number of due days before the day, counted from some day."""
        return self.tables.ranks(self.keys, day)

    def take(self, rows: Indices) -> SetRows:
        """Return these of the rows."""
        return SetRows(self.keys[rows], self.tables)
