"""Conversions of schedules: RRULEs and back, iCalendar files and cron.

>>> from recurring_schedule.exchange import to_cron
>>> to_cron(Schedule("monthly", offset=1), date(2024, 1, 1))
'0 0 1 * *'

`to_ics` needs the extra `ics`.
"""

from typing import TYPE_CHECKING

from recurring_schedule.core.publishing import publish
from recurring_schedule.exchange.cron_fields import to_cron
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.recognition import schedule_of
from recurring_schedule.exchange.rrule_reader import ImportedSchedule, from_rrule
from recurring_schedule.exchange.rrule_writer import to_rrule

if TYPE_CHECKING:
    from recurring_schedule.exchange.calendar_files import to_ics

__all__ = [
    "ConversionError",
    "ImportedSchedule",
    "from_rrule",
    "schedule_of",
    "to_cron",
    "to_ics",
    "to_rrule",
]

__getattr__ = publish(globals(), to_ics="calendar_files")
