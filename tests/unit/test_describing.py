"""Schedules in words."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from any_schedules import any_schedules, any_sets
from hypothesis import assume, given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule, ScheduleSet
from recurring_schedule.analysis import describe, locales
from recurring_schedule.analysis.profiles import clamped_share
from recurring_schedule.core.periods import payment_of, period_of
from recurring_schedule.languages import language
from recurring_schedule.testing import reference_due_dates, schedules, start_dates

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
    # Intervals, without a start and with one.
    (Schedule("daily", interval=10), None, "every 10 days, counted from the start"),
    (Schedule("daily", interval=2), LEAP_DAY, "every second day, from 29 February 2024"),
    (
        Schedule("weekly", interval=2, offset=3),
        None,
        "every second week on Wednesday, counted from the week of the start",
    ),
    (Schedule("weekly", interval=3, offset=1), date(2024, 1, 1), "every 3 weeks on Monday, from 1 January 2024"),
    (
        Schedule("weekly", interval=3, offset=1),
        date(2024, 1, 2),
        "every 3 weeks on Monday, counted from the week of the start, from 2 January 2024",
    ),
    (
        Schedule("weekly", interval=2),
        None,
        "every second week, on the weekday the subscription started, counted from the week of the start",
    ),
    (Schedule("weekly", interval=2), LEAP_DAY, "every second week on Thursday, from 29 February 2024"),
    (
        Schedule("monthly", interval=5, offset=31),
        None,
        "every 5 months, on the 31st, or the last day if the month is shorter, counted from the month of the start",
    ),
    (
        Schedule("monthly", interval=5, offset=30, dialect=Dialect.PAYFUNC),
        None,
        "every 5 months, on the 31st, or the last day if the month is shorter, counted from the month of the start",
    ),
    (
        Schedule("monthly", interval=5),
        None,
        (
            "every 5 months, on the day of the month the subscription started, or the last day if the month is shorter, "
            "counted from the month of the start"
        ),
    ),
    (Schedule("monthly", interval=12), date(2024, 1, 31), "every 12 months, on the 31st, from 31 January 2024"),
    (
        Schedule("monthly", interval=3, offset=31),
        LEAP_DAY,
        ("every 3 months, on the 31st, or the last day if the month is shorter, from 29 February 2024"),
    ),
    (Schedule("monthly", interval=12, offset=31), LEAP_DAY, "every 12 months, on the last day, from 29 February 2024"),
    (
        Schedule("monthly", interval=48),
        LEAP_DAY,
        ("every 48 months, on the 29th, or the last day of the month if it is not a leap year, from 29 February 2024"),
    ),
    (Schedule("monthly", interval=4800), date(2000, 2, 29), "every 4800 months, on the 29th, from 29 February 2000"),
    (
        Schedule("monthly", interval=48, offset=29),
        date(2023, 2, 28),
        ("every 48 months, on the last day, from 28 February 2023"),
    ),
    (
        Schedule("quarterly", interval=2),
        None,
        (
            "every second quarter, on the day of the month the subscription started, in the same month of the quarter, "
            "or the last day if the month is shorter, counted from the quarter of the start"
        ),
    ),
    (
        Schedule("quarterly", interval=2, offset=0),
        None,
        (
            "every second quarter, in the first month of the quarter, on the day of the month the subscription started, "
            "or the last day if the month is shorter, counted from the quarter of the start"
        ),
    ),
    (
        Schedule("quarterly", interval=2, offset=(2, -1)),
        date(2024, 2, 10),
        "every second quarter, in the third month of the quarter, on the last day, from 10 February 2024",
    ),
    (
        Schedule("yearly", interval=4),
        LEAP_DAY,
        "every 4 years, on 29 February, or the last day of the month if it is not a leap year, from 29 February 2024",
    ),
    (
        Schedule("yearly", interval=4, offset=(1, 29)),
        date(2023, 2, 1),
        ("every 4 years, on the last day of February, from 1 February 2023"),
    ),
    (Schedule("yearly", interval=400), date(2000, 2, 29), "every 400 years, on 29 February, from 29 February 2000"),
    (
        Schedule("yearly", interval=4),
        None,
        (
            "every 4 years, on the day and month the subscription started (28 February instead of 29 February if it is not "
            "a leap year), counted from the year of the start"
        ),
    ),
    (
        Schedule("yearly", interval=2, offset=6),
        None,
        (
            "every second year, in July, on the day of the month the subscription started, counted from the year of the start"
        ),
    ),
    (
        Schedule("yearly", interval=10**600, offset=(0, 1)),
        None,
        ("every 3652059 years, on 1 January, counted from the year of the start"),
    ),
    (Schedule("daily", interval=1), None, "every day"),
    (Schedule("weekly", interval=1, offset=0), None, "every Sunday"),
    (Schedule("monthly", interval=1, offset=-1), None, "the last day of every month"),
    (Schedule("yearly", interval=1, offset=(11, 13)), None, "every year, on 13 December"),
    # Weekdays of a month.
    (Schedule("monthly", weekday=(-1, 5)), None, "the last Friday of every month"),
    (Schedule("monthly", weekday=(1, 0)), LEAP_DAY, "the first Sunday of every month, from 29 February 2024"),
    (Schedule("monthly", 7, weekday=(-2, 1)), None, "the second-to-last Monday of July"),
    (
        Schedule("monthly", 7, weekday=(-2, 1), dialect=Dialect.INTERGIRO_PROSE),
        None,
        "the second-to-last Monday of August",
    ),
    (
        Schedule("monthly", interval=2, weekday=(2, 2)),
        None,
        ("every second month, on the second Tuesday, counted from the month of the start"),
    ),
    (
        Schedule("monthly", interval=2, weekday=(2, 2)),
        date(2024, 1, 9),
        ("every second month, on the second Tuesday, from 9 January 2024"),
    ),
    (
        Schedule("monthly", interval=2, weekday=(2, 2)),
        date(2024, 1, 10),
        ("every second month, on the second Tuesday, counted from the month of the start, from 10 January 2024"),
    ),
    (Schedule("quarterly", None, 2, weekday=(-1, 5)), None, "the last Friday of March, June, September and December"),
    (
        Schedule("quarterly", weekday=(-1, 5)),
        date(2024, 2, 1),
        ("the last Friday of February, May, August and November, from 1 February 2024"),
    ),
    (
        Schedule("quarterly", weekday=(-1, 5)),
        None,
        ("every quarter, in the month of the quarter in which the subscription started, on the last Friday"),
    ),
    (
        Schedule("quarterly", 2, weekday=(-1, 5)),
        None,
        (
            "quarters 2 and 4 of every year, in the month of the quarter in which the subscription started, on the last Friday"
        ),
    ),
    (
        Schedule("quarterly", None, 2, weekday=(-1, 5), interval=3),
        None,
        (
            "every 3 quarters, in the third month of the quarter, on the last Friday, counted from the quarter of the start"
        ),
    ),
    (Schedule("yearly", None, 2, weekday=(2, 2)), None, "every year, on the second Tuesday of March"),
    (Schedule("yearly", 2, 2, weekday=(2, 2)), None, "every other year (even years), on the second Tuesday of March"),
    (
        Schedule("yearly", None, 2, weekday=(2, 2), interval=4),
        None,
        ("every 4 years, on the second Tuesday of March, counted from the year of the start"),
    ),
    (
        Schedule("yearly", weekday=(2, 2)),
        None,
        ("every year, in the month the subscription started, on the second Tuesday"),
    ),
]


@pytest.mark.parametrize(("schedule", "start", "text"), TEXTS, ids=[text for *_, text in TEXTS])
def test_schedules_are_described_as_people_say_them(schedule: Schedule, start: date | None, text: str) -> None:
    assert describe(schedule, start) == text


ENDS_OF_MONTHS = [day for place in range(366) if (day := date(2024, 1, 1) + timedelta(days=place)).day > 28]
CLAMPING = re.compile("if the month is shorter|if it is not a leap year")


@given(schedules(dialects=Dialect, extensions=False), st.none() | st.sampled_from(ENDS_OF_MONTHS))
def test_clamping_is_mentioned_where_it_depends_on_the_month_or_the_year_and_only_there(
    schedule: Schedule, start: date | None
) -> None:
    shares = {clamped_share(schedule, day) for day in (ENDS_OF_MONTHS if start is None else [start])}
    depends = any(0 < share < 1 for share in shares) or (start is None and schedule.anchor != () and any(shares))
    mentioned = CLAMPING.search(describe(schedule, start)) is not None
    assert mentioned == depends or (
        mentioned and schedule.frequency == "yearly"
    )  # It depends on years before the start.


@given(any_schedules(), start_dates())
def test_clamping_is_mentioned_with_an_interval_where_some_payment_days_are_clamped(
    schedule: Schedule, start: date
) -> None:
    wanted = schedule.payment_day(start)[1]
    assume((schedule.interval or 1) > 1 and schedule.frequency.months)
    days = {payment_of(schedule, start, period_of(schedule, start)).day, *schedule.due_dates(start)[:4800]}
    clamped = {isinstance(wanted, int) and abs(wanted) > monthrange(day.year, day.month)[1] for day in days if day}
    assert (CLAMPING.search(describe(schedule, start)) is not None) == (len(clamped) == 2)


@given(any_schedules(), start_dates())
def test_counting_is_mentioned_where_the_first_due_date_does_not_show_it(schedule: Schedule, start: date) -> None:
    assert ("counted from" in describe(schedule)) == ((schedule.interval or 1) > 1)
    due = schedule.due_dates(start)
    if "counted from" in describe(schedule, start):
        assert not due or due[0] > period_of(schedule, start).last
    elif due and (schedule.interval or 1) > 1:
        assert due[0] <= period_of(schedule, start).last


@given(any_schedules(), start_dates())
def test_an_interval_of_1_reads_as_none(schedule: Schedule, start: date) -> None:
    assume(schedule.divisor is None)
    frequency, offset, dialect, weekday = schedule.frequency, schedule.offset, schedule.dialect, schedule.weekday
    one = Schedule(frequency, None, offset, dialect, interval=1, weekday=weekday)
    none = Schedule(frequency, None, offset, dialect, weekday=weekday)
    assert (describe(one), describe(one, start)) == (describe(none), describe(none, start))


@pytest.mark.parametrize("start", [datetime(2024, 1, 1), "2024-01-01"])  # noqa: DTZ001  # a zone changes nothing
def test_a_start_must_be_a_date(start: Any) -> None:
    with pytest.raises(TypeError, match=r"start: got .*, expected a date"):
        describe(Schedule("monthly"), start)


# Sets.

FIRST, LAST_DAY, THE_31ST = (Schedule("monthly", offset=day) for day in (1, -1, 31))
THE_31ST_SAID = "the 31st of every month, or the last day if the month is shorter"
CHRISTMAS, BEFORE, NEW_YEAR = "2024-12-24", "2024-12-23", "2025-01-01"
SETS: list[tuple[ScheduleSet, date | None, str]] = [
    (ScheduleSet([FIRST]), None, "the 1st of every month"),
    (ScheduleSet([FIRST, LAST_DAY]), None, "the 1st of every month and the last day of every month"),
    (
        ScheduleSet([Schedule("weekly", offset=weekday) for weekday in (1, 3, 5)]),
        LEAP_DAY,
        "every Monday, every Wednesday and every Friday, from 29 February 2024",
    ),
    (ScheduleSet([FIRST, Schedule("monthly", interval=1, offset=1)]), None, "the 1st of every month"),
    (ScheduleSet([THE_31ST]), LEAP_DAY, f"{THE_31ST_SAID}, from 29 February 2024"),
    (ScheduleSet([THE_31ST, FIRST]), None, f"{THE_31ST_SAID}; the 1st of every month"),
    (
        ScheduleSet([FIRST, THE_31ST], excluding=[CHRISTMAS], adding=[BEFORE]),
        LEAP_DAY,
        (
            f"the 1st of every month; {THE_31ST_SAID}; from 29 February 2024; and also on 23 December 2024; "
            "but not on 24 December 2024"
        ),
    ),
    (
        ScheduleSet([Schedule("weekly", (1, 26), 1), FIRST]),
        None,
        "Monday of ISO weeks 1, 27 and 53 (some years lack week 53); the 1st of every month",
    ),
    (
        ScheduleSet([FIRST, Schedule("monthly", (1, 6), -1)]),
        None,
        "the 1st of every month; the last day of January and July",
    ),
    (
        ScheduleSet([FIRST, Schedule("monthly", 13)], adding=[BEFORE]),
        None,
        "the 1st of every month; never: no month is number 13 or a multiple of it; and also on 23 December 2024",
    ),
    (
        ScheduleSet([FIRST], excluding=[NEW_YEAR, CHRISTMAS, "2024-12-31"]),
        None,
        "the 1st of every month, but not on 24 December 2024, 31 December 2024 and 1 January 2025",
    ),
]


@pytest.mark.parametrize(("schedule", "start", "text"), SETS, ids=[text for *_, text in SETS])
def test_a_set_is_described_by_its_members_its_start_and_its_days(
    schedule: ScheduleSet, start: date | None, text: str
) -> None:
    assert describe(schedule, start) == text


def test_a_hundred_members_and_two_thousand_days_are_all_named() -> None:
    days = [date(2024, 1, 1) + timedelta(number) for number in range(2000)]
    members = [Schedule("daily", interval=interval) for interval in range(2, 102)]
    text = describe(ScheduleSet(members, excluding=days[1::2], adding=days[::2]))
    said, added, excluded = re.split("; and also on |; but not on ", text)
    assert said.split("; ") == [describe(member) for member in members]
    for listed, expected in ((added, days[::2]), (excluded, days[1::2])):
        assert re.split(", | and ", listed) == [language("en").date(day) for day in expected]


@given(st.data(), start_dates(date(1900, 1, 1), date(2900, 1, 1)), st.sampled_from(locales()))
def test_the_words_of_a_set_name_every_member_and_every_day(data: st.DataObject, start: date, locale: str) -> None:
    schedule, words = data.draw(any_sets(start)), language(locale)
    text = describe(schedule, None, locale)
    for member in schedule.members:
        assert describe(member, None, locale) in text
    for day in (*schedule.adding, *schedule.excluding):
        assert re.search(rf"(?<!\d){re.escape(words.date(day))}(?!\d)", text)
    if schedule.members == (schedule.members[0],) and not schedule.excluding and not schedule.adding:
        assert text == describe(schedule.members[0], None, locale)


# What lists, notes and numbers of their own could run into each other.
CLOSE = [
    FIRST,
    LAST_DAY,
    THE_31ST,
    *(Schedule("monthly", divisor, 1) for divisor in ((1, 12), (7, 12), (1, 6))),
    *(Schedule("monthly", divisor) for divisor in ((1, 12), (7, 12), (1, 6))),
    *(Schedule("daily", divisor) for divisor in (15, 30, (1, 15))),
    *(Schedule("weekly", divisor, 1) for divisor in (20, (20, 53), (40, 53))),
]
STARTS = date(2024, 1, 1), date(2024, 2, 10)
DAYS = [(), (date(2024, 1, 1),), (date(2024, 1, 31),), (date(2024, 1, 1), date(2024, 1, 31))]


@pytest.fixture(scope="module")
def close_sets() -> dict[ScheduleSet, object]:
    """Return sets of one or two of these, with the dates of two years from each start, by the definition."""
    last = date(2025, 12, 31)
    found: dict[ScheduleSet, object] = {}
    dates = {member: [{*reference_due_dates(member, one, one, last)} for one in STARTS] for member in CLOSE}
    for members in (*product(CLOSE), *combinations(CLOSE, 2)):
        says = [set().union(*sets) for sets in zip(*map(dates.__getitem__, members), strict=True)]
        for excluding, adding in product(DAYS, DAYS):
            if not {*excluding} & {*adding}:
                added = [{day for day in adding if day >= one} for one in STARTS]
                due = tuple(frozenset((a | b) - {*excluding}) for a, b in zip(says, added, strict=True))
                found[ScheduleSet(members, excluding=excluding, adding=adding)] = due
    return found


@pytest.mark.parametrize("locale", locales())
def test_sets_with_different_dates_read_differently(close_sets: dict[ScheduleSet, object], locale: str) -> None:
    dates_of: dict[str, object] = {}
    for schedule, due in close_sets.items():
        text = describe(schedule, None, locale)
        assert dates_of.setdefault(text, due) == due, text
