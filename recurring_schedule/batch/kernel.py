"""The rules of a column, and the three lookups that answer all others."""

from __future__ import annotations

from recurring_schedule.batch.rules import Rules
from recurring_schedule.batch.table_lookup import NextDue, PreviousDue, Ranks
from recurring_schedule.batch.window_cache import WindowCache


class Kernel:
    """The rules in use, with their tables and windows, which copies and pickles rebuild."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.next_due, self.previous_due, self.ranks = map(
            WindowCache, (NextDue(rules), PreviousDue(rules), Ranks(rules))
        )

    def __reduce__(self) -> tuple[type[Kernel], tuple[Rules]]:
        return type(self), (self.rules,)
