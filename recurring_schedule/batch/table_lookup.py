"""Lookups of many rules and days at once: the next and the previous due day, and ranks.

The tables hold, for each rule and day of a year, the distance to the due day. All days are mapped
to a cycle of 400 years. Sparse rules are answered by arithmetic, and rules without a row in
the tables one at a time.

An index is computed from columns whose range has been checked. Gathers use NumPy's mode "wrap",
which is the fastest, but no index ever wraps around.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recurring_schedule.batch.calendar_tables import (
    EPOCH,
    FIRST,
    LAST,
    Int32,
    UInt16,
    cycle,
    in_cycle,
    year_tables,
    years_of,
)
from recurring_schedule.batch.day_columns import BoundedDays, maximum
from recurring_schedule.batch.rule_tables import (
    SPARSE,
    Entries,
    RuleTable,
    is_irregular,
    next_due_entries,
    previous_due_entries,
    rank_entries,
)
from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.rule import Rule


class TableLookup:
    """A lookup of a rule and a day, for columns of both.

    `combine` writes the answers for numbers of rules, days and their `entries` of the table;
    `by_attributes` returns those for sparse rules and days, `by_days` those for irregular ones.
    `by_rule` is the lookup of one rule and one ordinal.
    """

    def __init__(
        self,
        rules: Rules,
        entries: Entries,
        combine: Callable[[Int32, BoundedDays, UInt16, Int32], object],
        by_attributes: Callable[[Int32, BoundedDays], Int32],
        by_days: Callable[[Int32, BoundedDays], Int32],
        by_rule: Callable[[Rule, int], int],
    ) -> None:
        self.rules, self.table = rules, RuleTable(entries, rules.policy.most_rules)
        self._combine, self._by_attributes, self._by_days, self._by_rule = combine, by_attributes, by_days, by_rule
        self._without = 0  # rows that were looked up since rules lack rows in the table

    def __call__(self, numbers: Int32, day: BoundedDays, out: Int32, workspace: Workspace) -> Int32:
        """Write the answer for each row's rule and day to `out`, and return it."""
        rows, rules, table = len(numbers), self.rules, self.table
        if not rows:
            return out
        if table.rows < rules.in_tables:
            self._extend(rows)
        if maximum(numbers) >= table.rows:
            return self._mixed(numbers, day, out, workspace, table.rows)
        index, entries = workspace.index[:rows], workspace.entries[:rows]
        rules.attributes.frames.take(numbers, out=index, mode="wrap")
        np.add(index, in_cycle(*day), out=index)
        cycle().year_days.take(index, out=entries, mode="wrap")
        table.offsets.take(numbers, out=index, mode="wrap")
        np.add(index, entries, out=index)
        table.flat.take(index, out=entries, mode="wrap")
        self._combine(numbers, day, entries, out)
        if maximum(entries) == SPARSE:
            sparse = np.flatnonzero(entries == SPARSE)
            out[sparse] = self._by_attributes(numbers[sparse], day.take(sparse))
        return out

    def _extend(self, rows: int) -> None:
        """Make the missing rows of the table once enough rows have been looked up without them."""
        rules = self.rules
        with rules.lock:
            self._without += rows
            if self._without > rules.policy.few_rows:
                self.table.extend(rules.rules[: rules.in_tables])
                self._without = 0

    def _mixed(self, numbers: Int32, day: BoundedDays, out: Int32, workspace: Workspace, in_table: int) -> Int32:
        """Answer rows of which some have a rule that is not among the first `in_table` ones."""
        rules, is_alone = self.rules.rules, numbers >= in_table
        alone, rest = np.flatnonzero(is_alone), np.flatnonzero(~is_alone)
        if self.rules.has_sets:
            has_table = np.array([is_irregular(rules[number]) for number in numbers[alone].tolist()], np.bool_)
            irregular, alone = alone[has_table], alone[~has_table]
            out[irregular] = self._by_days(numbers[irregular], day.take(irregular))
        pairs = zip(numbers[alone].tolist(), (day.days[alone] + EPOCH).tolist(), strict=True)
        out[alone] = [self._by_rule(rules[number], ordinal) for number, ordinal in pairs]
        out[rest] = self(numbers[rest], day.take(rest), np.empty(len(rest), np.int32), workspace)
        return out


def next_due(rules: Rules) -> TableLookup:
    """Return the lookup of the first due day on or after a day; none is a day after `LAST`."""

    def combine(numbers: Int32, day: BoundedDays, entries: UInt16, out: Int32) -> None:
        np.add(day.days, entries, out=out)

    def by_rule(rule: Rule, ordinal: int) -> int:
        rank = rule.rank(ordinal)
        return rule.nth(rank) - EPOCH if rank < rule.count else LAST + 1

    return TableLookup(rules, next_due_entries, combine, rules.attributes.next_due, rules.day_tables.next_due, by_rule)


def previous_due(rules: Rules) -> TableLookup:
    """Return the lookup of the last due day on or before a day; none is a day before `FIRST`."""

    def combine(numbers: Int32, day: BoundedDays, entries: UInt16, out: Int32) -> None:
        np.subtract(day.days, entries, out=out)

    def by_rule(rule: Rule, ordinal: int) -> int:
        rank = rule.rank(ordinal + 1)
        return rule.nth(rank - 1) - EPOCH if rank else FIRST - 1

    return TableLookup(
        rules, previous_due_entries, combine, rules.attributes.previous_due, rules.day_tables.previous_due, by_rule
    )


def ranks(rules: Rules) -> TableLookup:
    """Return the lookup of the number of due days before a day."""

    def combine(numbers: Int32, day: BoundedDays, entries: UInt16, out: Int32) -> None:
        attributes = rules.attributes
        years = years_of(day.days, attributes.frames.take(numbers), *day[1:])
        columns = *attributes.counts, attributes.year_frames
        short, long, year_frames = (column.take(numbers, mode="wrap") for column in columns)
        long_before = year_tables().long_before.take(year_frames + years, mode="wrap")
        np.add((years - 1 - long_before) * short + long_before * long, entries, out=out)

    return TableLookup(rules, rank_entries, combine, rules.attributes.ranks, rules.day_tables.ranks, Rule.rank)
