"""Due dates: a sequence that stores a rule and two bounds, as `range` stores three numbers."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.rule import Rule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Protocol, TypeVar, overload

    Paid_co = TypeVar("Paid_co", covariant=True)

    class PaymentCalendar(Protocol[Paid_co]):
        """Knows on which days due dates are paid, as the calendars of `business` do."""

        def payment_days(self, due: DueDates, convention: str) -> Paid_co:
            """Return the payment days of the due dates."""
            ...


_DAY = timedelta(days=1)
_MIN, _MAX = date.min, date.max
_date, _as_int, _new = date.fromordinal, operator.index, object.__new__  # looked up once


class DueDates(Sequence[date]):
    """The due days of a rule from `start` to `end`, both included. The default end is 9999-12-31.

    Every lookup is arithmetic and costs the same near and far. Only iteration, `periods`, slices
    with a step, and comparing sequences with different rules visit the dates one by one.

    >>> due = Schedule("monthly").due_dates(date(2024, 1, 31))
    >>> [str(day) for day in due[:3]]
    ['2024-01-31', '2024-02-29', '2024-03-31']
    >>> len(due), due[-1], date(2100, 2, 28) in due
    (95712, datetime.date(9999, 12, 31), True)

    Two `DueDates` are equal, and have the same hash, if they hold the same dates, even if their
    periods differ. They are empty if `start` is after `end`. Raises TypeError if a bound is not a
    date.
    """

    # The ranks, the first and the last date are computed when they are first needed: `between` and `due_dates` need none.
    # So are the bounds of a slice, `_start` and `_end`, which are its first and its last date.
    # Threads may compute them at the same time; they get the same values, and each value is complete when it is stored.
    __slots__ = ("_end", "_first", "_has_bounds", "_has_ends", "_last", "_ranks", "_rule", "_start", "_tables")

    def __init__(self, rule: Rule, start: date, end: date | None = None) -> None:
        if not isinstance(rule, Rule):
            raise TypeError(f"rule: got {short_repr(rule)}, expected a Rule, from Schedule.rule")
        if type(start) is not date:
            start = plain_date(start, "start")
        if end is None:
            end = date.max
        elif type(end) is not date:
            end = plain_date(end, "end")
        self._rule, self._tables = rule, rule._tables
        self._start, self._end, self._has_bounds = start, end, True
        self._ranks: tuple[int, int] | None = None
        self._has_ends = False
        self._first, self._last = _MAX, _MIN  # no day lies between these two

    def _count(self) -> tuple[int, int]:
        """Return the rank of the first date, and that of the first due day past the end."""
        ranks = self._ranks = self._rule._ranks(self._start, self._end)
        return ranks

    def _find_ends(self) -> bool:
        """Find the first and the last date. Return False if they were known."""
        if self._has_ends:
            return False
        if self._ranks is None and self._rule.walks:
            self._first, self._last = self._rule._ends(self._start, self._end) or (_MAX, _MIN)
        else:
            skipped, stop = self._ranks or self._count()
            if skipped < stop:
                nth = self._rule._nth
                self._first, self._last = _date(nth(skipped)), _date(nth(stop - 1))
        self._has_ends = True
        return True

    def _find_bounds(self) -> None:
        """Set the bounds of a slice."""
        self._find_ends()
        self._start, self._end, self._has_bounds = self._first, self._last, True

    @property
    def rule(self) -> Rule:
        """The rule with these due days."""
        return self._rule

    @property
    def start(self) -> date:
        """The first day that may be due; the first period begins here."""
        if not self._has_bounds:
            self._find_bounds()
        return self._start

    @property
    def end(self) -> date:
        """The last day that may be due; 9999-12-31 by default."""
        if not self._has_bounds:
            self._find_bounds()
        return self._end

    def _nth(self, rank: int) -> date:
        return _date(self._rule._nth(rank))

    def after(self, day: date) -> date | None:
        """Return the first due date after `day`, or None. `day` itself is excluded.

        >>> Schedule("monthly").due_dates(date(2024, 1, 31)).after(date(2024, 1, 31))
        datetime.date(2024, 2, 29)
        """
        if type(day) is not date:
            day = plain_date(day, "day")
        if self._first <= day < self._last:
            tables = self._tables
            if tables:
                year = day.year
                ahead = tables.ahead[tables.shapes[year]]
                if ahead:
                    return day + ahead[day.toordinal() - tables.starts[year]]
                tables.look_ahead(year)
            return self._rule._next(day)
        if self._find_ends():
            return self.after(day)
        return self._first if day < self._first <= self._last else None

    def on_or_after(self, day: date) -> date | None:
        """Return the first due date on or after `day`, or None.

        >>> Schedule("monthly").due_dates(date(2024, 1, 31)).on_or_after(date(2024, 2, 29))
        datetime.date(2024, 2, 29)
        """
        if type(day) is not date:
            day = plain_date(day, "day")
        if self._first < day:
            return self.after(day - _DAY)
        if self._find_ends():
            return self.on_or_after(day)
        return self._first if self._first <= self._last else None

    def before(self, day: date) -> date | None:
        """Return the last due date before `day`, or None. `day` itself is excluded.

        >>> Schedule("monthly").due_dates(date(2024, 1, 31)).before(date(2024, 2, 29))
        datetime.date(2024, 1, 31)
        """
        if type(day) is not date:
            day = plain_date(day, "day")
        if self._first < day <= self._last:
            tables = self._tables
            if tables:
                year = day.year
                behind = tables.behind[tables.shapes[year]]
                if behind:
                    return day + behind[day.toordinal() - tables.starts[year]]
                tables.look_behind(year)
            return self._rule._previous(day)
        if self._find_ends():
            return self.before(day)
        return self._last if day > self._last >= self._first else None

    def on_or_before(self, day: date) -> date | None:
        """Return the last due date on or before `day`, or None.

        >>> Schedule("monthly").due_dates(date(2024, 1, 31)).on_or_before(date(2024, 2, 29))
        datetime.date(2024, 2, 29)
        """
        if type(day) is not date:
            day = plain_date(day, "day")
        if day < self._last:
            return self.before(day + _DAY)
        if self._find_ends():
            return self.on_or_before(day)
        return self._last if self._last >= self._first else None

    def between(self, first: date, last: date) -> DueDates:
        """Return the due dates from `first` to `last`, both included.

        >>> len(Schedule("weekly").due_dates(date(2024, 1, 1)).between(date(2025, 1, 1), date(2025, 12, 31)))
        52
        """
        if type(first) is not date:
            first = plain_date(first, "first")
        if type(last) is not date:
            last = plain_date(last, "last")
        if not self._has_bounds:
            self._find_bounds()
        start, end = self._start, self._end
        held = _new(DueDates)
        held._rule, held._tables = self._rule, self._tables
        held._start = first if first > start else start  # noqa: FURB136  # calls of max and min take 200 ns longer
        held._end = last if last < end else end  # noqa: FURB136  # likewise
        held._has_bounds, held._ranks, held._has_ends = True, None, False
        held._first, held._last = _MAX, _MIN
        return held

    def adjusted(self, calendar: PaymentCalendar[Paid_co], convention: str) -> Paid_co:
        """Return the payment days, one for each due date: those on closed days are paid on others.

        >>> from recurring_schedule.business import BusinessCalendar
        >>> due = Schedule("monthly").due_dates(date(2024, 3, 31))
        >>> due.adjusted(BusinessCalendar(), "following")[0]
        datetime.date(2024, 4, 1)

        `calendar` is a `business.BusinessCalendar`, and `convention` one of "following",
        "preceding", "modified_following" and "modified_preceding".

        Raises TypeError for another calendar, ValueError for another convention.
        """
        if not hasattr(calendar, "payment_days"):
            raise TypeError(f"calendar: got {short_repr(calendar)}, expected a BusinessCalendar")
        return calendar.payment_days(self, convention)

    def period(self, day: date) -> Period | None:
        """Return the billing period that contains `day`, or None outside start and end.

        >>> Schedule("monthly").due_dates(date(2024, 1, 31)).period(date(2024, 3, 1))
        Period(datetime.date(2024, 2, 29), datetime.date(2024, 3, 31))
        """
        if (until := self.after(day)) and (since := self.before(until)):  # between due dates, so inside the bounds
            period = _new(Period)  # skips the checks, which these dates pass
            period._start, period._end, period._is_stub = since, until, False
            return period
        if not self.start <= day <= self.end:
            return None
        return self._last_period() if until is None else Period(self.start, until, True)

    def periods(self) -> Iterator[Period]:
        """Yield the billing periods in order; they tile the days from `start` to `end`.

        The first is a stub if `start` is not due. The last is cut by `end`. Without a due date, one
        stub spans all days.

        >>> for period in Schedule("monthly", offset=1).due_dates(date(2024, 1, 10), date(2024, 2, 29)).periods():
        ...     print(period.start, period.end, period.is_stub)
        2024-01-10 2024-02-01 True
        2024-02-01 2024-03-01 False
        """
        if self.start > self.end:
            return
        due = iter(self)
        since = next(due, None) if self.start in self else None
        for until in due:
            yield Period(since or self.start, until, since is None)
            since = until
        yield self._last_period()

    def _last_period(self) -> Period:
        """Return the period that `end` cuts."""
        since = self.on_or_before(self.end)
        if self.end == date.max:  # the day after it cannot be due, so it cuts as any other end
            return Period(since or self.start, None, True)
        until = self.end + _DAY
        is_due = until in DueDates(self._rule, until, until)
        return Period(since or self.start, until, since is None or not is_due)

    def __len__(self) -> int:
        ranks = self._ranks
        if ranks is None:  # as `_count` does; its call would take a twentieth of counting between any two days
            ranks = self._ranks = self._rule._ranks(self._start, self._end)
        skipped, stop = ranks
        return stop - skipped

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> date: ...
        @overload
        def __getitem__(self, index: slice) -> DueDates | tuple[date, ...]: ...

    def __getitem__(self, index: int | slice) -> date | DueDates | tuple[date, ...]:
        """Return the date at an index, or a slice: `DueDates` for the step 1, else a tuple.

        A slice starts on its first date and ends on its last, so its last period is a stub.

        >>> due = Schedule("yearly").due_dates(date(2024, 2, 29))
        >>> due[1], due[1:3] == due.between(date(2025, 1, 1), date(2026, 12, 31)), due[2:0:-1]
        (datetime.date(2025, 2, 28), True, (datetime.date(2026, 2, 28), datetime.date(2025, 2, 28)))

        Raises IndexError for an index outside the sequence.
        """
        skipped, stop = self._ranks or self._count()
        if isinstance(index, slice):
            ranks = range(skipped, stop)[index]
            if ranks.step != 1:
                return tuple(map(self._nth, ranks))
            if not ranks:
                return DueDates(self._rule, date.max, date.min)
            held = _new(DueDates)
            held._rule, held._tables = self._rule, self._tables
            held._has_bounds, held._ranks, held._has_ends = False, (ranks.start, ranks.stop), False
            held._first, held._last = _MAX, _MIN
            return held
        number = _as_int(index)
        rank = number + (skipped if number >= 0 else stop)
        if not skipped <= rank < stop:
            raise IndexError(f"index: got {short_repr(number)}, but there are {len(self)} due dates")
        return _date(self._rule._nth(rank))

    def __contains__(self, day: object) -> bool:
        """Return True if `day` is due. Raises TypeError for a datetime and for text."""
        if type(day) is not date:
            if not isinstance(day, (date, str)):
                return False
            day = plain_date(day, "day")
        if self._first < day <= self._last:
            tables = self._tables
            if tables:
                year = day.year
                ahead = tables.ahead[tables.shapes[year]]
                if ahead:  # a day is due if it is the next due day of the day before
                    return ahead[day.toordinal() - tables.starts[year] - 1] == _DAY
                tables.look_ahead(year)
            return self._rule._next(day - _DAY) == day
        if self._find_ends():
            return day in self
        return day == self._first <= self._last

    def index(self, value: date, start: int = 0, stop: int | None = None) -> int:
        """Return the index of a due date, from 0; `start` and `stop` limit the search as in a list.

        >>> Schedule("monthly").due_dates(date(2024, 1, 31)).index(date(2025, 1, 31))
        12

        Raises ValueError if it is not due in those limits, TypeError for a datetime and for text.
        """
        if self.__contains__(value):
            skipped, _ = self._ranks or self._count()
            found = self._rule._rank(value.toordinal(), value.year) - skipped
            if (stop is None and start == 0) or found in range(len(self))[start:stop]:
                return found
        raise ValueError(f"{short_repr(value)} is not among these due dates")

    def count(self, value: object) -> int:
        """Return 1 if `value` is due, else 0. Raises TypeError for a datetime and for text."""
        return int(value in self)

    def __bool__(self) -> bool:
        self._find_ends()
        return self._first <= self._last

    def __iter__(self) -> Iterator[date]:
        if self._ranks is None and self._rule.walks:
            return self._rule._walk(self._first, self._last) if self else iter(())
        skipped, stop = self._ranks or self._count()
        return islice(self._rule.forwards(skipped), stop - skipped) if skipped < stop else iter(())

    def __reversed__(self) -> Iterator[date]:
        if self._ranks is None and self._rule.walks:
            return self._rule._walk(self._last, self._first) if self else iter(())
        skipped, stop = self._ranks or self._count()
        return islice(self._rule.backwards(stop - 1), stop - skipped) if skipped < stop else iter(())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DueDates):
            return NotImplemented
        if self._ends != other._ends:
            return False
        # Rules that differ soon part: those of schedules share at most a few dozen dates in a row.
        return self._rule == other._rule or all(map(operator.eq, self, other))

    def __hash__(self) -> int:
        return hash(self._ends)

    @property
    def _ends(self) -> tuple[date, date]:
        self._find_ends()
        return self._first, self._last

    def __repr__(self) -> str:
        return f"DueDates({self._rule!r}, {self.start!r}, {self.end!r})"

    def __reduce__(self) -> tuple[type[DueDates], tuple[Rule, date, date]]:
        return DueDates, (self._rule, self.start, self.end)


def check_due_dates(**arguments: object) -> None:
    """Raise TypeError if one of the arguments is not a DueDates."""
    for name, due in arguments.items():
        if not isinstance(due, DueDates):
            raise TypeError(f"{name}: got {short_repr(due)}, expected DueDates, which Schedule.due_dates returns")
