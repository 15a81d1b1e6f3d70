"""When recurring payments fall due: exactly, at any distance, at the same cost.

>>> due = Schedule.parse({"frequency": "quarterly", "offset": [2, -1]}).due_dates(date(2021, 7, 3))
>>> due[0], due.after(date(2999, 1, 1)), date(2021, 12, 31) in due
(datetime.date(2021, 9, 30), datetime.date(2999, 3, 31), True)
"""

from recurring_schedule.compiling import Dialect, Frequency
from recurring_schedule.due_dates import DueDates, Period, retry_dates
from recurring_schedule.errors import ScheduleError
from recurring_schedule.rule import Frame, Rule
from recurring_schedule.schedule import NeverDue, Schedule

__all__ = [
    "Dialect",
    "DueDates",
    "Frame",
    "Frequency",
    "NeverDue",
    "Period",
    "Rule",
    "Schedule",
    "ScheduleError",
    "retry_dates",
]
