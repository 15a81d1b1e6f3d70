"""Days before a payment: notice to the payer, and submission to the bank."""

from __future__ import annotations

from datetime import date, timedelta

from recurring_schedule.business.business_calendar import BusinessCalendar
from recurring_schedule.core.checks import plain_date, short_repr, whole_number


def notice_date(day: date, days: int, calendar: BusinessCalendar | None = None) -> date:
    """Return the last day on which the payer can be notified: `days` days before `day`.

    With a calendar, open days are counted. `day` is the earlier of due date and payment day. SEPA's
    core direct debit rulebook asks for 14 calendar days unless creditor and debtor agree otherwise,
    Bacs for 10 working days.

    >>> notice_date(date(2014, 1, 1), 14)
    datetime.date(2013, 12, 18)

    Raises ValueError for a number of days below 1, OverflowError for a date before 0001-01-01,
    UnknownDayError if the answer depends on a day that the calendar does not know.
    """
    return _days_before(day, days, calendar, "days")


def submission_date(day: date, open_days: int, calendar: BusinessCalendar) -> date:
    """Return the last day on which a payment is sent to the bank: open days before `day`.

    `day` is the payment day. "D-2" is two open days. After a bank's cut-off hour, ask for one more.

    >>> submission_date(date(2024, 4, 2), 1, BusinessCalendar())
    datetime.date(2024, 4, 1)

    Raises ValueError for a number of days below 1, UnknownDayError if the answer depends on a day
    that the calendar does not know.
    """
    return _days_before(day, open_days, calendar, "open_days")


def _days_before(day: date, days: int, calendar: BusinessCalendar | None, name: str) -> date:
    number = whole_number(days)
    if number is None or number < 1:
        raise ValueError(f"{name}: got {short_repr(days)}, expected a whole number of days from 1")
    if calendar is None:
        return plain_date(day, "day") - timedelta(days=number)
    return calendar.add(day, -number)
