"""Billing periods: the days that a payment is for."""

from __future__ import annotations

from datetime import date, timedelta

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.immutable import Immutable

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from fractions import Fraction

_DAY = timedelta(days=1)


class Period(Immutable):
    """A billing period: the days from `start`, included, to `end`, excluded.

    >>> Period(date(2024, 1, 31), date(2024, 2, 29))
    Period(datetime.date(2024, 1, 31), datetime.date(2024, 2, 29))

    Raises TypeError if a bound is not a date, ValueError if `end` is not after `start`.
    """

    __slots__ = ("_end", "_is_stub", "_start")

    def __init__(self, start: date, end: date | None, is_stub: bool = False) -> None:
        if type(start) is not date:
            start = plain_date(start, "start")
        if end is not None:
            if type(end) is not date:
                end = plain_date(end, "end")
            if end <= start:
                raise ValueError(f"end: got {end}, expected a date after the start, {start}")
        self._start, self._end, self._is_stub = start, end, bool(is_stub)

    @property
    def start(self) -> date:
        """The first day."""
        return self._start

    @property
    def end(self) -> date | None:
        """The day after the last day; `None` if the last day is 9999-12-31."""
        return self._end

    @property
    def is_stub(self) -> bool:
        """True if it is cut short: it does not start on a due date, or its end is not due."""
        return self._is_stub

    @property
    def days(self) -> int:
        """The number of days.

        >>> Period(date(2024, 1, 31), date(2024, 2, 29)).days, Period(date(9999, 12, 31), None).days
        (29, 1)
        """
        last = date.max if self._end is None else self._end - _DAY
        return (last - self._start).days + 1

    def fraction(self, day: date) -> Fraction:
        """Return the exact share elapsed when `day` begins: 0 at the start, 1 at the end.

        >>> Period(date(2024, 4, 1), date(2024, 5, 1)).fraction(date(2024, 4, 11))
        Fraction(1, 3)

        Raises ValueError for a day before the start or after the end.
        """
        from fractions import Fraction  # here, since it doubles the time that the core takes to import

        elapsed = (plain_date(day, "day") - self._start).days
        if not 0 <= elapsed <= self.days:
            raise ValueError(f"day: got {day}, expected a day from {self._start} to {self._end or date.max}")
        return Fraction(elapsed, self.days)

    def __repr__(self) -> str:
        return f"Period({self._start!r}, {self._end!r}{', is_stub=True' if self._is_stub else ''})"

    @property
    def _key(self) -> tuple[date, date | None, bool]:
        return self._start, self._end, self._is_stub
