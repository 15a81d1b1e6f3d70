"""Tables of what is due around each day of a year, with a row for each rule; and arithmetic for
sparse rules.

A rule is *dense* if it has due days in every year. It is *sparse* if it has one due day in some
years and none in the others, or counts days or months. Only dense rules have rows, with an entry
for each day of each shape of year. The others share one row of `SPARSE`, and `RuleAttributes`
answers them. What neither can say, as that of most sets, is *irregular*: `DayTables` answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import (
    CALENDARS,
    CYCLE,
    CYCLE_FIRST,
    EPOCH,
    WIDTH,
    YEARS,
    Int32,
    UInt16,
    frame_index,
    year_shapes,
    year_tables,
    years_of,
)
from recurring_schedule.batch.day_columns import BoundedDays
from recurring_schedule.batch.day_tables import DayTables
from recurring_schedule.batch.intervals import MonthRows, StepRows, day_index
from recurring_schedule.core.calendars import LAST_YEAR, Years
from recurring_schedule.core.interval_rules import MonthRule, StepRule
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.year_rule import Frame, YearRule

SPARSE = np.iinfo(np.uint16).max
_AT_ONCE = 1024  # shapes of year, of all rules, whose entries are made at once, in about a megabyte
# As the next year, none is a year past the end of the calendar; as the previous year, it is 0.
_NO_YEAR = YEARS - 1
_YEARS, _STEPS, _MONTHS, _DAYS = range(4)  # kinds of rules
_TYPES = max(len(calendar.lengths) for calendar in CALENDARS.values())


def _width(calendar: Years) -> int:
    """Return the number of entries of a rule of these years."""
    return len(year_shapes(calendar)) * WIDTH


Entries = Callable[[Years, Sequence[YearRule]], UInt16]
"""Returns the entries of rules of these years."""


class RuleTable:
    """A row for each of the first rules, with an entry for each day of each shape of year."""

    def __init__(self, entries: Entries, most_rules: int) -> None:
        self._entries, self._has_row = entries, _is_even if entries is rank_entries else _is_dense
        self._used = max(map(_width, CALENDARS.values()))
        self.flat = np.full(self._used, SPARSE, np.uint16)
        """All rows. The first one, as long as any, is that of all sparse rules."""
        self.offsets = np.zeros(most_rules, np.int32)
        """The index of each rule's row in `flat`."""
        self.rows = 0
        """The number of rules that have rows."""

    def extend(self, rules: Sequence[Rule]) -> None:
        """Make the missing rows."""
        dense = {number: rule for number in range(self.rows, len(rules)) if self._has_row(rule := rules[number])}
        for frame, calendar in CALENDARS.items():
            at_once = _AT_ONCE // len(year_shapes(calendar))
            numbers = [number for number, rule in dense.items() if rule.frame is frame]
            self._reserve(len(numbers) * _width(calendar))
            for first in range(0, len(numbers), at_once):
                some = numbers[first : first + at_once]
                entries = self._entries(calendar, [dense[number] for number in some]).ravel()
                self.flat[self._used : self._used + len(entries)] = entries
                self.offsets[some] = self._used + np.arange(len(some)) * _width(calendar)
                self._used += len(entries)
        self.rows = len(rules)  # now, since a thread that sees the number may read the rows

    def _reserve(self, entries: int) -> None:
        """Make room for these entries, and for as many as there are already."""
        if len(self.flat) < self._used + entries:
            flat = np.empty(2 * self._used + entries, np.uint16)
            flat[: self._used] = self.flat[: self._used]
            self.flat = flat


def _marks(calendar: Years, rules: Sequence[YearRule]) -> npt.NDArray[np.bool_]:
    """Return, for each rule, shape of year and day of the year, True if the day is due."""
    marks = np.zeros((len(rules), len(calendar.lengths), WIDTH), np.bool_)
    for number, rule in enumerate(rules):
        for of_type, days in zip(marks[number], rule.days, strict=True):
            of_type[list(days)] = True
    return marks[:, _shapes(calendar)[1], :]


def _shapes(calendar: Years) -> npt.NDArray[np.intp]:
    """Return the types of the year before, of the year and of the year after, of each shape."""
    return np.array(year_shapes(calendar)).T


_DAYS_OF_YEAR = np.arange(WIDTH, dtype=np.int16)


def next_due_entries(calendar: Years, rules: Sequence[YearRule]) -> UInt16:
    """Return the days from each day to the first due day on or after it."""
    _, year, after = _shapes(calendar)
    first = np.array([[days[0] for days in rule.days] for rule in rules], np.int16)
    following = np.array(calendar.lengths, np.int16)[year] + first[:, after]
    due = np.where(_marks(calendar, rules), _DAYS_OF_YEAR, following[:, :, None])
    nearest = np.minimum.accumulate(due[:, :, ::-1], axis=2)[:, :, ::-1]
    return (nearest - _DAYS_OF_YEAR).astype(np.uint16)


def previous_due_entries(calendar: Years, rules: Sequence[YearRule]) -> UInt16:
    """Return the days from each day back to the last due day on or before it."""
    before, _, _ = _shapes(calendar)
    last = np.array([[days[-1] for days in rule.days] for rule in rules], np.int16)
    preceding = (last - np.array(calendar.lengths, np.int16))[:, before]
    due = np.where(_marks(calendar, rules), _DAYS_OF_YEAR, preceding[:, :, None])
    nearest = np.maximum.accumulate(due, axis=2)
    return (_DAYS_OF_YEAR - nearest).astype(np.uint16)


def rank_entries(calendar: Years, rules: Sequence[YearRule]) -> UInt16:
    """Return the number of due days of the year before each day."""
    marks = _marks(calendar, rules)
    return np.cumsum(marks, axis=2, dtype=np.uint16) - marks


def _is_dense(rule: Rule) -> TypeGuard[YearRule]:
    return isinstance(rule, YearRule) and rule.years == (0, 1) and all(rule.days)


def _is_even(rule: Rule) -> TypeGuard[YearRule]:
    """Return True for a dense rule whose ranks follow from the numbers of short and long years."""
    return _is_dense(rule) and (rule.frame is not Frame.WEEKDAYS or len({*map(len, rule.days)}) == 1)


def is_irregular(rule: Rule) -> bool:
    """Return True for a rule whose ranks, at least, need a table of its due days.

    >>> is_irregular(ScheduleSet(["weekly", "monthly"]).rule(date(2024, 1, 31)))
    True
    """
    if isinstance(rule, YearRule):
        return not _is_even(rule) if _is_dense(rule) else max(map(len, rule.days)) > 1
    return not isinstance(rule, (StepRule, MonthRule))


class RuleAttributes:
    """The attributes that lookups need of each rule with a row in the tables, by the rule's number.

    Sparse rules that are due in the same years share a *pattern*: for each year, the next and the
    previous year with a due day, and the number of such years before.
    """

    def __init__(self, most_rules: int, tables: DayTables) -> None:
        self._most_rules, self._tables = most_rules, tables
        # Added to a day: its index in the tables of `Cycle`. To a year: its index in `YearTables`, and in the patterns.
        self.frames, self.year_frames, self._patterns = np.zeros((3, most_rules), np.int32)
        # The number of due days of short and of long years. With `Frame.WEEKDAYS` it is one for each picked month.
        self.counts = np.zeros((2, most_rules), np.int32)
        self._days = np.zeros((_TYPES, most_rules), np.int32)  # the due day of sparse rules in each type of year
        self._known: dict[tuple[Frame, tuple[int, int], tuple[bool, ...]], int] = {}
        self._next, self._previous, self._rank = (np.empty(0, np.int32) for _ in range(3))
        # Of rules that count: the columns of `StepRows` and `MonthRows`.
        self._kinds = np.zeros(most_rules, np.uint8)
        self._anchors, self._steps, self._month_days = np.zeros((3, most_rules), np.int32)

    def add(self, number: int, rule: Rule) -> None:
        """Add the rule with this number."""
        if is_irregular(rule):
            self._kinds[number] = _DAYS
        if isinstance(rule, YearRule):
            self._add_years(number, rule)
            return
        self.frames[number] = -CYCLE_FIRST
        if isinstance(rule, StepRule):
            self._kinds[number] = _STEPS
            self._anchors[number], self._steps[number] = rule.nth(0) - EPOCH, rule.step
        elif isinstance(rule, MonthRule):
            self._kinds[number] = _MONTHS
            self._anchors[number], self._steps[number] = rule.remainder + 1, rule.step
            self._month_days[number] = day_index(rule.day)

    def _add_years(self, number: int, rule: YearRule) -> None:
        frame = frame_index(rule.frame)
        self.frames[number] = frame * CYCLE - CYCLE_FIRST
        self.year_frames[number] = frame * YEARS
        self.counts[:, number] = len(rule.days[0]), len(rule.days[-1])  # the last type is a long year
        if not _is_dense(rule):
            key = rule.frame, rule.years, (*map(bool, rule.days),)
            if key not in self._known:
                self._add_pattern(rule, frame)
                self._known[key] = len(self._known) * YEARS
            self._patterns[number] = self._known[key]
            self._days[: len(rule.days), number] = [days[0] if days else 0 for days in rule.days]

    def _add_pattern(self, rule: YearRule, frame: int) -> None:
        years = np.arange(YEARS)
        types = year_tables().types[frame * YEARS :][:YEARS]
        remainder, divisor = rule.years
        is_due = (years % divisor == remainder) & np.array([*map(bool, rule.days)])[types]
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
        days: Int32 = self._days.ravel().take(tables.types.take(index) * np.int32(self._most_rules) + numbers)
        return tables.starts.take(index) + days

    def next_due(self, numbers: Int32, day: BoundedDays) -> Int32:
        """Return each sparse rule's first due day on or after the day."""
        by_years = partial(self._nearest, self._next, 1)
        return self._by_kind(numbers, day, by_years, StepRows.next_due, MonthRows.next_due, self._tables.next_due)

    def previous_due(self, numbers: Int32, day: BoundedDays) -> Int32:
        """Return each sparse rule's last due day on or before the day."""
        by_years = partial(self._nearest, self._previous, -1)
        by_steps, by_months, by_days = StepRows.previous_due, MonthRows.previous_due, self._tables.previous_due
        return self._by_kind(numbers, day, by_years, by_steps, by_months, by_days)

    def ranks(self, numbers: Int32, day: BoundedDays) -> Int32:
        """Return each sparse rule's number of due days before the day."""
        return self._by_kind(numbers, day, self._ranks, StepRows.ranks, MonthRows.ranks, self._tables.ranks)

    def _by_kind(
        self,
        numbers: Int32,
        day: BoundedDays,
        by_years: Callable[[Int32, Int32, Int32], Int32],
        by_steps: Callable[[StepRows, BoundedDays], Int32],
        by_months: Callable[[MonthRows, BoundedDays], Int32],
        by_days: Callable[[Int32, BoundedDays], Int32],
    ) -> Int32:
        """Return the answers, those of each kind of rule by one of the lookups."""
        kinds, answers = self._kinds.take(numbers), np.empty_like(numbers)
        for kind in (_YEARS, _STEPS, _MONTHS, _DAYS):
            at = np.flatnonzero(kinds == kind)
            if not len(at):
                continue
            some, days = numbers[at], day.take(at)
            if kind == _YEARS:
                answers[at] = by_years(some, days.days, years_of(days.days, self.frames.take(some), *days[1:]))
            elif kind == _STEPS:
                answers[at] = by_steps(StepRows(self._anchors[some], self._steps[some]), days)
            elif kind == _DAYS:
                answers[at] = by_days(some, days)
            else:
                columns = self._anchors[some], self._steps[some], self._month_days[some]
                answers[at] = by_months(MonthRows(*columns), days)
        return answers

    def _nearest(self, nearest: Int32, step: int, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """Return the due day nearest to each day, which lies in that year, in one direction."""
        patterns = self._patterns.take(numbers)
        due_years = nearest.take(patterns + years)
        due = self._due(numbers, due_years)
        is_passed = due < days if step > 0 else due > days  # the due day of the day's own year
        passed = np.flatnonzero(is_passed)
        due[passed] = self._due(numbers[passed], nearest.take(patterns[passed] + due_years[passed] + step))
        return due

    def _ranks(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """Return each rule's number of due days before the day, which lies in that year."""
        index = self._patterns.take(numbers) + years
        is_due = self._next.take(index) == years
        ranks: Int32 = self._rank.take(index) + (is_due & (self._due(numbers, years) < days))
        return ranks
