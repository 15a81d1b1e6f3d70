"""The error of a conversion, and a reason that several conversions give.

>>> issubclass(ConversionError, ValueError)
True
"""

from __future__ import annotations

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
