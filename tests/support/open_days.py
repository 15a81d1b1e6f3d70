"""Calendars of open days for the tests, and payment days by their definition, day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import strategies as st

from recurring_schedule.business import BusinessCalendar, Convention

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)

IsOpen = Callable[[date], bool]


def walked(is_open: IsOpen, convention: Convention, due: date) -> date:
    """Return the payment day of a due date, walking day by day."""
    is_forth = convention in {Convention.FOLLOWING, Convention.MODIFIED_FOLLOWING}
    is_modified = convention in {Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING}
    step, day = (_DAY if is_forth else -_DAY), due
    while not is_open(day):
        day += step
        if is_modified and day.month != due.month:  # the nearest open day is in another month: turn back
            step, day, is_modified = -step, due, False
    return day


@st.composite
def calendars(draw: st.DrawFn, first: date, last: date) -> BusinessCalendar:
    """Draw a calendar that is known from `first` to `last`: closures of days and of months, odd weekends, worked ones."""
    size = (last - first).days
    weekend = draw(st.sets(st.sampled_from(WEEKDAYS), max_size=3))
    is_off = [day in weekend for day in WEEKDAYS]
    closed = {first + timedelta(days=number) for number in draw(st.sets(st.integers(0, size), max_size=30))}
    for _ in range(draw(st.integers(0, 2))):
        start, length = draw(st.integers(0, size)), draw(st.sampled_from([3, 10, 31, 75]))
        closed |= {first + timedelta(days=number) for number in range(start, min(start + length, size + 1))}
    chosen = [first + timedelta(days=number) for number in draw(st.sets(st.integers(0, size), max_size=10))]
    opened = [day for day in chosen if is_off[day.weekday()] and day not in closed]
    return BusinessCalendar(closed, weekend=weekend, opened=opened, known=(first, last), name="drawn")
