"""Schedules of every kind: with a divisor or an interval, a day or an n-th weekday."""

from __future__ import annotations

from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule
from recurring_schedule.testing import schedules

NTHS = (-4, -3, -2, -1, 1, 2, 3, 4)
_INTERVALS = st.integers(1, 13) | st.integers(1, 500) | st.integers(1, 10**9)


@st.composite
def any_schedules(draw: st.DrawFn) -> Schedule:
    drawn = draw(schedules(dialects=Dialect))
    frequency, offset = drawn.frequency, drawn.offset
    interval, weekday = draw(st.none() | _INTERVALS), None
    if frequency.months and draw(st.booleans()):
        weekday = draw(st.tuples(st.sampled_from(NTHS), st.integers(0, 6)))
        month = offset[0] if isinstance(offset, tuple) else offset
        offset = None if frequency.months == 1 else month
    divisor = None if interval else drawn.divisor
    return Schedule(frequency, divisor, offset, drawn.dialect, interval=interval, weekday=weekday)
