"""Schedules with an interval or an n-th weekday, and sets, and all their due days up to 9999, by their definition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from recurring_schedule import Dialect, DueDates, Frequency, Schedule, ScheduleSet
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.testing import schedules

Ordinals = npt.NDArray[np.int64]
OF_MONTHS = [frequency for frequency in Frequency if frequency.months]
_EPOCH = date(1970, 1, 1)


@st.composite
def plans(draw: st.DrawFn, fewest_days: int = 1, dialects: Iterable[Dialect] = Dialect) -> Schedule:
    """Draw a schedule with an interval, an n-th weekday or both; a daily one of at least `fewest_days` days."""
    is_weekday = draw(st.booleans())
    old = draw(schedules(frequencies=OF_MONTHS if is_weekday else Frequency, dialects=dialects, never_due=False))
    frequency, offset = old.frequency, old.offset
    least = 1 if frequency.weeks or frequency.months else fewest_days
    intervals = st.integers(least, least + 12) | st.integers(least, 400) | st.integers(least, 4_000_000)
    interval = draw(st.none() | intervals) if is_weekday else draw(intervals)
    if not is_weekday:
        return Schedule(frequency, None, offset, old.dialect, interval=interval)
    weekday = draw(st.sampled_from([-4, -3, -2, -1, 1, 2, 3, 4])), draw(st.integers(0, 6))
    month = offset[0] if isinstance(offset, tuple) else offset
    return Schedule(
        frequency,
        None if interval else old.divisor,
        None if frequency.months == 1 else month,
        old.dialect,
        interval=interval,
        weekday=weekday,
    )


@st.composite
def sets_from(draw: st.DrawFn, start: date) -> ScheduleSet:
    """Draw a set without a date every day. Some of its first due dates are left out, and days near the start are put in."""
    members = draw(st.lists(plans(fewest_days=3, dialects=[Dialect.INTERGIRO]), min_size=1, max_size=3))
    first = [*islice(ScheduleSet(members).due_dates(start), 10)]
    excluding = draw(st.sets(st.sampled_from(first), max_size=9)) if first else set()
    distances = st.integers(max(-3, 1 - start.toordinal()), min(900, (date.max - start).days))
    adding = {start + timedelta(days) for days in draw(st.sets(distances, max_size=3))}
    return ScheduleSet(members, excluding=sorted(excluding), adding=sorted(adding - excluding))


def all_due_days(schedule: Plan, due: DueDates) -> Ordinals:
    """Return the ordinals of the due dates, those of a set and of an interval or a weekday by their definition."""
    if isinstance(schedule, ScheduleSet):
        is_due = np.zeros(date.max.toordinal() + 1, np.bool_)
        for member in schedule.members:
            is_due[all_due_days(member, member.due_dates(due.start, due.end))] = True
        is_due[[day.toordinal() for day in schedule.adding if due.start <= day <= due.end]] = True
        is_due[[day.toordinal() for day in schedule.excluding]] = False
        return np.flatnonzero(is_due)
    if schedule.interval is None and schedule.weekday is None:
        return np.fromiter((day.toordinal() for day in due), np.int64, len(due))
    frequency, start = schedule.frequency, due.start
    if frequency.months:
        days = _days_of_months(schedule, start)
    elif frequency.weeks:
        weekday = start.isoweekday() if schedule.offset is None else schedule.offset or 7
        assert isinstance(weekday, int)
        sunday = start.toordinal() - start.isoweekday()
        days = np.arange(sunday + weekday, date.max.toordinal() + 1, 7 * (schedule.interval or 1))
    else:
        days = np.arange(start.toordinal(), date.max.toordinal() + 1, schedule.interval)
    return days[(days >= start.toordinal()) & (days <= due.end.toordinal())]


def _days_of_months(schedule: Schedule, start: date) -> Ordinals:
    months, offset = schedule.frequency.months, schedule.offset
    numbers = np.arange((12 * start.year + start.month - 13) // months, 12 * 9999 // months)
    if schedule.interval:
        numbers = numbers[:: schedule.interval]
    elif schedule.divisor not in (None, 1):
        in_year = numbers % (12 // months) + 1 if months < 12 else numbers + 1
        in_year -= months == 1 and schedule.dialect is Dialect.INTERGIRO_PROSE
        remainder, divisor = schedule.divisor if isinstance(schedule.divisor, tuple) else (0, schedule.divisor)
        numbers = numbers[(in_year % divisor == remainder) & (in_year > 0)]
    month, day = (start.month - 1) % months, start.day
    if isinstance(offset, tuple):
        month, day = offset
    elif offset is not None and months > 1:
        month = offset
    elif offset is not None:
        day = offset
    if schedule.offset is not None and (isinstance(offset, tuple) or months == 1):
        day += day >= 0 and schedule.dialect is Dialect.PAYFUNC
    due = (numbers * months + month - 12 * 1969).astype("datetime64[M]")
    firsts, after = ((one.astype("datetime64[D]").astype(np.int64) + _EPOCH.toordinal()) for one in (due, due + 1))
    if schedule.weekday is None:
        return np.minimum(firsts + day, after) - 1 if day > 0 else np.maximum(after + day, firsts)
    n, weekday = schedule.weekday
    if n > 0:
        return firsts + (weekday - firsts) % 7 + 7 * (n - 1)
    return after - 1 - (after - 1 - weekday) % 7 + 7 * (n + 1)
