"""Due dates for columns of schedules: the lookups of `DueDates`, for all rows at once.

>>> from recurring_schedule.batch import ScheduleArray
>>> schedules = ScheduleArray.from_wire(["monthly", "quarterly"])
>>> schedules.on_or_after(date(2024, 2, 1), start=date(2024, 1, 31))
array(['2024-02-29', '2024-04-30'], dtype='datetime64[D]')

Needs the extra `batch`.
"""

from recurring_schedule.core.extras import extra

with extra("batch", "recurring_schedule.batch needs NumPy"):
    import numpy as np  # noqa: F401  # imported first, so that the error below names the extra

from recurring_schedule.batch.dictionary import BadSchedule, BadSchedulesError
from recurring_schedule.batch.due_dates_array import DueDatesArray, Pairs
from recurring_schedule.batch.payment_days_array import PaymentDaysArray, PaymentPairs
from recurring_schedule.batch.policy import Policy
from recurring_schedule.batch.schedule_array import ScheduleArray, ScheduleReader
from recurring_schedule.core.publishing import publish

__all__ = [
    "BadSchedule",
    "BadSchedulesError",
    "DueDatesArray",
    "Pairs",
    "PaymentDaysArray",
    "PaymentPairs",
    "Policy",
    "ScheduleArray",
    "ScheduleReader",
]

publish(globals())
