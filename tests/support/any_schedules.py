"""Schedules of every kind, with a divisor or an interval, a day or an n-th weekday; and sets of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice

from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule, ScheduleSet
from recurring_schedule.testing import schedules

NTHS = (-4, -3, -2, -1, 1, 2, 3, 4)
_INTERVALS = st.integers(1, 13) | st.integers(1, 500) | st.integers(1, 10**9)


@st.composite
def any_schedules(draw: st.DrawFn, dialects: Iterable[Dialect] = Dialect) -> Schedule:
    drawn = draw(schedules(dialects=dialects))
    frequency, offset = drawn.frequency, drawn.offset
    interval, weekday = draw(st.none() | _INTERVALS), None
    if frequency.months and draw(st.booleans()):
        weekday = draw(st.tuples(st.sampled_from(NTHS), st.integers(0, 6)))
        month = offset[0] if isinstance(offset, tuple) else offset
        offset = None if frequency.months == 1 else month
    divisor = None if interval else drawn.divisor
    return Schedule(frequency, divisor, offset, drawn.dialect, interval=interval, weekday=weekday)


@st.composite
def any_sets(draw: st.DrawFn, start: date) -> ScheduleSet:
    """Draw a set of up to three members, with up to four days left out or put in: due dates and others near the start."""
    dialect = draw(st.sampled_from(Dialect))
    members = draw(st.lists(any_schedules([dialect]), min_size=1, max_size=3))
    due = [*islice(ScheduleSet(members).due_dates(start, start + timedelta(400)), 4)]
    near = st.integers(-9, 90).map(lambda distance: start + timedelta(distance))
    days = draw(st.lists(st.sampled_from(due) | near if due else near, unique=True, max_size=4))
    number = draw(st.integers(0, len(days)))
    return ScheduleSet(members, excluding=days[:number], adding=days[number:])
