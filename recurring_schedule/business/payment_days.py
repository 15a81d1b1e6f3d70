"""Payment days: one for each due date, and the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

from recurring_schedule.business.conventions import Convention, checked_convention
from recurring_schedule.business.open_days import Neighbours, OpenDays, UnknownDayError
from recurring_schedule.business.payment_tables import YearTable
from recurring_schedule.core.calendars import CIVIL, LAST_DAY
from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.due_dates import DueDates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import overload

_STARTS = CIVIL.starts
_date = date.fromordinal


class PaymentDays(Sequence[date]):
    """The days on which due dates are paid, one for each, in order; two may be paid on one day.

    `due` are the due dates, place by place. A payment day depends on its due date, the calendar
    and the convention alone; it may lie before the start or after the end of the due dates.

    Every lookup is arithmetic and costs the same near and far. A question raises UnknownDayError
    if its answer depends on a day that the calendar does not know.

    >>> payments = Schedule("monthly").due_dates(date(2024, 3, 31)).adjusted(BusinessCalendar(), "following")
    >>> str(payments[0]), str(payments.after(date(2024, 4, 1))), date(2024, 4, 1) in payments
    ('2024-04-01', '2024-04-30', True)

    Two PaymentDays are equal if their due dates, calendars and conventions are.
    """

    __slots__ = ("_calendar", "_convention", "_due", "_tables")

    def __init__(self, due: DueDates, calendar: OpenDays, convention: Convention | str) -> None:
        if not isinstance(due, DueDates):
            raise TypeError(f"due: got {short_repr(due)}, expected DueDates, which Schedule.due_dates returns")
        if not isinstance(calendar, OpenDays):
            raise TypeError(f"calendar: got {short_repr(calendar)}, expected a BusinessCalendar")
        self._due, self._calendar, self._convention = due, calendar, checked_convention(convention)
        self._tables = calendar.tables(self._convention)

    @property
    def due(self) -> DueDates:
        """The due dates, place by place."""
        return self._due

    @property
    def calendar(self) -> OpenDays:
        """The calendar of the open days."""
        return self._calendar

    @property
    def convention(self) -> Convention:
        """How due dates on closed days are moved."""
        return self._convention

    @property
    def known(self) -> PaymentDays:
        """The payment days that are known. It raises nothing.

        >>> calendar = BusinessCalendar(["2024-12-25"], known=("2024-01-01", "2024-12-31"))
        >>> len(Schedule("monthly").due_dates(date(2024, 3, 31)).adjusted(calendar, "following").known)
        10
        """
        calendar, cut = self._calendar, self._convention.cut
        first, last = calendar.bounds
        first_open, last_open = calendar.neighbours(first).greatest_after, calendar.neighbours(last + 1).least_before
        if not last_open:
            return self._of(self._due_in(0, 0))
        return self._of(self._due.between(_date(cut(first - 1, first_open)), _date(cut(last_open, last + 1) - 1)))

    def after(self, day: date) -> date | None:
        """Return the first payment day after `day`, or None. `day` itself is excluded.

        >>> payments = Schedule("daily").due_dates(date(2024, 3, 29)).adjusted(BusinessCalendar(), "following")
        >>> payments.after(date(2024, 3, 29))
        datetime.date(2024, 4, 1)
        """
        if type(day) is not date:
            day = plain_date(day, "day")
        tables, year = self._tables, day.year
        moved = (tables.latest[year] or tables.made("latest", year))[day.toordinal() - _STARTS[year]]
        if moved is None:
            return self._first_from(day.toordinal() + 1)
        due = self._due.after(day + moved if moved else day)
        if due is None:
            return None
        year = due.year  # as `_paid` does, whose call would take a tenth of the time
        moved = (tables.paid[year] or tables.made("paid", year))[due.toordinal() - _STARTS[year]]
        if moved is None:
            return self._paid(due)
        return due + moved if moved else due

    def on_or_after(self, day: date) -> date | None:
        """Return the first payment day on or after `day`, or None.

        >>> payments = Schedule("monthly").due_dates(date(2024, 3, 31)).adjusted(BusinessCalendar(), "following")
        >>> payments.on_or_after(date(2024, 4, 1))
        datetime.date(2024, 4, 1)
        """
        day = plain_date(day, "day")
        moved = self._table("least", day.year)[day.toordinal() - _STARTS[day.year]]
        if moved is None:
            return self._first_from(day.toordinal())
        due = self._due.on_or_after(day + moved)
        return due if due is None else self._paid(due)

    def before(self, day: date) -> date | None:
        """Return the last payment day before `day`, or None. `day` itself is excluded.

        >>> payments = Schedule("daily").due_dates(date(2024, 3, 1)).adjusted(BusinessCalendar(), "following")
        >>> payments.before(date(2024, 4, 1))
        datetime.date(2024, 3, 29)
        """
        if type(day) is not date:
            day = plain_date(day, "day")
        tables, year = self._tables, day.year
        moved = (tables.least[year] or tables.made("least", year))[day.toordinal() - _STARTS[year]]
        if moved is None:
            return self._last_before(day.toordinal())
        due = self._due.before(day + moved if moved else day)
        if due is None:
            return None
        year = due.year  # as `_paid` does
        moved = (tables.paid[year] or tables.made("paid", year))[due.toordinal() - _STARTS[year]]
        if moved is None:
            return self._paid(due)
        return due + moved if moved else due

    def on_or_before(self, day: date) -> date | None:
        """Return the last payment day on or before `day`, or None.

        >>> payments = Schedule("monthly").due_dates(date(2024, 3, 31)).adjusted(BusinessCalendar(), "following")
        >>> payments.on_or_before(date(2024, 4, 1))
        datetime.date(2024, 4, 1)
        """
        day = plain_date(day, "day")
        moved = self._table("latest", day.year)[day.toordinal() - _STARTS[day.year]]
        if moved is None:
            return self._last_before(day.toordinal() + 1)
        due = self._due.on_or_before(day + moved)
        return due if due is None else self._paid(due)

    def between(self, first: date, last: date) -> PaymentDays:
        """Return the payment days from `first` to `last`, both included, with their due dates.

        Windows that follow each other hold each due date once, also if two are paid on one day.

        >>> payments = Schedule("daily").due_dates(date(2024, 3, 29)).adjusted(BusinessCalendar(), "following")
        >>> [str(day) for day in payments.between(date(2024, 4, 1), date(2024, 4, 1)).due]
        ['2024-03-30', '2024-03-31', '2024-04-01']
        """
        since, until = plain_date(first, "first").toordinal(), plain_date(last, "last").toordinal() + 1
        neighbours = self._calendar.neighbours
        if since >= until or neighbours(since) == neighbours(until):  # all days between are closed
            return self._of(self._due_in(0, 0))
        return self._of(self._due_in(self._cut(since), self._cut(until)))

    def pairs(self) -> Iterator[tuple[date, date]]:
        """Yield each due date with its payment day, in order."""
        return ((due, self._paid(due)) for due in self._due)

    def by_day(self) -> Iterator[tuple[date, tuple[date, ...]]]:
        """Yield each payment day once, with its due dates.

        >>> payments = Schedule("daily").due_dates(date(2024, 3, 30), date(2024, 4, 1))
        >>> [len(due) for _, due in payments.adjusted(BusinessCalendar(), "following").by_day()]
        [3]
        """
        for day, pairs in groupby(self.pairs(), itemgetter(1)):
            yield day, tuple(due for due, _ in pairs)

    def __len__(self) -> int:
        return len(self._due)

    def __bool__(self) -> bool:
        return bool(self._due)

    def __iter__(self) -> Iterator[date]:
        return map(self._paid, self._due)

    def __reversed__(self) -> Iterator[date]:
        return map(self._paid, reversed(self._due))

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> date: ...
        @overload
        def __getitem__(self, index: slice) -> PaymentDays | tuple[date, ...]: ...

    def __getitem__(self, index: int | slice) -> date | PaymentDays | tuple[date, ...]:
        """Return the payment day at an index, or a slice; a tuple if its step is not 1.

        Raises IndexError for an index outside the sequence.
        """
        due = self._due[index]
        if isinstance(due, DueDates):
            return self._of(due)
        return tuple(map(self._paid, due)) if isinstance(due, tuple) else self._paid(due)

    def __contains__(self, day: object) -> bool:
        """Return True if a due date is paid on `day`. Raises TypeError for a datetime and text."""
        if type(day) is not date:
            if not isinstance(day, (date, str)):
                return False
            day = plain_date(day, "day")
        tables, year = self._tables, day.year
        index = day.toordinal() - _STARTS[year]
        paid = (tables.paid[year] or tables.made("paid", year))[index]
        if paid:  # moved, so the day is closed
            return False
        least = (tables.least[year] or tables.made("least", year))[index]
        latest = (tables.latest[year] or tables.made("latest", year))[index]
        if least is None or latest is None:
            return self._is_paid_on(day.toordinal())
        if least or latest:
            due = self._due.on_or_after(day + least)
            return due is not None and due <= day + latest
        return day in self._due

    def index(self, value: date, start: int = 0, stop: int | None = None) -> int:
        """Return the index of the first due date that is paid on `value`, from 0.

        `start` and `stop` limit the search as in a list. Raises ValueError if there is none.
        """
        if value in self:
            paid = self._paid_on(value)
            first = self._due.index(paid[0])
            found = range(first, first + len(paid))
            limits = range(len(self))[start:stop]
            for index in (found.start, limits.start):
                if index in found and index in limits:
                    return index
        raise ValueError(f"{short_repr(value)} is not among these payment days")

    def count(self, value: object) -> int:
        """Return the number of due dates that are paid on `value`."""
        return len(self._paid_on(value)) if isinstance(value, date) and value in self else 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PaymentDays):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[DueDates, OpenDays, Convention]:
        return self._due, self._calendar, self._convention

    def __repr__(self) -> str:
        return f"PaymentDays({self._due!r}, {self._calendar!r}, {self._convention.value!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return PaymentDays, self._key

    def _of(self, due: DueDates) -> PaymentDays:
        return PaymentDays(due, self._calendar, self._convention)

    def _paid_on(self, day: date) -> DueDates:
        number = day.toordinal()
        return self._due_in(self._cut(number), self._cut(number + 1))

    def _due_in(self, begin: int, end: int) -> DueDates:
        """Return the due dates from one day number, included, to another, excluded."""
        if begin >= end:
            return self._due.between(date.max, date.min)
        return self._due.between(_date(begin), _date(end - 1))

    def _table(self, name: str, year: int) -> YearTable:
        table: YearTable | None = getattr(self._tables, name)[year]
        return table or self._tables.made(name, year)

    def _paid(self, due: date) -> date:
        """Return the day on which a due date is paid."""
        year = due.year
        table = self._tables.paid[year] or self._tables.made("paid", year)
        moved = table[due.toordinal() - _STARTS[year]]
        return self._paid_near_unknown_days(due.toordinal()) if moved is None else due + moved

    # What follows is asked where the tables know nothing: days whose open neighbours are not both known. The first due
    # date that is paid on a day or later then lies between two cuts, those of the least and of the greatest neighbours.

    def _cuts(self, around: Neighbours) -> tuple[int, int]:
        cut = self._convention.cut
        return cut(around.least_before, around.after), cut(around.before, around.greatest_after)

    def _paid_near_unknown_days(self, due: int) -> date:
        around = self._calendar.neighbours(due)
        least, greatest = self._cuts(around)
        if due >= greatest and around.is_after_known:
            return _date(around.after)
        if due < least and around.is_before_known:
            return _date(around.before)
        if least <= due < greatest:
            raise self._unknown(around)
        raise UnknownDayError(self._calendar, around.before if due < least else around.after)

    def _first_from(self, day: int) -> date | None:
        """Return the first payment day on or after a day number."""
        around = self._calendar.neighbours(day)
        least, greatest = self._cuts(around)
        first = self._due.on_or_after(_date(greatest)) if greatest <= LAST_DAY else None
        paid = first and self._paid(first)
        if not self._due_in(least, greatest) or (paid and around.is_after_known and paid.toordinal() == around.after):
            return paid
        raise self._unknown(around)

    def _last_before(self, day: int) -> date | None:
        """Return the last payment day before a day number."""
        around = self._calendar.neighbours(day)
        least, greatest = self._cuts(around)
        last = self._due.on_or_before(_date(least - 1)) if least > 1 else None
        paid = last and self._paid(last)
        if not self._due_in(least, greatest) or (paid and around.is_before_known and paid.toordinal() == around.before):
            return paid
        raise self._unknown(around)

    def _is_paid_on(self, day: int) -> bool:
        on, past = self._calendar.neighbours(day), self._calendar.neighbours(day + 1)
        (least, certain), (until, greatest) = self._cuts(on), self._cuts(past)
        first, last = self._calendar.bounds
        is_known = first <= day <= last
        if (is_known and on.after != day) or not self._due_in(least, greatest):
            return False
        if is_known and self._due_in(certain, until):
            return True
        if self._due_in(least, certain) and not first <= on.before <= last:
            raise UnknownDayError(self._calendar, on.before)
        raise self._unknown(past) if is_known else UnknownDayError(self._calendar, day)

    def _cut(self, day: int) -> int:
        """Return the first day that is paid on a day number or later, as far as it matters."""
        around = self._calendar.neighbours(day)
        least, greatest = self._cuts(around)
        for undecided in self._due_in(least, greatest):
            after = self._calendar.neighbours(undecided.toordinal()).after
            raise UnknownDayError(self._calendar, after) if after < day else self._unknown(around)
        return greatest

    def _unknown(self, around: Neighbours) -> UnknownDayError:
        cut = self._convention.cut
        needs_after = cut(around.before, around.after) < cut(around.before, around.greatest_after)
        return UnknownDayError(self._calendar, around.after if needs_after else around.before)
