"""Conversions of schedules: RRULEs and plans of other systems, calendar files, cron and code.

>>> from recurring_schedule.exchange import to_cron
>>> to_cron(Schedule("monthly", offset=1), date(2024, 1, 1))
'0 0 1 * *'

`to_ics` needs the extra `ics`.
"""

from typing import TYPE_CHECKING

from recurring_schedule.core.publishing import publish
from recurring_schedule.exchange.cron_fields import to_cron
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.plans.chargebee import from_chargebee, to_chargebee
from recurring_schedule.exchange.plans.gocardless import from_gocardless, to_gocardless
from recurring_schedule.exchange.plans.iso20022 import from_iso20022, to_iso20022
from recurring_schedule.exchange.plans.open_banking import from_open_banking, to_open_banking
from recurring_schedule.exchange.plans.paddle import from_paddle, to_paddle
from recurring_schedule.exchange.plans.stripe import from_stripe, to_stripe
from recurring_schedule.exchange.recognition import schedule_of
from recurring_schedule.exchange.rrule_reader import ImportedSchedule, from_rrule
from recurring_schedule.exchange.rrule_writer import to_rrule

if TYPE_CHECKING:
    from recurring_schedule.exchange.calendar_files import to_ics
    from recurring_schedule.exchange.code.javascript import to_javascript
    from recurring_schedule.exchange.code.sql import to_sql

__all__ = [
    "ConversionError",
    "ImportedSchedule",
    "from_chargebee",
    "from_gocardless",
    "from_iso20022",
    "from_open_banking",
    "from_paddle",
    "from_rrule",
    "from_stripe",
    "schedule_of",
    "to_chargebee",
    "to_cron",
    "to_gocardless",
    "to_ics",
    "to_iso20022",
    "to_javascript",
    "to_open_banking",
    "to_paddle",
    "to_rrule",
    "to_sql",
    "to_stripe",
]

__getattr__ = publish(globals(), to_ics="calendar_files", to_javascript="code.javascript", to_sql="code.sql")
