"""The way back from a rule to a schedule that says it.

>>> schedule_of(Schedule("monthly").rule(date(2024, 1, 31)))
Schedule('monthly', offset=-1)
>>> schedule_of(Rule(Frame.CIVIL, (0, 1), [0, 1], [0, 1]))  # 1 and 2 January, which no schedule says
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from recurring_schedule.core.calendars import MONTH_STARTS
from recurring_schedule.core.frequencies import Dialect, Divisor, Frequency, period_numbers, picked_periods
from recurring_schedule.core.rule import Frame, Rule
from recurring_schedule.core.schedule import Schedule

_ANY_START = date(2000, 1, 1)
_DAYS = (*range(1, 29), -1, *range(29, 32), *range(-2, -32, -1))


def schedule_of(rule: Rule) -> Schedule | None:
    """A schedule that has this rule whatever its start is; `None` if there is none.

    Of several that say the same it is the one that people would write: yearly before quarterly before monthly, a plain divisor
    before a pair, a day of the month before a day from its end.
    """
    return next((one for one in _candidates(rule) if one.rule(_ANY_START) == rule), None)


def _candidates(rule: Rule) -> Iterator[Schedule]:
    if not (rule.short or rule.long):
        yield Schedule(Frequency.DAILY, 32)
    elif rule.frame is Frame.ISO:
        for divisor in _divisors(Frequency.WEEKLY, frozenset(day // 7 + 1 for day in rule.long)):
            yield Schedule(Frequency.WEEKLY, divisor, (rule.long[0] + 1) % 7)
    else:
        for days, starts in zip((rule.long, rule.short), reversed(MONTH_STARTS), strict=True):
            if days:  # If all years that are met are of one kind, the days of the other kind mean nothing.
                yield from _civil(rule, [_month_and_day(day, starts) for day in days], starts)


def _civil(rule: Rule, due: list[tuple[int, int]], starts: Sequence[int]) -> Iterator[Schedule]:
    month, found = due[0]
    length = starts[month + 1] - starts[month]
    days = [day for day in _DAYS if (min(day, length) if day > 0 else max(length + 1 + day, 1)) == found]
    yield from _of_months(rule, frozenset(month for month, _ in due), days)
    for divisor in _divisors(Frequency.DAILY, frozenset(day for _, day in due)):
        yield Schedule(Frequency.DAILY, divisor)


def _of_months(rule: Rule, months: frozenset[int], days: list[int]) -> Iterator[Schedule]:
    if len(months) == 1:
        remainder, years = rule.years
        picked: Divisor = None if years == 1 else (remainder, years) if remainder else years
        yield from (Schedule(Frequency.YEARLY, picked, (month, day)) for month in months for day in days)
    place, *others = {month % 3 for month in months}
    if not others:
        for divisor in _divisors(Frequency.QUARTERLY, frozenset(month // 3 + 1 for month in months)):
            yield from (Schedule(Frequency.QUARTERLY, divisor, (place, day)) for day in days)
    for dialect in (Dialect.INTERGIRO, Dialect.INTERGIRO_PROSE):  # which picks other months, such as 3, 5, 7, 9 and 11
        for divisor in _divisors(Frequency.MONTHLY, frozenset(month + 1 for month in months), dialect):
            yield from (Schedule(Frequency.MONTHLY, divisor, day, dialect) for day in days)


def _month_and_day(day: int, starts: Sequence[int]) -> tuple[int, int]:
    """The month, from 0, and the day, from 1, of a day of the year."""
    month = bisect_right(starts, day) - 1
    return month, day - starts[month] + 1


@cache
def _divisors(
    frequency: Frequency, places: frozenset[int], dialect: Dialect = Dialect.INTERGIRO
) -> tuple[Divisor, ...]:
    """The divisors that pick these periods: none, then the plain ones, then the pairs."""
    last = period_numbers(frequency, dialect)[-1]
    every: list[Divisor] = [None, *range(2, last + 1)]
    every += [(remainder, divisor) for divisor in range(2, last + 2) for remainder in range(1, divisor)]
    return tuple(divisor for divisor in every if frozenset(picked_periods(frequency, divisor, dialect)) == places)
