"""Schedules in other notations, and back: RRULEs, iCalendar files and cron.

>>> from recurring_schedule.exchange import to_cron
>>> to_cron(Schedule("monthly", offset=1), date(2024, 1, 1))
'0 0 1 * *'

`to_ics` needs the extra `ics`.
"""

from typing import TYPE_CHECKING

from recurring_schedule.core.publishing import publish
from recurring_schedule.exchange.cron_fields import to_cron
from recurring_schedule.exchange.recognition import schedule_of
from recurring_schedule.exchange.rrules import ConversionError, ImportedSchedule, from_rrule, rrule_parts, to_rrule

if TYPE_CHECKING:
    from recurring_schedule.exchange.calendar_files import to_ics

__all__ = [
    "ConversionError",
    "ImportedSchedule",
    "from_rrule",
    "rrule_parts",
    "schedule_of",
    "to_cron",
    "to_ics",
    "to_rrule",
]

__getattr__ = publish(globals(), to_ics="calendar_files")
