"""The compiler: picked periods and a payment day become a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, pairwise

from recurring_schedule.core.calendars import (
    CIVIL,
    ISO,
    LAST_DAY,
    LAST_YEAR,
    MONTH_STARTS,
    MONTHS,
    WEEKDAYS,
    MonthDay,
    days_of_months,
)
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.interval_rules import MonthRule, StepRule
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.year_rule import Frame, YearRule

NEVER = YearRule(Frame.CIVIL, (0, 1), (), ())
"""The rule that is never due."""


@lru_cache(maxsize=4096)
def compile_rule(frequency: Frequency, periods: range, month: int, day: MonthDay) -> YearRule:
    """Return the rule with one due day in each picked period.

    `periods` are those of `picked_periods`; `month` and `day` those of `Schedule.payment_day`.

    >>> compile_rule(Frequency.QUARTERLY, range(1, 5), 2, -1)
    YearRule(Frame.CIVIL, (0, 1), (89, 180, 272, 364), (90, 181, 273, 365))
    """
    if not periods:
        return NEVER
    if frequency is Frequency.DAILY:
        return _days(periods)
    if frequency is Frequency.WEEKLY:
        first: int = 7 * (periods.start - 1) + day  # type: ignore[operator]  # no week has an n-th weekday
        weeks = (range(first, length, 7 * periods.step) for length in ISO.lengths)
        return YearRule.of_sorted(Frame.ISO, (0, 1), *weeks)
    if frequency is Frequency.YEARLY:
        return _months((periods.start % periods.step, periods.step), [month], day)
    return _months((0, 1), [frequency.months * (ordinal - 1) + month for ordinal in periods], day)


def _days(numbers: range) -> YearRule:
    """Return the rule of the days whose numbers in their month are picked."""
    if numbers == Frequency.DAILY.numbers:
        return YearRule.of_sorted(Frame.CIVIL, (0, 1), *map(range, CIVIL.lengths))
    years = (
        chain.from_iterable(
            range(start + numbers.start - 1, following, numbers.step) for start, following in pairwise(starts)
        )
        for starts in MONTH_STARTS
    )
    return YearRule.of_sorted(Frame.CIVIL, (0, 1), *years)


def _months(years: tuple[int, int], months: Sequence[int], day: MonthDay) -> YearRule:
    """Return the rule with that day in these months of a year, from 0."""
    calendar, by_type = days_of_months(day)
    starts = [MONTH_STARTS[length - CIVIL.lengths[0]] for length in calendar.lengths]
    days = ([first[month] + days[month] - 1 for month in months] for first, days in zip(starts, by_type, strict=True))
    return YearRule.of_sorted(Frame.WEEKDAYS if calendar is WEEKDAYS else Frame.CIVIL, years, *days)


def compile_interval(frequency: Frequency, interval: int, start: date, month: int, day: MonthDay) -> Rule:
    """Return the rule with a due day in every `interval`-th period, counted from that of the start.

    `month` and `day` are those of `Schedule.payment_day`.

    >>> compile_interval(Frequency.MONTHLY, 5, date(2024, 2, 1), 0, 31)
    MonthRule(2, 5, -1)
    """
    if frequency.months:
        in_calendar = 12 * start.year + start.month - 13
        first = in_calendar - in_calendar % frequency.months + month
        return every_nth_month(first, frequency.months * interval, day)
    if frequency.weeks:
        monday = start.toordinal() - start.weekday()
        return every_nth_day(monday + day, 7 * frequency.weeks * interval)  # type: ignore[operator]  # as above
    return every_nth_day(start.toordinal(), interval)


def every_nth_day(day: int, step: int) -> Rule:
    """Return the rule of every `step`-th day, before and after the day number `day`.

    >>> every_nth_day(date(2024, 2, 25).toordinal(), 10)
    StepRule(1, 10)
    """
    if step == 1:
        return compile_rule(Frequency.DAILY, Frequency.DAILY.numbers, 0, 0)
    if step == 7:
        return compile_rule(Frequency.WEEKLY, Frequency.WEEKLY.numbers, 0, (day - 1) % 7)
    if day > LAST_DAY:  # a Saturday or Sunday of the last week
        day -= step
    if day < 1:
        return NEVER
    if day - step >= 1 or day + step <= LAST_DAY:
        return StepRule(day % step, step)
    year = date.fromordinal(day).year
    return YearRule(Frame.CIVIL, (year % LAST_YEAR, LAST_YEAR), *[[day - CIVIL.starts[year]]] * 2)


@lru_cache(maxsize=4096)
def every_nth_month(month: int, step: int, day: MonthDay) -> Rule:
    """Return the rule of that day in every `step`-th month, before and after the number `month`.

    >>> every_nth_month(12 * 2023 + 1, 5, 31)
    MonthRule(2, 5, -1)
    """
    year0, month0 = divmod(month, 12)
    if 12 % step == 0:
        return _months((0, 1), range(month % step, 12, step), day)
    if step % 12 == 0:
        return _months(((year0 + 1) % (step // 12), step // 12), [month0], day)
    if month < step and month + step >= MONTHS:
        return _months(((year0 + 1) % LAST_YEAR, LAST_YEAR), [month0], day)
    return MonthRule(month % step, step, day)
