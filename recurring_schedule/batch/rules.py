"""The rules that a column of schedules needs with its starts, numbered as they come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from threading import RLock

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import ANCHORS, CYCLE, CYCLE_FIRST, Anchor, Int32, cycle, in_cycle
from recurring_schedule.batch.rule_tables import MOST_RULES, Sparse
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.periods import open_parts
from recurring_schedule.core.rule import Frame, Rule
from recurring_schedule.core.schedule import Schedule


def anchor_of(schedule: Schedule) -> Anchor:
    """Return the anchor: the parts of the payment day that the schedule takes from its start."""
    frequency, parts = schedule.frequency, open_parts(schedule)
    if not parts:
        return Anchor.NOTHING_ISO if frequency.weeks else Anchor.NOTHING
    if "month" in parts:
        return Anchor.MONTH_OF_QUARTER_AND_DAY if frequency.months == 3 else Anchor.MONTH_AND_DAY
    return Anchor.DAY if "day" in parts else Anchor.WEEKDAY


def start_of(anchor: Anchor, number: int) -> date:
    """A start of which that much is taken."""
    if anchor is Anchor.WEEKDAY:
        return date(1970, 1, 5) + timedelta(days=number)  # a Monday
    month0, day0 = divmod(number, 31)
    if anchor is Anchor.MONTH_OF_QUARTER_AND_DAY:
        return date(1972, (1, 5, 3)[month0], day0 + 1)  # months of 31 days, of which a quarter has each place
    return date(1972, month0 + 1, day0 + 1)  # a leap year


class RuleAttributes:
    """What is asked of each of the rules that have rows, by its number."""

    def __init__(self) -> None:
        self.frames, self.is_iso, self.short, self.long = np.zeros((4, MOST_RULES), np.int32)
        # `frames` is what to add to a day for its place in the tables of `Cycle`;
        # `short` and `long` are the numbers of due days in short and in long years.

    def add(self, number: int, rule: Rule) -> None:
        """A rule, by its number."""
        is_iso = rule.frame is Frame.ISO
        self.frames[number] = is_iso * CYCLE * Anchor.NOTHING_ISO - CYCLE_FIRST
        self.is_iso[number], self.short[number], self.long[number] = is_iso, len(rule.short), len(rule.long)


class Rules:
    """The rules in use, of schedules with their starts, by their numbers."""

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        self.schedules = tuple(schedules)
        """The schedules, by their places."""
        self._anchors = [anchor_of(schedule) for schedule in self.schedules]
        self._frames = np.array([anchor * CYCLE - CYCLE_FIRST for anchor in self._anchors], np.int32)
        self._by_key = np.full(max(len(self.schedules), 1) * ANCHORS, -1, np.int32)
        self._numbers: dict[Rule, int] = {}
        self.rules: list[Rule] = []
        """The rules, by their numbers."""
        self.lock = RLock()
        self.sparse = Sparse()
        self.facts = RuleAttributes()

    def numbers(self, codes: Int32, start: Int32, is_near: bool, scratch: Workspace, out: Int32) -> Int32:
        """For each row the number of the rule that its schedule, the one at that place, makes with its start.

        All `codes` are places of schedules. `is_near` says that no start is outside the cycle that the tables are for.
        """
        index, small = scratch.column("index", len(codes)), scratch.small(len(codes))
        self._frames.take(codes, out=index, mode="wrap")
        np.add(index, start if is_near else in_cycle(start), out=index)
        cycle().anchors.take(index, out=small, mode="wrap")
        # A key is `ANCHORS` times a schedule's place plus the number of what is taken of the start.
        np.multiply(codes, ANCHORS, out=index)
        np.add(index, small, out=index)
        self._by_key.take(index, out=out, mode="wrap")
        if out.min(initial=0) < 0:
            self._add(np.unique(index[out < 0]))
            self._by_key.take(index, out=out, mode="wrap")
        return out

    def _add(self, keys: npt.NDArray[np.int32]) -> None:
        with self.lock:
            for key in keys.tolist():
                place, anchor = divmod(key, ANCHORS)
                rule = self.schedules[place].rule(start_of(self._anchors[place], anchor))
                number = self._numbers.get(rule)
                if number is None:
                    number = self._numbers[rule] = len(self.rules)
                    if number < MOST_RULES:
                        self.sparse.add(number, rule)
                        self.facts.add(number, rule)
                    self.rules.append(rule)
                self._by_key[key] = number
