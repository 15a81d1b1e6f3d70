"""The rules of schedules with their starts, numbered as they first occur."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from threading import RLock

import numpy as np

from recurring_schedule.batch.calendar_tables import (
    ANCHORS,
    CYCLE,
    CYCLE_FIRST,
    EPOCH,
    Anchor,
    Int32,
    UInt16,
    cycle,
    in_cycle,
)
from recurring_schedule.batch.day_columns import BoundedDays, minimum
from recurring_schedule.batch.day_tables import DayTables, code_and_start
from recurring_schedule.batch.intervals import (
    UNNUMBERED,
    IntervalSchedules,
    Phases,
    counts,
    phases_in_cycle,
    phases_of,
)
from recurring_schedule.batch.policy import STANDARD, Policy
from recurring_schedule.batch.rule_tables import RuleAttributes
from recurring_schedule.batch.workspace import Workspace
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet
from recurring_schedule.core.year_rule import Frame, YearRule

_MOST_PHASES = 1 << 16  # whose numbers have 16 bits. So few have fewer than 3,000 blocks, whose indices have 32 bits.


def _part_of(schedule: Plan) -> Anchor | Phases:
    """Return the part that a schedule, or all members of a set, take of their start."""
    parts = schedule.anchor
    has_months = "month" in parts or "day" in parts
    if counts(schedule) or ("weekday" in parts and has_months):
        return phases_of(schedule)
    if "month" in parts:  # perhaps without the day: then equal rules have one number
        is_of_quarter = phases_of(schedule).months.groups == 3
        return Anchor.MONTH_OF_QUARTER_AND_DAY if is_of_quarter else Anchor.MONTH_AND_DAY
    return Anchor.DAY if "day" in parts else Anchor.WEEKDAY if parts else Anchor.NOTHING


class Rules:
    """The rules that schedules make with their starts. Copies and pickles find them again."""

    def __init__(self, schedules: Iterable[Plan], policy: Policy = STANDARD) -> None:
        self.schedules = tuple(schedules)
        """The schedules, by their codes."""
        self.policy = policy
        # Each part that schedules take of their starts, with the number of its block in `_part_numbers`.
        self._blocks: dict[Anchor | Phases, int] = {anchor: anchor for anchor in Anchor}
        self._has_phases = False
        self._counts = np.zeros(len(self.schedules), np.bool_)
        # Each schedule's block, and the first of its keys, one for each number. The last key is that of rows without
        # a numbered rule.
        self._frames = np.full(len(self.schedules), -CYCLE_FIRST, np.int32)
        self._keys = np.full(len(self.schedules), -1, np.int32)
        keys = 0
        rules = min(policy.most_rules // 2, _MOST_PHASES)  # at most for phases, which leaves as many for the rest
        for code, schedule in enumerate(self.schedules):
            part, numbers = _part_of(schedule), ANCHORS
            if isinstance(part, Phases):
                numbers, self._has_phases = part.most, True
            if counts(schedule):
                if numbers > rules:
                    continue
                rules -= numbers
                self._counts[code] = True
            self._frames[code] = self._blocks.setdefault(part, len(self._blocks)) * CYCLE - CYCLE_FIRST
            self._keys[code] = keys
            keys += numbers
        self._keys[self._keys < 0] = keys
        self._by_key = np.full(keys + 1, -1, np.int32)
        self._by_key[keys] = UNNUMBERED
        self._numbers: dict[Rule, int] = {}
        self.rules: list[Rule] = []
        """The rules, by their numbers."""
        self.in_tables = 0
        """The number of rules that may have rows in the tables: the first ones."""
        self.lock = RLock()
        self.day_tables = DayTables(self._rule_of, policy.most_entries)
        self.attributes = RuleAttributes(policy.most_rules, self.day_tables)
        self.has_sets = any(isinstance(schedule, ScheduleSet) for schedule in self.schedules)
        """True if a schedule is a set."""
        self.intervals: IntervalSchedules | None = None
        """The schedules that count from the start; None if none does."""
        if any(map(counts, self.schedules)):
            self.intervals = IntervalSchedules(self.schedules, self.day_tables)
            self._append(YearRule(Frame.CIVIL, (0, 1), [0], [0]))  # in the place of `UNNUMBERED`

    @cached_property
    def _part_numbers(self) -> UInt16:
        """The number of each part of a start on each day of the cycle, a block for each part."""
        phases = [phases_in_cycle(part) for part in self._blocks if isinstance(part, Phases)]
        return np.concatenate([cycle().anchors, *phases]) if phases else cycle().anchors

    def __reduce__(self) -> tuple[type[Rules], tuple[tuple[Plan, ...], Policy]]:
        return type(self), (self.schedules, self.policy)

    def numbers(self, codes: Int32, start: BoundedDays, workspace: Workspace) -> Int32:
        """Return the number of the rule that each row's schedule makes with its start, or
        `UNNUMBERED`.

        All codes must be those of schedules.
        """
        rows = len(codes)
        if not rows:
            return codes
        index, parts, numbers = workspace.index[:rows], workspace.entries[:rows], workspace.numbers[:rows]
        days = in_cycle(*start)
        self._frames.take(codes, out=index, mode="wrap")
        np.add(index, days, out=index)
        self._part_numbers.take(index, out=parts, mode="wrap")
        if self._has_phases:
            self._keys.take(codes, out=index, mode="wrap")
        else:
            np.multiply(codes, ANCHORS, out=index)  # which is `_keys` then, and faster
        np.add(index, parts, out=index)
        if days is not start.days and self.intervals:  # phases do not repeat after a cycle
            index[(days != start.days) & self._counts.take(codes)] = len(self._by_key) - 1
        self._by_key.take(index, out=numbers, mode="wrap")
        if minimum(numbers) < 0:
            new = np.flatnonzero(numbers < 0)
            keys, first = np.unique(index[new], return_index=True)
            self._add(keys, codes[new[first]], start.days[new[first]])
            self._by_key.take(index, out=numbers, mode="wrap")
        return numbers

    def _add(self, keys: Int32, codes: Int32, starts: Int32) -> None:
        """Number the rules of these keys, each with a schedule and a start that have it."""
        with self.lock:
            for key, code, start in zip(keys.tolist(), codes.tolist(), starts.tolist(), strict=True):
                rule = self.schedules[code].rule(date.fromordinal(start + EPOCH))
                number = self._numbers.setdefault(rule, len(self.rules))
                if number == len(self.rules):
                    self._append(rule)
                self._by_key[key] = number

    def _rule_of(self, key: int) -> Rule:
        """Return the rule of a number, or that of a schedule with its start."""
        code, start = code_and_start(key)
        return self.rules[key] if start is None else self.schedules[code].rule(start)

    def _append(self, rule: Rule) -> None:
        number = len(self.rules)
        if number < self.policy.most_rules:
            self.attributes.add(number, rule)
        self.rules.append(rule)
        self.in_tables = min(number + 1, self.policy.most_rules)
