"""Pictures of schedules: a year's calendar as text, SVG, HTML or PNG, and a page to explore them.

>>> from recurring_schedule.views import year_calendar
>>> year_calendar(Schedule("quarterly"), date(2024, 1, 31), 2024).description
'4 due dates: 2024-01-31, 2024-04-30, 2024-07-31, 2024-10-31. Clamped: 2024-04-30.'

`write_png` needs the extra `plot`.
"""

from typing import TYPE_CHECKING

from recurring_schedule.core.publishing import publish
from recurring_schedule.views.drawings import Mark, Shape, weeks
from recurring_schedule.views.year_calendars import Calendar, year_calendar

if TYPE_CHECKING:
    from recurring_schedule.views.png_files import write_png

__all__ = ["Calendar", "Mark", "Shape", "weeks", "write_png", "year_calendar"]

__getattr__ = publish(globals(), write_png="png_files")
