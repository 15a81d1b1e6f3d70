"""Payment days: when a due date falls on a day when banks are closed.

>>> due = Schedule("monthly").due_dates(date(2024, 3, 31))
>>> [str(day) for day in due.adjusted(TARGET, "following")[:2]]
['2024-04-02', '2024-04-30']

`TARGET` needs the extra `business`.
"""

from typing import TYPE_CHECKING

from recurring_schedule.business.business_calendar import BusinessCalendar
from recurring_schedule.business.conventions import Convention
from recurring_schedule.business.days_before import notice_date, submission_date
from recurring_schedule.business.open_days import UnknownDayError
from recurring_schedule.business.payment_days import PaymentDays
from recurring_schedule.business.sources import from_ics, from_list, from_numpy, from_pandas, named_calendar, to_numpy
from recurring_schedule.core.publishing import publish

if TYPE_CHECKING:
    from recurring_schedule.business.target import TARGET

__all__ = [
    "TARGET",
    "BusinessCalendar",
    "Convention",
    "PaymentDays",
    "UnknownDayError",
    "from_ics",
    "from_list",
    "from_numpy",
    "from_pandas",
    "named_calendar",
    "notice_date",
    "submission_date",
    "to_numpy",
]

__getattr__ = publish(globals(), TARGET="target")
