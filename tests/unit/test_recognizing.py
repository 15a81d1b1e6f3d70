"""Histories of due dates, and the schedules that are recognized in them, against drawn schedules and the definition."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from recurring_schedule import Dialect, DueDates, Frequency, Schedule, ScheduleSet
from recurring_schedule.analysis import Candidate, recognize
from recurring_schedule.testing import schedules, start_dates
from recurring_schedule.testing.reference import reference_due_dates

DAY = timedelta(days=1)
START = date(2024, 1, 31)
STARTS = start_dates(date(1890, 1, 1), date(2110, 1, 1))
FURTHER = 50


def days(*texts: str) -> list[date]:
    return [*map(date.fromisoformat, texts)]


def first_dates(schedule: Schedule | ScheduleSet, start: date, count: int) -> list[date]:
    return [*islice(schedule.due_dates(start), count)]


def further(found: Candidate, last: date) -> list[date]:
    """Return the next due dates after the history."""
    return [*islice(found.schedule.due_dates(found.start).between(last + DAY, date.max), FURTHER)]


def spellings(*texts: str) -> list[str]:
    return [str(one.schedule) for one in recognize(days(*texts))]


# Drawn schedules


@st.composite
def drawn_schedules(draw: st.DrawFn) -> Schedule:
    """With a divisor or an interval or neither, and a payment day that is written, or a weekday, or neither."""
    one = draw(schedules(dialects=Dialect, never_due=False))
    frequency, divisor, offset, weekday = one.frequency, one.divisor, one.offset, None
    interval = draw(st.none() | st.integers(1, 6) | st.integers(7, 40)) if divisor is None else None
    if frequency.months and draw(st.booleans()):
        offset = draw(st.none() | st.integers(0, frequency.months - 1)) if frequency.months > 1 else None
        weekday = draw(st.tuples(st.sampled_from([1, 2, 3, 4, -1, -2, -3, -4]), st.integers(0, 6)))
    return Schedule(frequency, divisor, offset, one.dialect, interval=interval, weekday=weekday)


def kind(one: Schedule | ScheduleSet) -> int:
    """Return 0 for a schedule of every period, 1 with an interval, 2 with a divisor, 3 with a pair."""
    assert isinstance(one, Schedule)
    return 1 + len(one.divisor) if isinstance(one.divisor, tuple) else 2 * bool(one.divisor) or int(bool(one.interval))


@given(drawn_schedules(), STARTS, st.integers(3, 40))
@example(Schedule("monthly", 5, dialect="intergiro_prose"), START, 3)
@example(Schedule("monthly", offset=0, dialect="payfunc"), START, 3)
@example(Schedule("weekly", 53, 0), START, 3)
@example(Schedule("yearly", 400, (1, 29)), START, 4)
@example(Schedule("monthly", weekday=(-4, 0), interval=11), START, 40)
def test_the_schedule_of_a_history_is_found_and_the_first_is_no_more_complex(
    schedule: Schedule, start: date, count: int
) -> None:
    history = first_dates(schedule, start, count)
    assume(len(history) > 1)
    found = recognize(history, schedule.dialect)
    assert {one.start for one in found} == {history[0]}
    same = [one for one in found if further(one, history[-1]) == first_dates(schedule, start, count + FURTHER)[count:]]
    assert same
    assert kind(found[0].schedule) <= min(kind(one.schedule) for one in same) <= kind(schedule)
    assert all(isinstance(one.schedule, Schedule) and one.schedule.dialect is schedule.dialect for one in found)


@given(drawn_schedules(), STARTS, st.integers(2, 12))
@example(Schedule("weekly", 2, 3), date(2024, 1, 1), 2)
@example(Schedule("monthly", offset=29), date(2023, 3, 1), 3)
def test_so_many_more_dates_decide_and_no_fewer(schedule: Schedule, start: date, count: int) -> None:
    history = first_dates(schedule, start, count)
    assume(len(history) > 1)
    for candidate in recognize(history, schedule.dialect):
        whole = first_dates(candidate.schedule, candidate.start, len(history) + candidate.dates_to_decide)
        if len(whole) < len(history) + candidate.dates_to_decide:
            continue  # the calendar ends
        (only,) = recognize(whole, schedule.dialect)
        assert (only.schedule, only.dates_to_decide) == (candidate.schedule, 0)
        if candidate.dates_to_decide:
            assert len(recognize(whole[:-1], schedule.dialect)) > 1


@st.composite
def drawn_sets(draw: st.DrawFn) -> ScheduleSet:
    """Two or three schedules that differ in their payment day."""
    frequency = draw(st.sampled_from([one for one in Frequency if one.parts]))
    interval = draw(st.none() | st.integers(2, 4))
    every = draw(st.lists(schedules(frequencies=frequency, anchored=False), min_size=2, max_size=3, unique_by=str))
    weekdays = draw(st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, -1]), st.integers(0, 6)), max_size=3))
    members = [Schedule(frequency, None, one.offset, interval=interval) for one in every]
    if frequency.months == 1:
        members[: len(weekdays)] = [
            Schedule(frequency, interval=interval, weekday=one) for one in weekdays[: len(members)]
        ]
    return ScheduleSet(members)


@given(drawn_sets(), start_dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(9, 60))
def test_a_set_that_differs_in_its_payment_days_is_found(schedule: ScheduleSet, start: date, count: int) -> None:
    start = schedule.due_dates(start)[0]  # an interval counts from here
    history = first_dates(schedule, start, count)
    found = recognize(history)
    (size,) = {len(one.schedule.members) if isinstance(one.schedule, ScheduleSet) else 1 for one in found}
    assert size <= len(schedule.members)
    if size == len(schedule.members):
        expected = first_dates(schedule, start, count + FURTHER)[count:]
        assert any(further(one, history[-1]) == expected for one in found)


# Any dates


@st.composite
def histories(draw: st.DrawFn) -> list[date]:
    """A schedule's first dates, of which some may be moved or left out; or any dates."""
    start = draw(start_dates(date(1990, 1, 1), date(2040, 1, 1)))
    if draw(st.booleans()):
        near = st.integers(0, draw(st.sampled_from([7, 40, 800])))
        return [start + distance * DAY for distance in sorted(draw(st.sets(near, min_size=2, max_size=8)))]
    one = draw(drawn_schedules() | drawn_sets())
    history = [day for day in first_dates(one, start, draw(st.integers(2, 12))) if day < start + 1500 * DAY]
    for index in draw(st.lists(st.integers(0, 11), max_size=2)):
        history[index : index + 1] = [day + DAY for day in history[index : index + 1]] * draw(st.integers(0, 1))
    assume(len({*history}) > 1)
    return sorted({*history})


@given(histories(), st.sampled_from(Dialect))
def test_every_candidate_has_exactly_these_dates_by_the_definition(history: list[date], dialect: Dialect) -> None:
    found = recognize(history, dialect)
    for one in found:
        members = one.schedule.members if isinstance(one.schedule, ScheduleSet) else [one.schedule]
        due = {day for member in members for day in reference_due_dates(member, one.start, history[0], history[-1])}
        assert sorted(due) == history
        assert one.schedule.dialect is dialect
    futures = [one.schedule.due_dates(one.start) for one in found]
    assert all(a != b for index, a in enumerate(futures) for b in futures[:index])


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_dates_does_not_matter(history: list[date], order: random.Random) -> None:
    assert recognize(order.sample(history, len(history))) == recognize(iter(history)) == recognize(history)


# Every schedule that could be written


def every_schedule() -> Iterator[Schedule]:
    """Yield the schedules of days, weeks and months with all divisors, intervals and payment days that matter here."""
    payment_days: list[dict[str, Any]] = [{}, *({"offset": day} for day in (*range(1, 32), *range(-31, 0)))]
    payment_days += [{"weekday": (n, weekday)} for n in (1, 2, 3, 4, -1, -2, -3, -4) for weekday in range(7)]
    for frequency, last, longest in (("daily", 31, 400), ("weekly", 53, 60), ("monthly", 12, 14)):
        picking: list[dict[str, Any]] = [{}, *({"divisor": divisor} for divisor in range(2, last + 1))]
        picking += [{"divisor": (r, divisor)} for divisor in range(2, last + 2) for r in range(1, divisor)]
        picking += [{"interval": interval} for interval in range(1, longest)]
        for picked in picking:
            for payment in payment_days if frequency == "monthly" else [{}]:
                yield Schedule(frequency, **picked, **payment)


HISTORIES = (
    days("2024-01-31", "2024-02-29"),
    days("2023-02-28", "2023-04-28"),
    days("2024-01-01", "2024-01-15"),
    days("2024-05-31", "2024-06-28", "2024-07-26"),
    days("2023-12-25", "2024-12-30"),
)


def test_no_schedule_is_left_out() -> None:
    futures = [{one.schedule.due_dates(one.start) for one in recognize(history)} for history in HISTORIES]
    met = [set[DueDates]() for _ in HISTORIES]
    for schedule in every_schedule():
        for history, same in zip(HISTORIES, met, strict=True):
            due = schedule.due_dates(history[0])
            if [*islice(due, len(history))] == history:
                same.add(due)
    assert met == futures
    assert [*map(len, met)] == [2, 2, 3, 3, 2]


# The best is first, in its simplest spelling


@pytest.mark.parametrize(
    ("history", "best"),
    [
        (["2024-01-31", "2024-02-29", "2024-03-31"], "Schedule('monthly')"),
        (["2024-02-29", "2024-03-31"], "Schedule('monthly', offset=-1)"),
        (["2024-02-29", "2024-03-30", "2024-04-30"], "Schedule('monthly', offset=30)"),
        (["2024-04-30", "2024-05-30"], "Schedule('monthly')"),
        (["2023-02-28", "2024-02-29"], "Schedule('yearly', offset=(1, -1))"),
        (["2023-02-28", "2024-02-28"], "Schedule('yearly')"),
        (["2024-01-10", "2024-04-10"], "Schedule('quarterly')"),
        (["2024-01-10", "2024-07-10"], "Schedule('quarterly', interval=2)"),
        (["2024-01-10", "2026-01-10"], "Schedule('yearly', interval=2)"),
        (["2024-01-12", "2024-01-26"], "Schedule('weekly', interval=2)"),
        (["2020-12-25", "2021-01-15", "2021-01-29"], "Schedule('weekly', divisor=2)"),
        (["2024-01-03", "2025-01-01", "2025-12-31", "2027-01-06"], "Schedule('weekly', divisor=(1, 53))"),
        (["2024-01-03", "2024-01-13", "2024-01-23", "2024-02-03"], "Schedule('daily', divisor=(3, 10))"),
        (["2024-02-25", "2024-03-06"], "Schedule('daily', interval=10)"),
        (["2024-05-31", "2024-06-28"], "Schedule('monthly', weekday=(-1, 5))"),
        (["2024-01-19", "2024-02-16"], "Schedule('monthly', weekday=(3, 5))"),
        (["2024-01-02", "2024-04-02", "2024-07-02"], "Schedule('quarterly')"),
        (["2024-02-13", "2024-05-14"], "Schedule('quarterly', weekday=(2, 2))"),
        (["0001-01-01", "0001-01-02"], "Schedule('daily')"),
        (["9999-12-30", "9999-12-31"], "Schedule('daily')"),
        (
            ["2024-01-01", "2024-01-15", "2024-02-01", "2024-02-15"],
            "ScheduleSet([Schedule('monthly', offset=1), Schedule('monthly', offset=15)])",
        ),
        (
            ["2024-01-15", "2024-01-31", "2024-02-15", "2024-02-29", "2024-03-15", "2024-03-31"],
            "ScheduleSet([Schedule('monthly', offset=15), Schedule('monthly', offset=-1)])",
        ),
        (
            ["2024-01-04", "2024-01-15", "2024-01-18", "2024-01-29"],
            "ScheduleSet([Schedule('weekly', offset=1, interval=2), Schedule('weekly', offset=4, interval=2)])",
        ),
    ],
)
def test_the_simplest_schedule_is_first(history: list[str], best: str) -> None:
    assert spellings(*history)[0] == best


def test_all_candidates_are_in_order_and_each_says_what_decides_for_it() -> None:
    found = recognize(days("2024-05-31", "2024-06-28", "2024-07-26"))
    assert [(str(one.schedule), one.dates_to_decide) for one in found] == [
        ("Schedule('monthly', weekday=(-1, 5))", 1),  # 30 August, which the others do not have
        ("Schedule('weekly', interval=4)", 32),  # until 2026-W53
        ("Schedule('weekly', divisor=(2, 4))", 32),
    ]
    weekly = [one.schedule.due_dates(one.start).after(date(2026, 12, 30)) for one in found[1:]]
    assert weekly == days("2027-01-08", "2027-01-15")


def test_the_numbers_are_those_of_the_dialect() -> None:
    ends = days("2024-02-29", "2024-03-30", "2024-04-30")
    assert [str(one.schedule) for one in recognize(ends, "payfunc")] == [
        "Schedule('monthly', offset=29, dialect=Dialect.PAYFUNC)"
    ]
    august = [one.schedule for one in recognize(days("2024-06-01", "2024-11-01", "2025-06-01"), "intergiro_prose")]
    assert august == [Schedule("monthly", 5, dialect="intergiro_prose")]
    assert (
        recognize(days("2024-06-01", "2024-11-01", "2025-06-01")) == ()
    )  # months 6 and 11 alone: no divisor picks them


# No candidate, and errors


@pytest.mark.parametrize(
    "history",
    [
        days("2024-01-10", "2024-02-12", "2024-03-11", "2024-04-10"),  # the 10th, or the next bank day
        days("2024-01-01", "2024-01-15", "2024-02-01"),  # no member but one has two dates
        days("2024-01-01", "2024-02-01", "2024-04-01", "2024-05-01", "2024-06-01"),  # one date left out
        days("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05"),
    ],
)
def test_dates_that_no_schedule_has_are_not_recognized(history: list[date]) -> None:
    assert recognize(history) == ()


@pytest.mark.parametrize(
    ("dates", "error", "message"),
    [
        ([], ValueError, "dates: got [], expected a list of at least two dates"),
        ([START], ValueError, "dates: got ['2024-01-31'], expected a list of at least two dates"),
        ([START, START + DAY, START], ValueError, "dates[2]: got '2024-01-31', expected each date once, but dates[0] is the same"),
        ("2024-01-31", ValueError, "dates: got '2024-01-31', expected a list of at least two dates"),
        (None, ValueError, "dates: got nothing, expected a list of at least two dates"),
        ({START: 1, START + DAY: 2}, ValueError, "dates: got {"),
        ([START, "2024-02-29"], TypeError, "dates[1]: got '2024-02-29', expected a datetime.date; date.fromisoformat"),
        ([START, datetime(2024, 2, 1)], TypeError, "dates[1]: got the datetime 2024-02-01 00:00:00"),  # noqa: DTZ001  # that is what is refused
    ],
)  # fmt: skip
def test_anything_but_two_different_dates_is_an_error(dates: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        recognize(dates)


def test_an_unknown_dialect_is_an_error() -> None:
    with pytest.raises(ValueError, match="dialect"):
        recognize([START, START + DAY], "klingon")


# Cost


def first_of_months(*numbers: int) -> list[date]:
    return [date(year, month, day) for year in range(1, 1500) for month in range(1, 13) for day in numbers]


@pytest.mark.parametrize(
    "history",
    [
        [date.fromordinal(number) for number in range(700_000, 800_000)],
        [date.min + number * 7 * DAY for number in range(30_000)],
        first_of_months(1, 11),
        first_of_months(1, 11, 21),
        first_of_months(7, 14, 21, 28),
        [date.fromordinal(number * 100_003 % 3_652_059 + 1) for number in range(30_000)],
    ],
)
def test_a_long_history_takes_a_second_even_if_no_schedule_has_it(history: list[date]) -> None:
    for dates in (history, history[:-3] + history[-2:]):
        begun = time.process_time()
        recognize(dates)
        assert time.process_time() - begun < 4  # a second where nothing else runs
