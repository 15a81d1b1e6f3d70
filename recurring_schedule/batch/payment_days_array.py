"""`PaymentDaysArray`: the lookups of `PaymentDays`, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch import lookups
from recurring_schedule.batch.calendar_tables import EPOCH, NULL, Int32
from recurring_schedule.batch.day_columns import Flags, bounded
from recurring_schedule.batch.due_rows import DueRows
from recurring_schedule.batch.lookups import Part
from recurring_schedule.batch.payment_columns import Adjustment, payment_columns
from recurring_schedule.business import BusinessCalendar, Convention, PaymentDays
from recurring_schedule.core.checks import plain_date, short_repr

Lookup = Callable[[Part], Int32]
Question = Callable[[PaymentDays, date], date | None]
Unknown = Iterator[tuple[int, PaymentDays]]
Found = tuple[npt.NDArray[np.intp], Int32, Int32]


class PaymentPairs(NamedTuple):
    """Due dates of many rows with their payment days, ordered by row, then by due date."""

    row: Any
    due: Any
    paid: Any


class PaymentDaysArray:
    """The payment days of many rows, one for each due date; `DueDatesArray.adjusted` makes it.

    >>> from recurring_schedule.batch import ScheduleArray
    >>> due = ScheduleArray.from_wire(["monthly", "quarterly"]).due_dates([date(2024, 3, 31)] * 2)
    >>> due.adjusted(BusinessCalendar(), "following").after(date(2024, 3, 31))
    array(['2024-04-01', '2024-04-01'], dtype='datetime64[D]')

    The lookups and their columns are those of `DueDatesArray`, and ask for payment days. They raise
    UnknownDayError if the answer of a row depends on a day that its calendar does not know.

    It is immutable, and threads may share it. It can be copied and pickled.
    """

    __slots__ = ("_adjustments", "_codes", "_columns", "_rows")

    def __init__(
        self, rows: DueRows, adjustments: Iterable[tuple[BusinessCalendar, Convention | str]], codes: object = None
    ) -> None:
        self._rows, self._adjustments = rows, tuple(_checked(*adjustment) for adjustment in adjustments)
        self._codes = None if codes is None else _checked_codes(codes, len(rows), len(self._adjustments))
        self._columns = payment_columns(self._adjustments)

    def __reduce__(self) -> tuple[type[PaymentDaysArray], tuple[object, ...]]:
        return type(self), (self._rows, self._adjustments, self._codes)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        pairs = len(self._adjustments)
        return f"<PaymentDaysArray: {len(self)} rows, {pairs} calendar{'s' * (pairs != 1)} with a convention>"

    def after(self, day: object) -> Any:
        """Return each row's first payment day after `day`, which is excluded, or a null."""
        return self._answers(day, 1, lookups.on_or_after, PaymentDays.after)

    def on_or_after(self, day: object) -> Any:
        """Return each row's first payment day on or after `day`, or a null."""
        return self._answers(day, 0, lookups.on_or_after, PaymentDays.on_or_after)

    def before(self, day: object) -> Any:
        """Return each row's last payment day before `day`, which is excluded, or a null."""
        return self._answers(day, 0, lookups.before, PaymentDays.before)

    def on_or_before(self, day: object) -> Any:
        """Return each row's last payment day on or before `day`, or a null."""
        return self._answers(day, 1, lookups.before, PaymentDays.on_or_before)

    def contains(self, day: object) -> Any:
        """Return True for each row in which a due date is paid on `day`."""

        def answer(part: Part) -> Flags:
            day = part.columns["day"].days
            paid, unknown = self._paid(part, 0, lookups.on_or_after)
            is_paid: Flags = paid == day
            for index, payments in unknown:
                is_paid[index] = _date(day[index]) in payments
            return is_paid

        return self._rows.answers({"day": day}, answer, np.bool_)

    def count(self, first: object, last: object) -> Any:
        """Return each row's number of due dates paid from `first` to `last`, both included."""
        columns = {"first": first, "last": last}
        return self._rows.answers(columns, lambda part: lookups.count(self._window(part)), np.int32)

    def between(self, first: object, last: object) -> PaymentPairs:
        """Return the due dates of all rows that are paid from `first` to `last`, both included."""
        columns = self._rows.read({"first": first, "last": last})
        found = [self._between(part) for part in self._rows.parts(columns)]
        return PaymentPairs(*self._rows.joined(found, 3, columns))

    def between_parts(self, first: object, last: object) -> Iterator[PaymentPairs]:
        """Return an iterator of the pairs of `between`, some rows at a time."""
        columns = self._rows.read({"first": first, "last": last})
        return (
            PaymentPairs(*self._rows.joined([self._between(part)], 3, columns)) for part in self._rows.parts(columns)
        )

    def forecast(self, first: date, last: date) -> npt.NDArray[np.int64]:
        """Return the number of payments on each day from `first` to `last`, both included."""
        lo, hi = (plain_date(day, name).toordinal() - EPOCH for day, name in ((first, "first"), (last, "last")))
        totals = np.zeros(max(hi - lo + 1, 0), np.int64)
        for part in self._rows.parts(self._rows.read({"first": first, "last": last})):
            _, _, paid = self._between(part)
            totals += np.bincount(paid - lo, minlength=len(totals))
        return totals

    def _answers(self, day: object, plus: int, lookup: Lookup, question: Question) -> Any:
        def answer(part: Part) -> Int32:
            day = part.columns["day"].days
            paid, unknown = self._paid(part, plus, lookup)
            for index, payments in unknown:
                found = question(payments, _date(day[index]))
                paid[index] = NULL if found is None else found.toordinal() - EPOCH
            return paid

        return self._rows.answers({"day": day}, answer)

    def _paid(self, part: Part, plus: int, lookup: Lookup) -> tuple[Int32, Unknown]:
        """Return the payment days of the due dates that are found, and the rows to ask one by one.

        Due dates are looked up from the first one that is paid on the day, or `plus` days later.
        """
        codes, day = self._codes_of(part.rows), part.columns["day"]
        cuts, is_unknown = self._columns.cuts(codes, day.plus(plus, part.buffer) if plus else day)
        due = lookup(part._replace(columns=part.columns | {"day": cuts}))
        return due, self._unknown(part.rows, is_unknown, self._columns.pay(codes, due))

    def _window(self, part: Part) -> Part:
        """Return the part with the windows of the due dates that are paid in its windows."""
        codes, first, last = self._codes_of(part.rows), part.columns["first"], part.columns["last"]
        begin, is_unknown = self._columns.cuts(codes, first)
        past, is_also_unknown = self._columns.cuts(codes, last.plus(1, part.buffer))
        end = past.plus(-1, past.days)
        if is_unknown is not None or is_also_unknown is not None:
            for index, payments in self._unknown(part.rows, is_unknown, is_also_unknown):
                due = payments.between(_date(first.days[index]), _date(last.days[index])).due
                begin.days[index], end.days[index] = due.start.toordinal() - EPOCH, due.end.toordinal() - EPOCH
            begin, end = bounded(begin.days), bounded(end.days)
        return part._replace(columns=part.columns | {"first": begin, "last": end})

    def _between(self, part: Part) -> Found:
        """Return the row, the due date and the payment day of each due date in the window."""
        rows, due = lookups.between(self._window(part))
        paid = due.copy()
        for index, payments in self._unknown(rows, self._columns.pay(self._codes_of(rows), paid)):
            paid[index] = payments[payments.due.index(_date(due[index]))].toordinal() - EPOCH
        return rows, due, paid

    def _codes_of(self, rows: slice | npt.NDArray[np.intp]) -> Int32 | None:
        return None if self._codes is None else self._codes[rows]

    def _unknown(self, rows: slice | npt.NDArray[np.intp], *flags: Flags | None) -> Unknown:
        """Yield the index and the payment days of each of these rows in which a flag is set."""
        some = [one for one in flags if one is not None]
        if not some:
            return
        numbers = np.arange(len(self))[rows]
        for index in np.flatnonzero(reduce(np.logical_or, some)).tolist():
            row = int(numbers[index])
            calendar, convention = self._adjustments[0 if self._codes is None else self._codes[row]]
            yield index, calendar.payment_days(self._rows.due_dates(row), convention)


def _date(day: np.int32) -> date:
    return date.fromordinal(int(day) + EPOCH)


def _checked(calendar: BusinessCalendar, convention: Convention | str) -> Adjustment:
    if not isinstance(calendar, BusinessCalendar):
        raise TypeError(f"calendar: got {short_repr(calendar)}, expected a BusinessCalendar")
    calendar.tables(convention)  # which checks the convention
    return calendar, Convention(convention)


def _checked_codes(codes: object, rows: int, adjustments: int) -> Int32:
    numbers = np.asarray(codes)
    if numbers.shape != (rows,) or (rows and numbers.dtype.kind not in "iu"):
        raise ValueError(f"codes: got {numbers.dtype} of the shape {numbers.shape}, expected {rows} integers")
    if rows and not 0 <= numbers.min() <= numbers.max() < adjustments:
        raise ValueError(
            f"codes: got {numbers.min()} to {numbers.max()}, expected indices of {adjustments} pairs, from 0"
        )
    return numbers.astype(np.int32)
