"""A cache of a table lookup's answers, for every rule on the days that are looked up most; and the
three lookups, each with its cache, that answer all others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recurring_schedule.batch.calendar_tables import CYCLE_LAST, FIRST, LAST, Int32
from recurring_schedule.batch.day_columns import BoundedDays, maximum
from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.table_lookup import TableLookup, next_due, previous_due, ranks
from recurring_schedule.batch.workspace import Workspace, Workspaces


class Window(NamedTuple):
    """Answers for the first `rules` rules on `width` days from `first` on, rule by rule."""

    first: int
    width: int
    rules: int
    origin: int
    """The day of the first entry of `answers`. Those before `first` are not used: with 1970-01-01,
    which is 0, lookups need not subtract it, and take a twelfth less time.
    """
    answers: Int32

    @property
    def last(self) -> int:
        """The last day."""
        return self.first + self.width - 1


class WindowCache:
    """A lookup with a window: one gather answers the rows inside it, the lookup the others."""

    def __init__(self, lookup: TableLookup) -> None:
        self.lookup = lookup
        self.window: Window | None = None
        """The window, which later lookups may replace; None if there is none yet."""
        self._rules, self._policy = lookup.rules, lookup.rules.policy
        self._outside = 0  # rows that were answered outside the window since it was made
        self._enough = 0  # as many of them as it takes to consider the next window
        self._late = 0  # rows looked up while the window lacks new rules

    def __call__(self, numbers: Int32, day: BoundedDays, out: Int32, workspace: Workspace) -> Int32:
        """Write the answer for each row's rule and day to `out`, and return it."""
        rows, window = len(numbers), self.window
        if window is None or not rows:
            self._learn(rows, day.days)
            return self.lookup(numbers, day, out, workspace)
        if window.rules < len(self._rules.rules):
            window = self._with_new_rules(window, rows)
        index = workspace.index[:rows]
        np.multiply(numbers, window.width, out=index)
        np.add(index, day.days, out=index)
        if window.origin:
            np.subtract(index, window.origin, out=index)
        has_all_rules = window.rules == len(self._rules.rules) or maximum(numbers) < window.rules
        if has_all_rules and window.first <= day.lowest and day.highest <= window.last:
            return window.answers.take(index, out=out, mode="wrap")
        outside = np.flatnonzero((day.days < window.first) | (day.days > window.last) | (numbers >= window.rules))
        self._learn(len(outside), day.days)
        if len(outside) * self._policy.outside_share > rows:
            return self.lookup(numbers, day, out, workspace)
        index[outside] = 0
        window.answers.take(index, out=out, mode="wrap")
        if len(outside):
            out_of_window = np.empty(len(outside), np.int32)
            out[outside] = self.lookup(numbers[outside], day.take(outside), out_of_window, workspace)
        return out

    def _learn(self, outside: int, days: Int32) -> None:
        """Replace the window once the rows answered outside it equal the entries of the next one.

        So making windows never costs more than it saves.
        """
        policy = self._policy
        with self._rules.lock:
            self._outside += outside
            rules = self._rules.in_tables
            if not len(days) or self._outside < max(rules * policy.rows_per_entry, self._enough):
                return
            most_days = min(policy.part_rows, policy.most_entries // max(rules, 1))
            first, last = self._next_span(days, most_days)
            width = last - first + 1
            if width > most_days:
                self._enough = 2 * self._outside
            elif (enough := rules * width * policy.rows_per_entry) <= self._outside:
                origin = 0 if 0 <= first <= CYCLE_LAST else first
                answers = np.concatenate(
                    (np.zeros(first - origin, np.int32), self._answers(first, width, range(rules)))
                )
                self.window = Window(first, width, rules, origin, answers)
                self._outside = self._enough = 0
            else:
                self._enough = enough

    def _next_span(self, days: Int32, most: int) -> tuple[int, int]:
        """Return the bounds of the next window, which spans at most `most` days."""
        first, last = self._span(days)
        window = self.window
        if window is None:
            return first, last
        lowest, highest = min(first, window.first), max(last, window.last)
        width = highest - lowest + 1
        if width > most:
            return first, last
        # Twice as wide, so that days that move in one direction need few windows.
        wide = max(lowest - width * (first < window.first), FIRST), min(highest + width, LAST)
        return wide if wide[1] - wide[0] < most else (lowest, highest)

    def _span(self, days: Int32) -> tuple[int, int]:
        """Return the first and the last of the days, without outliers."""
        few = len(days) // self._policy.outlier_share
        ordered = np.partition(days, (0, few, -1 - few, -1))
        lowest, first, last, highest = ordered[[0, few, -1 - few, -1]].tolist()
        if highest - lowest <= 2 * (last - first):
            first, last = lowest, highest
        # A day more on each side, since `after` asks for the day after that of `on_or_after`.
        return min(max(first - 1, FIRST), LAST), min(max(last + 1, FIRST), LAST)

    def _with_new_rules(self, window: Window, rows: int) -> Window:
        """Return the window, extended to new rules once the rows since equal their entries."""
        policy = self._policy
        with self._rules.lock:
            window = self.window or window
            new = range(window.rules, self._rules.in_tables)
            self._late += rows
            is_paid = len(new) * window.width * policy.rows_per_entry <= self._late
            if new and is_paid and new.stop * window.width <= policy.most_entries:
                answers = np.concatenate((window.answers, self._answers(window.first, window.width, new)))
                window = self.window = window._replace(rules=new.stop, answers=answers)
                self._late = 0
            return window

    def _answers(self, first: int, width: int, rules: range) -> Int32:
        """Return the answers for these rules on `width` days from `first` on."""
        at_once = min(self._policy.part_rows // width, len(rules))
        answers, workspace = np.empty(len(rules) * width, np.int32), Workspace(at_once * width)
        days = np.tile(np.arange(first, first + width, dtype=np.int32), at_once)
        for done in range(0, len(rules), at_once):
            numbers = np.array(rules[done : done + at_once], np.int32).repeat(width)
            some = BoundedDays(days[: len(numbers)], first, first + width - 1)
            self.lookup(numbers, some, answers[done * width :][: len(numbers)], workspace)
        return answers


class Kernel:
    """The rules in use, with their tables and windows, which copies and pickles rebuild."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.next_due, self.previous_due, self.ranks = (
            WindowCache(lookup(rules)) for lookup in (next_due, previous_due, ranks)
        )
        self.workspaces = Workspaces(rules.policy.part_rows)

    def __reduce__(self) -> tuple[type[Kernel], tuple[Rules]]:
        return type(self), (self.rules,)
