"""The way back from a rule, or from dates, to a schedule.

>>> schedule_of(Schedule("monthly").rule(date(2024, 1, 31)))
Schedule('monthly', offset=-1)
>>> schedule_of(Rule(Frame.CIVIL, (0, 1), [0, 1], [0, 1]))  # 1 and 2 January: not one schedule
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from recurring_schedule.core.calendars import MONTH_STARTS, clamp
from recurring_schedule.core.frequencies import Dialect, Divisor, Frequency, Offset, period_numbers, picked_periods
from recurring_schedule.core.periods import period_of
from recurring_schedule.core.rule import Frame, Rule
from recurring_schedule.core.schedule import Schedule

_ANY_START = date(2000, 1, 1)
_DAYS = (*range(1, 29), -1, *range(29, 32), *range(-2, -32, -1))
_LONGEST_FIRST = tuple(reversed(Frequency))
_DIALECTS = (
    Dialect.INTERGIRO,
    Dialect.INTERGIRO_PROSE,
)  # in which a divisor picks other months, such as 3, 5, 7, 9, 11


def schedule_of(rule: Rule) -> Schedule | None:
    """Return a schedule that has this rule whatever its start is, or None.

    If there are several, it is the one that people would write: a longer period rather than a
    shorter one, then a plain divisor rather than a pair, then a day from the start of the month
    rather than from its end.
    """
    return next((one for one in _candidates(rule) if one.rule(_ANY_START) == rule), None)


def schedule_of_dates(dates: Sequence[date]) -> Schedule | None:
    """Return a schedule whose due dates from the first to the last of these are these, or None.

    >>> schedule_of_dates([date(2024, 3, 6), date(2024, 3, 20), date(2024, 4, 3)])
    Schedule('weekly', divisor=2, offset=3)

    The dates are in order. If there are several such schedules, it prefers them as `schedule_of`
    does.
    """
    for schedule in _candidates_of_dates(dates):
        due = schedule.due_dates(dates[0], dates[-1])
        if len(due) == len(dates) and [*due] == [*dates]:
            return schedule
    return None


def _candidates_of_dates(dates: Sequence[date]) -> Iterator[Schedule]:
    for frequency in _LONGEST_FIRST:
        offsets = [*_shared_offsets(frequency, dates)]
        for dialect in _dialects_of(frequency):
            any_period = Schedule(frequency, dialect=dialect)
            numbers = [period_of(any_period, day).number for day in dates]
            for divisor in _shared_divisors(frequency, numbers):
                yield from (Schedule(frequency, divisor, offset, dialect) for offset in offsets)


def _shared_offsets(frequency: Frequency, dates: Sequence[date]) -> Iterator[Offset]:
    """Yield the offsets that each of these dates has."""
    if not frequency.parts:
        yield None
    elif frequency.weeks:
        weekday, *others = {day.isoweekday() % 7 for day in dates}
        if not others:
            yield weekday
    else:
        month, *others = {(day.month - 1) % frequency.months for day in dates}
        lengths = [(day.day, monthrange(day.year, day.month)[1]) for day in dates]
        for wanted in () if others else _DAYS:
            if all(clamp(wanted, length) == number for number, length in lengths):
                yield (month, wanted) if "month" in frequency.parts else wanted


def _shared_divisors(frequency: Frequency, numbers: Sequence[int]) -> Iterator[Divisor]:
    """Yield the divisors that pick all of these numbers: none, then plain ones, then pairs."""
    # Years lie apart by multiples of the divisor. The other numbers begin again, so even a single one may have any divisor.
    last = max(numbers) - min(numbers) if frequency.cycle == "calendar" else frequency.numbers.stop
    yield None
    yield from (divisor for divisor in range(2, last + 1) if not any(number % divisor for number in numbers))
    for divisor in range(2, last + 1):
        remainder, *others = {number % divisor for number in numbers}
        if remainder and not others:
            yield remainder, divisor


def _candidates(rule: Rule) -> Iterator[Schedule]:
    if not rule.count:
        first = next(iter(Frequency))
        yield Schedule(first, first.numbers.stop)
    elif rule.frame is Frame.ISO:
        yield from _of_weeks(rule)
    else:
        for days, starts in zip((rule.long, rule.short), reversed(MONTH_STARTS), strict=True):
            if days:  # If a rule meets only common or only leap years, the days of the others mean nothing.
                yield from _of_months(rule, [_month_and_day(day, starts) for day in days], starts)


def _of_weeks(rule: Rule) -> Iterator[Schedule]:
    weekday = (rule.long[0] + 1) % 7
    for frequency in _LONGEST_FIRST:
        if frequency.weeks:
            ordinals = frozenset(day // (7 * frequency.weeks) + 1 for day in rule.long)
            for divisor in _divisors(frequency, ordinals, Dialect.INTERGIRO):
                yield Schedule(frequency, divisor, weekday)


def _of_months(rule: Rule, due: list[tuple[int, int]], starts: Sequence[int]) -> Iterator[Schedule]:
    """Yield candidates for due days that are each a month, from 0, and a day, from 1."""
    month, found = due[0]
    days = [day for day in _DAYS if clamp(day, starts[month + 1] - starts[month]) == found]
    months = {month for month, _ in due}
    for frequency in _LONGEST_FIRST:
        if frequency.months:
            yield from _with_offsets(frequency, rule, months, days)
        elif not frequency.weeks:
            for divisor in _divisors(frequency, frozenset(day for _, day in due), Dialect.INTERGIRO):
                yield Schedule(frequency, divisor)


def _with_offsets(frequency: Frequency, rule: Rule, months: set[int], days: list[int]) -> Iterator[Schedule]:
    month, *others = {month % frequency.months for month in months}
    if others:
        return
    offsets: list[Offset] = [(month, day) for day in days] if "month" in frequency.parts else [*days]
    for divisor, dialect in _picking_months(frequency, rule, months):
        yield from (Schedule(frequency, divisor, offset, dialect) for offset in offsets)


def _picking_months(frequency: Frequency, rule: Rule, months: set[int]) -> Iterator[tuple[Divisor, Dialect]]:
    """Yield the divisors that pick the periods of these months, with their dialects."""
    if frequency.cycle == "calendar":
        remainder, divisor = rule.years
        yield (remainder, divisor) if remainder else divisor if divisor > 1 else None, Dialect.INTERGIRO
        return
    ordinals = frozenset(month // frequency.months + 1 for month in months)
    for dialect in _dialects_of(frequency):
        yield from ((divisor, dialect) for divisor in _divisors(frequency, ordinals, dialect))


def _dialects_of(frequency: Frequency) -> Iterable[Dialect]:
    """Return the dialects that number the periods differently."""
    found: dict[range, Dialect] = {}
    for dialect in _DIALECTS:
        found.setdefault(period_numbers(frequency, dialect), dialect)
    return found.values()


def _month_and_day(day: int, starts: Sequence[int]) -> tuple[int, int]:
    """Return the month, from 0, and the day, from 1, of a day of the year."""
    month = bisect_right(starts, day) - 1
    return month, day - starts[month] + 1


@cache
def _divisors(frequency: Frequency, ordinals: frozenset[int], dialect: Dialect) -> tuple[Divisor, ...]:
    """Return the divisors that pick these periods: none, then the plain ones, then the pairs."""
    last = period_numbers(frequency, dialect)[-1]
    every: list[Divisor] = [None, *range(2, last + 1)]
    every += [(remainder, divisor) for divisor in range(2, last + 2) for remainder in range(1, divisor)]
    return tuple(divisor for divisor in every if frozenset(picked_periods(frequency, divisor, dialect)) == ordinals)
