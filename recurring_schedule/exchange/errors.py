"""The error of a conversion, and reasons that several conversions give.

>>> issubclass(ConversionError, ValueError)
True
"""

from __future__ import annotations

from recurring_schedule.business.conventions import check_pair
from recurring_schedule.core.schedule_set import Plan


class ConversionError(ValueError):
    """Dates that the other notation cannot express, or a text that is not an RRULE."""


def never_due_reason(schedule: Plan) -> str:
    """Return why the schedule, or each member of a set, is never due; "" if it may be due.

    >>> never_due_reason(ScheduleSet([Schedule("weekly", 54)]))
    'no ISO week has a number that is a multiple of 54: the numbers are 1 to 53'
    """
    reasons = schedule.never_due or ()
    return "; ".join(dict.fromkeys(map(str, reasons if isinstance(reasons, tuple) else [reasons])))


def refuse_payment_days(notation: str, calendar: object, convention: object) -> None:
    """Raise ConversionError if a calendar and a convention are given: only lists have payment days.

    >>> from recurring_schedule.business import BusinessCalendar
    >>> refuse_payment_days("cron", BusinessCalendar(), "following")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: calendar: cron cannot say which days a calendar closes; list the payment days: ...

    Raises TypeError if only one of them is given.
    """
    check_pair(calendar, convention)
    if calendar is not None:
        raise ConversionError(
            f"calendar: {notation} cannot say which days a calendar closes; list the payment days: in a calendar file, "
            "with to_ics or the command ics, or with the command due"
        )
