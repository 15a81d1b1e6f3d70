"""Why a day is due, against the day-by-day definition."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from any_schedules import any_schedules, any_sets
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule, ScheduleSet
from recurring_schedule.analysis.explanations import SetExplanation, explain
from recurring_schedule.testing import reference_due_dates, schedules, start_dates

ANY = any_schedules()


@given(ANY, start_dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-40, 1200), st.none() | st.integers(0, 1500))
def test_the_answer_matches_the_definition(schedule: Schedule, start: date, ahead: int, length: int | None) -> None:
    day, end = start + timedelta(days=ahead), None if length is None else start + timedelta(days=length)
    found = explain(schedule, start, day, end)
    around = reference_due_dates(schedule, start, day - timedelta(days=800), day + timedelta(days=800))
    around = [one for one in around if end is None or one <= end]
    assert found.is_due == (day in around)
    assert found.is_before_start == (day < start)
    assert found.is_after_end == (end is not None and day > end)
    earlier, later = [one for one in around if one < day], [one for one in around if one > day]
    assert not earlier or found.before == earlier[-1]
    assert not later or found.after == later[0]
    # A day is due exactly if its period is picked, it is the payment day, and it is within the bounds.
    assert found.is_due == (
        found.is_picked and found.payment.day == day and not found.is_before_start and not found.is_after_end
    )
    assert found.period.first <= day <= found.period.last
    text = str(found)
    assert text.startswith(f"{day} is {'' if found.is_due else 'not '}due")
    assert all(str(one) in text for one in (found.before, found.after) if one)


@given(ANY, start_dates(), start_dates())
def test_every_day_of_the_calendar_has_an_explanation(schedule: Schedule, start: date, day: date) -> None:
    found = explain(schedule, start, day)
    assert found.is_due == (day in schedule.due_dates(start))
    assert (found.before, found.after) == (schedule.due_dates(start).before(day), schedule.due_dates(start).after(day))
    assert str(found)


@given(
    schedules(frequencies=("monthly", "quarterly", "yearly"), dialects=Dialect).filter(lambda one: one.weekday is None),
    start_dates(),
    start_dates(),
)
def test_a_payment_falls_on_the_day_of_its_month_nearest_to_the_wanted_day(
    schedule: Schedule, start: date, day: date
) -> None:
    payment = explain(schedule, start, day).payment
    assert payment.day is not None
    assert payment.wanted is not None
    length = monthrange(payment.day.year, payment.day.month)[1]
    wanted = payment.wanted if payment.wanted > 0 else length + 1 + payment.wanted
    assert payment.day.day == min(range(1, length + 1), key=lambda number: abs(number - wanted))
    assert payment.is_clamped == (payment.day.day != wanted)


SAID = [
    (
        Schedule("monthly", 2),
        date(2024, 1, 31),
        date(2024, 4, 30),
        [
            "2024-04-30 is due.",
            "April 2024 is month 4, and 4 is a multiple of 2: it is picked.",
            "The payment day is the 31st (the day comes from the start, 2024-01-31).",
            "The month has 30 days, so the day is clamped to the last one.",
            "The previous due date is 2024-02-29, the next one is 2024-06-30.",
        ],
    ),
    (
        Schedule("weekly", (1, 3), 3),
        date(2021, 1, 1),
        date(2021, 1, 13),
        [
            "2021-01-13 is not due: the divisor does not pick ISO week 2021-W02.",
            "ISO week 2021-W02 is week 2, and 2 leaves 2, not 1, when divided by 3: it is not picked.",
            "The payment day is Wednesday.",
            "The previous due date is 2021-01-06, the next one is 2021-01-27.",
        ],
    ),
    (
        Schedule("yearly", 2, (11, 13)),
        date(2021, 1, 1),
        date(2020, 12, 13),
        [
            "2020-12-13 is not due: it is before the start, 2021-01-01.",
            "The year 2020 is a multiple of 2: it is picked.",
            "The payment day is the 13th of December.",
            "There is no earlier due date; the next one is 2022-12-13.",
        ],
    ),
    (
        Schedule("monthly", 7, 1, Dialect.INTERGIRO_PROSE),
        date(2024, 1, 1),
        date(2024, 1, 1),
        [
            "2024-01-01 is not due: the divisor does not pick January 2024.",
            "January 2024 is month 0, and 0 is not a positive multiple of 7: it is not picked.",
            "The payment day is the 1st.",
            "There is no earlier due date; the next one is 2024-08-01.",
        ],
    ),
    (
        Schedule("monthly", 13, -31),
        date(2024, 1, 1),
        date(2024, 2, 1),
        [
            "2024-02-01 is not due: the divisor does not pick February 2024.",
            "February 2024 is month 2, and 2 is not a multiple of 13: it is not picked.",
            "The payment day is the 31st-to-last day.",
            "The schedule is never due: no month is number 13 or a multiple of it.",
        ],
    ),
    (
        Schedule("quarterly", (1, 2)),
        date(2024, 1, 31),
        date(2024, 4, 30),
        [
            "2024-04-30 is not due: the divisor does not pick quarter 2 of 2024.",
            "Quarter 2 of 2024 is quarter 2, and 2 leaves 0, not 1, when divided by 2: it is not picked.",
            "The payment day is the 31st of April (the month of the quarter and the day come from the start, 2024-01-31).",
            "The month has 30 days, so the day is clamped to the last one.",
            "The previous due date is 2024-01-31, the next one is 2024-07-31.",
        ],
    ),
    (
        Schedule("yearly"),
        date(9999, 3, 1),
        date(9999, 3, 2),
        [
            "9999-03-02 is not due: the payment day of the year 9999 is 9999-03-01.",
            "It is in the year 9999, and every year is picked.",
            "The payment day is the 1st of March (the month and the day come from the start, 9999-03-01).",
            "The previous due date is 9999-03-01, and there is no later one.",
        ],
    ),
    (
        Schedule("daily"),
        date(9999, 12, 31),
        date(9999, 12, 31),
        ["9999-12-31 is due.", "Every day is picked.", "There is no other due date."],
    ),
    (
        Schedule("weekly", interval=2, offset=1),
        date(2024, 1, 3),
        date(2024, 1, 29),
        [
            "2024-01-29 is due.",
            "ISO week 2024-W05 is week 4 counted from the week of the start, and 4 is a multiple of 2: it is picked.",
            "The payment day is Monday.",
            "The previous due date is 2024-01-15, the next one is 2024-02-12.",
        ],
    ),
    (
        Schedule("weekly", interval=2, offset=1),
        date(2024, 1, 3),
        date(2023, 12, 25),
        [
            "2023-12-25 is not due: it is before the start, 2024-01-03.",
            "ISO week 2023-W52 is week -1 counted from the week of the start, and -1 is not a multiple of 2: it is not picked.",
            "The payment day is Monday.",
            "There is no earlier due date; the next one is 2024-01-15.",
        ],
    ),
    (
        Schedule("daily", interval=10),
        date(2024, 2, 25),
        date(2024, 3, 5),
        [
            "2024-03-05 is not due: the interval does not pick 2024-03-05.",
            "2024-03-05 is day 9 counted from the start, and 9 is not a multiple of 10: it is not picked.",
            "The previous due date is 2024-02-25, the next one is 2024-03-06.",
        ],
    ),
    (
        Schedule("daily", interval=1),
        date(2024, 2, 25),
        date(2024, 2, 25),
        ["2024-02-25 is due.", "Every day is picked.", "There is no earlier due date; the next one is 2024-02-26."],
    ),
    (
        Schedule("monthly", interval=5),
        date(2024, 1, 31),
        date(2024, 6, 30),
        [
            "2024-06-30 is due.",
            "June 2024 is month 5 counted from the month of the start, and 5 is a multiple of 5: it is picked.",
            "The payment day is the 31st (the day comes from the start, 2024-01-31).",
            "The month has 30 days, so the day is clamped to the last one.",
            "The previous due date is 2024-01-31, the next one is 2024-11-30.",
        ],
    ),
    (
        Schedule("monthly", weekday=(-1, 5)),
        date(2024, 1, 1),
        date(2024, 5, 30),
        [
            "2024-05-30 is not due: the payment day of May 2024 is 2024-05-31.",
            "It is in May 2024, and every month is picked.",
            "The payment day is the last Friday of the month (2024-05-31).",
            "The previous due date is 2024-04-26, the next one is 2024-05-31.",
        ],
    ),
    (
        Schedule("quarterly", interval=2, weekday=(2, 2)),
        date(2024, 2, 13),
        date(2024, 8, 13),
        [
            "2024-08-13 is due.",
            "Quarter 3 of 2024 is quarter 2 counted from the quarter of the start, and 2 is a multiple of 2: it is picked.",
            (
                "The payment day is the second Tuesday of August (2024-08-13) "
                "(the month of the quarter comes from the start, 2024-02-13)."
            ),
            "The previous due date is 2024-02-13, the next one is 2025-02-11.",
        ],
    ),
    (
        Schedule("yearly", 3, weekday=(1, 0)),
        date(2024, 2, 1),
        date(2025, 2, 2),
        [
            "2025-02-02 is due.",
            "The year 2025 is a multiple of 3: it is picked.",
            "The payment day is the first Sunday of February (2025-02-02) (the month comes from the start, 2024-02-01).",
            "There is no earlier due date; the next one is 2028-02-06.",
        ],
    ),
    (
        Schedule("yearly", interval=10**9, offset=(0, 1)),
        date(2024, 2, 1),
        date(9999, 1, 1),
        [
            "9999-01-01 is not due: the interval does not pick the year 9999.",
            (
                "The year 9999 is year 7975 counted from the year of the start, "
                "and 7975 is not a multiple of 1000000000: it is not picked."
            ),
            "The payment day is the 1st of January.",
            "There is no due date.",
        ],
    ),
    (
        Schedule("weekly", interval=4, offset=0),
        date(9999, 12, 28),
        date(9999, 12, 31),
        [
            "9999-12-31 is not due: the payment day of ISO week 9999-W52 is past 9999-12-31.",
            "ISO week 9999-W52 is week 0 counted from the week of the start, and 0 is a multiple of 4: it is picked.",
            "The payment day is past 9999-12-31.",
            "There is no due date.",
        ],
    ),
    (
        Schedule("weekly", offset=0),
        date(9999, 12, 1),
        date(9999, 12, 31),
        [
            "9999-12-31 is not due: the payment day of ISO week 9999-W52 is past 9999-12-31.",
            "It is in ISO week 9999-W52, and every week is picked.",
            "The payment day is past 9999-12-31.",
            "The previous due date is 9999-12-26, and there is no later one.",
        ],
    ),
]


@pytest.mark.parametrize(("schedule", "start", "day", "lines"), SAID)
def test_the_text_has_the_verdict_the_arithmetic_the_payment_day_and_the_neighbours(
    schedule: Schedule, start: date, day: date, lines: list[str]
) -> None:
    assert str(explain(schedule, start, day)).splitlines() == lines


@pytest.mark.parametrize(
    ("frequency", "named"),
    [("monthly", "January 0001"), ("quarterly", "quarter 1 of 0001"), ("yearly", "the year 0001")],
)
def test_years_have_four_digits(frequency: str, named: str) -> None:
    assert f"It is in {named}, and" in str(explain(Schedule(frequency), date(1, 1, 1), date(1, 1, 1)))


def test_a_day_after_the_end_is_explained() -> None:
    found = explain(Schedule("daily"), date(2024, 1, 1), date(2024, 2, 1), date(2024, 1, 31))
    assert str(found).startswith("2024-02-01 is not due: it is after the end, 2024-01-31.")


# Sets.


@given(
    st.data(), start_dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-20, 200), st.none() | st.integers(0, 300)
)
def test_a_set_is_explained_by_the_definition_and_by_its_members(
    data: st.DataObject, start: date, ahead: int, length: int | None
) -> None:
    schedule, end = data.draw(any_sets(start)), None if length is None else start + timedelta(days=length)
    days = [*schedule.excluding, *schedule.adding, start + timedelta(days=ahead)]
    day = data.draw(st.sampled_from(days))
    found = explain(schedule, start, day, end)
    assert isinstance(found, SetExplanation)
    assert found.members == tuple(explain(member, start, day, end) for member in schedule.members)
    assert (found.is_excluded, found.is_added) == (day in schedule.excluding, day in schedule.adding)
    assert (found.is_before_start, found.is_after_end) == (day < start, end is not None and day > end)
    assert found.is_due == (
        not found.is_before_start
        and not found.is_after_end
        and not found.is_excluded
        and (found.is_added or any(member.is_due for member in found.members))
    )
    due = schedule.due_dates(start, end)
    assert (found.before, found.after) == (due.before(day), due.after(day))
    verdict, *lines = str(found).splitlines()
    assert verdict.startswith(f"{day} is {'' if found.is_due else 'not '}due")
    assert [line for line in lines if line[:3] == "any"] == [f"any[{n}]:" for n in range(len(schedule.members))]
    for member in found.members:
        assert f"  {str(member).splitlines()[0]}" in lines
    assert all(str(one) in lines[-1] for one in (found.before, found.after) if one)


TWICE = ScheduleSet(
    [{"frequency": "monthly", "offset": 1}, {"frequency": "daily", "divisor": 31}],
    excluding=["2024-03-01"],
    adding=["2024-02-10", "2025-12-31"],
)
VERDICTS = [
    ("2024-02-01", "2024-02-01 is due."),
    ("2024-02-10", "2024-02-10 is due: it is added."),
    ("2024-03-01", "2024-03-01 is not due: it is excluded."),
    ("2024-03-02", "2024-03-02 is not due: no member of the set is due on that day."),
    ("2023-12-31", "2023-12-31 is not due: it is before the start, 2024-01-01."),
    ("2025-12-31", "2025-12-31 is not due: it is after the end, 2024-12-31."),
]


@pytest.mark.parametrize(("day", "verdict"), VERDICTS)
def test_the_verdict_about_a_set_says_why(day: str, verdict: str) -> None:
    found = explain(TWICE, date(2024, 1, 1), date.fromisoformat(day), date(2024, 12, 31))
    assert str(found).splitlines()[0] == verdict


def test_the_text_has_the_verdict_the_members_and_the_due_dates_of_the_set() -> None:
    assert str(explain(TWICE, date(2024, 1, 1), date(2024, 3, 1))).splitlines() == [
        "2024-03-01 is not due: it is excluded.",
        "any[0]:",
        "  2024-03-01 is due.",
        "  It is in March 2024, and every month is picked.",
        "  The payment day is the 1st.",
        "any[1]:",
        "  2024-03-01 is not due: the divisor does not pick 2024-03-01.",
        "  2024-03-01 is day 1, and 1 is not a multiple of 31: it is not picked.",
        "The previous due date is 2024-02-10, the next one is 2024-03-31.",
    ]


def test_a_set_that_is_never_due_says_so_for_each_member() -> None:
    text = str(explain(ScheduleSet([Schedule("daily", 32)]), date(2024, 1, 1), date(2024, 1, 2)))
    assert text.splitlines()[-1] == "  The schedule is never due: no day of a month is number 32 or a multiple of it."
