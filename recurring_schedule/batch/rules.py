"""The rules of schedules with their starts, numbered as they first occur."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from threading import RLock

import numpy as np

from recurring_schedule.batch.calendar_tables import ANCHORS, CYCLE, CYCLE_FIRST, Anchor, Int32, cycle, in_cycle
from recurring_schedule.batch.day_columns import BoundedDays
from recurring_schedule.batch.policy import STANDARD, Policy
from recurring_schedule.batch.rule_tables import RuleAttributes
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule


def _anchor_of(schedule: Schedule) -> Anchor:
    frequency, parts = schedule.frequency, schedule.anchor
    if not parts:
        return Anchor.NOTHING_ISO if frequency.weeks else Anchor.NOTHING
    if "month" in parts:
        return Anchor.MONTH_OF_QUARTER_AND_DAY if frequency.months == 3 else Anchor.MONTH_AND_DAY
    return Anchor.DAY if "day" in parts else Anchor.WEEKDAY


def _start_of(anchor: Anchor, number: int) -> date:
    """Return a start whose part has this number."""
    if anchor is Anchor.WEEKDAY:
        return date(1970, 1, 5) + timedelta(days=number)  # a Monday
    month0, day0 = divmod(number, 31)
    if anchor is Anchor.MONTH_OF_QUARTER_AND_DAY:
        return date(1972, (1, 5, 3)[month0], day0 + 1)  # months of 31 days, one for each month of a quarter
    return date(1972, month0 + 1, day0 + 1)  # a leap year


class Rules:
    """The rules that schedules make with their starts. Copies and pickles find them again."""

    def __init__(self, schedules: Iterable[Schedule], policy: Policy = STANDARD) -> None:
        self.schedules = tuple(schedules)
        """The schedules, by their codes."""
        self.policy = policy
        self._anchors = [_anchor_of(schedule) for schedule in self.schedules]
        self._frames = np.array([anchor * CYCLE - CYCLE_FIRST for anchor in self._anchors], np.int32)
        self._by_key = np.full(max(len(self.schedules), 1) * ANCHORS, -1, np.int32)
        self._numbers: dict[Rule, int] = {}
        self.rules: list[Rule] = []
        """The rules, by their numbers."""
        self.in_tables = 0
        """The number of rules that may have rows in the tables: the first ones."""
        self.lock = RLock()
        self.attributes = RuleAttributes(policy.most_rules)

    def __reduce__(self) -> tuple[type[Rules], tuple[tuple[Schedule, ...], Policy]]:
        return type(self), (self.schedules, self.policy)

    def numbers(self, codes: Int32, start: BoundedDays, workspace: Workspace) -> Int32:
        """Return the number of the rule that each row's schedule makes with its start.

        All codes must be those of schedules.
        """
        rows = len(codes)
        index, anchors, numbers = workspace.index[:rows], workspace.entries[:rows], workspace.numbers[:rows]
        self._frames.take(codes, out=index, mode="wrap")
        np.add(index, in_cycle(*start), out=index)
        cycle().anchors.take(index, out=anchors, mode="wrap")
        # A key is `ANCHORS` times the schedule's code plus the number of the part that it takes of the start.
        np.multiply(codes, ANCHORS, out=index)
        np.add(index, anchors, out=index)
        self._by_key.take(index, out=numbers, mode="wrap")
        if np.minimum.reduce(numbers, initial=0) < 0:
            self._add(np.unique(index[numbers < 0]))
            self._by_key.take(index, out=numbers, mode="wrap")
        return numbers

    def _add(self, keys: Int32) -> None:
        with self.lock:
            for key in keys.tolist():
                code, anchor = divmod(key, ANCHORS)
                rule = self.schedules[code].rule(_start_of(self._anchors[code], anchor))
                number = self._numbers.setdefault(rule, len(self.rules))
                if number == len(self.rules):
                    if number < self.policy.most_rules:
                        self.attributes.add(number, rule)
                    self.rules.append(rule)
                    self.in_tables = min(number + 1, self.policy.most_rules)
                self._by_key[key] = number
