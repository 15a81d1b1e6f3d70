"""How a schedule becomes a rule: the numbers that it writes, and what its start date supplies, turn into days of a year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, pairwise

from recurring_schedule.core.calendars import CIVIL, ISO, MONTH_STARTS
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.rule import Frame, Rule


@lru_cache(maxsize=4096)
def compile_rule(frequency: Frequency, periods: range, month: int, day: int) -> Rule:
    """The rule with a due day in each of the picked periods: `month` and `day` as `payment_place` gives them.

    >>> compile_rule(Frequency.QUARTERLY, range(1, 5), 2, -1)
    Rule(Frame.CIVIL, (0, 1), (89, 180, 272, 364), (90, 181, 273, 365))
    """
    if not periods:
        return Rule(Frame.CIVIL, (0, 1), (), ())
    if frequency is Frequency.WEEKLY:
        weeks = (range(7 * (periods.start - 1) + day, length, 7 * periods.step) for length in ISO.lengths)
        return Rule.of_sorted(Frame.ISO, (0, 1), *weeks)
    if frequency is Frequency.DAILY:
        if len(periods) == 31:
            return Rule.of_sorted(Frame.CIVIL, (0, 1), *map(range, CIVIL.lengths))
        return Rule.of_sorted(Frame.CIVIL, (0, 1), *(_days_of_months(starts, periods) for starts in MONTH_STARTS))
    years = (0, 1)
    if frequency is Frequency.MONTHLY:
        months = [number - 1 for number in periods]
    elif frequency is Frequency.QUARTERLY:
        months = [3 * (number - 1) + month for number in periods]
    else:
        months, years = [month], (periods.start % periods.step, periods.step)
    return Rule.of_sorted(
        Frame.CIVIL, years, *([_day_of_year(starts, m, day) for m in months] for starts in MONTH_STARTS)
    )


def _days_of_months(starts: Sequence[int], numbers: range) -> list[int]:
    """Every day of a year whose number in its month is picked."""
    months = (range(start + numbers.start - 1, after, numbers.step) for start, after in pairwise(starts))
    return list(chain.from_iterable(months))


def _day_of_year(starts: Sequence[int], month: int, day: int) -> int:
    """The day of a month, clamped to the days that the month has."""
    first, after = starts[month], starts[month + 1]
    return min(first + day, after) - 1 if day > 0 else max(after + day, first)
