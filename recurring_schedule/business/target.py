"""TARGET, the settlement days of the euro.

>>> TARGET.is_open(date(2024, 3, 29))  # Good Friday
False
"""

from __future__ import annotations

from datetime import date, timedelta

from recurring_schedule.business.business_calendar import BusinessCalendar
from recurring_schedule.core.extras import extra

with extra("business", "TARGET needs python-dateutil, for Easter"):
    from dateutil.easter import easter

_YEARS = range(2000, 2200)


def _closed(year: int) -> list[date]:
    sunday = easter(year)
    fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26)]
    return [*fixed, sunday - timedelta(days=2), sunday + timedelta(days=1)]


TARGET = BusinessCalendar(
    [date(2001, 12, 31), *(day for year in _YEARS for day in _closed(year))],
    known=(date(_YEARS[0], 1, 1), date(_YEARS[-1], 12, 31)),
    name="TARGET",
)
"""The days on which TARGET, the euro's settlement system, is open: 2000 to 2199.

It is closed on weekends, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December, and was
on 2001-12-31.
"""
