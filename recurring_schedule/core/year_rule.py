"""A rule by years: the due days of each type of year, in the years of a residue class."""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import Enum
from functools import cache
from itertools import accumulate, chain, islice

from recurring_schedule.core import calendars
from recurring_schedule.core.calendars import CYCLE_YEARS, LAST_YEAR, Years
from recurring_schedule.core.checks import listed, short_repr
from recurring_schedule.core.next_due_tables import FORTH, NextDueTables
from recurring_schedule.core.rule import Rule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_date = date.fromordinal
YearDays = tuple[int, ...]
"""Days of a year, sorted; its first day is 0."""


class Frame(Enum):
    """The years in which a rule counts its days.

    >>> Frame.ISO
    Frame.ISO
    """

    CIVIL = "civil"
    """Years of 365 or 366 days."""
    ISO = "iso"
    """Years of 52 or 53 weeks, numbered as in ISO 8601."""
    WEEKDAYS = "weekdays"
    """Civil years of 21 types, by the length, the weekday of 1 January, from Monday, and the length
    of the year before, in this order."""

    def __repr__(self) -> str:
        return f"Frame.{self.name}"


_CALENDARS = {Frame.CIVIL: calendars.CIVIL, Frame.ISO: calendars.ISO, Frame.WEEKDAYS: calendars.WEEKDAYS}
_NAMES = ("short", "long")
_EVERY_YEAR = (0, 1)


class YearRule(Rule):
    """The due days of each type of year: two year rules are equal exactly if their due days are.

    `years` is a residue `(r, d)`: the years `y` with `y % d == r`; for ISO years it is `(0, 1)`.
    `days` are the due days of a year of each type, counted from the year's first day, 0: of a short
    and of a long year, or of the 21 types of `Frame.WEEKDAYS`. Days after 9999-12-31 are never due.

    >>> ends_of_quarters = YearRule(Frame.CIVIL, (0, 1), [89, 180, 272, 364], [90, 181, 273, 365])
    >>> ends_of_quarters.count
    39996

    A rule that is never due has no days. A rule with due days in a single year has the divisor
    9999. Types that `years` does not hold have the days of one that it holds. A rule has the first
    frame that can say it.

    >>> YearRule(Frame.CIVIL, (1, 2), [0], [1])  # no odd year is a leap year
    YearRule(Frame.CIVIL, (1, 2), (0,), (0,))
    >>> YearRule(Frame.CIVIL, (5000, 7000), [0], [0]).years, YearRule(Frame.CIVIL, (0, 10_000), [0], [0]).days
    ((5000, 9999), ((), ()))

    Raises TypeError for a frame or a number of another type. Raises ValueError for days outside
    their year, for another number of types, for a residue outside `0 <= r < d`, and if the types
    have different numbers of due days while `years` is not every year.
    """

    __slots__ = (
        "_before", "_certain", "_days", "_first_day", "_first_year", "_frame", "_gap", "_is_civil", "_per_year",
        "_starts", "_types", "_years",
    )  # fmt: skip

    def __init__(self, frame: Frame, years: tuple[int, int], *days: Iterable[int]) -> None:
        if not isinstance(frame, Frame):
            raise TypeError(f"frame: got {short_repr(frame)}, expected {listed([*Frame])}")
        remainder, divisor = map(operator.index, years)
        if not 0 <= remainder < divisor or (frame is Frame.ISO and divisor > 1):
            raise ValueError(
                f"years: got {short_repr(years)}, expected (r, d) with 0 <= r < d, and (0, 1) for ISO years"
            )
        types = len(_CALENDARS[frame].lengths)
        if len(days) != types:
            raise ValueError(f"days: got those of {len(days)} types of years, expected {types}")
        self._set(frame, (remainder, divisor), [tuple(sorted(set(map(operator.index, some)))) for some in days])

    @classmethod
    def of_sorted(cls, frame: Frame, years: tuple[int, int], *days: Iterable[int]) -> YearRule:
        """Return `YearRule(...)` for integers that are sorted and distinct; not checked."""
        rule = cls.__new__(cls)
        rule._set(frame, years, [*map(tuple, days)])
        return rule

    def _set(self, frame: Frame, years: tuple[int, int], by_type: Sequence[YearDays]) -> None:
        frame, years, days = _canonical(frame, years, by_type)
        calendar, counts = _CALENDARS[frame], [*map(len, days)]
        self._frame, self._years, self._days = frame, years, days
        self._starts, self._types = calendar.starts, calendar.types
        # `_rank` is given the civil year. An ISO year may begin or end three days earlier or later.
        self._is_civil = frame is not Frame.ISO
        self._certain = max(calendar.lengths) + 1 if self._is_civil else min(calendar.lengths)
        self._first_year = years[0] or years[1]
        is_steady = counts.count(counts[0]) == len(counts)
        self._per_year = counts[0] if years == _EVERY_YEAR and is_steady else 0
        self._first_day, self._gap = _steps(frame, days)
        self._before = () if is_steady or self._gap else _ranks_of_years(frame, tuple(counts))
        self._init(NextDueTables(calendar, days) if years == _EVERY_YEAR and all(days) else None)

    @property
    def frame(self) -> Frame:
        """The years in which `days` count."""
        return self._frame

    @property
    def years(self) -> tuple[int, int]:
        """The residue `(r, d)` of the years with due days."""
        return self._years

    @property
    def days(self) -> tuple[YearDays, ...]:
        """The due days of a year of each type, sorted; the year's first day is 0."""
        return self._days

    def _rank(self, day: int, year: int) -> int:
        gap = self._gap
        if gap:
            return (day - self._first_day + gap - 1) // gap
        starts = self._starts
        since = day - starts[year]
        if not 0 <= since < self._certain:
            year = bisect_right(starts, day) - 1
            since = day - starts[year]
        days = self._days[self._types[year]]
        per_year = self._per_year
        if per_year:
            return (year - 1) * per_year + bisect_left(days, since)
        before = self._before
        if before:
            return year // CYCLE_YEARS * before[-1] + before[year % CYCLE_YEARS] + bisect_left(days, since)
        turns, years_since = divmod(year - self._first_year, self._years[1])
        if years_since:
            return (turns + 1) * len(days)
        return turns * len(days) + bisect_left(days, since)

    def _ranks(self, start: date, end: date) -> tuple[int, int]:
        gap, tables = self._gap, self._tables
        if gap:
            past = gap - self._first_day
            skipped, stop = (start.toordinal() + past - 1) // gap, (end.toordinal() + past) // gap
            return skipped, stop if skipped < stop else skipped  # noqa: FURB136  # a call of max takes 60 ns longer
        if tables:  # `_rank` of both days, in half the time of two calls: counting due dates is mostly this
            first, last, starts, shapes = start.year, end.year, tables.starts, tables.shapes
            to_start, to_end = tables.ranks[shapes[first]], tables.ranks[shapes[last]]
            if to_start and to_end:
                skipped = to_start[start.toordinal() - starts[first]]
                stop = to_end[end.toordinal() - starts[last] + 1]
                per_year = self._per_year
                if per_year:
                    skipped += (first - 1) * per_year
                    stop += (last - 1) * per_year
                else:
                    before = self._before
                    per_cycle = before[-1]
                    skipped += first // CYCLE_YEARS * per_cycle + before[first % CYCLE_YEARS]
                    stop += last // CYCLE_YEARS * per_cycle + before[last % CYCLE_YEARS]
                return skipped, stop if skipped < stop else skipped  # noqa: FURB136  # a call of max takes 60 ns longer
            tables.look_up_ranks(first, last)
        return Rule._ranks(self, start, end)

    def _nth(self, rank: int) -> int:
        per_year = self._per_year
        if per_year:
            year, index = rank // per_year + 1, rank % per_year
        elif self._gap:
            return self._first_day + rank * self._gap
        elif before := self._before:
            cycle, rest = divmod(rank, before[-1])
            in_cycle = bisect_right(before, rest) - 1
            year, index = CYCLE_YEARS * cycle + in_cycle, rest - before[in_cycle]
        else:
            turns, index = divmod(rank, len(self._days[0]))
            year = self._first_year + turns * self._years[1]
        return self._starts[year] + self._days[self._types[year]][index]

    def _dates(self, ranks: range) -> Iterator[date]:
        return islice(self._dates_from(ranks.start, ranks.step), len(ranks)) if ranks else iter(())

    def _dates_from(self, rank: int, step: int) -> Iterator[date]:
        """Yield the due days from the one with that rank on; in reverse if `step` is -1."""
        starts, types, day = self._starts, self._types, self._nth(rank)
        from_year, past = bisect_right(starts, day) - 1, LAST_YEAR + 1 if step > 0 else 0
        by_type = [days[::step] for days in self._days]
        skip = by_type[types[from_year]].index(day - starts[from_year])
        for year in range(from_year, past, step * self._years[1]):
            first = date.fromordinal(starts[year])
            for day in by_type[types[year]][skip:]:
                yield first + FORTH[day]
            skip = 0

    def _next(self, day: date) -> date | None:
        divisor = self._years[1]
        if divisor == 1:
            return super()._next(day)
        year = day.year
        behind = (year - self._first_year) % divisor
        if not behind:
            start, days = self._starts[year], self._days[self._types[year]]
            index = bisect_right(days, day.toordinal() - start)
            if index < len(days):
                return _date(start + days[index])
        year += divisor - behind
        return _date(self._starts[year] + self._days[self._types[year]][0]) if year <= LAST_YEAR else None

    def _previous(self, day: date) -> date | None:
        divisor = self._years[1]
        if divisor == 1:
            return super()._previous(day)
        year = day.year
        behind = (year - self._first_year) % divisor
        if not behind:
            start, days = self._starts[year], self._days[self._types[year]]
            index = bisect_left(days, day.toordinal() - start)
            if index:
                return _date(start + days[index - 1])
            behind = divisor
        year -= behind
        return _date(self._starts[year] + self._days[self._types[year]][-1]) if year > 0 else None

    def marks(self, years: range) -> Iterator[int]:
        """Yield the due days of each of these years as bits, as `Rule.marks` says."""
        remainder, divisor = self._years
        calendar = calendars.WEEKDAYS if self._frame is Frame.ISO else _CALENDARS[self._frame]
        known: dict[int, int] = {}
        for year in years:
            kind = calendar.types[year]
            if year % divisor != remainder:
                yield 0
                continue
            if kind not in known:
                days = self._days[kind] if self._is_civil else _recounted(self._days, calendars.ISO, calendar, kind)
                known[kind] = sum(1 << day for day in days)
            yield known[kind]

    def __repr__(self) -> str:
        return f"YearRule({self._frame!r}, {self._years!r}, {', '.join(map(repr, self._days))})"

    @property
    def _key(self) -> tuple[Any, ...]:
        return self._frame, self._years, *self._days


def _canonical(
    frame: Frame, years: tuple[int, int], days: Sequence[YearDays]
) -> tuple[Frame, tuple[int, int], tuple[YearDays, ...]]:
    calendar = _CALENDARS[frame]
    days, met = tuple(days), [*range(len(days))]
    if years != _EVERY_YEAR:
        years, met, days = _of_some_years(calendar, years, days)
    if not any(days):
        return Frame.CIVIL, _EVERY_YEAR, ((), ())
    _check_days(met, days, calendar.lengths)
    if frame is Frame.WEEKDAYS:
        frame, days = _without_weekdays(met, days) or _of_weeks(years, days) or (frame, days)
    if years != _EVERY_YEAR:
        _check_numbers(days)
    if frame is Frame.ISO and (*map(len, days),) == calendars.ISO.lengths:  # every day: civil years say it too
        return Frame.CIVIL, years, tuple(tuple(range(length)) for length in calendars.CIVIL.lengths)
    return frame, years, days


def _of_some_years(
    calendar: Years, years: tuple[int, int], days: tuple[YearDays, ...]
) -> tuple[tuple[int, int], list[int], tuple[YearDays, ...]]:
    """Return the years in one spelling, the types of year that they meet, and the days of a year of
    each type; a type that they do not meet gets the days of the first that they do.
    """
    first = years[0] or years[1]
    stop = min(LAST_YEAR + 1, first + CYCLE_YEARS * years[1])  # from there on they repeat
    types = calendar.types[first : stop : years[1]]
    met = [number for number in range(len(days)) if number in types]
    if len(types) == 1:
        years = first % LAST_YEAR, LAST_YEAR
    return years, met, tuple(days[number if number in met else met[0]] for number in range(len(days))) if met else ()


def _check_numbers(days: Iterable[YearDays]) -> None:
    numbers = sorted({*map(len, days)})
    if len(numbers) > 1:
        few, many = numbers[:2]
        raise ValueError(
            f"days: got {few} in some years and {many} in others, expected as many in all unless `years` is {_EVERY_YEAR}"
        )


def _without_weekdays(met: Iterable[int], days: Sequence[YearDays]) -> tuple[Frame, tuple[YearDays, ...]] | None:
    """Return the days of common and of leap years, if these years decide alone."""
    lengths = calendars.WEEKDAYS.lengths
    by_length = [{days[number] for number in met if lengths[number] == length} for length in calendars.CIVIL.lengths]
    common, leap = by_length
    if len(common) > 1 or len(leap) > 1:
        return None
    return Frame.CIVIL, (min(common or leap), min(leap or common))


def _of_weeks(years: tuple[int, int], days: Sequence[YearDays]) -> tuple[Frame, tuple[YearDays, ...]] | None:
    """Return the days of short and of long ISO years, if they decide alone."""
    if years != _EVERY_YEAR:
        return None
    weeks = tuple(_recounted(days, calendars.WEEKDAYS, calendars.ISO, number) for number in (0, 1))
    is_same = all(
        _recounted(weeks, calendars.ISO, calendars.WEEKDAYS, number) == due for number, due in enumerate(days)
    )
    return (Frame.ISO, weeks) if is_same else None


def _recounted(days: Sequence[YearDays], by: Years, to: Years, number: int) -> YearDays:
    """Return the due days of a year of that type of `to`, if `days` are those of the types of `by`.

    They are those of the first such year, so they are due in all only if `to` can say it.
    """
    year = to.types.index(number, 2)
    first, following = to.starts[year], to.starts[year + 1]
    before, within, after = (days[by.types[near]] for near in (year - 1, year, year + 1))
    near = (year - 1, before[-8:]), (year, within), (year + 1, after[:8])  # no two first days are eight days apart
    due = [by.starts[of_year] - first + day for of_year, some in near for day in some]
    return tuple(due[bisect_left(due, 0) : bisect_left(due, following - first)])


def _in_weekdays(rule: YearRule) -> Sequence[YearDays]:
    """Return the due days of a year of each type of `Frame.WEEKDAYS`."""
    weekdays = calendars.WEEKDAYS
    if rule.frame is Frame.CIVIL:
        return [rule.days[length - calendars.CIVIL.lengths[0]] for length in weekdays.lengths]
    if rule.frame is Frame.ISO:
        return [_recounted(rule.days, calendars.ISO, weekdays, number) for number in range(len(weekdays.kinds))]
    return rule.days


def merged(rules: Sequence[YearRule]) -> YearRule:
    """Return the rule of the due days of all rules, which must have the years `(0, 1)`.

    >>> even, odd = (Schedule("weekly", divisor, 5).rule(date.min) for divisor in (2, (1, 2)))
    >>> merged([even, odd]) == Schedule("weekly", offset=5).rule(date.min)
    True
    """
    frames = {rule.frame for rule in rules}
    frame = frames.pop() if len(frames) == 1 else Frame.WEEKDAYS
    days = [rule.days if rule.frame is frame else _in_weekdays(rule) for rule in rules]
    return YearRule.of_sorted(frame, _EVERY_YEAR, *(sorted({*chain(*of_type)}) for of_type in zip(*days, strict=True)))


def _steps(frame: Frame, days: Sequence[YearDays]) -> tuple[int, int]:
    """Return the first due day and the gap if every day is due, or one weekday; else (0, 0).

    One division then takes the place of a search in a year: `index` and `[i]` take half the time.
    """
    gap = 7 if frame is Frame.ISO else 1
    # As many days as a year has weeks, all on one weekday, are one in each week.
    is_steady = all(len(due) * gap == length for due, length in zip(days, _CALENDARS[frame].lengths, strict=True))
    if is_steady and (gap == 1 or len({day % gap for due in days for day in due}) == 1):
        return days[0][0] + 1, gap
    return 0, 0


def _check_days(met: Iterable[int], days: Sequence[YearDays], lengths: Sequence[int]) -> None:
    for number in met:
        due, length = days[number], lengths[number]
        if due and not 0 <= due[0] <= due[-1] < length:
            name = _NAMES[number] if len(days) == len(_NAMES) else f"days[{number}]"
            wrong = due[0] if due[0] < 0 else due[-1]
            raise ValueError(f"{name}: got day {short_repr(wrong)} of a year, expected 0 to {length - 1}")


@cache  # by frame and numbers of days that differ little: a few dozen entries for all schedules
def _ranks_of_years(frame: Frame, counts: tuple[int, ...]) -> YearDays:
    """Return the number of due days before each year from 0 to 400, and that of 400 years.

    Those of the year 0 do not count, and are taken off before it.
    """
    by_year = [counts[kind] for kind in _CALENDARS[frame].types[:CYCLE_YEARS]]
    return (*accumulate(by_year, initial=-by_year[0]), sum(by_year))
