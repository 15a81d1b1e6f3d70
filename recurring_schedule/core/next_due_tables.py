"""Tables of the time from each day of a year to the due days on both sides of it, for rules that are due every year.

Years of one kind, as `civil.Years` tells them, share a table. It is made when a kind of year is asked for the second time,
since making it costs what fifty answers without it cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import chain, pairwise

from recurring_schedule.core.calendars import Years

_LONGEST = 371  # days of the longest year
FORTH = tuple(map(timedelta, range(2 * _LONGEST)))
"""The `timedelta` of each number of days."""
_BACK = tuple(map(timedelta, range(0, -2 * _LONGEST, -1)))


class NextDueTables:
    """The gaps of the rule that has the due days `days[0]` in short years and `days[1]` in long ones.

    `every_year` says whether there are due days in all of them: only then are there tables.

    >>> from recurring_schedule.core.calendars import CIVIL
    >>> tables = NextDueTables(CIVIL, ([0], [0]), every_year=True)  # due on 1 January
    >>> tables.look_ahead(2024); tables.look_ahead(2024)
    >>> [str(gap) for gap in tables.ahead[tables.kinds[2024]][363:366]]
    ['3 days, 0:00:00', '2 days, 0:00:00', '1 day, 0:00:00']
    """

    __slots__ = ("_calendar", "_days", "ahead", "behind", "every_year", "kinds", "starts")

    def __init__(self, calendar: Years, days: tuple[Sequence[int], Sequence[int]], every_year: bool) -> None:
        self.every_year = every_year
        self._calendar = calendar
        self._days = days
        self.starts = calendar.starts
        self.kinds = calendar.kinds
        self.ahead: list[list[timedelta] | None] = [None] * len(calendar.windows)
        """For each kind of year, once made: the time to the next due day, by the day of the year; `[-1]` is the day before it."""
        self.behind = self.ahead.copy()
        """The same for the time back to the due day before."""

    def look_ahead(self, year: int) -> None:
        """Make the table of `ahead` for that year, if it is asked for the second time."""
        self._look(year, self.ahead, lambda gap: FORTH[gap:0:-1], 0)

    def look_behind(self, year: int) -> None:
        """Make the table of `behind` for that year, if it is asked for the second time."""
        self._look(year, self.behind, lambda gap: _BACK[1 : gap + 1], 1)

    def _look(
        self,
        year: int,
        tables: list[list[timedelta] | None],
        entries: Callable[[int], Sequence[timedelta]],
        first: int,
    ) -> None:
        """`entries(gap)`: those of the days between two due days, of which the first comes `first` days after the due day."""
        kind = self.kinds[year]
        if tables[kind] is None:
            tables[kind] = []
            return
        due = self._due_around(kind)
        gaps = [after - day for day, after in pairwise(due)]
        known = {gap: entries(gap) for gap in set(gaps)}
        table = list(chain.from_iterable(map(known.__getitem__, gaps)))
        zero = -due[0] - first  # the place of the year's first day
        tables[kind] = table[zero : zero + _LONGEST] + table[zero - self._calendar.lead : zero]

    def _due_around(self, kind: int) -> list[int]:
        """The due days of a year of that kind, and those near it on both sides."""
        lengths, window = self._calendar.lengths, self._calendar.windows[kind]
        middle = len(window) // 2
        start = -sum(lengths[is_long] for is_long in window[:middle])
        due: list[int] = []
        for place, is_long in enumerate(window):
            days = self._days[is_long]
            if place != middle:  # No table reaches further than a week past its year, so eight days do.
                days = days[-8:] if place < middle else days[:8]
            due += [start + day for day in days]
            start += lengths[is_long]
        return due
