"""What due dates, periods and retry dates refuse and how they say it, and the places where an answer turns."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from recurring_schedule import DueDates, Period, Schedule, ScheduleError, ScheduleSet, retry_dates

START = date(2024, 1, 31)
MONTHLY = Schedule("monthly").due_dates(START)
YEARLY = Schedule("yearly", 2).due_dates(START)
APRIL = Period(date(2024, 4, 1), date(2024, 5, 1))


class Day(date):
    """A date of another type, as libraries make them."""


ASKED: list[tuple[str, Callable[..., object]]] = [
    ("day", MONTHLY.after),
    ("day", MONTHLY.on_or_after),
    ("day", MONTHLY.before),
    ("day", MONTHLY.on_or_before),
    ("day", MONTHLY.period),
    ("day", APRIL.fraction),
    ("first", lambda day: MONTHLY.between(day, START)),
    ("last", lambda day: MONTHLY.between(START, day)),
    ("start", lambda day: DueDates(MONTHLY.rule, day)),
    ("end", lambda day: DueDates(MONTHLY.rule, START, day)),
    ("start", lambda day: Period(day, None)),
    ("end", lambda day: Period(START, day)),
    ("due", lambda day: retry_dates(day, [1])),
]


@pytest.mark.parametrize(("name", "ask"), ASKED)
def test_a_datetime_is_a_type_error_with_the_reason(name: str, ask: Callable[..., object]) -> None:
    with pytest.raises(TypeError) as caught:
        ask(datetime(2024, 4, 5, 6, 7))  # noqa: DTZ001  # with a zone it is refused all the same
    assert str(caught.value) == (
        f"{name}: got the datetime 2024-04-05 06:07:00, expected a date: the calendar day of an instant "
        "depends on a time zone, so decide it first, for example with .astimezone(zone).date()"
    )


@pytest.mark.parametrize(("name", "ask"), ASKED)
def test_a_value_that_is_not_a_date_is_a_type_error_that_names_it(name: str, ask: Callable[..., object]) -> None:
    for value, rest in (
        ("2024-04-05", "got '2024-04-05', expected a datetime.date; date.fromisoformat reads an ISO date"),
        (738_000, "got 738000, expected a datetime.date"),
    ):
        with pytest.raises(TypeError) as caught:
            ask(value)
        assert str(caught.value) == f"{name}: {rest}"


@pytest.mark.parametrize(("name", "ask"), ASKED)
def test_a_date_of_another_type_is_that_date(name: str, ask: Callable[..., object]) -> None:
    assert ask(Day(2024, 4, 5)) == ask(date(2024, 4, 5))


@pytest.mark.parametrize("due", [MONTHLY, YEARLY])
def test_only_plain_dates_are_returned(due: DueDates) -> None:
    for _ in range(3):  # until tables are made
        answers = [due.after(Day(2026, 4, 5)), due.before(Day(2026, 4, 5)), due.on_or_after(Day(2026, 1, 31))]
        answers += [due.on_or_before(Day(2026, 1, 31))]
        assert {type(answer) for answer in answers} == {date}


def test_membership_and_index_refuse_a_datetime_and_text_but_not_a_missing_date() -> None:
    moment = datetime(2024, 1, 31)  # noqa: DTZ001  # with a zone it is refused all the same
    questions: list[Callable[[Any], object]] = [MONTHLY.__contains__, MONTHLY.index, MONTHLY.count]
    for ask in questions:
        with pytest.raises(TypeError, match=r"^day: got the datetime 2024-01-31 00:00:00"):
            ask(moment)
        for text in ("2024-02-29", "", "monthly"):
            with pytest.raises(TypeError) as caught:
                ask(text)
            expected = "expected a datetime.date; date.fromisoformat reads an ISO date"
            assert str(caught.value) == f"day: got {text!r}, {expected}"
    assert Day(2024, 2, 29) in MONTHLY
    assert MONTHLY.index(Day(2024, 2, 29)) == MONTHLY.count(Day(2024, 2, 29)) == 1
    for stranger in (None, 738_916, START.toordinal()):
        assert stranger not in MONTHLY
        assert MONTHLY.count(stranger) == 0
        with pytest.raises(ValueError, match=f"^{re.escape(repr(stranger))} is not among these due dates$"):
            MONTHLY.index(stranger)  # type: ignore[arg-type]  # that is what is tested


FIRST_ASKED: list[Callable[[DueDates, date], object]] = [
    lambda due, day: due.after(day),
    lambda due, day: due.on_or_after(day),
    lambda due, day: due.before(day),
    lambda due, day: due.on_or_before(day),
    lambda due, day: day in due,
    lambda due, day: due.count(day),
    lambda due, day: due.period(day),
    lambda due, day: due.index(day) if day in due else None,
    lambda due, _: (len(due), bool(due), hash(due)),
    lambda due, _: (due[0], due[-1]) if due else None,
    lambda due, _: [*due],
    lambda due, _: [*reversed(due)],
    lambda due, _: [*due.periods()],
    lambda due, _: due[1:-1],
    lambda due, day: [*due.between(day, date.max)],
]


@pytest.mark.parametrize("ask", FIRST_ASKED)
@pytest.mark.parametrize("bounds", [(START, date(2025, 3, 30)), (START, START), (date(2024, 2, 1), date(2024, 2, 28))])
def test_every_question_may_be_the_first_one(
    bounds: tuple[date, date], ask: Callable[[DueDates, date], object]
) -> None:
    start, end = bounds
    dates = [day for day in MONTHLY[:24] if start <= day <= end]
    days = [
        date.min,
        date.max,
        *bounds,
        *MONTHLY[:24],
        *(date.fromordinal(day.toordinal() - 1) for day in MONTHLY[:24]),
    ]
    for day in days:
        asked = MONTHLY.between(*bounds)
        assert list(asked) == dates
        for other in FIRST_ASKED:
            other(asked, day)
        for fresh in (MONTHLY.between(*bounds), DueDates(MONTHLY.rule, *bounds)):
            assert ask(fresh, day) == ask(asked, day)


def test_threads_may_ask_the_first_questions_at_the_same_time() -> None:
    with ThreadPoolExecutor(8) as threads:
        for years in range(1, 200):
            due = MONTHLY.between(START, date(2024 + years, 1, 31))
            answers = threads.map(lambda ask, due=due: ask(due, START), [*FIRST_ASKED[:10], *FIRST_ASKED[:10]])
            known = [ask(MONTHLY.between(START, date(2024 + years, 1, 31)), START) for ask in FIRST_ASKED[:10]]
            assert [*answers] == known + known


def test_an_index_outside_names_itself_and_the_number_of_dates() -> None:
    due = MONTHLY[:3]
    for index in (3, -4, 10**20, -(10**20)):
        with pytest.raises(IndexError, match=f"index: got {index}, but there are 3 due dates"):
            due[index]
    strangers: list[Any] = ["0", 1.0, None]
    for stranger in strangers:
        with pytest.raises(TypeError):
            due[stranger]


def test_index_searches_from_its_start() -> None:
    assert MONTHLY.index(START, 0) == MONTHLY.index(START, 0, 1) == 0
    for start, stop in ((1, None), (5, None), (0, 0), (-5, None)):
        with pytest.raises(ValueError, match="is not among these due dates"):
            MONTHLY.index(START, start, stop)


def test_a_slice_is_bounded_by_its_first_and_last_date() -> None:
    for due in (MONTHLY[1:3], MONTHLY[1:-100][:2]):
        assert isinstance(due, DueDates)
        assert (due.start, due.end) == (date(2024, 2, 29), date(2024, 3, 31))
        assert list(due.periods()) == [
            Period(date(2024, 2, 29), date(2024, 3, 31)),
            Period(date(2024, 3, 31), date(2024, 4, 1), is_stub=True),
        ]


@pytest.mark.parametrize("empty", [slice(5, 5), slice(5, 3), slice(10**6, None)])
def test_an_empty_slice_is_empty_even_if_the_last_day_of_the_calendar_is_due(empty: slice) -> None:
    due = Schedule("daily").due_dates(date(9999, 1, 1))[empty]
    assert (len(due), list(due)) == (0, [])


def test_both_ends_of_the_calendar_are_due_dates_like_others() -> None:
    due = Schedule("daily").due_dates(date.min)
    for _ in range(3):  # until tables are made
        assert due.on_or_after(date.min) == due[0] == date.min
        assert due.on_or_before(date.max) == due[-1] == date.max
        assert due.before(date.min) is due.after(date.max) is None
        assert date.min in due
        assert date.max in due


RULES = [
    (Schedule("daily"), date(2019, 3, 1)),
    (Schedule("daily", (3, 10)), date(2019, 3, 1)),
    (Schedule("weekly"), date(2019, 3, 1)),
    (Schedule("weekly", 2, 0), date(2019, 3, 1)),
    (Schedule("weekly", (1, 2), 1), date(2019, 3, 1)),  # Monday of week 1 may be in December
    (Schedule("weekly", 52), date(2019, 3, 1)),
    (Schedule("monthly"), date(2019, 3, 31)),
    (Schedule("yearly"), date(2019, 2, 28)),
    (Schedule("yearly", 2), date(2019, 3, 1)),
    (Schedule("yearly", (3, 4), [1, 29]), date(2019, 3, 1)),
    (Schedule("yearly", 4, [1, -1]), date(2019, 3, 1)),
    (Schedule("weekly", 53), date(2019, 3, 1)),
    (Schedule("yearly", 2000), date(1, 3, 1)),
    (Schedule("daily", interval=10), date(2019, 3, 1)),
    (Schedule("weekly", interval=53), date(2019, 3, 1)),
    (Schedule("monthly", interval=5), date(2019, 3, 31)),
    (Schedule("monthly", interval=5, weekday=(-1, 5)), date(2019, 3, 1)),
    (Schedule("yearly", interval=7), date(2016, 2, 29)),
    (Schedule("monthly", weekday=(1, 0)), date(2019, 3, 1)),
    (Schedule("yearly", 2, 1, weekday=(4, 6)), date(2019, 3, 1)),
    # Years differ in their number of due days, and the first and the last days of ISO years are due.
    (ScheduleSet([Schedule("weekly", offset=5), Schedule("monthly", offset=15)]), date(2019, 3, 1)),
    (ScheduleSet([Schedule("weekly", 2, 1), Schedule("weekly", offset=0), Schedule("weekly", 53)]), date(2019, 3, 1)),
]


@pytest.mark.parametrize(("schedule", "start"), RULES)
def test_a_rule_gives_the_same_answer_however_often_it_is_asked(schedule: Schedule | ScheduleSet, start: date) -> None:
    due = schedule.due_dates(start)
    dates = list(due)
    for ordinal in [*range(737_000, 744_000, 50), *range(737_001, 744_000, 73)]:
        day = date.fromordinal(ordinal)
        first, after = bisect_left(dates, day), bisect_right(dates, day)
        for _ in range(3):
            assert due.after(day) == (dates[after] if after < len(dates) else None)
            assert due.before(day) == (dates[first - 1] if first else None)
            assert (day in due) is (after > first)


@pytest.mark.parametrize(("schedule", "start"), RULES)
@pytest.mark.parametrize("year", [1, 2015, 2016, 2020, 2021, 9999])
def test_counts_up_to_and_from_each_day_around_new_year_are_those_of_the_list(
    schedule: Schedule | ScheduleSet, start: date, year: int
) -> None:
    first, last = date(max(year - 1, 1), 12, 20), date(min(year + 1, 9999), 1, 12)
    due = DueDates(schedule.rule(start), first, last)
    dates = [*due]
    for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)):
        assert len(due.between(date.min, day)) == bisect_right(dates, day)
        assert len(due.between(day, date.max)) == len(dates) - bisect_left(dates, day)
        assert len(due.between(day, day)) == due.count(day)


def test_due_dates_need_a_rule() -> None:
    with pytest.raises(TypeError, match=r"rule: got Schedule\('monthly'\), expected a Rule, from Schedule\.rule"):
        DueDates(Schedule("monthly"), START)  # type: ignore[arg-type]  # that is what is tested


def test_different_dates_hash_differently_and_equal_ones_alike() -> None:
    same = [Schedule("monthly", offset=31).due_dates(START), Schedule("monthly", offset=-1).due_dates(date(2024, 1, 2))]
    assert same[0] == same[1] == MONTHLY
    assert hash(same[0]) == hash(same[1]) == hash(MONTHLY)
    assert len({hash(MONTHLY), hash(MONTHLY[1:]), hash(MONTHLY[:-1]), hash(MONTHLY[:5]), hash(YEARLY)}) == 5
    assert MONTHLY[:3].__eq__(list(MONTHLY[:3])) is NotImplemented


def test_rules_that_differ_inside_the_bounds_have_different_due_dates() -> None:
    start, end = date(2023, 1, 28), date(2025, 1, 28)
    on_28, on_29 = (Schedule("daily", divisor).due_dates(start, end) for divisor in (28, 29))
    clamped = Schedule("yearly", offset=(1, 29)).due_dates(date(2021, 1, 1), date(2023, 12, 31))
    plain = Schedule("yearly", offset=(1, 28)).due_dates(date(2021, 1, 1), date(2023, 12, 31))
    assert on_28 != on_29
    assert clamped.rule != plain.rule
    assert clamped == plain
    assert clamped != Schedule("yearly", offset=(1, 29)).due_dates(date(2021, 1, 1), date(2024, 12, 31))
    # The same length, the same ends, another date between them.
    weekly = Schedule("weekly", (1, 2)).due_dates(date(2020, 12, 14), date(2021, 1, 31))
    assert weekly != Schedule("daily", 2).due_dates(weekly[0], weekly[-1])


# Periods


def test_the_elapsed_share_is_exact_and_ends_are_included() -> None:
    for day, share in ((1, Fraction(0)), (2, Fraction(1, 30)), (11, Fraction(1, 3)), (30, Fraction(29, 30))):
        assert APRIL.fraction(date(2024, 4, day)) == share
    assert APRIL.fraction(date(2024, 5, 1)) == 1
    assert isinstance(APRIL.fraction(date(2024, 4, 2)), Fraction)
    last = Period(date(9999, 12, 30), None)
    assert (last.days, last.fraction(date(9999, 12, 31))) == (2, Fraction(1, 2))


@pytest.mark.parametrize(
    ("period", "day", "message"),
    [
        (APRIL, date(2024, 3, 31), "day: got 2024-03-31, expected a day from 2024-04-01 to 2024-05-01"),
        (APRIL, date(2024, 5, 2), "day: got 2024-05-02, expected a day from 2024-04-01 to 2024-05-01"),
        (
            Period(date.max, None),
            date(9999, 12, 30),
            "day: got 9999-12-30, expected a day from 9999-12-31 to 9999-12-31",
        ),
    ],
)
def test_a_share_outside_the_period_is_refused(period: Period, day: date, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        period.fraction(day)
    assert str(caught.value) == message


@pytest.mark.parametrize("end", [START, date(2024, 1, 30)])
def test_a_period_ends_after_it_starts(end: date) -> None:
    with pytest.raises(ValueError, match=f"end: got {end}, expected a date after the start, 2024-01-31"):
        Period(START, end)
    assert Period(START, date(2024, 2, 1)).days == 1


def test_periods_that_differ_in_one_part_are_not_equal() -> None:
    period = Period(START, date(2024, 2, 29))
    others = [Period(START, date(2024, 2, 28)), Period(date(2024, 1, 30), date(2024, 2, 29)), Period(START, None)]
    others.append(Period(START, date(2024, 2, 29), is_stub=True))
    assert all(period != other for other in others)
    assert len({hash(period), *map(hash, others)}) == 5
    assert repr(others[-1]) == "Period(datetime.date(2024, 1, 31), datetime.date(2024, 2, 29), is_stub=True)"


@pytest.mark.parametrize(
    ("end", "is_stub"), [(date(2024, 3, 29), True), (date(2024, 3, 30), False), (date(2024, 3, 31), True)]
)
def test_a_last_period_is_a_stub_unless_the_day_after_the_end_is_due(end: date, is_stub: bool) -> None:
    due = Schedule("monthly").due_dates(START, end)
    *_, last = due.periods()
    assert last.is_stub is is_stub
    assert due.period(end) == last


@pytest.mark.parametrize("start", [date(2024, 1, 1), date(2024, 1, 10)])
def test_a_first_period_is_a_stub_unless_the_start_is_due(start: date) -> None:
    due = Schedule("monthly", offset=1).due_dates(start)
    first = next(due.periods())
    assert first.is_stub is (start != due[0])
    assert due.period(start) == first


# Retries


def test_a_retry_may_fall_on_the_last_day_of_the_calendar_but_not_past_it() -> None:
    assert retry_dates(date(9999, 12, 28), [1, 2, 3])[-1] == date.max
    assert retry_dates(date.max, []) == ()
    for due, days, message in (
        (date(9999, 12, 28), [1, 4], "days[1]: got 4, expected a whole number of days from 2 to 3"),
        (date.max, [1], "days[0]: got 1, expected nothing, since a retry would be past 9999-12-31"),
        (date(9999, 12, 29), [1, 1], "days[1]: got 1, expected a whole number of days from 2 to 2"),
        (date(9999, 12, 30), [1, 2], "days[1]: got 2, expected nothing, since a retry would be past 9999-12-31"),
        (START, [0], f"days[0]: got 0, expected a whole number of days from 1 to {(date.max - START).days}"),
        (
            START,
            [10**30],
            f"days[0]: got {10**30}, expected a whole number of days from 1 to {(date.max - START).days}",
        ),
    ):
        with pytest.raises(ScheduleError) as caught:
            retry_dates(due, days)
        assert str(caught.value) == message


@pytest.mark.parametrize("days", [[3, 3], [3, 2], [3, -4], [3, 4.0], [3, "4"], [3, True], [3, None]])
def test_retry_days_must_be_increasing_integers_and_the_error_has_the_index(days: list[int]) -> None:
    with pytest.raises(ScheduleError) as caught:
        retry_dates(START, days)
    assert caught.value.path == "days[1]"
    assert caught.value.value == days[1]


@pytest.mark.parametrize("days", ["", b"\x01\x03", {1: 2}, {1, 2}, None, 3])
def test_retry_days_must_be_a_list(days: Any) -> None:
    with pytest.raises(ScheduleError) as caught:
        retry_dates(START, days)
    assert (caught.value.path, caught.value.value) == ("days", days)
    assert caught.value.expected == "a list of whole numbers of days"


def test_huge_indices_and_long_values_have_short_errors() -> None:
    with pytest.raises(IndexError, match=r"^index: got an integer of 16610 bits, but there are 95712 due dates$"):
        MONTHLY[10**5000]
    strangers: list[Any] = ["", [], 0.5]
    for start in strangers:
        with pytest.raises(TypeError):
            MONTHLY.index(START, start)
