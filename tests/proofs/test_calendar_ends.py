"""The years 1 and 9999: every kind of schedule at the first and the last day of the calendar.

The oracle is the day-by-day reference, over the first and the last eight years.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from effort import Share

from recurring_schedule import DueDates, Frequency, Period, Schedule, ScheduleError, retry_dates
from recurring_schedule.testing import reference_due_dates

Divisor = int | tuple[int, int] | None

DAY = timedelta(days=1)
FIRST_YEARS = (date.min, date(8, 12, 31))
LAST_YEARS = (date(9992, 1, 1), date.max)

# Some of these are never due. Some of the yearly ones are due only in the year 1, 9998 or 9999, or far from both ends.
DIVISORS: dict[str, list[Divisor]] = {
    "daily": [None, *range(2, 33), (1, 2), (2, 3), (1, 31), (30, 31), (31, 32)],
    "weekly": [None, 2, (1, 2), 3, (1, 3), 26, (25, 26), 52, 53, (1, 53), (52, 53), (53, 54), 54],
    "monthly": [None, 2, (1, 2), 5, (1, 5), 12, (1, 12), (11, 12), 13],
    "quarterly": [None, 2, (1, 2), 4, (1, 4), 5],
    "yearly": [None, 2, (1, 2), 3, (1, 4), 7, 9999, (1, 9999), (1, 2000), (9998, 9999), (9999, 10_000), 5000, 10_000],
}
assert {*DIVISORS} == {*Frequency}
DAYS = (1, 2, 15, 28, 29, 30, 31, -1, -2, -28, -29, -31)
SCHEDULES = {
    "daily": [Schedule("daily", divisor) for divisor in DIVISORS["daily"]],
    "weekly": [Schedule("weekly", divisor, weekday) for divisor in DIVISORS["weekly"] for weekday in range(7)],
    "monthly": [Schedule("monthly", divisor, day) for divisor in DIVISORS["monthly"] for day in DAYS],
    "quarterly": [
        Schedule("quarterly", divisor, (month, day))
        for divisor in DIVISORS["quarterly"]
        for month in (0, 1, 2)
        for day in DAYS
    ],
    "yearly": [
        Schedule("yearly", divisor, (month, day))
        for divisor in DIVISORS["yearly"]
        for month in (0, 1, 11)
        for day in DAYS
    ],
}
for frequency, month in (("monthly", None), ("quarterly", 2), ("yearly", 0), ("yearly", 11)):
    for divisor in DIVISORS[frequency]:
        SCHEDULES[frequency] += [
            Schedule(frequency, divisor, month, weekday=weekday)
            for weekday in ((1, 0), (1, 4), (4, 6), (-1, 5), (-4, 0))
        ]
NEVER = [schedule for schedules in SCHEDULES.values() for schedule in schedules if schedule.never_due]


def is_edge(schedule: Schedule) -> bool:
    """Return True for a schedule that every sample contains: due at the ends of months, and of the calendar."""
    day = schedule.offset[1] if isinstance(schedule.offset, tuple) else schedule.offset
    return day in (None, 0, 5, 31, -31) and schedule.divisor in (None, 53, (1, 9999), (9998, 9999), 9999)


@pytest.fixture(params=SCHEDULES)
def sampled(request: pytest.FixtureRequest, share: Share) -> list[Schedule]:
    """The schedules of a frequency."""
    return share.sample(SCHEDULES[request.param], is_edge)


def days_from(first: date, last: date) -> list[date]:
    return [*map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))]


def neighbours(due: Sequence[date], days: Sequence[date]) -> list[tuple[date | None, date | None, bool]]:
    """Return, for each day, the last due date before it, the first one after it, and True if it is due."""
    found: list[tuple[date | None, date | None, bool]] = []
    passed = 0
    for day in days:
        is_due = passed < len(due) and due[passed] == day
        before = due[passed - 1] if passed else None
        passed += is_due
        found.append((before, due[passed] if passed < len(due) else None, is_due))
    return found


def test_the_first_due_dates_and_every_lookup_before_them(
    sampled: list[Schedule], record_figure: Callable[[str], None]
) -> None:
    first, last = FIRST_YEARS
    days = days_from(first, last)
    asked = 0
    for schedule in sampled:
        expected = reference_due_dates(schedule, first, first, last)
        due = schedule.due_dates(first)
        assert list(due.between(first, last)) == expected, schedule
        for day, (before, after, is_due) in zip(days, neighbours(expected, days), strict=True):
            assert (due.before(day), day in due) == (before, is_due), (schedule, day)
            assert due.on_or_before(day) == (day if is_due else before), (schedule, day)
            if after:
                assert due.after(day) == after, (schedule, day)
                assert due.on_or_after(day) == (day if is_due else after), (schedule, day)
            else:
                assert (due.after(day) or date.max) > last, (schedule, day)
            asked += 1
    assert asked == len(sampled) * (8 * 365 + 2)
    record_figure(f"years 1 to 8, {len(sampled):,} {sampled[0].frequency} schedules: lookups on {asked:,} days")


def test_the_last_due_dates_and_every_lookup_after_them(
    sampled: list[Schedule], record_figure: Callable[[str], None]
) -> None:
    first, last = LAST_YEARS
    days = days_from(first, last)
    asked = 0
    for schedule in sampled:
        expected = reference_due_dates(schedule, first, first, last)
        due = schedule.due_dates(date.min)
        assert list(due.between(first, last)) == expected, schedule
        for day, (before, after, is_due) in zip(days, neighbours(expected, days), strict=True):
            assert (due.after(day), day in due) == (after, is_due), (schedule, day)
            assert due.on_or_after(day) == (day if is_due else after), (schedule, day)
            if before:
                assert due.before(day) == before, (schedule, day)
                assert due.on_or_before(day) == (day if is_due else before), (schedule, day)
            else:
                assert (due.before(day) or date.min) < first, (schedule, day)
            asked += 1
    assert asked == len(sampled) * (8 * 365 + 2)
    record_figure(f"years 9992 to 9999, {len(sampled):,} {sampled[0].frequency} schedules: lookups on {asked:,} days")


@pytest.mark.parametrize("years", [FIRST_YEARS, LAST_YEARS], ids=["years 1 to 8", "years 9992 to 9999"])
def test_the_sequence_ends_where_the_calendar_ends(sampled: list[Schedule], years: tuple[date, date]) -> None:
    first, last = years
    for schedule in sampled:
        expected = reference_due_dates(schedule, first, first, last)
        due = schedule.due_dates(first, last)
        indices = range(len(expected))
        assert len(due) == len(expected)
        assert bool(due) is bool(expected)
        assert list(due) == expected
        assert list(reversed(due)) == expected[::-1]
        assert [due[index] for index in indices] == expected
        assert [due[~index] for index in indices] == expected[::-1]
        assert [due.index(day) for day in expected] == list(indices)
        for outside in (len(due), ~len(due)):
            with pytest.raises(IndexError):
                due[outside]
        assert due.on_or_after(date.min) == (expected[0] if expected else None)
        assert due.on_or_before(date.max) == (expected[-1] if expected else None)
        for day in (date.max, *expected[-1:]):
            assert due.after(day) is None
        for day in (date.min, *expected[:1]):
            assert due.before(day) is None
        assert due.between(date.min, date.max) == due
        assert not due.between(date.max, date.min)


def test_the_payment_days_on_the_weekend_after_the_last_day_do_not_exist() -> None:
    assert date.max.isoweekday() == 5
    assert date.max.isocalendar()[:2] == (9999, 52)
    for weekday in range(7):
        last = max(day for day in days_from(date(9999, 12, 25), date.max) if day.isoweekday() % 7 == weekday)
        due = Schedule("weekly", offset=weekday).due_dates(date(9999, 1, 1))
        assert due[-1] == last
        assert list(due)[-1] == last
        assert next(reversed(due)) == last
        assert due.after(last) is None
        week_52 = Schedule("weekly", 52, weekday).due_dates(date(9998, 1, 1))
        assert [day.year for day in week_52] == ([9998] if weekday in (6, 0) else [9998, 9999])


def test_the_last_period_has_no_end_and_counts_its_days(sampled: list[Schedule]) -> None:
    start = date(9992, 2, 10)
    for schedule in sampled:
        expected = reference_due_dates(schedule, start, start, date.max)
        due = schedule.due_dates(start)
        *whole, last = due.periods()
        assert [period.start for period in (*whole, last)] == sorted({start, *expected})
        for period, after in pairwise((*whole, last)):
            assert period.end == after.start
            assert period.is_stub is (period.start not in expected)
        assert (last.end, last.is_stub) == (None, True)
        assert last.days == (date.max - last.start).days + 1
        assert sum(period.days for period in (*whole, last)) == (date.max - start).days + 1
        assert last.fraction(last.start) == 0
        assert last.fraction(date.max) == Fraction(last.days - 1, last.days)
        assert due.period(date.max) == due.period(last.start) == last


def test_the_first_period_starts_on_the_first_day(sampled: list[Schedule]) -> None:
    end = date(8, 6, 15)
    for schedule in sampled:
        expected = reference_due_dates(schedule, date.min, date.min, end + DAY)
        due = schedule.due_dates(date.min, end)
        periods = [*due.periods()]
        assert [period.start for period in periods] == sorted({date.min, *expected} - {end + DAY})
        assert [period.end for period in periods] == [*(period.start for period in periods[1:]), end + DAY]
        assert [period.is_stub for period in periods] == [
            period.start not in expected or period.end not in expected for period in periods
        ]
        assert due.period(date.min) == periods[0]
        assert due.period(end) == periods[-1]


def test_a_single_day_at_either_end_is_due_or_a_stub(sampled: list[Schedule]) -> None:
    for schedule in sampled:
        last = schedule.due_dates(date.max)
        assert list(last) == reference_due_dates(schedule, date.max, date.max, date.max)
        assert [*last.periods()] == [last.period(date.max)] == [Period(date.max, None, is_stub=True)]
        first = schedule.due_dates(date.min, date.min)
        is_due, is_followed = (
            day in reference_due_dates(schedule, date.min, date.min, date(1, 1, 2)) for day in (date.min, date(1, 1, 2))
        )
        assert list(first) == [date.min] * is_due
        assert [*first.periods()] == [Period(date.min, date(1, 1, 2), is_stub=not (is_due and is_followed))]


def assert_empty(due: DueDates) -> None:
    assert len(due) == 0
    assert not due
    assert list(due) == list(reversed(due)) == []
    assert due == Schedule("daily").due_dates(date.max, date.min)
    assert hash(due) == hash(Schedule("daily").due_dates(date.max, date.min))
    for day in (date.min, date(2024, 2, 29), date.max):
        assert due.after(day) is due.on_or_after(day) is due.before(day) is due.on_or_before(day) is None
        assert day not in due
        assert due.count(day) == 0
        with pytest.raises(ValueError, match="is not among"):
            due.index(day)
    for index in (0, -1):
        with pytest.raises(IndexError):
            due[index]
    assert due[:] == due[1:] == due[:-1] == due
    assert due[::2] == ()


def test_due_dates_that_start_after_their_end_are_empty(sampled: list[Schedule]) -> None:
    for schedule in sampled:
        for start, end in ((date.max, date.min), (date.max, date.max - DAY), (date(1, 1, 2), date.min)):
            due = schedule.due_dates(start, end)
            assert_empty(due)
            assert [*due.periods()] == []
            assert due.period(start) is due.period(end) is None


def test_a_schedule_that_is_never_due_has_one_stub_up_to_the_last_day() -> None:
    assert len(NEVER) > 4
    for schedule in NEVER:
        due = schedule.due_dates(date.min)
        assert_empty(due)
        assert [*due.periods()] == [due.period(date.max)] == [Period(date.min, None, is_stub=True)]
        cut = schedule.due_dates(date.min, date.max - DAY)
        assert_empty(cut)
        assert [*cut.periods()] == [cut.period(date.min)] == [Period(date.min, date.max, is_stub=True)]
        assert cut.period(date.max) is None


@pytest.mark.parametrize(
    ("divisor", "year"), [((1, 9999), 1), ((9998, 9999), 9998), (9999, 9999), ((9999, 10_000), 9999), (5000, 5000)]
)
def test_a_divisor_may_pick_a_single_year(divisor: Divisor, year: int) -> None:
    schedule = Schedule("yearly", divisor, (1, -1))
    due = schedule.due_dates(date.min)
    assert list(due) == reference_due_dates(schedule, date.min, date(year, 1, 1), date(year, 12, 31))
    assert (len(due), due.after(date.min), due.before(date.max)) == (1, due[0], due[0])


def test_retries_end_on_the_last_day_and_not_after_it() -> None:
    assert retry_dates(date.max - 3 * DAY, [1, 3]) == (date.max - 2 * DAY, date.max)
    assert retry_dates(date.max, []) == ()
    for due, days, index in ((date.max - 3 * DAY, [1, 4], 1), (date.max, [1], 0), (date.min, [3_652_059], 0)):
        with pytest.raises(ScheduleError) as caught:
            retry_dates(due, days)
        assert (caught.value.path, caught.value.value) == (f"days[{index}]", days[index])
    assert retry_dates(date.min, [3_652_058]) == (date.max,)
