"""The base of all rules. Two questions answer all others: `rank`, the number of due days before a
day, and `nth`, the day with a given rank. They are inverses.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from datetime import date

from recurring_schedule.core.calendars import LAST_DAY
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.immutable import Immutable
from recurring_schedule.core.next_due_tables import NextDueTables

_date = date.fromordinal


class Rule(Immutable):
    """The due days of a schedule with its start, from 0001-01-01 to 9999-12-31.

    A rule knows no start: it continues in both directions. Equal rules have the same due days. Two
    year rules are equal exactly if their due days are.

    >>> Schedule("monthly").rule(date(2024, 1, 31)).count
    119988
    """

    __slots__ = ("_count", "_tables")

    walks = False
    """True if the nearest due days are known without ranks, which need a table."""

    _count: int
    _tables: NextDueTables | None

    @property
    def count(self) -> int:
        """The number of due days."""
        return self._count

    def rank(self, day: int) -> int:
        """Return the number of due days before the day number `day`, 1 (0001-01-01) to 3_652_060.

        >>> Schedule("yearly").rule(date(2024, 1, 1)).rank(date(2024, 1, 1).toordinal())
        2023

        Raises ValueError for other numbers, TypeError if `day` is not an integer.
        """
        day = operator.index(day)
        if not 1 <= day <= LAST_DAY + 1:
            raise ValueError(f"day: got {short_repr(day)}, expected a day number from 1 to {LAST_DAY + 1}")
        return self._rank(day, _date(min(day, LAST_DAY)).year)

    def nth(self, rank: int) -> int:
        """Return the day number of the due day that has this rank, from 0 to `count - 1`.

        >>> date.fromordinal(Schedule("yearly").rule(date(2024, 1, 1)).nth(2023))
        datetime.date(2024, 1, 1)

        Raises IndexError for other numbers, TypeError if `rank` is not an integer.
        """
        return self._nth(self._checked_rank(rank))

    def forwards(self, rank: int) -> Iterator[date]:
        """Yield the due days in order, from the one with that rank to the last.

        >>> next(Schedule("yearly").rule(date(2024, 1, 1)).forwards(2023))
        datetime.date(2024, 1, 1)
        """
        return self._dates(range(self._checked_rank(rank), self.count))

    def backwards(self, rank: int) -> Iterator[date]:
        """Yield the due days in reverse, from the one with that rank to the first.

        >>> list(Schedule("yearly").rule(date(2024, 1, 1)).backwards(1))
        [datetime.date(2, 1, 1), datetime.date(1, 1, 1)]
        """
        return self._dates(range(self._checked_rank(rank), -1, -1))

    def marks(self, years: range) -> Iterator[int]:
        """Yield the due days of each of these years, 1 to 9999, as the bits of an integer.

        The lowest bit is 1 January.

        >>> [bin(days) for days in Schedule("yearly", 2).rule(date(2024, 1, 5)).marks(range(2024, 2027))]
        ['0b10000', '0b0', '0b10000']
        """
        raise NotImplementedError

    def _checked_rank(self, rank: int) -> int:
        rank = operator.index(rank)
        if not 0 <= rank < self.count:
            raise IndexError(f"rank: got {short_repr(rank)}, expected a number from 0 to {self.count - 1}")
        return rank

    # `DueDates` calls what follows, without checks: its hot path.

    def _init(self, tables: NextDueTables | None = None) -> None:
        """Set what is computed from the rest."""
        self._tables = tables
        self._count = self._rank(LAST_DAY + 1, date.max.year)

    def _rank(self, day: int, year: int) -> int:
        """`year` is the civil year of the day number `day`, or of the day before it."""
        raise NotImplementedError

    def _nth(self, rank: int) -> int:
        raise NotImplementedError

    # Only rules that walk have these two.

    def _ends(self, start: date, end: date) -> tuple[date, date] | None:
        """Return the first and the last due day from `start` to `end`; None if there is none."""
        raise NotImplementedError

    def _walk(self, day: date, last: date) -> Iterator[date]:
        """Yield the due days from one to another, in order or in reverse."""
        raise NotImplementedError

    def _dates(self, ranks: range) -> Iterator[date]:
        """Yield the due days with these ranks, which are neighbours."""
        return map(_date, map(self._nth, ranks))

    def _ranks(self, start: date, end: date) -> tuple[int, int]:
        """Return the ranks of the first due day from `start` on, and of the first after `end`.

        They are the same if no due day lies between.
        """
        skipped, stop = self._rank(start.toordinal(), start.year), self._rank(end.toordinal() + 1, end.year)
        return skipped, stop if skipped < stop else skipped  # noqa: FURB136  # a call of max takes 60 ns longer

    def _next(self, day: date) -> date | None:
        """Return the first due day after `day`; None if there is none."""
        rank = self._rank(day.toordinal() + 1, day.year)
        return _date(self._nth(rank)) if rank < self._count else None

    def _previous(self, day: date) -> date | None:
        """Return the last due day before `day`; None if there is none."""
        rank = self._rank(day.toordinal(), day.year)
        return _date(self._nth(rank - 1)) if rank else None
