"""Tables, year by year, of the time from each day to what decides about payment days.

They hold what follows from known open days alone. Where they hold None, more has to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from itertools import pairwise

from recurring_schedule.core.calendars import CIVIL, LAST_YEAR

YearTable = list["timedelta | None"]

_STARTS = CIVIL.starts
_days = cache(timedelta)


class PaymentTables:
    """The tables of a calendar and a convention; each entry is a list by day of the year.

    `cut` is that of the convention, and `opens` returns the known open days of years with those
    nearest to them. A year takes about 9 KB.
    """

    __slots__ = ("_cut", "_opens", "latest", "least", "paid")

    def __init__(self, cut: Callable[[int, int], int], opens: Callable[[range], Iterable[int]]) -> None:
        self._cut, self._opens = cut, opens
        self.paid: list[YearTable | None] = [None] * (LAST_YEAR + 1)
        """By year: the time from a due date to its payment day."""
        self.least = self.paid.copy()
        """By year: the time from a day to the first due date that is paid on it or later."""
        self.latest = self.paid.copy()
        """By year: the time from a day to the last due date that is paid on it or earlier."""

    def made(self, name: str, year: int) -> YearTable:
        """Make the tables of the year, and return the one of that name."""
        start, length = _STARTS[year], _STARTS[year + 1] - _STARTS[year]
        tables: list[YearTable] = [[None] * length for _ in range(3)]
        paid, least, latest = tables
        for before, after in pairwise(self._opens(range(year, year + 1))):
            cut = self._cut(before, after)
            for day in range(max(before, start), min(after + 1, start + length)):
                if day > before:
                    paid[day - start] = _days((after if day >= cut else before) - day)
                    least[day - start] = _days(cut - day)
                if day < after:
                    latest[day - start] = _days(cut - 1 - day)
        self.paid[year], self.least[year], self.latest[year] = tables
        return tables[("paid", "least", "latest").index(name)]
