"""What is due around days, for many rules and days at once: `Ahead`, `Behind` and `Ranks`.

Each answers in three ways, and a row goes the first one that is open to it:

- A *window* has the answer for each rule and day of a span of days that is often asked for: one gather.
- The *tables* say, for each rule and day of a year, how far the due day is: days have places in a cycle of 400 years.
- A rule that has no row in the tables is asked itself.

Indices are made of columns whose range is checked, so that a gather that would wrap around never does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from recurring_schedule.batch.calendar_tables import (
    CYCLE,
    CYCLE_FIRST_YEAR,
    EPOCH,
    FIRST,
    LAST,
    YEARS,
    Int32,
    UInt16,
    cycle,
    in_cycle,
    year_tables,
)
from recurring_schedule.batch.rule_tables import (
    MOST_RULES,
    ROW,
    SPARSE,
    Table,
    ahead_entries,
    behind_entries,
    rank_entries,
)
from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.workspace import PART, Workspace
from recurring_schedule.core.calendars import CYCLE_YEARS
from recurring_schedule.core.rule import Rule

FEW = 64
"""For up to so many rows no tables are made."""
MOST_ENTRIES = 8_000_000
"""How many entries a window may have: 32 MB."""
_OUTLIERS = 256  # One day in so many may lie before a window that is made, and one after it.
_APART = 8  # If more than one row in so many is outside the window, it is not used.


class Window(NamedTuple):
    """The answers for the first `rules` rules on `days` days from `first` on: a rule's are next to each other in `flat`."""

    first: int
    days: int
    rules: int
    flat: Int32


class Lookup(ABC):
    """A question about a rule and a day, answered for columns of them."""

    def __init__(self, rules: Rules, table: Table) -> None:
        self._rules, self._table = rules, table
        self._window: Window | None = None
        self._missed, self._patience, self._late = 0, 0, 0

    def __call__(self, numbers: Int32, days: Int32, out: Int32, scratch: Workspace) -> Int32:
        """For each row, the answer for the rule with that number and that day; written to `out`, which is returned."""
        rows, window = len(days), self._window
        if window is None or not rows:
            self._learn(rows, days)
            return self._by_tables(numbers, days, out, scratch)
        if window.rules < len(self._rules.rules):
            window = self._with_new_rules(rows)
        offset, index = scratch.column("offset", rows), scratch.column("index", rows)
        np.subtract(days, window.first, out=offset)
        np.multiply(numbers, window.days, out=index)
        np.add(index, offset, out=index)
        unsigned = offset.view(np.uint32)  # in which days before the window are large
        has_all = window.rules == len(self._rules.rules) or numbers.max() < window.rules
        if has_all and unsigned.max() < window.days:
            return window.flat.take(index, out=out, mode="wrap")
        apart = np.flatnonzero((unsigned >= window.days) | (numbers >= window.rules))
        self._learn(len(apart), days)
        if len(apart) * _APART > rows:
            return self._by_tables(numbers, days, out, scratch)
        index[apart] = 0
        window.flat.take(index, out=out, mode="wrap")
        out[apart] = self._by_tables(numbers[apart], days[apart], np.empty(len(apart), np.int32), scratch)
        return out

    def _learn(self, missed: int, days: Int32) -> None:
        """Makes another window once as many rows have been outside as it has entries: so it costs no more than it may save."""
        with self._rules.lock:
            self._missed += missed
            rules = min(len(self._rules.rules), MOST_RULES)
            if len(days) <= FEW or self._missed < max(rules, self._patience):
                return
            most = min(PART, MOST_ENTRIES // max(rules, 1))
            first, last = self._span(days)
            if (window := self._window) is not None:
                lowest, highest = min(first, window.first), max(last, window.first + window.days - 1)
                if (more := highest - lowest + 1) <= most:
                    # As much again, so that days that go on in one direction need few windows.
                    wider = max(lowest - more * (first < window.first), FIRST), min(highest + more, LAST)
                    first, last = wider if wider[1] - wider[0] < most else (lowest, highest)
            size = last - first + 1
            if size > most:
                self._patience = 2 * self._missed
            elif rules * size <= self._missed:
                self._window = Window(first, size, rules, self._made(first, size, range(rules)))
                self._missed = self._patience = 0
            else:
                self._patience = rules * size

    def _span(self, days: Int32) -> tuple[int, int]:
        """The first and the last of the days, without outliers."""
        few = len(days) // _OUTLIERS
        ordered = np.partition(days, (0, few, -1 - few, -1))
        lowest, first, last, highest = ordered[[0, few, -1 - few, -1]].tolist()
        if highest - lowest <= 2 * (last - first):
            first, last = lowest, highest
        return min(max(first, FIRST), LAST), min(max(last, FIRST), LAST)

    def _with_new_rules(self, rows: int) -> Window:
        """The window, with the rules that are new once as many rows have been asked for as they have entries."""
        with self._rules.lock:
            window = self._window
            assert window is not None  # noqa: S101  # a window is only ever followed by another one
            new = range(window.rules, min(len(self._rules.rules), MOST_RULES))
            self._late += rows
            if new and len(new) * window.days <= self._late and new.stop * window.days <= MOST_ENTRIES:
                flat = np.concatenate((window.flat, self._made(window.first, window.days, new)))
                window = self._window = window._replace(rules=new.stop, flat=flat)
                self._late = 0
            return window

    def _made(self, first: int, days: int, rules: range) -> Int32:
        """The answers for these rules on `days` days from `first` on."""
        flat, scratch = np.empty(len(rules) * days, np.int32), Workspace(PART)
        at_once = PART // days
        some_days = np.tile(np.arange(first, first + days, dtype=np.int32), at_once)
        for number in range(0, len(rules), at_once):
            some = rules[number : number + at_once]
            out = flat[number * days :][: len(some) * days]
            self._by_tables(np.repeat(np.array(some, np.int32), days), some_days[: len(out)], out, scratch)
        return flat

    def _by_tables(self, numbers: Int32, days: Int32, out: Int32, scratch: Workspace) -> Int32:
        rows, rules, table = len(days), self._rules.rules, self._table
        if not rows:
            return out
        if rows > FEW and table.made < min(len(rules), MOST_RULES):
            with self._rules.lock:
                table.make(rules)
        made = table.made
        if numbers.max() >= made:
            is_loose = numbers >= made
            loose, rest = np.flatnonzero(is_loose), np.flatnonzero(~is_loose)
            asked = zip(numbers[loose].tolist(), (days[loose] + EPOCH).tolist(), strict=True)
            out[loose] = [self._by_rule(rules[number], day) for number, day in asked]
            out[rest] = self._by_tables(numbers[rest], days[rest], np.empty(len(rest), np.int32), scratch)
            return out
        index, small = scratch.column("index", rows), scratch.small(rows)
        cyclic = in_cycle(days)
        self._rules.facts.frames.take(numbers, out=index, mode="wrap")
        np.add(index, cyclic, out=index)
        cycle().places.take(index, out=small, mode="wrap")
        np.multiply(numbers, ROW, out=index)
        np.add(index, small, out=index)
        table.flat.take(index, out=small, mode="wrap")
        self._combine(numbers, days, small, out)
        if small.max() == SPARSE:
            sparse = np.flatnonzero(small == SPARSE)
            numbers, days = numbers[sparse], days[sparse]
            out[sparse] = self._by_years(numbers, days, self._years(numbers, days))
        return out

    def _years(self, numbers: Int32, days: Int32) -> Int32:
        """The years of the days, of the kind that the rules divide."""
        cyclic = in_cycle(days)
        years = cycle().years.take(self._rules.facts.frames.take(numbers) + cyclic, mode="wrap").astype(np.int32)
        years += CYCLE_FIRST_YEAR
        if cyclic is not days:
            years += (days - cyclic) // CYCLE * CYCLE_YEARS
        return years

    @abstractmethod
    def _combine(self, numbers: Int32, days: Int32, entries: UInt16, out: Int32) -> None:
        """Writes to `out` what days and entries of the table say."""

    @abstractmethod
    def _by_years(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """What is so for sparse rules."""

    @abstractmethod
    def _by_rule(self, rule: Rule, ordinal: int) -> int:
        """What the rule itself says; the day is counted from 0001-01-01, which is 1."""


class NextDue(Lookup):
    """The first due day that is not before the day; a later one than `LAST` for none."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules, Table(ahead_entries))

    def _combine(self, numbers: Int32, days: Int32, entries: UInt16, out: Int32) -> None:
        np.add(days, entries, out=out)

    def _by_years(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        return self._rules.sparse.ahead(numbers, days, years)

    def _by_rule(self, rule: Rule, ordinal: int) -> int:
        rank = rule.rank(ordinal)
        return rule.nth(rank) - EPOCH if rank < rule.count else LAST + 1


class PreviousDue(Lookup):
    """The last due day that is not after the day; an earlier one than `FIRST` for none."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules, Table(behind_entries))

    def _combine(self, numbers: Int32, days: Int32, entries: UInt16, out: Int32) -> None:
        np.subtract(days, entries, out=out)

    def _by_years(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        return self._rules.sparse.behind(numbers, days, years)

    def _by_rule(self, rule: Rule, ordinal: int) -> int:
        rank = rule.rank(ordinal + 1)
        return rule.nth(rank - 1) - EPOCH if rank else FIRST - 1


class Ranks(Lookup):
    """How many due days are before the day."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules, Table(rank_entries))

    def _combine(self, numbers: Int32, days: Int32, entries: UInt16, out: Int32) -> None:
        facts, years = self._rules.facts, self._years(numbers, days)
        short, long, is_iso = (fact.take(numbers, mode="wrap") for fact in (facts.short, facts.long, facts.is_iso))
        long_before = year_tables().long_before.take(is_iso * np.int32(YEARS) + years, mode="wrap")
        np.add((years - 1 - long_before) * short + long_before * long, entries, out=out)

    def _by_years(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        return self._rules.sparse.ranks(numbers, days, years)

    def _by_rule(self, rule: Rule, ordinal: int) -> int:
        return rule.rank(ordinal)


class Lookups:
    """The rules in use, and all that is asked of them."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.ahead, self.behind, self.ranks = NextDue(rules), PreviousDue(rules), Ranks(rules)
