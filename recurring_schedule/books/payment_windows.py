"""The window of a run, and the due dates that are in it under a calendar and a convention.

A window bounds payment days. A calendar makes due dates of it: those from one cut to another, since
a later due date is never paid earlier. So a run looks due dates up, whatever the calendar.

>>> from recurring_schedule.business import BusinessCalendar
>>> easter = BusinessCalendar(["2024-03-29", "2024-04-01"], known=("2024-01-01", "2024-12-31"), name="easter")
>>> april = PaymentWindow(date(2024, 4, 1), date(2024, 4, 30)).adjusted(easter, Convention.FOLLOWING)
>>> [str(day) for day in april.certain], april.is_certain
(['2024-03-29', '2024-04-30'], True)
>>> days = april.paid(np.array(["2024-03-29", "2024-04-03"], "datetime64[D]").astype(np.int64))
>>> days.astype("datetime64[D]").tolist()
[datetime.date(2024, 4, 2), datetime.date(2024, 4, 3)]
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import EPOCH
from recurring_schedule.business import BusinessCalendar, Convention, UnknownDayError
from recurring_schedule.core.calendars import LAST_DAY
from recurring_schedule.core.due_dates import DueDates

Days = npt.NDArray[np.int64]
"""Days as numbers from 1970-01-01."""
Bounds = tuple["np.datetime64", "np.datetime64"]
"""The first and the last day."""


class PaymentWindow(NamedTuple):
    """The due dates that are paid from `first` to `last`, both included; or, with `since`, those
    from that due date on that are paid by `last`.
    """

    first: date
    last: date
    since: date | None = None

    def adjusted(self, calendar: BusinessCalendar, convention: Convention) -> DueWindow:
        """Return the window of due dates under a calendar and a convention."""
        known_first, known_last = calendar.bounds

        def least(day: int) -> int:
            around = calendar.neighbours(day)
            return convention.cut(around.least_before, around.after)

        def greatest(day: int) -> int:
            around = calendar.neighbours(day)
            return convention.cut(around.before, around.greatest_after)

        # The first due date that is paid on a day or later lies between the two cuts of the day; these differ only where
        # the answer depends on unknown days.
        if self.since:
            begin = self.since.toordinal()
            certain_begin = max(begin, greatest(known_first))
        else:
            begin = least(self.first.toordinal())
            certain_begin = greatest(max(self.first.toordinal(), known_first))
        last = self.last.toordinal()
        end, certain_end = greatest(last + 1), least(min(last, known_last) + 1)
        if not self.since and calendar.neighbours(self.first.toordinal()) == calendar.neighbours(last + 1):
            end = certain_end = begin  # all these days are closed
        return DueWindow(calendar, convention, (certain_begin, certain_end), (begin, end), least(last + 1))


class DueWindow:
    """The due dates of a payment window under a calendar and a convention.

    The arguments are day numbers, with the ends excluded.
    """

    def __init__(
        self,
        calendar: BusinessCalendar,
        convention: Convention,
        certain: tuple[int, int],
        possible: tuple[int, int],
        least_after: int,
    ) -> None:
        self.calendar, self._convention = calendar, convention
        self.certain, self.possible = _days(*certain), _days(*possible)
        """The first and the last due date that are certainly in the window, with known payment
        days; and those that may be in it, for all that is known.
        """
        self.next = date.fromordinal(least_after) if least_after <= LAST_DAY else None
        """The first due date that may be paid after the window; None if there is no such day."""

    @property
    def is_certain(self) -> bool:
        """True if no answer in the window depends on a day that the calendar does not know."""
        return self.certain == self.possible

    def paid(self, due: Days) -> Days:
        """Return the payment days of due dates that are certainly in the window."""
        opens, cuts = self._opens
        return opens[np.searchsorted(cuts, due, side="right")]

    @cached_property
    def _opens(self) -> tuple[Days, Days]:
        """The open days, and the cut between each and the next one."""
        first, last = map(_date, self.certain)
        opens = [*self.calendar.opens(range(first.year, last.year + 1))]
        cuts = [self._convention.cut(before, after) for before, after in pairwise(opens)]
        return np.array(opens, np.int64) - EPOCH, np.array(cuts, np.int64) - EPOCH

    def unknown_day(self, due: DueDates) -> UnknownDayError:
        """Return the error of the first due date in the window whose payment day is not known.

        Raises IndexError if all are known.
        """
        payments = self.calendar.payment_days(due.between(*map(_date, self.possible)), self._convention)
        try:
            _ = payments[0], payments[len(payments.known)]  # known payments follow each other
        except UnknownDayError as error:
            return error
        raise IndexError("all payments in the window are known")


def _date(day: np.datetime64) -> date:
    return date.fromordinal(int(day.astype(np.int64)) + EPOCH)


def _days(begin: int, end: int) -> Bounds:
    """Return the first and the last day; if there is none, a first day that is after the last."""
    first, last = (begin, end - 1) if begin < end else (LAST_DAY, 1)
    return np.datetime64(first - EPOCH, "D"), np.datetime64(last - EPOCH, "D")
