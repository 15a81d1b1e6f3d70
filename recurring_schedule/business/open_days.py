"""Open days: which days are open, and which are the nearest.

The open days of a year are the bits of an integer. Days that a calendar does not know are neither
open nor closed: `Neighbours` says what is certain all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from recurring_schedule.business.conventions import Convention, checked_convention
from recurring_schedule.business.payment_tables import PaymentTables
from recurring_schedule.core.calendars import CIVIL, LAST_DAY
from recurring_schedule.core.checks import plain_date, short_repr, whole_number
from recurring_schedule.core.immutable import Immutable

_STARTS = CIVIL.starts
_date = date.fromordinal


class UnknownDayError(LookupError):
    """Raised if an answer depends on a day that the calendar does not know.

    `calendar` is the calendar, and `day` the first such day; None if it is before 0001-01-01 or
    after 9999-12-31.
    """

    def __init__(self, calendar: OpenDays, number: int) -> None:
        self.calendar, self._number = calendar, number
        self.day = _date(number) if 1 <= number <= LAST_DAY else None
        first, last = map(_date, calendar.bounds)
        if self.day is None:
            end = "before 0001-01-01" if number < 1 else "after 9999-12-31"
            text = f"the answer depends on a day {end}, and dates end there"
        else:
            text = (
                f"the answer depends on {self.day}, but the calendar is known from {first} to {last}: make it with the "
                'closed days of more years and a longer `known`, or with beyond="weekends" to close only weekends there'
            )
        super().__init__(f"{calendar.name or 'calendar'}: {text}")

    def __reduce__(self) -> tuple[type[UnknownDayError], tuple[OpenDays, int]]:
        return UnknownDayError, (self.calendar, self._number)


class Neighbours(NamedTuple):
    """The open days around a day, as day numbers: each from the least to the greatest possible.

    0 stands for all days before 0001-01-01, and the number after the last for all later days.
    """

    least_before: int
    before: int
    """The last open day before the day, at the latest."""
    after: int
    """The first open day from the day on, at the earliest."""
    greatest_after: int

    @property
    def is_before_known(self) -> bool:
        """True if `before` is certain."""
        return 0 < self.least_before == self.before

    @property
    def is_after_known(self) -> bool:
        """True if `after` is certain."""
        return self.after == self.greatest_after <= LAST_DAY


class OpenDays(Immutable):
    """The open days of a calendar, and the questions about them."""

    __slots__ = ("_bounds", "_changes", "_name", "_off", "_tables", "_years")

    def _init(self, name: str, bounds: tuple[date, date], off: list[int], changed: list[date]) -> None:
        """Set the first and the last known day, the closed weekdays, and the exceptions."""
        self._name, self._off = name, off
        self._bounds = bounds[0].toordinal(), bounds[1].toordinal()
        self._changes: dict[int, int] = {}
        for day in changed:
            self._changes[day.year] = self._changes.get(day.year, 0) | 1 << day.toordinal() - _STARTS[day.year]
        # What was found so far, by year and by convention.
        self._years: dict[int, int] = {}
        self._tables: dict[Convention, PaymentTables] = {}

    @property
    def name(self) -> str:
        """The name, which errors mention; the fingerprint does not depend on it."""
        return self._name

    def is_open(self, day: date) -> bool:
        """Return True if the day is open.

        >>> BusinessCalendar().is_open(date(2024, 3, 30))  # a Saturday
        False

        Raises UnknownDayError for a day that the calendar does not know.
        """
        number = self._known_number(day)
        return self._in_year(day.year) >> number - _STARTS[day.year] & 1 > 0

    def following(self, day: date) -> date:
        """Return the first open day on or after `day`.

        >>> BusinessCalendar().following(date(2024, 3, 30))
        datetime.date(2024, 4, 1)

        Raises UnknownDayError if it is not known.
        """
        around = self.neighbours(plain_date(day, "day").toordinal())
        return self._certain(around.after, around.greatest_after, around.after)

    def preceding(self, day: date) -> date:
        """Return the last open day on or before `day`.

        >>> BusinessCalendar().preceding(date(2024, 3, 31))
        datetime.date(2024, 3, 29)

        Raises UnknownDayError if it is not known.
        """
        around = self.neighbours(plain_date(day, "day").toordinal() + 1)
        return self._certain(around.least_before, around.before, around.before)

    def add(self, day: date, n: int) -> date:
        """Return the n-th open day after `day`; before it if `n` is negative.

        >>> first, last = date(2024, 3, 31), date(2024, 4, 30)
        >>> str(BusinessCalendar().add(first, 5)), str(BusinessCalendar().add(last, -2))
        ('2024-04-05', '2024-04-26')

        Raises ValueError if `n` is 0 and `day` is not open; UnknownDayError if the answer depends
        on an unknown day; TypeError for other values.
        """
        steps = whole_number(n)
        if steps is None:
            raise TypeError(f"n: got {short_repr(n)}, expected a whole number of open days")
        if steps == 0 and not self.is_open(day):
            raise ValueError(f"n: got 0 from {day}, which is closed, expected another number")
        if steps == 0:
            return day
        number = self._known_number(day)
        year, bits = day.year, self._in_year(day.year)
        place = number - _STARTS[year]
        is_later = steps > 0
        bits = bits >> place + 1 << place + 1 if is_later else bits & (1 << place) - 1
        rest = abs(steps)
        while (count := bits.bit_count()) < rest:
            rest -= count
            year += 1 if is_later else -1
            bits = self._in_known_year(year, is_later=is_later)
        places = [place for place in range(bits.bit_length()) if bits >> place & 1]
        return _date(_STARTS[year] + places[rest - 1 if is_later else -rest])

    def _in_known_year(self, year: int, *, is_later: bool) -> int:
        """Return the open days of a year, of which the first, or the last, is known."""
        first, last = self._bounds
        if not first < _STARTS[year + (not is_later)] <= last:
            raise UnknownDayError(self, last + 1 if is_later else first - 1)
        return self._in_year(year)

    def count(self, first: date, last: date) -> int:
        """Return the number of open days from `first` to `last`, both included.

        >>> BusinessCalendar().count(date(2024, 3, 1), date(2024, 3, 31))
        21

        Raises UnknownDayError if one of these days is unknown.
        """
        begin, end = self._known_number(first), self._known_number(last)
        if begin > end:
            return 0
        total = sum(self._in_year(year).bit_count() for year in range(first.year, last.year + 1))
        before = self._in_year(first.year) & (1 << begin - _STARTS[first.year]) - 1
        past = self._in_year(last.year) >> end - _STARTS[last.year] + 1
        return total - before.bit_count() - past.bit_count()

    # What follows is for payment days, and takes and gives day numbers.

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last day for which open days are certain."""
        return self._bounds

    def neighbours(self, day: int) -> Neighbours:
        """Return the open days around a day number from 1 to 3_652_060."""
        first, last = self._bounds
        before, after = self._last_open(day - 1), self._first_open(day)
        return Neighbours(
            before,
            day - 1 if day - 1 > last else before or min(day, first) - 1,
            day if day < first else after if after <= LAST_DAY else max(day, last + 1),
            after,
        )

    def tables(self, convention: Convention | str) -> PaymentTables:
        """Return the tables of a convention, which fill as they are asked."""
        convention = checked_convention(convention)
        if convention not in self._tables:
            self._tables[convention] = PaymentTables(convention.cut, self.opens)
        return self._tables[convention]

    def opens(self, years: range) -> Iterator[int]:
        """Yield the known open days of these years, and the nearest ones before and after them."""
        before, after = self._last_open(_STARTS[years[0]] - 1), self._first_open(_STARTS[years[-1] + 1])
        if before:
            yield before
        for year in years:
            bits = self._in_year(year)
            yield from (day for day in range(_STARTS[year], _STARTS[year + 1]) if bits >> day - _STARTS[year] & 1)
        if after <= LAST_DAY:
            yield after

    def _first_open(self, day: int) -> int:
        """Return the first known open day from a day number on; one past the last if none is."""
        day = max(day, self._bounds[0])
        if day > self._bounds[1]:
            return LAST_DAY + 1
        year = _date(day).year
        bits = self._in_year(year) >> day - _STARTS[year]
        while not bits:
            year += 1
            if _STARTS[year] > self._bounds[1]:
                return LAST_DAY + 1
            bits, day = self._in_year(year), _STARTS[year]
        return day + (bits & -bits).bit_length() - 1

    def _last_open(self, day: int) -> int:
        """Return the last known open day up to a day number; 0 if none is."""
        day = min(day, self._bounds[1])
        if day < self._bounds[0]:
            return 0
        year = _date(day).year
        bits = self._in_year(year) & (2 << day - _STARTS[year]) - 1
        while not bits:
            year -= 1
            if _STARTS[year + 1] <= self._bounds[0]:
                return 0
            bits = self._in_year(year)
        return _STARTS[year] + bits.bit_length() - 1

    def _in_year(self, year: int) -> int:
        """Return the known open days of the year as bits."""
        found = self._years.get(year)
        if found is None:
            start, stop = _STARTS[year], _STARTS[year + 1]
            found = sum(1 << place for place in range(stop - start) if (start + place - 1) % 7 not in self._off)
            found ^= self._changes.get(year, 0)
            known = range(max(start, self._bounds[0]), min(stop, self._bounds[1] + 1))
            found &= (1 << len(known)) - 1 << known.start - start if known else 0
            self._years[year] = found
        return found

    def _known_number(self, day: date) -> int:
        number = plain_date(day, "day").toordinal()
        if not self._bounds[0] <= number <= self._bounds[1]:
            raise UnknownDayError(self, number)
        return number

    def _certain(self, least: int, greatest: int, unknown: int) -> date:
        if least == greatest and 1 <= least <= LAST_DAY:
            return _date(least)
        raise UnknownDayError(self, unknown)
