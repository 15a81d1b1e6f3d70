"""Rules that count days or months from an anchor, whatever the year."""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from math import gcd

from recurring_schedule.core.calendars import (
    CIVIL,
    LAST_DAY,
    LAST_YEAR,
    MONTH_DAYS,
    MONTH_STARTS,
    MonthDay,
    clamp,
    days_of_months,
)
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.rule import Rule

_date = date.fromordinal


class StepRule(Rule):
    """Every n-th day: the day numbers that leave `remainder` when divided by `step`.

    >>> rule = StepRule(5, 14)
    >>> rule.nth(0), rule.nth(1), rule.rank(19)
    (5, 19, 1)

    Raises ValueError unless `0 <= remainder < step`.
    """

    __slots__ = ("_first", "_step")

    def __init__(self, remainder: int, step: int) -> None:
        remainder, step = _checked_residue(remainder, step)
        self._first, self._step = remainder or step, step  # day number 0 is not in the calendar
        self._init()

    @property
    def remainder(self) -> int:
        """The remainder of the due day numbers."""
        return self._first % self._step

    @property
    def step(self) -> int:
        """The days from each due day to the next."""
        return self._step

    def _rank(self, day: int, year: int) -> int:
        return max(0, -((self._first - day) // self._step))

    def _nth(self, rank: int) -> int:
        return self._first + rank * self._step

    def _next(self, day: date) -> date | None:
        number, step = day.toordinal(), self._step
        number += step - (number - self._first) % step
        return _date(number) if number <= LAST_DAY else None

    def _previous(self, day: date) -> date | None:
        number, step = day.toordinal(), self._step
        number -= step - (self._first - number) % step
        return _date(number) if number > 0 else None

    def _dates(self, ranks: range) -> Iterator[date]:
        return map(_date, range(self._nth(ranks.start), self._nth(ranks.stop), self._step * ranks.step))

    def marks(self, years: range) -> Iterator[int]:
        """Yield the due days of each of these years as bits, as `Rule.marks` says."""
        every = sum(1 << day for day in range(0, max(CIVIL.lengths), self._step))
        for start, following in pairwise(CIVIL.starts[years.start : years.stop + 1]):
            first, length = (self._first - start) % self._step, following - start
            yield (every << first) & ((1 << length) - 1) if first < length else 0

    def __repr__(self) -> str:
        return f"StepRule({self.remainder}, {self._step})"

    @property
    def _key(self) -> tuple[int, int]:
        return self.remainder, self._step


class MonthRule(Rule):
    """A due day in every n-th month: the months whose number leaves `remainder` when divided by
    `step`.

    January of the year 1 is month 0. `day` is a day of the month, from 1, or back from -1, which is
    clamped; or an n-th weekday `(n, weekday)`, with the weekday from 0, Monday.

    >>> rule = MonthRule(1, 5, 31)
    >>> date.fromordinal(rule.nth(0)), date.fromordinal(rule.nth(1))
    (datetime.date(1, 2, 28), datetime.date(1, 7, 31))

    Raises ValueError unless `0 <= remainder < step`, and for a day that no month has.
    """

    __slots__ = ("_day", "_days", "_step", "_types", "_year_before")

    def __init__(self, remainder: int, step: int, day: MonthDay) -> None:
        remainder, step = _checked_residue(remainder, step)
        if day not in MONTH_DAYS:
            raise ValueError(f"day: got {short_repr(day)}, expected 1 to 31, -1 to -31, or (n, weekday)")
        self._day = day
        if isinstance(day, int):
            self._day = _canonical(day, range(remainder % gcd(step, 12), 12, gcd(step, 12)))
        years, self._days = days_of_months(day)
        self._types, self._step = years.types, step
        self._year_before = 12 + remainder  # `12 * year + month0 - 12` is the number of a month
        self._init()

    @property
    def remainder(self) -> int:
        """The remainder of the numbers of the months with a due day."""
        return self._year_before - 12

    @property
    def step(self) -> int:
        """The months from each due day to the next."""
        return self._step

    @property
    def day(self) -> MonthDay:
        """The due day of a month."""
        return self._day

    def _due(self, month: int) -> date:
        """Return the due day of a month."""
        year0, month0 = divmod(month, 12)
        return date(year0 + 1, month0 + 1, self._days[self._types[year0 + 1]][month0])

    def _rank(self, day: int, year: int) -> int:
        month0 = bisect_right(MONTH_STARTS[CIVIL.types[year]], day - CIVIL.starts[year]) - 1
        turns, behind = divmod(12 * year + month0 - self._year_before, self._step)
        is_past = behind or (month0 < 12 and self._due(12 * year + month0 - 12).toordinal() < day)
        return turns + 1 if is_past else turns

    def _nth(self, rank: int) -> int:
        return self._due(self.remainder + rank * self._step).toordinal()

    # Both write out `_due`, whose call would take a quarter of their time.

    def _next(self, day: date) -> date | None:
        year, month0, step = day.year, day.month - 1, self._step
        ahead = (self._year_before - 12 * year - month0) % step
        if not ahead:
            due = self._days[self._types[year]][month0]
            if day.day < due:
                return date(year, month0 + 1, due)
            ahead = step
        month0 += ahead
        if month0 >= 12:
            year += month0 // 12
            if year > LAST_YEAR:
                return None
            month0 %= 12
        return date(year, month0 + 1, self._days[self._types[year]][month0])

    def _previous(self, day: date) -> date | None:
        year, month0, step = day.year, day.month - 1, self._step
        behind = (12 * year + month0 - self._year_before) % step
        if not behind:
            due = self._days[self._types[year]][month0]
            if day.day > due:
                return date(year, month0 + 1, due)
            behind = step
        month0 -= behind
        if month0 < 0:
            year += month0 // 12
            if year < 1:
                return None
            month0 %= 12
        return date(year, month0 + 1, self._days[self._types[year]][month0])

    def _dates(self, ranks: range) -> Iterator[date]:
        remainder, step = self.remainder, self._step
        return map(self._due, range(remainder + ranks.start * step, remainder + ranks.stop * step, step * ranks.step))

    def marks(self, years: range) -> Iterator[int]:
        """Yield the due days of each of these years as bits, as `Rule.marks` says."""
        known: dict[tuple[int, int], int] = {}
        for year in years:
            key = (self._year_before - 12 * year) % self._step, self._types[year]
            if key not in known:
                starts, days = MONTH_STARTS[CIVIL.types[year]], self._days[key[1]]
                known[key] = sum(1 << (starts[month0] + days[month0] - 1) for month0 in range(key[0], 12, self._step))
            yield known[key]

    def __repr__(self) -> str:
        return f"MonthRule({self.remainder}, {self._step}, {self._day})"

    @property
    def _key(self) -> tuple[int, int, MonthDay]:
        return self.remainder, self._step, self._day


def _checked_residue(remainder: int, step: int) -> tuple[int, int]:
    remainder, step = map(operator.index, (remainder, step))
    if not 0 <= remainder < step:
        raise ValueError(f"remainder: got {short_repr(remainder)}, expected 0 to {short_repr(step - 1)}")
    return remainder, step


def _canonical(day: int, months: range) -> int:
    """Return the first of the days that are the same one in each of these months, from 0."""
    lengths = {starts[month + 1] - starts[month] for starts in MONTH_STARTS for month in months}
    longest = max(lengths)
    if len(lengths) == 1:
        day = clamp(day, longest)
    if abs(day) >= longest:
        return -1 if day > 0 else 1
    return day
