"""The way back from a history of due dates to the schedules that have exactly these.

Candidates are made from the first dates alone, and then compared with all of them.

>>> history = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
>>> recognize(history)
(Candidate(schedule=Schedule('monthly'), start=datetime.date(2024, 1, 31), dates_to_decide=0),)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

from recurring_schedule.core.calendars import clamp
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import FieldError
from recurring_schedule.core.frequencies import (
    Dialect,
    Divisor,
    Frequency,
    Offset,
    Weekday,
    period_numbers,
    picked_periods,
    residue,
    written_parts,
)
from recurring_schedule.core.parsing import checked_dialect
from recurring_schedule.core.periods import period_of
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet

_FEW = 12
"""The number of dates of which candidates are made."""
_SIZES = (2, 3)
"""The numbers of members of the sets that are tried."""
_DAYS = (*range(1, 32), *range(-1, -32, -1))


class Candidate(NamedTuple):
    """A schedule that has exactly the dates of a history, from the first to the last."""

    schedule: Plan
    start: date
    """The start to which the schedule is anchored: the first of the dates."""
    dates_to_decide: int
    """The number of its further due dates after which all other candidates differ; 0 if there are
    none."""


def recognize(dates: Iterable[date], dialect: Dialect | str = Dialect.INTERGIRO) -> tuple[Candidate, ...]:
    """Return the schedules whose due dates from the first to the last date are exactly these.

    >>> for found in recognize([date(2024, 1, 31), date(2024, 2, 29)]):
    ...     print(found.schedule, found.dates_to_decide)
    Schedule('monthly') 1
    Schedule('daily', interval=29) 1

    They are all such schedules in the dialect, the best first. A better one picks every period, or
    has an interval, a divisor or a pair, in this order; then it has smaller numbers there; then
    fewer numbers for the payment day; then smaller ones, where those from the end, except -1, come
    after those from the start; then longer periods. Schedules with the same dates for all time are
    one candidate, in the best spelling.

    If no schedule has these dates, the candidates are the sets of two, or else of three, that do.
    The members differ in their payment day only, each has two of the dates or more, and none has a
    divisor. If no set has the dates either, the result is empty: a date that was moved because of a
    bank holiday, left out or put in belongs to no schedule.

    The order of `dates` does not matter. Raises FieldError for fewer than two dates, for one that
    is there twice, and for an unknown dialect; TypeError if one is not a date.
    """
    days = _checked_dates(dates)
    dialect = checked_dialect(dialect)
    found = _distinct((one for one in _schedules(days, dialect) if _is_exact(one, days)), days)
    for size in _SIZES:
        if not found:
            found = _distinct(_sets(days, size, dialect), days)
    return tuple(
        Candidate(schedule, days[0], max((_in_common(due, other) for other in found if other is not due), default=0))
        for due, schedule in found.items()
    )


def _checked_dates(dates: Iterable[date]) -> list[date]:
    """Return the dates in order."""
    expected = "a list of at least two dates"
    if not isinstance(dates, Iterable) or isinstance(dates, (str, bytes, Mapping)):
        raise FieldError("dates", dates, expected)
    first_index: dict[date, int] = {}
    for index, value in enumerate(dates):
        day = plain_date(value, f"dates[{index}]")
        earlier = first_index.setdefault(day, index)
        if earlier != index:
            raise FieldError(f"dates[{index}]", str(day), f"each date once, but dates[{earlier}] is the same")
    if len(first_index) < 2:
        raise FieldError("dates", [*map(str, first_index)], expected)
    return sorted(first_index)


def _is_exact(schedule: Schedule, days: Sequence[date]) -> bool:
    """Return True if the due dates from the first to the last day are these days."""
    due = schedule.due_dates(days[0], days[-1])
    return all(one == other for one, other in zip_longest(due, days))


def _distinct(candidates: Iterable[Plan], days: Sequence[date]) -> dict[DueDates, Plan]:
    """Return the candidates, best first, by their due dates from the last day on.

    Those with the same due dates are one, in the best spelling.
    """
    found: dict[DueDates, Plan] = {}
    for one in sorted(candidates, key=_complexity):
        found.setdefault(one.due_dates(days[0]).between(days[-1], date.max), one)
    return found


def _in_common(a: DueDates, b: DueDates) -> int:
    """Return the number of dates before the first in which the two differ."""
    return next(count for count, (one, other) in enumerate(zip_longest(a, b)) if one != other)


def _complexity(one: Plan) -> list[object]:
    """Return the key that sorts candidates: the best has the least."""
    return [_complexity_of_schedule(member) for member in (one.members if isinstance(one, ScheduleSet) else [one])]


def _complexity_of_schedule(schedule: Schedule) -> tuple[object, ...]:
    divisor = schedule.divisor
    picking = divisor is not None, isinstance(divisor, tuple), schedule.interval or 0, *reversed(residue(divisor))
    written = _payment_numbers(schedule)
    order = [abs(number) if number >= -1 else 31 - number for number in written]
    return *picking, len(written), order, -[*Frequency].index(schedule.frequency)


def _payment_numbers(schedule: Schedule) -> tuple[int, ...]:
    """Return the written numbers of the payment day."""
    return *written_parts(schedule.offset), *(schedule.weekday or ())


# One schedule


def _schedules(days: Sequence[date], dialect: Dialect) -> Iterator[Schedule]:
    """Yield every schedule that may have these dates, in its simplest spelling."""
    first, second = days[:2]
    for frequency in Frequency:
        periods = _index(frequency, second) - _index(frequency, first)
        if periods:  # else two dates are in one period
            shared = set.intersection(*({*_payment_days(frequency, day, dialect)} for day in days[:_FEW]))
            for interval, divisor in _picking(frequency, periods, days[:_FEW], dialect):
                for offset, weekday in shared:
                    schedule = Schedule(frequency, divisor, offset, dialect, interval=interval, weekday=weekday)
                    anchored = Schedule(frequency, divisor, None, dialect, interval=interval, weekday=weekday)
                    yield anchored if anchored.rule(first) == schedule.rule(first) else schedule


def _picking(
    frequency: Frequency, periods: int, few: Sequence[date], dialect: Dialect
) -> Iterator[tuple[int | None, Divisor]]:
    """Yield the intervals and divisors that may pick the periods of the first few dates.

    The first two dates are `periods` apart.
    """
    yield None if periods == 1 else periods, None
    if frequency.cycle != "calendar":  # numbers that never begin again lie apart by the divisor: it is an interval
        ordinals = {period_of(Schedule(frequency), day).ordinal for day in few}
        yield from (
            (None, divisor)
            for picked, divisor in _divisors(frequency, dialect).items()
            if all(ordinal in picked for ordinal in ordinals)
        )


@cache
def _divisors(frequency: Frequency, dialect: Dialect) -> dict[range, Divisor]:
    """Return the simplest divisor for each selection of periods."""
    plain = range(2, period_numbers(frequency, dialect)[-1] + 1)
    every: list[Divisor] = [*plain]
    every += [(remainder, divisor) for divisor in plain for remainder in range(1, divisor)]
    found: dict[range, Divisor] = {}
    for divisor in every:
        found.setdefault(picked_periods(frequency, divisor, dialect), divisor)
    return found


def _index(frequency: Frequency, day: date) -> int:
    """Return the number of whole periods before the day, in the calendar."""
    if frequency.months:
        return (12 * day.year + day.month - 13) // frequency.months
    return (day.toordinal() - 1) // (7 * frequency.weeks or 1)  # day number 1 is a Monday


def _payment_days(frequency: Frequency, day: date, dialect: Dialect) -> Iterator[tuple[Offset, Weekday]]:
    """Yield each offset and weekday with which `day` is the payment day of its period."""
    weekday = day.isoweekday() % 7
    if not frequency.months:
        yield weekday if frequency.weeks else None, None
        return
    month, has_month = (day.month - 1) % frequency.months, "month" in frequency.parts
    length = monthrange(day.year, day.month)[1]
    for wanted in _DAYS:
        if clamp(wanted, length) == day.day:
            number = wanted - 1 + dialect.first_day if wanted > 0 else wanted
            yield (month, number) if has_month else number, None
    for n in ((day.day + 6) // 7, (day.day - length - 1) // 7):
        if abs(n) < 5:
            yield month if has_month else None, (n, weekday)


# Sets of schedules


def _sets(days: Sequence[date], size: int, dialect: Dialect) -> Iterator[ScheduleSet]:
    """Yield the sets of `size` schedules with one frequency and interval that have these dates."""
    for frequency in Frequency:
        if frequency.parts:
            periods = [*dict.fromkeys(_index(frequency, day) for day in days)]
            intervals = {following - index for index, following in pairwise(periods)}
            if len(intervals) == 1 and len(days) <= size * len(periods):
                interval = intervals.pop()
                every = Schedule(frequency, dialect=dialect, interval=None if interval == 1 else interval)
                for members in _covers(every, days, days, size):
                    members.sort(key=_order_in_period)
                    yield ScheduleSet(members)


def _order_in_period(member: Schedule) -> list[tuple[bool, int]]:
    """Return the key that sorts members: numbers from the end come after those from the start."""
    return [(number < 0, number) for number in _payment_numbers(member)]


def _covers(every: Schedule, days: Sequence[date], rest: Sequence[date], size: int) -> Iterator[list[Schedule]]:
    """Yield `size` schedules that together have the dates of `rest`, and none outside `days`.

    They differ from `every` in the payment day. Each has two dates or more.
    """
    given = set(days)
    for offset, weekday in _payment_days(every.frequency, rest[0], every.dialect):
        member = Schedule(every.frequency, None, offset, every.dialect, interval=every.interval, weekday=weekday)
        due = member.due_dates(days[0], days[-1])
        if len(due) > 1 and all(map(given.__contains__, due)):
            others = sorted({*rest}.difference(due))
            if size > 1 and others:
                yield from ([member, *more] for more in _covers(every, days, others, size - 1))
            elif size == 1 and not others:
                yield [member]
