"""Retries: the dates on which a payment that failed is tried again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date, timedelta

from recurring_schedule.core.checks import plain_date, whole_number
from recurring_schedule.core.errors import ScheduleError

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Protocol

    class OpenDays(Protocol):
        """Counts open days, as the calendars of `business` do."""

        def add(self, day: date, n: int, /) -> date:
            """Return the n-th open day after `day`."""
            ...


def retry_dates(due: date, days: Iterable[int], calendar: OpenDays | None = None) -> tuple[date, ...]:
    """Return the dates on which a payment due on `due` is retried: each of `days` days later.

    >>> [str(day) for day in retry_dates(date(2024, 2, 28), [1, 3, 7])]
    ['2024-02-29', '2024-03-02', '2024-03-06']

    With a `business.BusinessCalendar`, open days are counted, and `due` is the payment day:

    >>> from recurring_schedule.business import TARGET
    >>> [str(day) for day in retry_dates(date(2024, 3, 28), [1, 3], TARGET)]
    ['2024-04-02', '2024-04-04']

    Raises ScheduleError if `days` is not a list of whole numbers, positive and strictly increasing,
    and for a retry past 9999-12-31; TypeError if `due` is not a date; UnknownDayError if a retry
    depends on a day that the calendar does not know.
    """
    due = plain_date(due, "due")
    if not isinstance(days, Iterable) or isinstance(days, (str, bytes, Mapping, Set)):
        raise ScheduleError("days", days, "a list of whole numbers of days")
    dates: list[date] = []
    at_least, at_most = 1, (date.max - due).days
    for index, written in enumerate(days):
        number = whole_number(written)
        if number is None or not at_least <= number <= at_most:
            expected = f"a whole number of days from {at_least} to {at_most}"
            if at_least > at_most:
                expected = "nothing, since a retry would be past 9999-12-31"
            raise ScheduleError(f"days[{index}]", written, expected)
        dates.append(due + timedelta(days=number) if calendar is None else calendar.add(due, number))
        at_least = number + 1
    return tuple(dates)
