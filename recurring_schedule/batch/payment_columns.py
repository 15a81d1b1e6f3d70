"""The tables of payment days for columns: those of several calendars, side by side.

The tables of a calendar hold times; these hold days, so that one gather moves a whole column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from recurring_schedule.batch.calendar_tables import EPOCH, LAST, NULL, Int32
from recurring_schedule.batch.day_columns import BoundedDays, Flags, bounded, maximum, minimum
from recurring_schedule.business import BusinessCalendar, Convention
from recurring_schedule.business.open_days import Neighbours
from recurring_schedule.core.calendars import CIVIL

Adjustment = tuple[BusinessCalendar, Convention]

_UNKNOWN = np.iinfo(np.int32).min
_MOST_DAYS = 36_000
"""The days that tables may span: 288 KB for each adjustment. Columns that span more are split."""


class _Tables(NamedTuple):
    """By adjustment, what holds for each day of some years, and for the day after them."""

    years: range
    first: int
    width: int
    cuts: Int32
    """The first due date that is paid on the day or later."""
    paid: Int32
    """The day on which a due date is paid."""


class PaymentColumns:
    """The tables of some adjustments, which grow with the days that are asked for.

    An *adjustment* is a calendar with a convention; `codes` are the indices of the rows' ones, and
    None if all rows have the first. Threads may share the tables, which are replaced as a whole.
    """

    def __init__(self, adjustments: tuple[Adjustment, ...]) -> None:
        self._adjustments = adjustments
        self._tables: _Tables | None = None

    def cuts(self, codes: Int32 | None, day: BoundedDays) -> tuple[BoundedDays, Flags | None]:
        """Return the first due date that is paid on each day or later, and True where it depends on
        unknown days, and the day itself is returned; None if it never does.
        """
        cuts, is_unknown = self._moved("cuts", codes, day)
        return bounded(cuts), is_unknown

    def pay(self, codes: Int32 | None, due: Int32) -> Flags | None:
        """Move due dates to their payment days, in place; all days after `LAST` become NULL.

        Returns True where they depend on unknown days, and the due date stays; None if none does.
        """
        if not len(due) or (first := minimum(due)) > LAST:
            return None
        is_null = None
        if maximum(due) > LAST:
            is_null = due > LAST
            due[is_null] = first
        due[:], is_unknown = self._moved("paid", codes, bounded(due))
        if is_null is not None:
            due[is_null] = NULL
            is_unknown = is_unknown if is_unknown is None else is_unknown & ~is_null
        return is_unknown

    def _moved(self, name: str, codes: Int32 | None, day: BoundedDays) -> tuple[Int32, Flags | None]:
        """Return what the tables of this name hold for each day, or the day itself where they lack
        it; and True there, or None if they have all days.
        """
        moved = self._found(name, codes, day)
        if minimum(moved) != _UNKNOWN:
            return moved, None
        is_unknown: Flags = moved == _UNKNOWN
        np.copyto(moved, day.days, where=is_unknown)
        return moved, is_unknown

    def _found(self, name: str, codes: Int32 | None, day: BoundedDays) -> Int32:
        if day.highest - day.lowest >= _MOST_DAYS:
            return self._found_apart(name, codes, day)
        tables = self._covering(range(_year(day.lowest), _year(day.highest) + 1))
        index = day.days - np.int32(tables.first)
        if codes is not None:
            index += codes * np.int32(tables.width)
        table: Int32 = getattr(tables, name)
        return table.take(index, mode="wrap")

    def _found_apart(self, name: str, codes: Int32 | None, day: BoundedDays) -> Int32:
        """Return what `_found` does, from several tables one after the other."""
        found, spans = np.empty_like(day.days), (day.days - np.int32(day.lowest)) // np.int32(_MOST_DAYS)
        for span in np.unique(spans).tolist():
            rows = np.flatnonzero(spans == span)
            found[rows] = self._found(name, None if codes is None else codes[rows], bounded(day.days[rows]))
        return found

    def _covering(self, years: range) -> _Tables:
        """Return tables that have these years, and those of before unless they are too far away."""
        tables = self._tables
        if tables is None or years[0] not in tables.years or years[-1] not in tables.years:
            if tables is not None:
                both = range(min(years[0], tables.years[0]), max(years[-1], tables.years[-1]) + 1)
                years = both if len(both) * 366 <= _MOST_DAYS else years
            tables = self._tables = _made(self._adjustments, years)
        return tables


@lru_cache(maxsize=32)
def payment_columns(adjustments: tuple[Adjustment, ...]) -> PaymentColumns:
    """Return the tables of these adjustments, which arrays with the same ones share."""
    return PaymentColumns(adjustments)


def _year(day: int) -> int:
    return date.fromordinal(min(day, LAST) + EPOCH).year


def _made(adjustments: Iterable[Adjustment], years: range) -> _Tables:
    found = [_columns(*adjustment, years) for adjustment in adjustments]
    cuts, paid = (np.array(columns, np.int32) for columns in zip(*found, strict=True))
    return _Tables(years, CIVIL.starts[years[0]] - EPOCH, cuts.shape[1], cuts.ravel(), paid.ravel())


def _columns(calendar: BusinessCalendar, convention: Convention, years: range) -> Iterator[list[int]]:
    """Yield the cuts, then the payment days, of the days of these years and of the day after them.

    The tables of the calendar lack the days near those that it does not know, some of which are
    certain all the same.
    """
    days = range(CIVIL.starts[years[0]], CIVIL.starts[years[-1] + 1] + 1)
    tables, (first, last) = calendar.tables(convention), calendar.bounds
    for name, certain in (("least", _certain_cut), ("paid", _certain_payment)):
        moves = chain.from_iterable(getattr(tables, name)[year] or tables.made(name, year) for year in years)
        yield [
            day + move.days - EPOCH
            if move is not None
            else certain(calendar, convention, day)
            if first <= day <= last + 1
            else _UNKNOWN
            for day, move in zip(days, chain(moves, [None]), strict=True)
        ]


def _certain_cut(calendar: BusinessCalendar, convention: Convention, day: int) -> int:
    _, least, greatest = _around(calendar, convention, day)
    return least - EPOCH if least == greatest else _UNKNOWN


def _certain_payment(calendar: BusinessCalendar, convention: Convention, day: int) -> int:
    around, least, greatest = _around(calendar, convention, day)
    if day >= greatest and around.is_after_known:
        return around.after - EPOCH
    return around.before - EPOCH if day < least and around.is_before_known else _UNKNOWN


def _around(calendar: BusinessCalendar, convention: Convention, day: int) -> tuple[Neighbours, int, int]:
    """Return the open days around a day number, and the least and the greatest possible cut between
    them.
    """
    around = calendar.neighbours(day)
    least = convention.cut(around.least_before, around.after)
    return around, least, convention.cut(around.before, around.greatest_after)
