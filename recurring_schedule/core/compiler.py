"""The compiler: picked periods and a payment day become a rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, pairwise

from recurring_schedule.core.calendars import CIVIL, ISO, MONTH_STARTS, clamp
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.rule import Frame, Rule


@lru_cache(maxsize=4096)
def compile_rule(frequency: Frequency, periods: range, month: int, day: int) -> Rule:
    """Return the rule with one due day in each picked period.

    `periods` are those of `picked_periods`; `month` and `day` those of `Schedule.payment_day`.

    >>> compile_rule(Frequency.QUARTERLY, range(1, 5), 2, -1)
    Rule(Frame.CIVIL, (0, 1), (89, 180, 272, 364), (90, 181, 273, 365))
    """
    if not periods:
        return Rule(Frame.CIVIL, (0, 1), (), ())
    if frequency is Frequency.DAILY:
        return _days(periods)
    if frequency is Frequency.WEEKLY:
        weeks = (range(7 * (periods.start - 1) + day, length, 7 * periods.step) for length in ISO.lengths)
        return Rule.of_sorted(Frame.ISO, (0, 1), *weeks)
    if frequency is Frequency.YEARLY:
        return _months((periods.start % periods.step, periods.step), [month], day)
    return _months((0, 1), [frequency.months * (ordinal - 1) + month for ordinal in periods], day)


def _days(numbers: range) -> Rule:
    """Return the rule of the days whose numbers in their month are picked."""
    if numbers == Frequency.DAILY.numbers:
        return Rule.of_sorted(Frame.CIVIL, (0, 1), *map(range, CIVIL.lengths))
    years = (
        chain.from_iterable(
            range(start + numbers.start - 1, following, numbers.step) for start, following in pairwise(starts)
        )
        for starts in MONTH_STARTS
    )
    return Rule.of_sorted(Frame.CIVIL, (0, 1), *years)


def _months(years: tuple[int, int], months: Sequence[int], day: int) -> Rule:
    """Return the rule with that day in these months of a year, from 0."""
    return Rule.of_sorted(Frame.CIVIL, years, *(_days_of_year(starts, months, day) for starts in MONTH_STARTS))


def _days_of_year(starts: Sequence[int], months: Iterable[int], day: int) -> list[int]:
    return [starts[month] + clamp(day, starts[month + 1] - starts[month]) - 1 for month in months]
