"""Schedules in words."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule
from recurring_schedule.analysis import describe
from recurring_schedule.analysis.profiles import clamped_share
from recurring_schedule.testing import schedules

LEAP_DAY = date(2024, 2, 29)
TEXTS: list[tuple[Schedule, date | None, str]] = [
    (Schedule("daily"), None, "every day"),
    (Schedule("daily", (3, 10)), None, "the 3rd, 13th and 23rd of every month"),
    (Schedule("daily", 31), None, "the 31st of every month that has it"),
    (
        Schedule("daily", 10),
        None,
        "the 10th, 20th and 30th of every month (days that a month does not have are left out)",
    ),
    (Schedule("daily", 29), None, "the 29th of every month that has it"),
    (Schedule("daily", 28), None, "the 28th of every month"),
    (
        Schedule("daily", (4, 5)),
        None,
        "the 4th, 9th, 14th, 19th, 24th and 29th of every month (days that a month does not have are left out)",
    ),
    (Schedule("weekly", offset=0), None, "every Sunday"),
    (Schedule("weekly"), None, "every week, on the weekday the subscription started"),
    (Schedule("weekly", (1, 3), 3), None, "Wednesday of ISO weeks 1, 4, 7, ..., 52"),
    (Schedule("weekly", 53, 1), None, "Monday of ISO week 53 (some years lack it)"),
    (Schedule("monthly", offset=31), None, "the 31st of every month, or the last day if the month is shorter"),
    (Schedule("monthly", offset=-1), None, "the last day of every month"),
    (Schedule("monthly", offset=-2), None, "the second-to-last day of every month"),
    (Schedule("monthly", 7), None, "in July, on the day of the month the subscription started"),
    (Schedule("monthly", 7), date(2024, 1, 31), "the 31st of July, from 31 January 2024"),
    (Schedule("quarterly", offset=(2, -1)), None, "the last day of every quarter"),
    (Schedule("yearly", 2, (11, 13)), None, "every other year (even years), on 13 December"),
    (
        Schedule("yearly"),
        LEAP_DAY,
        "every year, on 29 February, or the last day of the month if it is not a leap year, from 29 February 2024",
    ),
    (Schedule("yearly", offset=(3, 31)), None, "every year, on the last day of April"),
    (Schedule("monthly", (4, 12), -31), None, "the 1st of April"),
    (Schedule("monthly", offset=-21), None, "the 21st-to-last day of every month"),
    (Schedule("yearly", (1, 2), (1, 29)), None, "every other year (odd years), on the last day of February"),
    (Schedule("yearly", 400, (1, 29)), None, "every 400 years (years divisible by 400), on 29 February"),
    (
        Schedule("monthly"),
        None,
        "every month, on the day of the month the subscription started, or the last day if the month is shorter",
    ),
    (Schedule("quarterly", 4, 2), None, "in December, on the day of the month the subscription started"),
    (
        Schedule("quarterly", 2),
        None,
        (
            "quarters 2 and 4 of every year, on the day of the month the subscription started, in the same month of the quarter, "
            "or the last day if the month is shorter"
        ),
    ),
    (
        Schedule("yearly", offset=1),
        None,
        "every year, in February, on the day of the month the subscription started, or the last day if the month is shorter",
    ),
    (
        Schedule("yearly"),
        None,
        "every year, on the day and month the subscription started (28 February instead of 29 February if it is not a leap year)",
    ),
    (
        Schedule("yearly", (1, 3), (0, -1)),
        None,
        "every 3 years (years that leave 1 when divided by 3), on the last day of January",
    ),
    (Schedule("monthly", 13), None, "never: no month is number 13 or a multiple of it"),
    (
        Schedule("monthly", 12, dialect=Dialect.INTERGIRO_PROSE),
        None,
        "never: no month (January is number 0) is number 12 or a multiple of it",
    ),
    (Schedule("weekly", 1, 1), None, "every Monday"),
    (Schedule("weekly", (1, 2), 1), None, "Monday of ISO weeks 1, 3, 5, ..., 53 (some years lack week 53)"),
    (Schedule("weekly", 53), None, "ISO week 53 (some years lack it), on the weekday the subscription started"),
    (Schedule("weekly", 52, 1), None, "Monday of ISO week 52"),
    (Schedule("monthly", (2, 12), 30), None, "the last day of February"),
    (Schedule("monthly", (2, 12), -30), None, "the 1st of February"),
    (
        Schedule("monthly", (2, 12), 29),
        None,
        "the 29th of February, or the last day of the month if it is not a leap year",
    ),
    (Schedule("quarterly", (2, 4), (0, 31)), None, "the last day of April"),
    (
        Schedule("quarterly", (1, 2), (1, 31)),
        None,
        "the 31st of February and August, or the last day if the month is shorter",
    ),
    (Schedule("yearly", offset=(1, 31)), None, "every year, on the last day of February"),
    (Schedule("yearly", 9999, (1, 29)), None, "once, in 9999, on the last day of February"),
    (Schedule("yearly", (2024, 9000), (1, 29)), None, "once, in 2024, on 29 February"),
    (Schedule("yearly", 9999, 7), date(2024, 1, 31), "once, in 9999, on 31 August, from 31 January 2024"),
    (Schedule("yearly", 5000, (0, 1)), None, "once, in 5000, on 1 January"),
    (Schedule("yearly", 4999, (0, 1)), None, "every 4999 years (years divisible by 4999), on 1 January"),
]


@pytest.mark.parametrize(("schedule", "start", "text"), TEXTS, ids=[text for *_, text in TEXTS])
def test_schedules_are_described_as_people_say_them(schedule: Schedule, start: date | None, text: str) -> None:
    assert describe(schedule, start) == text


ENDS_OF_MONTHS = [day for place in range(366) if (day := date(2024, 1, 1) + timedelta(days=place)).day > 28]
CLAMPING = re.compile("if the month is shorter|if it is not a leap year")


@given(schedules(dialects=Dialect), st.none() | st.sampled_from(ENDS_OF_MONTHS))
def test_clamping_is_mentioned_where_it_depends_on_the_month_or_the_year_and_only_there(
    schedule: Schedule, start: date | None
) -> None:
    shares = {clamped_share(schedule, day) for day in (ENDS_OF_MONTHS if start is None else [start])}
    depends = any(0 < share < 1 for share in shares) or (start is None and schedule.anchor != () and any(shares))
    mentioned = CLAMPING.search(describe(schedule, start)) is not None
    assert mentioned == depends or (
        mentioned and schedule.frequency == "yearly"
    )  # It depends on years before the start.


@pytest.mark.parametrize("start", [datetime(2024, 1, 1), "2024-01-01"])  # noqa: DTZ001  # a zone changes nothing
def test_a_start_must_be_a_date(start: Any) -> None:
    with pytest.raises(TypeError, match=r"start: got .*, expected a date"):
        describe(Schedule("monthly"), start)
