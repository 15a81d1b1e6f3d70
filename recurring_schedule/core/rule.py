"""A rule: the due days of all short and of all long years, in the years of a residue class.

Two questions answer all others, both by arithmetic: `rank`, the number of due days before a day,
and `nth`, the day with a given rank. They are inverses.
"""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from functools import cache
from itertools import accumulate, islice

from recurring_schedule.core import calendars
from recurring_schedule.core.calendars import CYCLE_YEARS, LAST_DAY, LAST_YEAR
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.immutable import Immutable
from recurring_schedule.core.next_due_tables import FORTH, NextDueTables

YearDays = tuple[int, ...]
"""Days of a year, sorted; its first day is 0."""


class Frame(Enum):
    """The years in which a rule counts its days: civil years, or ISO years of whole weeks.

    >>> Frame.ISO
    Frame.ISO
    """

    CIVIL = "civil"
    """Years of 365 or 366 days."""
    ISO = "iso"
    """Years of 52 or 53 weeks, numbered as in ISO 8601."""

    def __repr__(self) -> str:
        return f"Frame.{self.name}"


_CALENDARS = {Frame.CIVIL: calendars.CIVIL, Frame.ISO: calendars.ISO}
_EVERY_YEAR = (0, 1)


class Rule(Immutable):
    """The canonical form of a schedule with its start: two rules are equal exactly if their due
    days are.

    `years` is a residue `(r, d)`: the years `y` with `y % d == r`; for ISO years it is `(0, 1)`.
    `short` and `long` are the due days of a short and of a long year, counted from the year's first
    day, 0. Days after 9999-12-31 are never due.

    >>> ends_of_quarters = Rule(Frame.CIVIL, (0, 1), [89, 180, 272, 364], [90, 181, 273, 365])
    >>> ends_of_quarters.count
    39996

    A rule that is never due has no days. A rule with due days in a single year has the divisor
    9999. If `years` holds only short years or only long years, `short` and `long` are the same.

    >>> Rule(Frame.CIVIL, (1, 2), [0], [1])  # no odd year is a leap year
    Rule(Frame.CIVIL, (1, 2), (0,), (0,))
    >>> Rule(Frame.CIVIL, (5000, 7000), [0], [0]).years, Rule(Frame.CIVIL, (0, 10_000), [0], [0]).short
    ((5000, 9999), ())

    Raises TypeError for a frame or a number of another type. Raises ValueError for days outside
    their year, for a residue outside `0 <= r < d`, and if short and long years have different
    numbers of due days while `years` is not every year.
    """

    __slots__ = (
        "_before", "_certain", "_count", "_days", "_first_day", "_first_year", "_frame", "_gap", "_is_civil", "_is_long",
        "_per_year", "_starts", "_tables", "_years",
    )  # fmt: skip

    def __init__(self, frame: Frame, years: tuple[int, int], short: Iterable[int], long: Iterable[int]) -> None:
        if not isinstance(frame, Frame):
            raise TypeError(f"frame: got {short_repr(frame)}, expected {Frame.CIVIL!r} or {Frame.ISO!r}")
        remainder, divisor = map(operator.index, years)
        if not 0 <= remainder < divisor or (frame is Frame.ISO and divisor > 1):
            raise ValueError(
                f"years: got {short_repr(years)}, expected (r, d) with 0 <= r < d, and (0, 1) for ISO years"
            )
        short, long = (tuple(sorted(set(map(operator.index, days)))) for days in (short, long))
        self._set(frame, (remainder, divisor), short, long)

    @classmethod
    def of_sorted(cls, frame: Frame, years: tuple[int, int], short: Iterable[int], long: Iterable[int]) -> Rule:
        """Return `Rule(...)` for integers that are sorted and distinct; not checked."""
        rule = cls.__new__(cls)
        rule._set(frame, years, tuple(short), tuple(long))
        return rule

    def _set(self, frame: Frame, years: tuple[int, int], short: YearDays, long: YearDays) -> None:
        frame, years, short, long = _canonical(frame, years, short, long)
        calendar = _CALENDARS[frame]
        self._frame, self._years, self._days = frame, years, (short, long)
        self._starts, self._is_long = calendar.starts, calendar.is_long
        # `_rank` is given the civil year. An ISO year may begin or end three days earlier or later.
        self._is_civil = frame is Frame.CIVIL
        self._certain = calendar.lengths[1] + 1 if self._is_civil else calendar.lengths[0]
        self._first_year = years[0] or years[1]
        self._per_year = len(short) if years == _EVERY_YEAR and len(short) == len(long) else 0
        self._first_day, self._gap = _steps(frame, short, long)
        self._before = () if len(short) == len(long) else _ranks_of_years(frame, len(short), len(long))
        self._tables = NextDueTables(calendar, self._days, every_year=years == _EVERY_YEAR and bool(short and long))
        self._count = self._rank(LAST_DAY + 1, LAST_YEAR)

    @property
    def frame(self) -> Frame:
        """The years in which `short` and `long` count."""
        return self._frame

    @property
    def years(self) -> tuple[int, int]:
        """The residue `(r, d)` of the years with due days."""
        return self._years

    @property
    def short(self) -> YearDays:
        """The due days of a short year, sorted; its first day is 0."""
        return self._days[0]

    @property
    def long(self) -> YearDays:
        """The due days of a long year, sorted; its first day is 0."""
        return self._days[1]

    @property
    def count(self) -> int:
        """The number of due days from 0001-01-01 to 9999-12-31."""
        return self._count

    # `DueDates` calls `_rank`, `_nth` and `_tables`, which skip the checks of their public twins: its hot path.

    def rank(self, day: int) -> int:
        """Return the number of due days before the day number `day`, 1 (0001-01-01) to 3_652_060.

        >>> Rule(Frame.CIVIL, (0, 1), [0], [0]).rank(date(2024, 1, 1).toordinal())
        2023

        Raises ValueError for other numbers, TypeError if `day` is not an integer.
        """
        day = operator.index(day)
        if not 1 <= day <= LAST_DAY + 1:
            raise ValueError(f"day: got {short_repr(day)}, expected a day number from 1 to {LAST_DAY + 1}")
        return self._rank(day, date.fromordinal(min(day, LAST_DAY)).year)

    def _rank(self, day: int, year: int) -> int:
        """`year` is the civil year of `day`, or of the day before it."""
        gap = self._gap
        if gap:
            return (day - self._first_day + gap - 1) // gap
        starts = self._starts
        since = day - starts[year]
        if not 0 <= since < self._certain:
            year = bisect_right(starts, day) - 1
            since = day - starts[year]
        days = self._days[self._is_long[year]]
        per_year = self._per_year
        if per_year:
            return (year - 1) * per_year + bisect_left(days, since)
        before = self._before
        if before:
            year0 = year - 1
            in_cycles = year0 // CYCLE_YEARS * before[CYCLE_YEARS]
            return in_cycles + before[year0 % CYCLE_YEARS] + bisect_left(days, since)
        turns, years_since = divmod(year - self._first_year, self._years[1])
        if years_since:
            return (turns + 1) * len(days)
        return turns * len(days) + bisect_left(days, since)

    def _ranks(self, start: date, end: date) -> tuple[int, int]:
        """Return the ranks of the first due day from `start` on, and of the first after `end`.

        They are the same if no due day lies between.
        """
        per_year = self._per_year
        if per_year:  # `_rank` of both days, in 0.6 times the time of two calls: counting due dates is mostly this
            starts, first, last = self._starts, start.year, end.year
            since, until = start.toordinal() - starts[first], end.toordinal() - starts[last]
            if self._is_civil or (0 <= since < self._certain and 0 <= until < self._certain):
                is_long, days = self._is_long, self._days
                skipped = (first - 1) * per_year + bisect_left(days[is_long[first]], since)
                stop = (last - 1) * per_year + bisect_right(days[is_long[last]], until)
                return skipped, stop if skipped < stop else skipped  # noqa: FURB136  # a call of max takes 60 ns longer
        skipped, stop = self._rank(start.toordinal(), start.year), self._rank(end.toordinal() + 1, end.year)
        return skipped, stop if skipped < stop else skipped  # noqa: FURB136  # likewise

    def nth(self, rank: int) -> int:
        """Return the day number of the due day that has this rank, from 0 to `count - 1`.

        >>> date.fromordinal(Rule(Frame.CIVIL, (0, 1), [0], [0]).nth(2023))
        datetime.date(2024, 1, 1)

        Raises IndexError for other numbers, TypeError if `rank` is not an integer.
        """
        rank = operator.index(rank)
        if not 0 <= rank < self._count:
            raise IndexError(f"rank: got {short_repr(rank)}, expected a number from 0 to {self._count - 1}")
        return self._nth(rank)

    def _nth(self, rank: int) -> int:
        per_year = self._per_year
        if per_year:
            year, index = rank // per_year + 1, rank % per_year
        elif before := self._before:
            if self._gap:
                return self._first_day + rank * self._gap
            cycle, rest = divmod(rank, before[CYCLE_YEARS])
            year0 = bisect_right(before, rest) - 1
            year, index = CYCLE_YEARS * cycle + year0 + 1, rest - before[year0]
        else:
            turns, index = divmod(rank, len(self._days[0]))
            year = self._first_year + turns * self._years[1]
        return self._starts[year] + self._days[self._is_long[year]][index]

    def forwards(self, rank: int) -> Iterator[date]:
        """Yield the due days in order, from the one with that rank to the last.

        >>> next(Rule(Frame.CIVIL, (0, 1), [0], [0]).forwards(2023))
        datetime.date(2024, 1, 1)
        """
        year, index = self._year_and_index(rank)
        left = self._count - operator.index(rank)
        return islice(self._dates(range(year, LAST_YEAR + 1, self._years[1]), self._days, index), left)

    def backwards(self, rank: int) -> Iterator[date]:
        """Yield the due days in reverse, from the one with that rank to the first.

        >>> list(Rule(Frame.CIVIL, (0, 1), [0], [0]).backwards(1))
        [datetime.date(2, 1, 1), datetime.date(1, 1, 1)]
        """
        year, index = self._year_and_index(rank)
        days = self.short[::-1], self.long[::-1]
        return self._dates(range(year, 0, -self._years[1]), days, len(days[self._is_long[year]]) - 1 - index)

    def _year_and_index(self, rank: int) -> tuple[int, int]:
        day = self.nth(rank)
        year = bisect_right(self._starts, day) - 1
        return year, bisect_left(self._days[self._is_long[year]], day - self._starts[year])

    def _dates(self, years: range, days: tuple[YearDays, YearDays], skip: int) -> Iterator[date]:
        """Yield the due days of these years, without the first `skip` ones."""
        starts, is_long = self._starts, self._is_long
        for year in years:
            first = date.fromordinal(starts[year])
            for day in days[is_long[year]][skip:]:
                yield first + FORTH[day]
            skip = 0

    def __repr__(self) -> str:
        return f"Rule({self._frame!r}, {self._years!r}, {self.short!r}, {self.long!r})"

    @property
    def _key(self) -> tuple[Frame, tuple[int, int], YearDays, YearDays]:
        return self._frame, self._years, self.short, self.long


def _canonical(
    frame: Frame, years: tuple[int, int], short: YearDays, long: YearDays
) -> tuple[Frame, tuple[int, int], YearDays, YearDays]:
    lengths = _CALENDARS[frame].lengths
    first = years[0] or years[1]
    met = _CALENDARS[frame].is_long[first : LAST_YEAR + 1 : years[1]]
    short, long = short if 0 in met else long, long if 1 in met else short
    if not met or not short + long:
        return Frame.CIVIL, _EVERY_YEAR, (), ()
    _check_days(met, (short, long), lengths)
    if len(met) == 1:
        years = first % LAST_YEAR, LAST_YEAR
    if len(short) != len(long) and years != _EVERY_YEAR:
        raise ValueError(
            f"long: got {len(long)} days, expected {len(short)} as in `short`, unless `years` is {_EVERY_YEAR}"
        )
    if frame is Frame.ISO and (len(short), len(long)) == lengths:  # every day: civil years say it too
        frame, (short, long) = Frame.CIVIL, map(tuple, map(range, calendars.CIVIL.lengths))
    return frame, years, short, long


def _steps(frame: Frame, short: YearDays, long: YearDays) -> tuple[int, int]:
    """Return the first due day and the gap if every day is due, or one weekday; else (0, 0).

    One division then takes the place of a search in a year: `index` and `[i]` take half the time.
    """
    gap = 7 if frame is Frame.ISO else 1
    # As many days as a year has weeks, all on one weekday, are one in each week.
    is_steady = (len(short) * gap, len(long) * gap) == _CALENDARS[frame].lengths
    if is_steady and (gap == 1 or len({day % gap for day in short + long}) == 1):
        return short[0] + 1, gap
    return 0, 0


def _check_days(met: bytes, days: tuple[YearDays, YearDays], lengths: tuple[int, int]) -> None:
    for is_long, name in enumerate(("short", "long")):
        due, length = days[is_long], lengths[is_long]
        if is_long in met and due and not 0 <= due[0] <= due[-1] < length:
            wrong = due[0] if due[0] < 0 else due[-1]
            raise ValueError(f"{name}: got day {short_repr(wrong)} of a year, expected 0 to {length - 1}")


@cache  # by frame and two numbers of days that differ by one: a few dozen entries for all schedules
def _ranks_of_years(frame: Frame, short: int, long: int) -> YearDays:
    """Return the number of due days before each year of the 400-year cycle, and in all of it."""
    is_long = _CALENDARS[frame].is_long[1 : CYCLE_YEARS + 1]
    return tuple(accumulate((long if flag else short for flag in is_long), initial=0))
