"""The due days of a rule in one civil year, and which years look alike.

Two years with the same `kind` have the same due days, counted from 1 January. There are few kinds, and they come again in cycles,
so what is asked of all years can be answered by looking at some.
"""

from __future__ import annotations

from functools import cached_property
from math import lcm

from recurring_schedule.core.calendars import CIVIL, CYCLE_YEARS, LAST_DAY
from recurring_schedule.core.rule import Frame, Rule

Kind = tuple[int, int, int]
_NO_DAYS = (0, 0, -1)


class DueDays:
    """The due days of a rule by civil years.

    >>> days = DueDays(Rule(Frame.CIVIL, (0, 2), [0], [0]))
    >>> days.in_year(2024), days.in_year(2025), days.kind(2024) == days.kind(2026), days.cycle
    ((738886,), (), False, 400)
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._is_civil = rule.frame is Frame.CIVIL
        self._remainder, self._divisor = rule.years
        self._known: dict[Kind, tuple[int, ...]] = {}

    @cached_property
    def cycle(self) -> int:
        """After how many years the kinds come again, in the same order."""
        return lcm(CYCLE_YEARS, self._divisor)

    def kind(self, year: int) -> Kind:
        """The kind of the year: equal kinds, equal due days."""
        is_long = CIVIL.is_long
        if year % self._divisor != self._remainder:
            return _NO_DAYS
        if self._is_civil:
            return is_long[year], 0, 0
        # ISO years begin within three days of civil ones: which days belong to which week depends on the weekday of 1 January,
        # and whether the week before it is number 53 on the year before.
        return is_long[year], CIVIL.starts[year] % 7, is_long[year - 1]

    def in_year(self, year: int) -> tuple[int, ...]:
        """The due days of the year, as ordinals."""
        kind, start = self.kind(year), CIVIL.starts[year]
        days = self._known.get(kind)
        if days is None:
            after = min(CIVIL.starts[year + 1], LAST_DAY + 1)
            ranks = range(self._rule.rank(start), self._rule.rank(after))
            days = self._known[kind] = tuple(self._rule.nth(rank) - start for rank in ranks)
        return tuple(start + day for day in days)
