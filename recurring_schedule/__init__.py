"""Exact due dates of recurring payments, at the same cost near and far.

>>> due = Schedule.parse({"frequency": "quarterly", "offset": [2, -1]}).due_dates(date(2021, 7, 3))
>>> due[0], due.after(date(2999, 1, 1)), date(2021, 12, 31) in due
(datetime.date(2021, 9, 30), datetime.date(2999, 3, 31), True)
"""

from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import FieldError, ScheduleError
from recurring_schedule.core.frequencies import Dialect, Frequency
from recurring_schedule.core.interval_rules import MonthRule, StepRule
from recurring_schedule.core.publishing import publish
from recurring_schedule.core.retries import retry_dates
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import NeverDue, Schedule
from recurring_schedule.core.schedule_set import ScheduleSet, parse
from recurring_schedule.core.set_rule import SetRule
from recurring_schedule.core.year_rule import Frame, YearRule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from recurring_schedule.core.amounts import ItemsError, items_total

__all__ = [
    "Dialect",
    "DueDates",
    "FieldError",
    "Frame",
    "Frequency",
    "ItemsError",
    "MonthRule",
    "NeverDue",
    "Period",
    "Rule",
    "Schedule",
    "ScheduleError",
    "ScheduleSet",
    "SetRule",
    "StepRule",
    "YearRule",
    "items_total",
    "parse",
    "retry_dates",
]

__getattr__ = publish(globals(), ItemsError="core.amounts", items_total="core.amounts")
