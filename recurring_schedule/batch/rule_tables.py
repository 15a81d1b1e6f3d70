"""Tables of what is due around each day of a year, with a row for each rule; and arithmetic on
years for sparse rules.

A rule is *dense* if it has due days in every year. It is *sparse* if it has one due day in some
years and none in the others. Only dense rules have entries. `SPARSE` marks the others, which
`RuleAttributes` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import (
    CYCLE,
    CYCLE_FIRST,
    WIDTH,
    YEAR_SHAPES,
    YEARS,
    Anchor,
    Int32,
    UInt16,
    year_tables,
)
from recurring_schedule.core.calendars import CIVIL, ISO, LAST_YEAR
from recurring_schedule.core.rule import Frame, Rule

ROW = len(YEAR_SHAPES) * WIDTH
"""The number of entries of a rule: one for each day of each shape of year."""
SPARSE = np.iinfo(np.uint16).max
_AT_ONCE = 256  # rules whose rows are made at once, in about a megabyte
# As the next year, none is a year past the end of the calendar; as the previous year, it is 0.
_NO_YEAR = YEARS - 1


class RuleTable:
    """A row for each of the first rules, with an entry for each day of each shape of year."""

    def __init__(self, entries: Callable[[Sequence[Rule]], UInt16]) -> None:
        self._entries = entries
        self.flat = np.empty(0, np.uint16)
        self.rows = 0
        """The number of rules that have rows."""

    def extend(self, rules: Sequence[Rule], most: int) -> None:
        """Make the missing rows. There may be room for `most` rows later."""
        flat, wanted = self.flat, len(rules)
        if len(flat) < wanted * ROW:
            flat = np.empty(min(2 * wanted, most) * ROW, np.uint16)
            flat[: self.rows * ROW] = self.flat[: self.rows * ROW]
        rows = flat.reshape(-1, ROW)
        for first in range(self.rows, wanted, _AT_ONCE):
            some = rules[first : first + _AT_ONCE]
            dense = [index for index, rule in enumerate(some) if not _is_sparse(rule)]
            into = rows[first : first + len(some)]
            into[:] = SPARSE
            if dense:
                into[dense] = self._entries([some[index] for index in dense])
        self.flat, self.rows = flat, wanted  # in this order: a thread that sees the number may read the rows


def _marks(rules: Sequence[Rule]) -> npt.NDArray[np.bool_]:
    """Return, for each rule, shape of year and day of the year, True if the day is due."""
    marks = np.zeros((len(rules), 2, WIDTH), np.bool_)
    for is_long, dues in enumerate(([rule.short for rule in rules], [rule.long for rule in rules])):
        numbers = np.repeat(np.arange(len(rules)), [len(days) for days in dues])
        marks[numbers, is_long, np.fromiter(chain.from_iterable(dues), np.intp, len(numbers))] = True
    return marks[:, _YEAR, :]


def _lengths(rules: Sequence[Rule]) -> npt.NDArray[np.int16]:
    """Return, for each rule, the length of a short and of a long year."""
    return np.array([(ISO if rule.frame is Frame.ISO else CIVIL).lengths for rule in rules], np.int16)


_BEFORE, _YEAR, _AFTER = np.array(YEAR_SHAPES).T
_DAYS_OF_YEAR = np.arange(WIDTH, dtype=np.int16)


def next_due_entries(rules: Sequence[Rule]) -> UInt16:
    """Return the days from each day to the first due day on or after it."""
    first = np.array([(rule.short[0], rule.long[0]) for rule in rules], np.int16)
    following = _lengths(rules)[:, _YEAR] + first[:, _AFTER]
    due = np.where(_marks(rules), _DAYS_OF_YEAR, following[:, :, None])
    nearest = np.minimum.accumulate(due[:, :, ::-1], axis=2)[:, :, ::-1]
    return (nearest - _DAYS_OF_YEAR).reshape(len(rules), ROW).astype(np.uint16)


def previous_due_entries(rules: Sequence[Rule]) -> UInt16:
    """Return the days from each day back to the last due day on or before it."""
    last = np.array([(rule.short[-1], rule.long[-1]) for rule in rules], np.int16)
    preceding = (last - _lengths(rules))[:, _BEFORE]
    due = np.where(_marks(rules), _DAYS_OF_YEAR, preceding[:, :, None])
    nearest = np.maximum.accumulate(due, axis=2)
    return (_DAYS_OF_YEAR - nearest).reshape(len(rules), ROW).astype(np.uint16)


def rank_entries(rules: Sequence[Rule]) -> UInt16:
    """Return the number of due days of the year before each day."""
    marks = _marks(rules)
    return (np.cumsum(marks, axis=2, dtype=np.uint16) - marks).reshape(len(rules), ROW).astype(np.uint16)


def _is_sparse(rule: Rule) -> bool:
    return rule.years != (0, 1) or not (rule.short and rule.long)


class RuleAttributes:
    """The attributes that lookups need of each rule with a row in the tables, by the rule's number.

    Sparse rules that are due in the same years share a *pattern*: for each year, the next and the
    previous year with a due day, and the number of such years before.
    """

    def __init__(self, most_rules: int) -> None:
        self._most_rules = most_rules
        # Added to a day: its index in the tables of `Cycle`. To a year: its index in `YearTables`, and in the patterns.
        self.frames, self.year_frames, self._patterns = np.zeros((3, most_rules), np.int32)
        # Of short and of long years: the number of due days, and the due day of sparse rules.
        self.counts, self._days = np.zeros((2, 2, most_rules), np.int32)
        self._known: dict[tuple[Frame, tuple[int, int], bool, bool], int] = {}
        self._next, self._previous, self._rank = (np.empty(0, np.int32) for _ in range(3))

    def add(self, number: int, rule: Rule) -> None:
        """Add the rule with this number."""
        is_iso = int(rule.frame is Frame.ISO)
        self.frames[number] = is_iso * CYCLE * Anchor.NOTHING_ISO - CYCLE_FIRST
        self.year_frames[number] = is_iso * YEARS
        self.counts[:, number] = len(rule.short), len(rule.long)
        if _is_sparse(rule):
            key = rule.frame, rule.years, bool(rule.short), bool(rule.long)
            if key not in self._known:
                self._add_pattern(rule, is_iso)
                self._known[key] = len(self._known) * YEARS
            self._patterns[number] = self._known[key]
            self._days[:, number] = [days[0] if days else 0 for days in (rule.short, rule.long)]

    def _add_pattern(self, rule: Rule, is_iso: int) -> None:
        years = np.arange(YEARS)
        is_long = year_tables().is_long[is_iso * YEARS :][:YEARS].astype(bool)
        remainder, divisor = rule.years
        is_due = (years % divisor == remainder) & np.where(is_long, bool(rule.long), bool(rule.short))
        is_due[0] = is_due[LAST_YEAR + 1 :] = False
        following = np.minimum.accumulate(np.where(is_due, years, _NO_YEAR)[::-1])[::-1]
        preceding = np.maximum.accumulate(np.where(is_due, years, 0))
        before = np.cumsum(is_due) - is_due
        self._next, self._previous, self._rank = (
            np.concatenate((table, of_pattern), dtype=np.int32, casting="same_kind")
            for table, of_pattern in ((self._next, following), (self._previous, preceding), (self._rank, before))
        )

    def _due(self, numbers: Int32, years: Int32) -> Int32:
        """Return the due day of each rule in a year that has one."""
        tables = year_tables()
        index = self.year_frames.take(numbers) + years
        days: Int32 = self._days.ravel().take(tables.is_long.take(index) * np.int32(self._most_rules) + numbers)
        return tables.starts.take(index) + days

    def next_due(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """Return each rule's first due day on or after the day, which lies in that year."""
        return self._nearest(self._next, 1, numbers, days, years)

    def previous_due(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """Return each rule's last due day on or before the day, which lies in that year."""
        return self._nearest(self._previous, -1, numbers, days, years)

    def _nearest(self, nearest: Int32, step: int, numbers: Int32, days: Int32, years: Int32) -> Int32:
        patterns = self._patterns.take(numbers)
        due_years = nearest.take(patterns + years)
        due = self._due(numbers, due_years)
        is_passed = due < days if step > 0 else due > days  # the due day of the day's own year
        passed = np.flatnonzero(is_passed)
        due[passed] = self._due(numbers[passed], nearest.take(patterns[passed] + due_years[passed] + step))
        return due

    def ranks(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """Return each rule's number of due days before the day, which lies in that year."""
        index = self._patterns.take(numbers) + years
        is_due = self._next.take(index) == years
        ranks: Int32 = self._rank.take(index) + (is_due & (self._due(numbers, years) < days))
        return ranks
