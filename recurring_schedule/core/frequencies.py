"""The one table of frequencies: their periods, how these are numbered, and what an offset fixes.

Everything that depends on a frequency reads `Frequency`. To add one, add a row to it and follow the
recipe in the documentation.
"""

from __future__ import annotations

from recurring_schedule.core.calendars import LAST_YEAR, MonthDay
from recurring_schedule.core.word_enum import WordEnum

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

Divisor = int | tuple[int, int] | None
Offset = int | tuple[int, int] | None
Weekday = tuple[int, int] | None
"""The n-th weekday of a month `(n, w)`, as written; `w` counts from 0, Sunday."""


class Frequency(WordEnum):
    """The periods into which a schedule divides time.

    >>> Frequency("monthly"), Frequency.QUARTERLY.months
    (Frequency.MONTHLY, 3)
    """

    # The columns of the table, after the word that schedules write.

    noun: str
    """The word for a period."""
    numbered: str
    """The word for a period as it is numbered."""
    cycle: str
    """The cycle of the numbers: "month", "year", or "calendar" if they never begin again."""
    numbers: range
    """The numbers that a divisor reads; `period_numbers` shifts them for a dialect."""
    always: int
    """The number of periods that every cycle has."""
    weeks: int
    """The number of ISO weeks in a period; 0 if it is not made of weeks."""
    months: int
    """The number of months in a period; 0 if it is not made of months."""
    parts: tuple[str, ...]
    """The parts of the payment day, in the order of `offset`; the start supplies those left out."""

    # fmt: off
    DAILY = (
        "daily", "day", "day of a month",
        "month", range(1, 32), 28, 0, 0, (),
    )
    """Days, numbered as in the month: 1 to 31."""
    WEEKLY = (
        "weekly", "week", "ISO week",
        "year", range(1, 54), 52, 1, 0, ("weekday",),
    )
    """ISO weeks, Monday to Sunday, numbered as in the ISO year: 1 to 53."""
    MONTHLY = (
        "monthly", "month", "month",
        "year", range(1, 13), 12, 0, 1, ("day",),
    )
    """Months, numbered as in the year: 1 to 12."""
    QUARTERLY = (
        "quarterly", "quarter", "quarter",
        "year", range(1, 5), 4, 0, 3, ("month", "day"),
    )
    """Quarters, numbered as in the year: 1 to 4."""
    YEARLY = (
        "yearly", "year", "year",
        "calendar", range(1, LAST_YEAR + 1), LAST_YEAR, 0, 12, ("month", "day"),
    )
    """Years, by their own number: 1 to 9999."""
    # fmt: on

    def __new__(cls, word: str, *row: Any) -> Frequency:
        """Return the member of that name; `row` holds the columns of the table."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.noun, member.numbered, member.cycle, *sizes, member.parts = row
        member.numbers, member.always, member.weeks, member.months = sizes
        return member


DEFAULT_FREQUENCY = Frequency.MONTHLY
"""That of a customer whose schedule was not sent, as the examples of the documents show it."""


class Dialect(WordEnum):
    """A way to read the numbers of a schedule, on which the source documents contradict each other.

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


def period_numbers(frequency: Frequency, dialect: Dialect) -> range:
    """Return the numbers that a divisor reads.

    >>> period_numbers(Frequency.MONTHLY, Dialect.INTERGIRO_PROSE)
    range(0, 12)
    """
    if frequency.months != 1:
        return frequency.numbers
    return range(dialect.first_month, dialect.first_month + len(frequency.numbers))


def residue(divisor: Divisor) -> tuple[int, int]:
    """Return the remainder and the divisor of the numbers picked; (0, 1) for all.

    >>> residue(None), residue(2), residue((1, 3))
    ((0, 1), (0, 2), (1, 3))
    """
    return divisor if isinstance(divisor, tuple) else (0, divisor or 1)


def picked_periods(frequency: Frequency, divisor: Divisor, dialect: Dialect) -> range:
    """Return the picked periods, each by its ordinal in the cycle, from 1.

    The ordinal is also the number that the divisor reads, except for months in `INTERGIRO_PROSE`.

    >>> [*picked_periods(Frequency.MONTHLY, 5, Dialect.INTERGIRO)]
    [5, 10]
    >>> [*picked_periods(Frequency.MONTHLY, (1, 5), Dialect.INTERGIRO)]
    [1, 6, 11]
    >>> [*picked_periods(Frequency.MONTHLY, 5, Dialect.INTERGIRO_PROSE)]  # numbers 5 and 10
    [6, 11]
    """
    remainder, step = residue(divisor)
    if step == 1:
        return range(1, len(frequency.numbers) + 1)
    numbers = period_numbers(frequency, dialect)
    shift = 1 - numbers.start
    # 0 is not a positive multiple, and a remainder is at least 1, so no number below it leaves it.
    return range((remainder or step) + shift, numbers.stop + shift, step)


def fixed_parts(
    frequency: Frequency, offset: Offset, weekday: Weekday, dialect: Dialect
) -> tuple[int | None, MonthDay | None]:
    """Return the month, from 0, and the day that are written; None if the start supplies it.

    The day is one of the month, or of the week, from Monday, 0.

    >>> fixed_parts(Frequency.QUARTERLY, 2, None, Dialect.INTERGIRO)
    (2, None)
    >>> fixed_parts(Frequency.MONTHLY, None, (-1, 5), Dialect.INTERGIRO)  # the last Friday
    (0, (-1, 4))
    """
    if not frequency.parts:  # a period of one day
        return 0, 0
    first, second, *_ = *written_parts(offset), None, None
    if frequency.weeks:
        return 0, None if first is None else _from_monday(first)
    month, day = (0, first) if frequency.parts == ("day",) else (first, second)
    if weekday:
        return month, (weekday[0], _from_monday(weekday[1]))
    if day is not None and day >= 0:
        day += 1 - dialect.first_day
    return month, day


def _from_monday(weekday: int) -> int:
    """Return a weekday from Monday, 0: schedules count from Sunday, the last day of an ISO week."""
    return (weekday - 1) % 7


def written_parts(offset: Offset) -> tuple[int, ...]:
    """Return the numbers of an offset, which fix the first of `Frequency.parts`."""
    if offset is None:
        return ()
    return offset if isinstance(offset, tuple) else (offset,)
