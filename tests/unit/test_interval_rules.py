"""Rules of the 21 types of years, of steps of days and of steps of months: their forms, and both ends of the calendar."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import pytest

from recurring_schedule import DueDates, Frame, MonthRule, Rule, Schedule, SetRule, StepRule, YearRule
from recurring_schedule.core.calendars import WEEKDAYS, Years

EVERY_YEAR = (0, 1)
LEAP_DAY = date(2024, 2, 29)
LAST_DAY = date.max.toordinal()
NEVER = YearRule(Frame.CIVIL, EVERY_YEAR, (), ())


# The 21 types of years


def test_there_are_21_types_of_years_which_decide_weekdays_and_weeks() -> None:
    assert len(WEEKDAYS.kinds) == 21
    looks: dict[int, tuple[Any, ...]] = {}
    for year in range(1, 10_000):
        first, last = date(year, 1, 1), date(year, 12, 31)
        is_long = (date(year, 12, 28).isocalendar().week, first.isocalendar()[1:], last.isocalendar()[1:])
        assert looks.setdefault(WEEKDAYS.types[year], is_long) == is_long
        length, weekday, length_before = WEEKDAYS.kinds[WEEKDAYS.types[year]]
        assert (length, weekday) == ((last - first).days + 1, first.weekday())
        if year > 1:
            assert length_before == (first - date(year - 1, 1, 1)).days
    assert {*looks} == {*range(21)}


def by_type(days: Callable[[Years, int], Any]) -> list[Any]:
    return [days(WEEKDAYS, number) for number in range(21)]


def written_by_types(rule: Rule) -> YearRule:
    """Return a rule written with the days of each of the 21 types of years, which it has in the years from 2000 on."""
    days: dict[int, list[int]] = {}
    for year in range(2000, 2400):
        due = DueDates(rule, date(year, 1, 1), date(year, 12, 31))
        days.setdefault(WEEKDAYS.types[year], [(day - date(year, 1, 1)).days for day in due])
    return YearRule(Frame.WEEKDAYS, EVERY_YEAR, *(days[number] for number in range(21)))


@pytest.mark.parametrize(
    ("schedule", "frame"),
    [
        (Schedule("daily"), Frame.CIVIL),
        (Schedule("daily", 29), Frame.CIVIL),
        (Schedule("monthly", offset=30), Frame.CIVIL),
        (Schedule("yearly", offset=(1, 29)), Frame.CIVIL),
        (Schedule("monthly", 13), Frame.CIVIL),
        *((Schedule("weekly", offset=weekday), Frame.ISO) for weekday in range(7)),
        (Schedule("weekly", 2, 0), Frame.ISO),
        (Schedule("weekly", (1, 53), 1), Frame.ISO),  # Monday of week 1 may be in December.
        (Schedule("weekly", 53, 0), Frame.ISO),
        (Schedule("weekly", 53, 1), Frame.ISO),
        (Schedule("yearly", offset=0, weekday=(1, 4)), Frame.ISO),
        (Schedule("yearly", offset=0, weekday=(1, 5)), Frame.WEEKDAYS),
        (Schedule("monthly", weekday=(-1, 5)), Frame.WEEKDAYS),
        (Schedule("quarterly", 3, 1, weekday=(-4, 0)), Frame.WEEKDAYS),
    ],
    ids=repr,
)
def test_a_rule_has_the_first_frame_that_can_say_it(schedule: Schedule, frame: Frame) -> None:
    rule = schedule.rule(LEAP_DAY)
    assert isinstance(rule, YearRule)
    assert rule.frame is frame
    again = written_by_types(rule)
    assert again == rule
    assert hash(again) == hash(rule)
    assert repr(again) == repr(rule)
    assert again.count == rule.count


@pytest.mark.parametrize(("month", "n", "weekday"), [*product((0, 1, 11), (1, -1), range(7))])
def test_a_weekday_of_every_year_is_the_same_rule_written_by_types(month: int, n: int, weekday: int) -> None:
    rule = Schedule("yearly", offset=month, weekday=(n, weekday)).rule(LEAP_DAY)
    assert written_by_types(rule) == rule


def test_types_that_no_year_has_take_the_days_of_one_that_some_year_has() -> None:
    days = [[number] for number in range(21)]
    rule = YearRule(Frame.WEEKDAYS, (0, 400), *days)  # all of these years are of one type
    assert rule == YearRule(Frame.CIVIL, (0, 400), *[[WEEKDAYS.types[400]]] * 2)
    odd = YearRule(Frame.WEEKDAYS, (1, 2), *days)
    met = {WEEKDAYS.types[year] for year in range(1, 10_000, 2)}
    assert odd.frame is Frame.WEEKDAYS
    assert [odd.days[number] for number in range(21)] == [
        (number,) if number in met else (min(met),) for number in range(21)
    ]


def test_a_rule_of_21_types_is_kept_sorted_and_shown_as_the_code_that_makes_it() -> None:
    days: list[list[int]] = [[300, number, 300] for number in range(21)]
    rule = YearRule(Frame.WEEKDAYS, EVERY_YEAR, *days)
    assert rule.days == tuple((number, 300) for number in range(21))
    assert eval(repr(rule)) == rule  # noqa: S307  # our own text


@pytest.mark.parametrize(
    ("frame", "years", "days", "message"),
    [
        (Frame.WEEKDAYS, EVERY_YEAR, [[5]] * 2, "^days: got those of 2 types of years, expected 21$"),
        (Frame.CIVIL, EVERY_YEAR, [[5]] * 21, "^days: got those of 21 types of years, expected 2$"),
        (Frame.ISO, EVERY_YEAR, [], "^days: got those of 0 types of years, expected 2$"),
        (Frame.WEEKDAYS, EVERY_YEAR, [[365]] * 21, r"^days\[0\]: got day 365 of a year, expected 0 to 364$"),
        (Frame.WEEKDAYS, EVERY_YEAR, [*[[364]] * 20, [366]], r"^days\[20\]: got day 366 of a year, expected 0 to 365$"),
        (Frame.WEEKDAYS, EVERY_YEAR, [*[[-1, 5]] * 20, [6]], r"^days\[0\]: got day -1 of a year, expected 0 to 364$"),
        (
            Frame.WEEKDAYS, (1, 3), [[], *[[5]] * 20],
            r"^days: got 0 in some years and 1 in others, expected as many in all unless `years` is \(0, 1\)$",
        ),
    ],
)  # fmt: skip
def test_wrong_days_of_types_are_refused(
    frame: Frame, years: tuple[int, int], days: list[list[int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        YearRule(frame, years, *days)


# Steps


def test_the_rules_of_intervals_know_their_numbers() -> None:
    step = Schedule("daily", interval=10).rule(date(2024, 2, 25))
    assert isinstance(step, StepRule)
    assert (step.remainder, step.step, repr(step)) == (1, 10, "StepRule(1, 10)")
    month = Schedule("quarterly", offset=(2, 31), interval=5).rule(date(2024, 2, 25))
    assert isinstance(month, MonthRule)
    assert month.remainder == (12 * 2023 + 2) % 15
    assert (month.remainder, month.step, month.day, repr(month)) == (8, 15, -1, "MonthRule(8, 15, -1)")
    weekday = Schedule("monthly", weekday=(-1, 0), interval=5).rule(date(2024, 2, 25))
    assert isinstance(weekday, MonthRule)
    assert (weekday.day, repr(weekday)) == ((-1, 6), "MonthRule(2, 5, (-1, 6))")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (StepRule(5, 14), StepRule(6, 14)),
        (StepRule(5, 14), StepRule(5, 15)),
        (MonthRule(2, 5, 30), MonthRule(2, 5, -1)),
        (MonthRule(2, 5, 30), MonthRule(3, 5, 30)),
        (MonthRule(2, 5, 30), MonthRule(2, 7, 30)),
        (MonthRule(2, 5, 1), MonthRule(2, 5, (1, 0))),
        (MonthRule(2, 5, (1, 0)), MonthRule(2, 5, (1, 1))),
        (StepRule(2, 5), MonthRule(2, 5, 1)),
    ],
    ids=repr,
)
def test_rules_that_differ_in_one_number_are_not_equal(one: Rule, other: Rule) -> None:
    assert one != other
    assert [*DueDates(one, LEAP_DAY)[:40]] != [*DueDates(other, LEAP_DAY)[:40]]


@pytest.mark.parametrize(("step", "months"), [(8, (1, 5, 9)), (9, (1, 4, 7, 10)), (10, (4, 6, 2)), (18, (1, 2, 4))])
@pytest.mark.parametrize("day", [1, 27, 28, 29, 30, 31, -1, -27, -28, -29, -30, -31])
def test_days_that_no_month_of_the_steps_tells_apart_are_one_rule(step: int, months: tuple[int, ...], day: int) -> None:
    for month in months:
        due = Schedule("monthly", offset=day, interval=step).due_dates(date(1999, month, 1), date(2400, 1, 1))
        for other in range(-31, 32):
            if other:
                found = Schedule("monthly", offset=other, interval=step).due_dates(
                    date(1999, month, 1), date(2400, 1, 1)
                )
                assert (found.rule == due.rule) is ([*found] == [*due])


FIXED = [
    *(Schedule("daily", interval=interval) for interval in (1, 2, 7, 10, 399)),
    *(Schedule("weekly", offset=weekday, interval=interval) for weekday in (0, 1) for interval in (1, 2, 53)),
    *(Schedule("monthly", offset=day, interval=interval) for day in (15, 30, -1) for interval in (1, 5, 12, 60)),
    *(Schedule("quarterly", offset=(1, 31), interval=interval) for interval in (1, 3, 4)),
    *(Schedule("yearly", offset=(1, 29), interval=interval) for interval in (1, 3, 30)),
    Schedule("monthly", interval=7, weekday=(-1, 5)),
    Schedule("yearly", offset=1, interval=3, weekday=(1, 0)),
]


@pytest.mark.parametrize("schedule", FIXED, ids=repr)
@pytest.mark.parametrize("start", [date.min, date(1, 12, 31), LEAP_DAY, date(2020, 12, 31), date(9990, 1, 1)], ids=str)
def test_a_rule_from_a_due_date_is_the_rule_from_the_start(schedule: Schedule, start: date) -> None:
    due = schedule.due_dates(start)
    for day in (*due[:30], *due[-3:]):
        assert schedule.rule(day) == due.rule


FEWER = [schedule for schedule in FIXED if schedule.rule(LEAP_DAY).count < 300_000]  # to list them takes long


@pytest.mark.parametrize("schedule", FEWER, ids=repr)
def test_both_ends_of_the_calendar_answer_like_the_days_between(schedule: Schedule) -> None:
    for start in (date.min, LEAP_DAY, date.max):
        rule = schedule.rule(start)
        due = DueDates(rule, date.min)
        days = [*map(date.fromordinal, map(rule.nth, range(rule.count)))]
        assert days == [*due] == [*reversed(due)][::-1]
        ends = [*range(1, 800), *range(LAST_DAY - 800, LAST_DAY + 1)]
        for day in map(date.fromordinal, ends):
            at = bisect_left(days, day)
            assert rule.rank(day.toordinal()) == at
            assert due.on_or_after(day) == (days[at] if at < len(days) else None)
            assert due.before(day) == (days[at - 1] if at else None)
            assert (day in due) is (days[at : at + 1] == [day])
        assert rule.rank(LAST_DAY + 1) == rule.count


@pytest.mark.parametrize(
    ("schedule", "start", "dates"),
    [
        (Schedule("daily", interval=LAST_DAY - 1), date.min, [date.min, date.max]),
        (Schedule("daily", interval=LAST_DAY), date.min, [date.min]),
        (Schedule("daily", interval=LAST_DAY), date.max, [date.max]),
        (Schedule("monthly", interval=12 * 9999 - 1), date(1, 1, 31), [date(1, 1, 31), date(9999, 12, 31)]),
        (Schedule("monthly", interval=12 * 9999 - 1), date(9999, 12, 31), [date(1, 1, 31), date(9999, 12, 31)]),
        (Schedule("monthly", interval=12 * 9999), date(1, 1, 31), [date(1, 1, 31)]),
        (Schedule("yearly", interval=9998), date(1, 5, 5), [date(1, 5, 5), date(9999, 5, 5)]),
        (Schedule("yearly", interval=9998), date(2, 5, 5), [date(2, 5, 5)]),
        # The Sunday of the last week is past the end: Friday 9999-12-31 is its fifth day.
        (Schedule("weekly", offset=0, interval=600_000), date.max, []),
        (Schedule("weekly", offset=0, interval=521_722), date.max, [date(1, 1, 7)]),
        (Schedule("weekly", offset=0, interval=521_721), date.max, [date(1, 1, 14)]),
        (Schedule("weekly", offset=5, interval=521_722), date.max, [date(1, 1, 5), date.max]),
        (Schedule("monthly", interval=10**9, weekday=(-1, 5)), date(9999, 12, 1), [date.max]),
        (Schedule("monthly", interval=10**639, offset=1), LEAP_DAY, [date(2024, 2, 1)]),
        (Schedule("daily", interval=10**639), LEAP_DAY, [LEAP_DAY]),
    ],
    ids=repr,
)
def test_a_rule_with_a_few_due_days_has_them_all(schedule: Schedule, start: date, dates: list[date]) -> None:
    rule = schedule.rule(start)
    due = DueDates(rule, date.min)
    assert (rule.count, [*due], [*reversed(due)]) == (len(dates), dates, dates[::-1])
    assert [rule.rank(day.toordinal()) for day in dates] == [*range(len(dates))]
    assert (due.after(date.min), due.before(date.max)) == (
        next((day for day in dates if day > date.min), None),
        next((day for day in dates[::-1] if day < date.max), None),
    )
    if len(dates) < 2:
        single = dates and YearRule(
            Frame.CIVIL, (dates[0].year % 9999, 9999), *[[dates[0].timetuple().tm_yday - 1]] * 2
        )
        assert rule == (single or NEVER)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepRule(14, 14), "remainder: got 14, expected 0 to 13"),
        (lambda: StepRule(-1, 14), "remainder: got -1, expected 0 to 13"),
        (lambda: StepRule(0, 0), "remainder: got 0, expected 0 to -1"),
        (lambda: MonthRule(5, 5, 31), "remainder: got 5, expected 0 to 4"),
        (lambda: MonthRule(0, 5, 0), r"day: got 0, expected 1 to 31, -1 to -31, or \(n, weekday\)"),
        (lambda: MonthRule(0, 5, (5, 0)), r"day: got \(5, 0\), expected 1 to 31, -1 to -31, or \(n, weekday\)"),
    ],
)
def test_wrong_numbers_are_refused(make: Callable[[], Rule], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        make()


def test_numbers_of_another_type_are_a_type_error() -> None:
    with pytest.raises(TypeError):
        StepRule("1", 14)  # type: ignore[arg-type]  # that is what is tested
    with pytest.raises(TypeError, match=r"^members: got 'monthly', expected rules, from Schedule\.rule$"):
        SetRule(["monthly"])  # type: ignore[list-item]  # likewise
    with pytest.raises(TypeError, match=r"^excluded: got '2024-01-01', expected a datetime\.date"):
        SetRule([StepRule(1, 14)], ["2024-01-01"])  # type: ignore[list-item]  # likewise
