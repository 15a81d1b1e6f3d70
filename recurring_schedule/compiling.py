"""How a schedule becomes a rule: the numbers that it writes, and what its start date supplies, turn into days of a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from functools import lru_cache
from itertools import chain, pairwise

from recurring_schedule.civil import CIVIL, ISO, LAST_YEAR, MONTH_STARTS
from recurring_schedule.rule import Frame, Rule

Divisor = int | tuple[int, int] | None
Offset = int | tuple[int, int] | None


class Frequency(str, Enum):
    """Into which periods a schedule divides time.

    >>> Frequency("monthly")
    Frequency.MONTHLY
    """

    DAILY = "daily"
    """Days, numbered as in the month: 1 to 31."""
    WEEKLY = "weekly"
    """ISO weeks, Monday to Sunday, numbered as in the ISO year: 1 to 53."""
    MONTHLY = "monthly"
    """Months, numbered as in the year: 1 to 12."""
    QUARTERLY = "quarterly"
    """Quarters, numbered as in the year: 1 to 4."""
    YEARLY = "yearly"
    """Years, by their own number: 1 to 9999."""

    def __repr__(self) -> str:
        return f"Frequency.{self.name}"

    __str__ = str.__str__
    __hash__ = str.__hash__


class Dialect(str, Enum):
    """How the numbers in a schedule are read, where the documents that define them contradict each other.

    >>> Dialect("payfunc")
    Dialect.PAYFUNC
    """

    INTERGIRO = "intergiro"
    """Months in a divisor are 1 to 12, days count from 1."""
    INTERGIRO_PROSE = "intergiro_prose"
    """Months in a divisor are 0 to 11, days count from 1."""
    PAYFUNC = "payfunc"
    """Months in a divisor are 1 to 12, days in an offset count from 0."""

    @property
    def first_month(self) -> int:
        """The number of January in a divisor."""
        return 0 if self is Dialect.INTERGIRO_PROSE else 1

    @property
    def first_day(self) -> int:
        """The number of the first day of a month in an offset."""
        return 0 if self is Dialect.PAYFUNC else 1

    def __repr__(self) -> str:
        return f"Dialect.{self.name}"

    __str__ = str.__str__
    __hash__ = str.__hash__


_NUMBERS = {
    Frequency.DAILY: range(1, 32),
    Frequency.WEEKLY: range(1, 54),
    Frequency.MONTHLY: range(1, 13),
    Frequency.QUARTERLY: range(1, 5),
    Frequency.YEARLY: range(1, LAST_YEAR + 1),
}


def period_numbers(frequency: Frequency, dialect: Dialect) -> range:
    """The numbers that a divisor divides.

    >>> period_numbers(Frequency.MONTHLY, Dialect.INTERGIRO_PROSE)
    range(0, 12)
    """
    if frequency is Frequency.MONTHLY:
        return range(dialect.first_month, dialect.first_month + 12)
    return _NUMBERS[frequency]


def picked_periods(frequency: Frequency, divisor: Divisor, dialect: Dialect) -> range:
    """The periods that a divisor picks, by their place from 1, which for all but `INTERGIRO_PROSE` months is their number.

    >>> [*picked_periods(Frequency.MONTHLY, 5, Dialect.INTERGIRO)], [*picked_periods(Frequency.MONTHLY, (1, 5), Dialect.INTERGIRO)]
    ([5, 10], [1, 6, 11])
    >>> [*picked_periods(Frequency.MONTHLY, 5, Dialect.INTERGIRO_PROSE)]  # June and November are numbers 5 and 10
    [6, 11]
    """
    numbers = period_numbers(frequency, dialect)
    shift = 1 - numbers.start
    if divisor is None or divisor == 1:
        first, step = numbers.start, 1
    elif isinstance(divisor, int):
        first = step = divisor  # only positive multiples: 0 is none
    else:
        first, step = divisor  # a remainder is at least 1, so no number below it leaves it
    return range(first + shift, numbers.stop + shift, step)


def payment_place(frequency: Frequency, offset: Offset, dialect: Dialect, start: date) -> tuple[int, int]:
    """The month inside the period, from 0, and the day: of the month, from 1, or back from its end, from -1; or of the week,
    from Monday, 0. What `offset` leaves open comes from `start`.

    >>> payment_place(Frequency.QUARTERLY, 2, Dialect.INTERGIRO, date(2024, 1, 31))
    (2, 31)
    """
    month: int | None
    day: int | None
    if isinstance(offset, tuple):
        month, day = offset
    elif frequency in MONTHS:
        month, day = (None, offset) if frequency is Frequency.MONTHLY else (offset, None)
    elif frequency is Frequency.WEEKLY:  # Offsets count from Sunday, but Sunday is the last day of an ISO week.
        return 0, start.weekday() if offset is None else (offset - 1) % 7
    else:
        return 0, 0
    if month is None:
        month = (start.month - 1) % MONTHS[frequency]
    if day is None:
        day = start.day
    elif day >= 0:
        day += 1 - dialect.first_day
    return month, day


MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}
"""How many months a period has."""


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
