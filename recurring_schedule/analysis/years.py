"""The due days of a rule in one civil year, and the years that have the same ones.

Years with the same *pattern* have the same due days, counted from 1 January. There are few
patterns, and they repeat in a cycle, so looking at some years answers for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, LAST_DAY, LAST_YEAR, WEEKDAYS, days_of_months
from recurring_schedule.core.interval_rules import MonthRule, StepRule
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.year_rule import Frame, YearRule

Pattern = tuple[int, int]
"""The type of a year, and the days, months or years from its start to the first that is due."""

_LONGER_THAN_THE_CALENDAR = 10_007  # years, and a prime


class DueDays:
    """The due days of a rule by civil year.

    >>> days = DueDays(YearRule(Frame.CIVIL, (0, 2), [0], [0]))
    >>> days.in_year(2024), days.in_year(2025), days.pattern(2024) == days.pattern(2026), days.cycle
    ((738886,), (), False, 400)
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._types, self._starts, self._remainder, self._step = _units(rule)
        in_cycle = self._starts[CYCLE_YEARS] - self._starts[0]
        self._longest = -(-in_cycle // CYCLE_YEARS)  # the units in the longest year
        self.cycle = CYCLE_YEARS * self._step // gcd(self._step, in_cycle)
        """The number of years after which the patterns repeat in the same order."""
        self._known: dict[Pattern, tuple[int, ...]] = {}

    def pattern(self, year: int) -> Pattern:
        """Return the pattern of the year. Years with equal patterns have equal due days."""
        ahead = (self._remainder - self._starts[year]) % self._step
        return self._types[year], min(ahead, self._longest)  # all that begin after the year are alike

    def in_year(self, year: int) -> tuple[int, ...]:
        """Return the due days of the year, as ordinals."""
        pattern, start = self.pattern(year), CIVIL.starts[year]
        days = self._known.get(pattern)
        if days is None:
            after = min(CIVIL.starts[year + 1], LAST_DAY + 1)
            ranks = range(self._rule.rank(start), self._rule.rank(after))
            days = self._known[pattern] = tuple(self._rule.nth(rank) - start for rank in ranks)
        return tuple(start + day for day in days)


def _units(rule: Rule) -> tuple[Sequence[int], Sequence[int], int, int]:
    """Return what makes the due days of a year: its type, and its first unit, modulo the step.

    The units are the days, months or years that the rule counts. Return the types of years, the
    number of each year's first unit, and the remainder and the step of the units that are due.
    """
    if isinstance(rule, StepRule):
        return CIVIL.types, CIVIL.starts, rule.remainder, rule.step
    if isinstance(rule, MonthRule):
        return days_of_months(rule.day)[0].types, range(-12, 12 * LAST_YEAR, 12), rule.remainder, rule.step
    years = range(LAST_YEAR + 1)
    if not isinstance(rule, YearRule):  # sets count in all these units: no two years need be alike
        return years, years, 0, _LONGER_THAN_THE_CALENDAR
    # ISO years begin within three days of civil ones: the weekday of 1 January, and whether the week before it is
    # number 53 of the year before, decide which days belong to which week.
    return (CIVIL if rule.frame is Frame.CIVIL else WEEKDAYS).types, years, *rule.years
