"""The due days of a rule in one civil year, and the years that have the same ones.

Years with the same *pattern* have the same due days, counted from 1 January. There are few
patterns, and they repeat in a cycle, so looking at some years answers for all of them.
"""

from __future__ import annotations

from functools import cached_property
from math import lcm

from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, LAST_DAY
from recurring_schedule.core.rule import Frame, Rule

Pattern = tuple[int, int, int]
_NO_DAYS = (0, 0, -1)


class DueDays:
    """The due days of a rule by civil year.

    >>> days = DueDays(Rule(Frame.CIVIL, (0, 2), [0], [0]))
    >>> days.in_year(2024), days.in_year(2025), days.pattern(2024) == days.pattern(2026), days.cycle
    ((738886,), (), False, 400)
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._is_civil = rule.frame is Frame.CIVIL
        self._remainder, self._divisor = rule.years
        self._known: dict[Pattern, tuple[int, ...]] = {}

    @cached_property
    def cycle(self) -> int:
        """The number of years after which the patterns repeat in the same order."""
        return lcm(CYCLE_YEARS, self._divisor)

    def pattern(self, year: int) -> Pattern:
        """Return the pattern of the year. Years with equal patterns have equal due days."""
        is_long = CIVIL.is_long
        if year % self._divisor != self._remainder:
            return _NO_DAYS
        if self._is_civil:
            return is_long[year], 0, 0
        # ISO years begin within three days of civil ones: the weekday of 1 January, and whether the week before it is
        # number 53 of the year before, decide which days belong to which week.
        return is_long[year], CIVIL.starts[year] % 7, is_long[year - 1]

    def in_year(self, year: int) -> tuple[int, ...]:
        """Return the due days of the year, as ordinals."""
        pattern, start = self.pattern(year), CIVIL.starts[year]
        days = self._known.get(pattern)
        if days is None:
            after = min(CIVIL.starts[year + 1], LAST_DAY + 1)
            ranks = range(self._rule.rank(start), self._rule.rank(after))
            days = self._known[pattern] = tuple(self._rule.nth(rank) - start for rank in ranks)
        return tuple(start + day for day in days)
