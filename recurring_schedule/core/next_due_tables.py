"""Tables of the time from each day of a year to its next and previous due days, and of ranks.

Years of one shape (see `calendars.Years`) share a table. Making one costs as much as fifty answers
without it, so a rule that is asked once makes none. A table of ranks saves less, half the time of
an answer, so it is made after as many answers as it costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import accumulate, chain, pairwise

from recurring_schedule.core.calendars import Years

_LONGEST_YEAR = 371
FORTH = tuple(map(timedelta, range(2 * _LONGEST_YEAR)))
"""The `timedelta` of each number of days."""
_BACK = tuple(map(timedelta, range(0, -2 * _LONGEST_YEAR, -1)))

Table = list[timedelta]
_FEW_COUNTS = 50


class NextDueTables:
    """The tables of a rule with these due days of a year of each type.

    Every year must have due days. Other rules have no tables.

    >>> from recurring_schedule.core.calendars import CIVIL
    >>> tables = NextDueTables(CIVIL, ([0], [0]))  # due on 1 January
    >>> tables.look_ahead(2024); tables.look_ahead(2024)
    >>> [str(gap) for gap in tables.ahead[tables.shapes[2024]][363:366]]
    ['3 days, 0:00:00', '2 days, 0:00:00', '1 day, 0:00:00']
    """

    __slots__ = ("_calendar", "_counts", "_days", "_was_asked", "ahead", "behind", "ranks", "shapes", "starts")

    def __init__(self, calendar: Years, days: Sequence[Sequence[int]]) -> None:
        self._calendar = calendar
        self._days = days
        self._was_asked = False
        self._counts = 0
        self.starts = calendar.starts
        self.shapes = calendar.shapes
        self.ahead: list[Table | None] = [None] * len(calendar.surroundings)
        """By shape: the time to the next due day, by day of the year; `[-1]` is the day before."""
        self.behind = self.ahead.copy()
        """By shape: the time back to the due day before, likewise."""
        self.ranks: list[list[int] | None] = [None] * len(calendar.surroundings)
        """By shape: the number of due days of the year before each day, likewise."""

    def look_ahead(self, year: int) -> None:
        """Make the table of `ahead` for the year, unless the rule is asked for the first time."""
        self._make(year, self.ahead, lambda gap: FORTH[gap:0:-1], 0)

    def look_behind(self, year: int) -> None:
        """Make the table of `behind` for the year, unless the rule is asked for the first time."""
        self._make(year, self.behind, lambda gap: _BACK[1 : gap + 1], 1)

    def look_up_ranks(self, first: int, last: int) -> None:
        """Make the tables of `ranks` for the years of a first and a last day, unless this is one of
        the first counts of the rule.
        """
        self._counts += 1
        if self._counts <= _FEW_COUNTS:
            return
        lead = self._calendar.lead_in_days
        for shape in {self.shapes[first], self.shapes[last]}:
            due = {*self._due_around(shape)}
            before = sum(day in due for day in range(-lead, 0))
            ranks = [*accumulate((day in due for day in range(-lead, _LONGEST_YEAR)), initial=-before)]
            self.ranks[shape] = ranks[lead:] + ranks[:lead]

    def _make(
        self, year: int, tables: list[Table | None], entries: Callable[[int], Sequence[timedelta]], shift: int
    ) -> None:
        """`entries(gap)` begin `shift` days after a due day; the next one is `gap` days later."""
        if not self._was_asked:
            self._was_asked = True
            return
        shape = self.shapes[year]
        due = self._due_around(shape)
        gaps = [after - day for day, after in pairwise(due)]
        known = {gap: entries(gap) for gap in set(gaps)}
        table = list(chain.from_iterable(map(known.__getitem__, gaps)))
        first = -due[0] - shift  # the index of the year's first day
        tables[shape] = table[first : first + _LONGEST_YEAR] + table[first - self._calendar.lead_in_days : first]

    def _due_around(self, shape: int) -> list[int]:
        """The due days in a year of that shape and near it, from the year's first day, 0."""
        lengths, years = self._calendar.lengths, self._calendar.surroundings[shape]
        middle = len(years) // 2
        start = -sum(lengths[kind] for kind in years[:middle])
        due: list[int] = []
        for index, kind in enumerate(years):
            days = self._days[kind]
            if index != middle:  # No table reaches further than a week past its year, so eight days do.
                days = days[-8:] if index < middle else days[:8]
            due += [start + day for day in days]
            start += lengths[kind]
        return due
