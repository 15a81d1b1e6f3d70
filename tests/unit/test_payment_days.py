"""Payment days: every question against the list of payment days, walked day by day, and where a calendar ends."""

from __future__ import annotations

import copy
import pickle
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise, product
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recurring_schedule import DueDates, Schedule
from recurring_schedule.business import (
    TARGET,
    BusinessCalendar,
    Convention,
    PaymentDays,
    UnknownDayError,
    notice_date,
    submission_date,
)
from recurring_schedule.testing import business_calendars, reference_payment_days, schedules

FIRST, LAST = date(2023, 12, 1), date(2025, 2, 28)
DAY = timedelta(days=1)
WINDOW = [date(2024, 1, 1) + timedelta(days=number) for number in range(400)]
CONVENTIONS = st.sampled_from([*Convention])
MONTH_ENDS = Schedule("monthly").due_dates(date(2024, 1, 31))


def some_due_dates() -> st.SearchStrategy[DueDates]:
    frequent = schedules(frequencies=["daily", "weekly", "monthly"], never_due=False)
    return st.builds(
        lambda schedule, start, end: schedule.due_dates(start, end), frequent, *[st.sampled_from(WINDOW)] * 2
    )


def at(paid: Sequence[date], index: int) -> date | None:
    return paid[index] if 0 <= index < len(paid) else None


@given(
    some_due_dates(),
    business_calendars((FIRST, LAST)),
    CONVENTIONS,
    st.lists(st.sampled_from(WINDOW), min_size=6, max_size=6),
)
def test_every_question_is_answered_as_by_the_list_of_payment_days(
    due: DueDates, calendar: BusinessCalendar, convention: Convention, days: list[date]
) -> None:
    payments = due.adjusted(calendar, convention)
    known = payments.known
    expected = reference_payment_days(known.due, calendar, convention)
    assert expected == sorted(expected)
    assert [*known] == expected == [*reversed(known)][::-1]
    assert [*known.pairs()] == [*zip(known.due, expected, strict=True)]
    assert [*known.by_day()] == [
        (day, tuple(due for due, _ in group))
        for day, group in groupby(zip(known.due, expected, strict=True), key=lambda pair: pair[1])
    ]
    assert len(known) == len(expected) == len(known.due)
    for day in days:
        begin, past = bisect_left(expected, day), bisect_right(expected, day)
        asked = {
            "after": at(expected, past),
            "on_or_after": at(expected, begin),
            "before": at(expected, begin - 1),
            "on_or_before": at(expected, past - 1),
            "count": past - begin,
            "__contains__": begin < past,
        }
        for question, answer in asked.items():
            assert getattr(known, question)(day) == answer, question
        if begin < past:
            assert known.index(day) == begin
        else:
            with pytest.raises(ValueError, match="is not among these payment days"):
                known.index(day)
    for first, last in pairwise(days):
        held = known.between(first, last)
        assert [*held.pairs()] == [pair for pair in known.pairs() if first <= pair[1] <= last]
    cut = len(expected) // 3
    assert due[cut:].adjusted(calendar, convention) == payments[cut:]  # type: ignore[union-attr]  # slices are due dates
    assert known[::2] == tuple(expected[::2])
    for index in (0, -1, cut):
        if expected:
            assert known[index] == expected[index]


# What a calendar does not know: an answer stands if it is the same whatever the unknown days are, else the question raises.

SMALL = date(2024, 2, 26), date(2024, 3, 8)


class Completed(NamedTuple):
    """A calendar that knows all days."""

    is_open: Callable[[date], bool]


def completions() -> Iterator[Callable[[date], bool]]:
    """Yield ways in which the days around the known ones may be: open near, open far, or open on a single day near."""
    reach = [*range(1, 41)]
    shapes: list[set[int] | None] = [
        None,
        set(),
        *({number} for number in reach),
        *(set(range(1, number)) for number in reach[1::4]),
    ]
    for left, right in [*product(shapes[:2], shapes), *product(shapes, shapes[:2])]:

        def is_open(day: date, left: set[int] | None = left, right: set[int] | None = right) -> bool:
            beyond = (SMALL[0] - day).days if day < SMALL[0] else (day - SMALL[1]).days
            shape = left if day < SMALL[0] else right
            return shape is None or beyond in shape or beyond > 100

        yield is_open


COMPLETIONS = [*completions()]
NEAR = [SMALL[0] + timedelta(days=number) for number in range(-12, 24)]


@given(
    st.sets(st.sampled_from(NEAR), max_size=4),
    business_calendars(SMALL),
    CONVENTIONS,
    st.sampled_from(NEAR),
    st.integers(0, 3).map(timedelta),
)
# The first of these days is closed, and the last one: due dates beyond them change nothing here.
@example({NEAR[0], NEAR[-1]}, BusinessCalendar(SMALL[:1], known=SMALL), Convention.FOLLOWING, SMALL[0] - DAY, DAY)
@example({NEAR[0], NEAR[-1]}, BusinessCalendar(SMALL[1:], known=SMALL), Convention.PRECEDING, SMALL[1] + DAY, DAY)
# The error names an unknown day, although the nearest open days before it, or after it, are known.
@example({*NEAR}, BusinessCalendar(known=SMALL), Convention.FOLLOWING, SMALL[1] + DAY, DAY)
@example({SMALL[0]}, BusinessCalendar(SMALL[:1], known=SMALL), Convention.MODIFIED_PRECEDING, SMALL[0], timedelta(0))
def test_a_question_raises_exactly_if_its_answer_depends_on_an_unknown_day(
    dates: set[date], calendar: BusinessCalendar, convention: Convention, day: date, width: timedelta
) -> None:
    rule, last = Schedule("daily").rule(NEAR[0]), day + width
    due = DueDates(rule, NEAR[0]) if not dates else DueDates(rule, min(dates), max(dates))
    due = due.between(NEAR[0], NEAR[-1])
    payments = due.adjusted(calendar, convention)
    lists = set()
    for is_open in COMPLETIONS:

        def whole(day: date, is_open: Callable[[date], bool] = is_open) -> bool:
            return calendar.is_open(day) if SMALL[0] <= day <= SMALL[1] else is_open(day)

        lists.add(tuple(reference_payment_days(due, Completed(whole), convention)))

    questions: dict[str, tuple[Callable[[], object], Callable[[tuple[date, ...]], object]]] = {
        "after": (lambda: payments.after(day), lambda paid: at(paid, bisect_right(paid, day))),
        "on_or_after": (lambda: payments.on_or_after(day), lambda paid: at(paid, bisect_left(paid, day))),
        "before": (lambda: payments.before(day), lambda paid: at(paid, bisect_left(paid, day) - 1)),
        "on_or_before": (lambda: payments.on_or_before(day), lambda paid: at(paid, bisect_right(paid, day) - 1)),
        "in": (lambda: day in payments, lambda paid: day in paid),
        "count": (lambda: payments.count(day), lambda paid: paid.count(day)),
        "first": (lambda: next(iter(payments), None), lambda paid: at(paid, 0)),
        "between": (
            lambda: (*payments.between(day, last).due,),
            lambda paid: (*(one for one, on in zip(due, paid, strict=True) if day <= on <= last),),
        ),
    }
    for name, (ask, expect) in questions.items():
        answers = {expect(paid) for paid in lists}
        try:
            answer = ask()
        except UnknownDayError as error:
            assert len(answers) > 1, (name, answers)
            assert error.day is None or not SMALL[0] <= error.day <= SMALL[1], (name, error)
        else:
            assert answers == {answer}, (name, answers)


def test_the_ends_of_all_dates_are_the_ends_of_every_calendar() -> None:
    every_day = Schedule("daily").due_dates(date.min)
    without_mondays = every_day.adjusted(BusinessCalendar(weekend=["mon"]), "preceding")  # as is 0001-01-01
    with pytest.raises(UnknownDayError, match="a day before 0001-01-01, and dates end there"):
        without_mondays[0]
    assert without_mondays.known.due.start == date(1, 1, 2)
    without_fridays = every_day.adjusted(BusinessCalendar(weekend=["fri"]), "modified_following")  # as is 9999-12-31
    assert without_fridays[-1] == without_fridays.known[-1] == date(9999, 12, 30)
    assert without_fridays.after(date(9999, 12, 29)) == date(9999, 12, 30)
    assert without_fridays.after(date(9999, 12, 30)) is None
    with pytest.raises(UnknownDayError, match="a day after 9999-12-31, and dates end there"):
        every_day.adjusted(BusinessCalendar(weekend=["fri"]), "following")[-1]
    weekends = every_day.adjusted(BusinessCalendar(), "following")
    assert weekends.on_or_after(date.max) == weekends.on_or_before(date.max) == date.max
    assert weekends.on_or_before(date.min) == weekends.on_or_after(date.min) == date.min
    assert weekends.before(date.min) is weekends.after(date.max) is None


def test_what_depends_on_the_end_of_target() -> None:
    payments = MONTH_ENDS.adjusted(TARGET, "following")
    assert len(payments) == 95_712
    assert bool(payments)
    assert payments == MONTH_ENDS.adjusted(TARGET, Convention.FOLLOWING)
    assert "TARGET" in repr(payments)
    asked: list[Callable[[], object]] = [
        lambda: payments[-1],
        lambda: next(reversed(payments)),
        lambda: payments.after(date(2199, 12, 31)),
    ]
    for ask in asked:
        with pytest.raises(UnknownDayError):
            ask()
    visited: list[date] = []
    with pytest.raises(UnknownDayError, match=re.escape("TARGET: the answer depends on 2200-01-31, but")) as caught:
        visited.extend(iter(payments))
    assert caught.value.day == date(2200, 1, 31)
    assert payments.after(date(2199, 12, 30)) == date(2199, 12, 31)
    assert payments.after(date(1990, 1, 1)) == date(2024, 1, 31)
    assert len(payments.known) == 2112
    assert payments.known[-1] == date(2199, 12, 31)
    assert not isinstance(caught.value, (IndexError, ValueError))
    assert copy.copy(caught.value).args == caught.value.args


@pytest.mark.parametrize(
    ("due", "convention", "paid"),
    [
        (date(2024, 3, 31), "following", date(2024, 4, 2)),  # Easter Sunday
        (date(2024, 3, 31), "modified_following", date(2024, 3, 28)),
        (date(2024, 3, 31), "preceding", date(2024, 3, 28)),
        (date(2025, 3, 1), "modified_preceding", date(2025, 3, 3)),
        (date(2014, 1, 1), "following", date(2014, 1, 2)),
    ],
)
def test_each_convention_moves_as_it_says(due: date, convention: str, paid: date) -> None:
    assert [*DueDates(Schedule("daily").rule(due), due, due).adjusted(TARGET, convention)] == [paid]


# SEPA Core Direct Debit Rulebook: notice of 14 calendar days unless agreed otherwise; until November 2016, first collections
# were with the debtor's bank five TARGET days before the due date, and later ones two.
def test_notice_and_submission_count_back() -> None:
    assert notice_date(min(date(2014, 1, 1), date(2014, 1, 2)), 14) == date(2013, 12, 18)
    assert submission_date(date(2014, 1, 2), 2, TARGET) == date(2013, 12, 30)
    assert submission_date(date(2014, 1, 2), 5, TARGET) == date(2013, 12, 23)
    assert notice_date(date(2014, 1, 1), 10, TARGET) == date(2013, 12, 16)
    for wrong in (0, -1, 1.5, "2", True):
        with pytest.raises(ValueError, match="expected a whole number of days from 1"):
            notice_date(date(2014, 1, 1), wrong)  # type: ignore[arg-type]


def test_payment_days_are_values() -> None:
    payments = MONTH_ENDS.adjusted(TARGET, "preceding")
    assert pickle.loads(pickle.dumps(payments)) == payments  # noqa: S301  # its own bytes
    assert hash(payments) == hash(MONTH_ENDS.adjusted(TARGET, "preceding"))
    assert payments != MONTH_ENDS.adjusted(TARGET, "following")
    assert payments != MONTH_ENDS.adjusted(BusinessCalendar(), "preceding")
    assert payments != [*payments[:2]]
    assert payments.due is MONTH_ENDS
    assert payments.calendar is TARGET
    assert payments.convention is Convention.PRECEDING


def test_what_is_no_question_is_an_error() -> None:
    payments = MONTH_ENDS.adjusted(TARGET, "preceding")
    for ask in (payments.after, payments.on_or_after, payments.before, payments.on_or_before):
        with pytest.raises(TypeError, match="day: got the datetime"):
            ask(datetime(2024, 1, 31))  # noqa: DTZ001  # the reason of the error
    with pytest.raises(TypeError, match=re.escape("date.fromisoformat")):
        assert "2024-01-31" not in payments
    assert 7 not in payments
    with pytest.raises(IndexError):
        payments[:2][2]
    with pytest.raises(ValueError, match="convention: got 'next', expected 'following'"):
        MONTH_ENDS.adjusted(TARGET, "next")
    with pytest.raises(TypeError, match="due: got"):
        PaymentDays([], TARGET, "following")  # type: ignore[arg-type]  # a list knows no rule
    with pytest.raises(TypeError, match="calendar: got 'TARGET', expected a BusinessCalendar"):
        MONTH_ENDS.adjusted("TARGET", "following")  # type: ignore[arg-type]  # a name
    with pytest.raises(TypeError, match="calendar: got 'TARGET', expected a BusinessCalendar"):
        PaymentDays(MONTH_ENDS, "TARGET", "following")  # type: ignore[arg-type]  # a name
