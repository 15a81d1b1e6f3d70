"""The way back from a rule, or from dates, to a schedule.

>>> schedule_of(Schedule("monthly").rule(date(2024, 1, 31)))
Schedule('monthly', offset=-1)
>>> schedule_of(YearRule(Frame.CIVIL, (0, 1), [0, 1], [0, 1]))  # 1 and 2 January: not one schedule
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import islice

from recurring_schedule.core.calendars import MONTH_STARTS, MonthDay, clamp
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Dialect, Divisor, Frequency, Offset, period_numbers, picked_periods
from recurring_schedule.core.interval_rules import MonthRule, StepRule
from recurring_schedule.core.periods import period_of
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.year_rule import Frame, YearRule

_ANY_START = date(2000, 1, 1)
_DAYS = (*range(1, 29), -1, *range(29, 32), *range(-2, -32, -1))
MONTH_DAYS: tuple[MonthDay, ...] = (
    *_DAYS,
    *((number, weekday) for number in (1, 2, 3, 4, -1, -2, -3, -4) for weekday in range(7)),
)
"""Every payment day of a month, those that people would write first."""

_LONGEST_FIRST = tuple(reversed(Frequency))
_DIALECTS = (
    Dialect.INTERGIRO,
    Dialect.INTERGIRO_PROSE,
)  # in which a divisor picks other months, such as 3, 5, 7, 9, 11


def schedule_of(rule: Rule, start: date | None = None) -> Schedule | None:
    """Return a schedule that has this rule whatever its start is, or None.

    An interval counts from the start, so it is found only if `start` is given, and in a period with
    a due day. The schedule then has the rule with that start.

    >>> rule = Schedule("daily", interval=14).rule(date(2024, 1, 3))
    >>> schedule_of(rule), schedule_of(rule, date(2024, 1, 1))
    (None, Schedule('weekly', offset=3, interval=2))

    If there are several, it is the one that people would write: a longer period rather than a
    shorter one, then a plain divisor rather than a pair, then a day from the start of the month
    rather than from its end.
    """
    candidates = _candidates(rule) if isinstance(rule, YearRule) else _with_intervals(rule) if start else ()
    return next((one for one in candidates if one.rule(start or _ANY_START) == rule), None)


def schedules_of(rule: Rule) -> list[Schedule]:
    """Return schedules on days of months that together have this rule; none if there are none.

    They are of one dialect. A schedule of more months comes before those of fewer.

    >>> schedules_of(YearRule(Frame.CIVIL, (0, 1), [0, 14, 45], [0, 14, 45]))
    [Schedule('yearly', offset=(0, 1)), Schedule('yearly', offset=(0, 15)), Schedule('yearly', offset=(1, 15))]
    """
    if not isinstance(rule, YearRule) or rule.frame is not Frame.CIVIL or rule.years != (0, 1):
        return []
    due = _year_days(rule)
    found, left = [], due
    candidates = [(schedule, _year_days(schedule.rule(_ANY_START))) for schedule in _of_some_months(rule)]
    for schedule, days in sorted(candidates, key=lambda one: -len(one[1])):
        if days <= due and days & left:
            found.append(schedule)
            left -= days
    return [] if left else found


def _year_days(rule: Rule) -> frozenset[tuple[int, int]]:
    """Return the due days of a common and of a leap year, each with the type of its year."""
    by_type = rule.days if isinstance(rule, YearRule) else ()
    return frozenset((kind, day) for kind, days in enumerate(by_type) for day in days)


def _days_in_month(month: int, day: int) -> set[tuple[int, int]]:
    """Return the clamped day of a month, from 0, in a common and in a leap year."""
    return {
        (kind, starts[month] + clamp(day, starts[month + 1] - starts[month]) - 1)
        for kind, starts in enumerate(MONTH_STARTS)
    }


def _of_some_months(rule: YearRule) -> Iterator[Schedule]:
    """Yield the schedules on each day of a month, in all months that have it and in some."""
    due = _year_days(rule)
    for day in _DAYS:
        months = {month for month in range(12) if _days_in_month(month, day) <= due}
        for frequency in (one for one in _LONGEST_FIRST if one.months and months):
            exact = (one for one in _with_divisors(frequency, rule, months, [day]) if one.dialect is Dialect.INTERGIRO)
            yield from islice(exact, 1)
            for month in range(frequency.months):
                if months.issuperset(range(month, 12, frequency.months)):
                    yield _of_month(frequency, None, month, day)


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


def _candidates(rule: YearRule) -> Iterator[Schedule]:
    if not rule.count:
        first = next(iter(Frequency))
        yield Schedule(first, first.numbers.stop)
    else:
        if rule.frame is Frame.ISO:
            yield from _of_weeks(rule)
        yield from _of_months(
            rule
        )  # of ISO weeks, too: the second Tuesday of July is in week 28, or in 29 of a long year


def _with_intervals(rule: Rule) -> Iterator[Schedule]:
    for frequency in _LONGEST_FIRST:
        if isinstance(rule, MonthRule) and frequency.months and rule.step % frequency.months == 0:
            month, interval = rule.remainder % frequency.months, rule.step // frequency.months
            yield _of_month(frequency, None, month, rule.day, interval=interval)
        elif isinstance(rule, StepRule) and not frequency.months and rule.step % (7 * frequency.weeks or 1) == 0:
            weekday = rule.remainder % 7 if frequency.weeks else None  # day number 0 is a Sunday
            yield Schedule(frequency, offset=weekday, interval=rule.step // (7 * frequency.weeks or 1))


def _of_month(
    frequency: Frequency,
    divisor: Divisor,
    month: int,
    day: MonthDay,
    dialect: Dialect = Dialect.INTERGIRO,
    interval: int | None = None,
) -> Schedule:
    """Return the schedule that is paid on that day of that month, from 0, of its periods."""
    has_month = "month" in frequency.parts
    if isinstance(day, tuple):
        weekday = day[0], (day[1] + 1) % 7
        return Schedule(frequency, divisor, month if has_month else None, dialect, interval=interval, weekday=weekday)
    return Schedule(frequency, divisor, (month, day) if has_month else day, dialect, interval=interval)


def _of_weeks(rule: YearRule) -> Iterator[Schedule]:
    weekday = (rule.days[1][0] + 1) % 7
    for frequency in _LONGEST_FIRST:
        if frequency.weeks:
            ordinals = frozenset(day // (7 * frequency.weeks) + 1 for day in rule.days[1])
            for divisor in _divisors(frequency, ordinals, Dialect.INTERGIRO):
                yield Schedule(frequency, divisor, weekday)


def _of_months(rule: YearRule) -> Iterator[Schedule]:
    year = rule.years[0] or rule.years[1]
    due = [*DueDates(rule, date(year, 1, 1), date(year, 12, 31))]
    if not due:
        return
    is_civil = rule.frame is Frame.CIVIL
    days = _days_on(due[0]) if is_civil else []
    days += _nth_weekdays_on(due[0])  # of civil years too: those of two years may be on one day of the year
    months = {day.month - 1 for day in due}
    for frequency in _LONGEST_FIRST:
        if frequency.months:
            yield from _with_divisors(frequency, rule, months, days)
        elif is_civil and not frequency.weeks:
            for divisor in _divisors(frequency, frozenset(day.day for day in due), Dialect.INTERGIRO):
                yield Schedule(frequency, divisor)


def _days_on(day: date) -> list[MonthDay]:
    """Return the days of a month that are on this date, clamped or not."""
    length = monthrange(day.year, day.month)[1]
    return [wanted for wanted in _DAYS if clamp(wanted, length) == day.day]


def _nth_weekdays_on(day: date) -> list[MonthDay]:
    """Return the n-th weekdays that are on this date."""
    length = monthrange(day.year, day.month)[1]
    numbers = (day.day + 6) // 7, (day.day - length - 1) // 7
    return [(number, day.weekday()) for number in numbers if -5 < number < 5]


def _with_divisors(frequency: Frequency, rule: YearRule, months: set[int], days: list[MonthDay]) -> Iterator[Schedule]:
    month, *others = {month % frequency.months for month in months}
    if not others:
        for divisor, dialect in _picking_months(frequency, rule, months):
            yield from (_of_month(frequency, divisor, month, day, dialect) for day in days)


def _picking_months(frequency: Frequency, rule: YearRule, months: set[int]) -> Iterator[tuple[Divisor, Dialect]]:
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


@cache
def _divisors(frequency: Frequency, ordinals: frozenset[int], dialect: Dialect) -> tuple[Divisor, ...]:
    """Return the divisors that pick these periods: none, then the plain ones, then the pairs."""
    last = period_numbers(frequency, dialect)[-1]
    every: list[Divisor] = [None, *range(2, last + 1)]
    every += [(remainder, divisor) for divisor in range(2, last + 2) for remainder in range(1, divisor)]
    return tuple(divisor for divisor in every if frozenset(picked_periods(frequency, divisor, dialect)) == ordinals)
