"""What a frequency is: its periods, their numbers, and what an offset fixes in them."""

from __future__ import annotations

from datetime import date
from enum import Enum

from recurring_schedule.core.calendars import LAST_YEAR

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
