"""Hypothesis strategies for schedules, sets of them, starts, due dates, calendars and retry days.

>>> from hypothesis import given
>>> @given(schedules(anchored=False), start_dates(), start_dates())
... def has_one_rule_from_every_start(schedule, start, other):
...     assert schedule.rule(start) == schedule.rule(other)
>>> has_one_rule_from_every_start()
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import Enum
from functools import cache, lru_cache
from typing import TypeVar

from hypothesis import strategies as st

from recurring_schedule.business.business_calendar import WEEKDAYS, BusinessCalendar
from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.calendars import LAST_DAY
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Dialect, Divisor, Frequency, Offset, period_numbers
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet

SIMPLEST_DATE = date(2000, 1, 1)  # as for Hypothesis's own dates
_EDGE_YEARS = (1900, 2000, 2015, 2016, 2020, 2021, 2024, 2026, 2100)  # centuries, leap years, and around an ISO week 53
_LARGEST_DIVISOR = 2**53 - 1  # RFC 8259, section 6: all JSON readers agree on integers up to here

_Member = TypeVar("_Member", bound=Enum)


def schedules(
    *,
    frequencies: Frequency | str | Iterable[Frequency | str] = Frequency,
    dialects: Dialect | str | Iterable[Dialect | str] = Dialect.INTERGIRO,
    anchored: bool | None = None,
    never_due: bool | None = None,
    extensions: bool = True,
) -> st.SearchStrategy[Schedule]:
    """Return a strategy for schedules in every spelling. The simplest is a bare frequency.

    `anchored=True` draws only schedules that take something from their start, `anchored=False` only
    those that do not. `never_due=True` draws only schedules without a due date, `never_due=False`
    only those with one. `extensions=False` draws the fields of the documents only, without
    `interval` and `weekday`. The default dialect is INTERGIRO: the wire form does not name its
    dialect, and `Schedule.parse` assumes that one.

    >>> schedules(frequencies="daily", anchored=True, extensions=False)
    Traceback (most recent call last):
    ValueError: anchored: got True, but a daily schedule takes nothing from its start

    Raises ValueError if no schedule meets the request, or for an unknown frequency or dialect.
    """
    of, written_in = _members(Frequency, frequencies), _members(Dialect, dialects)
    for name, members in (("frequencies", of), ("dialects", written_in)):
        if not members:
            raise ValueError(f"{name}: got none, expected at least one")
    if anchored and (never_due or not extensions) and not (of := [frequency for frequency in of if frequency.parts]):
        raise ValueError("anchored: got True, but a daily schedule takes nothing from its start")
    return _schedules(st.sampled_from(of), st.sampled_from(written_in), anchored, never_due, extensions)


def _members(kind: type[_Member], wanted: object) -> list[_Member]:
    """Return the wanted members in the order of the enumeration: the first is the simplest."""
    found = set(map(kind, [wanted] if isinstance(wanted, str) else wanted))  # type: ignore[call-overload]  # an iterable
    return [member for member in kind if member in found]


@st.composite
def _schedules(
    draw: st.DrawFn,
    of: st.SearchStrategy[Frequency],
    written_in: st.SearchStrategy[Dialect],
    anchored: bool | None,
    never_due: bool | None,
    extensions: bool,
) -> Schedule:
    frequency, dialect = draw(of), draw(written_in)
    has_interval, has_weekday = draw(_EXTENSIONS if extensions else _NO_EXTENSIONS)
    interval = divisor = None
    # Without an interval, a month with a weekday takes nothing from the start.
    may_have_weekday = "day" in frequency.parts and not (anchored and never_due)
    weekday = draw(_NTH_WEEKDAYS) if has_weekday and may_have_weekday else None
    parts = frequency.parts[:-1] if weekday else frequency.parts
    if never_due or not (has_interval or (anchored and not parts)):
        divisor = draw(_divisors(period_numbers(frequency, dialect)[-1], never_due))
    else:
        interval = draw(_intervals(bool(parts), anchored))
        if interval > 1:
            anchored = None
    return Schedule(
        frequency,
        divisor,
        draw(_offsets(frequency, parts, dialect, anchored)),
        dialect,
        interval=interval,
        weekday=weekday,
    )


# Strategies are made once where they can be: to make one takes Hypothesis longer than to draw from it.
_EXTENSIONS = st.sampled_from(((False, False), (False, False), (True, False), (False, True), (True, True)))
"""True for an interval, and True for a weekday; the first pair is the simplest."""
_NO_EXTENSIONS = st.just((False, False))
_INTERVALS = st.integers(1, 4) | st.integers(1, 60) | st.integers(1, _LARGEST_DIVISOR)
_INTERVAL_1 = st.just(1)
_INTERVALS_ABOVE_1 = _INTERVALS.filter(lambda number: number > 1)
_NTH_WEEKDAYS = st.tuples(st.sampled_from((1, 2, 3, 4, -1, -2, -3, -4)), st.integers(0, 6))


def _intervals(is_open: bool, anchored: bool | None) -> st.SearchStrategy[int]:
    """`is_open` is True for a schedule that takes something from the start even with interval 1."""
    if anchored is False:
        return _INTERVAL_1
    return _INTERVALS if is_open or not anchored else _INTERVALS_ABOVE_1


@cache
def _divisors(last: int, never_due: bool | None) -> st.SearchStrategy[Divisor]:
    """`last` is the largest period number: a larger divisor or remainder picks no period."""
    picking = st.just(1) | _mostly_low(2, last) | st.integers(last - 1, last) | _pairs(1, last)
    idle = st.integers(last + 1, _LARGEST_DIVISOR) | _pairs(last + 1, _LARGEST_DIVISOR - 1)
    if never_due:
        return idle
    some = picking if never_due is False else picking | idle
    return st.booleans().flatmap(lambda is_written: some if is_written else st.none())


@st.composite
def _pairs(draw: st.DrawFn, first: int, last: int) -> tuple[int, int]:
    remainder = draw(_mostly_low(first, last))
    return remainder, draw(_mostly_low(remainder + 1, _LARGEST_DIVISOR))


@lru_cache(maxsize=1024)
def _mostly_low(first: int, last: int) -> st.SearchStrategy[int]:
    return st.integers(first, min(first + 3, last)) | st.integers(first, last)


@cache
def _offsets(
    frequency: Frequency, parts: tuple[str, ...], dialect: Dialect, anchored: bool | None
) -> st.SearchStrategy[Offset]:
    """`parts` are those of the payment day that an offset can fix."""
    if not parts:
        return st.none()
    leaving: st.SearchStrategy[Offset] = st.none()
    fixing: st.SearchStrategy[Offset] = st.integers(0, 6)
    if "month" in parts:
        fixing = months = st.sampled_from(range(frequency.months)) | st.sampled_from((1, 2))  # 1 is February
    if "day" in parts:
        first = dialect.first_day
        days = st.sampled_from([*range(first, first + 31), *range(-1, -32, -1)])
        days |= st.sampled_from([first, -1, first + 28, first + 29, first + 30, -29, -30, -31])
        fixing = days
        if "month" in parts:
            leaving, fixing = leaving | months, st.tuples(months, days)
    return leaving | fixing if anchored is None else leaving if anchored else fixing


def schedule_sets(
    *,
    frequencies: Frequency | str | Iterable[Frequency | str] = Frequency,
    dialects: Dialect | str | Iterable[Dialect | str] = Dialect.INTERGIRO,
    anchored: bool | None = None,
    never_due: bool | None = None,
    extensions: bool = True,
    days: bool = True,
) -> st.SearchStrategy[ScheduleSet]:
    """Return a strategy for sets of one to four schedules, half of them with days.

    The first five arguments are those of `schedules`, for each member; all members of a set have
    one dialect. `days=False` draws no day to leave out or to put in. Days that are left out are
    often due: days, and runs of a member's due dates, mostly from 2000 on. The simplest set is a
    bare frequency.

    >>> from hypothesis import given
    >>> @given(schedule_sets(days=False), start_dates())
    ... def has_the_first_due_dates_of_its_first_member(schedule, start):
    ...     due = schedule.due_dates(start)
    ...     assert all(day in due for day in schedule.members[0].due_dates(start)[:3])
    >>> has_the_first_due_dates_of_its_first_member()

    Raises ValueError as `schedules` does.
    """
    members = [
        schedules(
            frequencies=frequencies, dialects=dialect, anchored=anchored, never_due=never_due, extensions=extensions
        )
        for dialect in _members(Dialect, dialects)
    ]
    if not members:
        raise ValueError("dialects: got none, expected at least one")
    return _schedule_sets(members, days)


@st.composite
def _schedule_sets(draw: st.DrawFn, of: list[st.SearchStrategy[Schedule]], days: bool) -> ScheduleSet:
    members = draw(st.lists(draw(st.sampled_from(of)), min_size=1, max_size=4))
    if not days or not draw(st.booleans()):
        return ScheduleSet(members)
    near = draw(st.just(SIMPLEST_DATE) | _ANY_START)
    due = draw(st.sampled_from(members)).due_dates(near)
    first, count = draw(st.integers(0, 6)), draw(st.integers(0, 4))
    others = st.lists(st.integers(0, 100).map(lambda number: shifted(near, number)), max_size=2)
    excluding = {*due[first : first + count], *draw(others)}
    return ScheduleSet(members, excluding=sorted(excluding), adding=sorted({*draw(others)} - excluding))


def start_dates(min_value: date = date.min, max_value: date = date.max) -> st.SearchStrategy[date]:
    """Return a strategy for dates from `min_value` to `max_value`, both inclusive.

    It often draws the calendar's edges: month ends, 29 February, ISO weeks 52, 53 and 1, centuries,
    and both bounds. The simplest date is 2000-01-01, or the one nearest to it.

    >>> start_dates(date(2024, 1, 1), date(2023, 12, 31))
    Traceback (most recent call last):
    ValueError: max_value: got 2023-12-31, expected 2024-01-01 (min_value) or later

    Raises ValueError if the bounds are in the wrong order, TypeError if one is not a date.
    """
    return dates_between(min_value, "min_value", max_value, "max_value")


def dates_between(first: date, first_name: str, last: date, last_name: str) -> st.SearchStrategy[date]:
    """Return a strategy for the dates between two bounds; errors use the bounds' names."""
    first, last = plain_date(first, first_name), plain_date(last, last_name)
    if first > last:
        raise ValueError(f"{last_name}: got {last}, expected {first} ({first_name}) or later")
    return _dates(first, last)


@st.composite
def _dates(draw: st.DrawFn, lo: date, hi: date) -> date:
    year = draw(_around(SIMPLEST_DATE.year, lo.year, hi.year, (*_EDGE_YEARS, lo.year, hi.year)))
    at_lo, at_hi = year == lo.year, year == hi.year
    first, last = lo.month if at_lo else 1, hi.month if at_hi else 12
    month = draw(_around(1, first, last, (first,) * at_lo + (last,) * at_hi or (1, 2, 2, 12)))
    at_lo, at_hi = at_lo and month == lo.month, at_hi and month == hi.month
    first, last = lo.day if at_lo else 1, hi.day if at_hi else calendar.monthrange(year, month)[1]
    return date(year, month, draw(_around(1, first, last, (first,) * at_lo + (last,) * at_hi or (1, 28, 29, 30, 31))))


@lru_cache(maxsize=64)
def _around(simplest: int, first: int, last: int, edges: Sequence[int]) -> st.SearchStrategy[int]:
    """Draw from `first` to `last`, half of the time an edge; near `simplest` is simpler."""
    anywhere, near = (
        [value for value in sorted(values, key=lambda value: abs(value - simplest)) if first <= value <= last]
        for values in (range(first, last + 1), edges)
    )
    # Twice: a single edge would need no draw, and Hypothesis would take it for simpler than everything else.
    return st.sampled_from(anywhere) | st.sampled_from(near * 2) if near else st.sampled_from(anywhere)


ANY_SCHEDULE = schedules()
_ANY_START = start_dates()


def due_dates(
    schedules: st.SearchStrategy[Plan] = ANY_SCHEDULE, start_dates: st.SearchStrategy[date] = _ANY_START
) -> st.SearchStrategy[DueDates]:
    """Return a strategy for the due dates of these schedules or sets from these starts.

    Some have an end, which may be before the start.

    >>> from hypothesis import given
    >>> @given(due_dates(schedules(never_due=True)))
    ... def nothing_is_due(due):
    ...     assert not due
    >>> nothing_is_due()
    """
    return _due_dates(schedules, start_dates)


@st.composite
def _due_dates(draw: st.DrawFn, schedules: st.SearchStrategy[Plan], start_dates: st.SearchStrategy[date]) -> DueDates:
    start = draw(start_dates)
    days = draw(st.none() | st.integers(-40, 4000) | st.integers(-LAST_DAY, LAST_DAY))
    return draw(schedules).due_dates(start, None if days is None else shifted(start, days))


def shifted(day: date, days: int) -> date:
    """Return `day` moved by a number of days, but not beyond either end of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), LAST_DAY))


def business_calendars(known: tuple[date, date] | None = None) -> st.SearchStrategy[BusinessCalendar]:
    """Return a strategy for calendars of open days that are known from the first to the last of two
    days, both included; for a drawn time without them: days, years, or always.

    They have closures of days, weeks, months and years, weekends of up to six weekdays, and days of
    weekends that are open. Not every one has an open day. The simplest has weekends alone.

    >>> from hypothesis import given
    >>> @given(business_calendars((date(2024, 1, 1), date(2024, 12, 31))))
    ... def knows_the_year(calendar):
    ...     assert calendar.count(date(2024, 1, 1), date(2024, 12, 31)) <= 366
    >>> knows_the_year()

    Raises ValueError if the days are in the wrong order, TypeError if one is not a date.
    """
    if known is None:
        return _business_calendars(_KNOWN) | _weekends().map(lambda weekend: BusinessCalendar(weekend=weekend))
    dates_between(known[0], "known[0]", known[1], "known[1]")
    return _business_calendars(st.just(known))


@st.composite
def _business_calendars(draw: st.DrawFn, of: st.SearchStrategy[tuple[date, date]]) -> BusinessCalendar:
    first, last = known = draw(of)
    size = (last - first).days
    numbers = st.integers(0, size)
    weekend = draw(_weekends())
    closed = draw(st.sets(numbers, max_size=min(30, size)))
    for begin, length in draw(st.lists(st.tuples(numbers, st.sampled_from((3, 10, 31, 75, 800))), max_size=2)):
        closed |= {*range(begin, min(begin + length, size + 1))}
    chosen = draw(st.sets(numbers, max_size=10)) - closed
    opened = [day for day in (shifted(first, number) for number in chosen) if WEEKDAYS[day.weekday()] in weekend]
    return BusinessCalendar(
        [shifted(first, number) for number in closed], weekend=weekend, opened=opened, known=known, name="drawn"
    )


@cache
def _weekends() -> st.SearchStrategy[tuple[str, ...]]:
    return st.just(("sat", "sun")) | st.sets(st.sampled_from(WEEKDAYS), max_size=6).map(lambda days: (*sorted(days),))


_KNOWN = st.tuples(
    st.just(SIMPLEST_DATE) | _ANY_START, st.sampled_from((0, 3, 30, 366, 3652)) | st.integers(0, 3652)
).map(lambda drawn: (drawn[0], shifted(drawn[0], drawn[1])))
"""The first and the last day that a calendar knows."""


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Draw a billing period, a stub or not, with an end or without."""
    start = draw(_ANY_START)
    days = draw(st.integers(1, LAST_DAY + 1 - start.toordinal()))
    end = None if start.toordinal() + days > LAST_DAY else start + timedelta(days)
    return Period(start, end, draw(st.booleans()))


def retry_days(max_value: int = 366) -> st.SearchStrategy[list[int]]:
    """Return a strategy for lists of retry days from 1 to `max_value`, in order.

    `retry_dates` accepts each list for a payment due at least `max_value` days before 9999-12-31.

    >>> from hypothesis import given
    >>> @given(retry_days(30))
    ... def is_retried_within_a_month(days):
    ...     assert all(day <= 30 for day in days)
    >>> is_retried_within_a_month()
    """
    return st.lists(st.integers(1, max(max_value, 1)), unique=True, max_size=min(max_value, 10)).map(sorted)
