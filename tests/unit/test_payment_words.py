"""Payment days in words: explanations, findings, descriptions and retries, against a walk day by day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from any_schedules import any_schedules, any_sets
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Schedule, ScheduleError, ScheduleSet, retry_dates
from recurring_schedule.analysis import describe, explain, lint, locales
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, UnknownDayError
from recurring_schedule.testing import business_calendars, reference_payment_days

FIRST, LAST = date(2023, 11, 20), date(2025, 2, 3)
DAY = timedelta(days=1)
WEEKENDS = BusinessCalendar()
MONTH_ENDS, DAILY = Schedule("monthly", offset=-1), Schedule("daily")
START = date(2024, 1, 1)
ANY_CALENDAR = business_calendars((FIRST, LAST))
ANY_CONVENTION = st.sampled_from(Convention)
ANY_DAY = st.integers(-30, (LAST - FIRST).days + 30).map(lambda number: FIRST + number * DAY)
ANY_PLAN = any_schedules() | any_sets(START)


def paid_days(calendar: BusinessCalendar, convention: Convention, due: list[date]) -> dict[date, date | None]:
    """Return the payment day of each due date by a walk, or None if the walk leaves the known days."""

    def paid(day: date) -> date | None:
        try:
            return reference_payment_days([day], calendar, convention)[0]
        except UnknownDayError:
            return None

    return {day: paid(day) for day in due}


# Explanations.


@given(ANY_PLAN, ANY_DAY, ANY_DAY, ANY_CALENDAR, ANY_CONVENTION)
def test_an_explanation_has_the_payments_of_a_walk(
    schedule: Any, start: date, day: date, calendar: BusinessCalendar, convention: Convention
) -> None:
    found = explain(schedule, start, day, calendar=calendar, convention=convention)
    assert found._replace(paid=None) == explain(schedule, start, day)
    paid = found.paid
    assert paid is not None
    due = schedule.due_dates(start)
    walks = paid_days(calendar, convention, [*due.between(FIRST - 60 * DAY, LAST + 60 * DAY)])
    assert paid.on == walks.get(day)
    if paid.due is not None:
        assert [*paid.due] == [one for one, on in walks.items() if on == day]
    else:
        assert None in walks.values() or len(walks) < len(due)
    if FIRST <= day <= LAST and not calendar.is_open(day):
        assert paid.due is not None
    is_unknown = (found.is_due and paid.on is None) or paid.due is None
    assert (paid.unknown is not None) == is_unknown
    if paid.unknown:
        assert not FIRST <= paid.unknown <= LAST
    assert (paid.closed is not None) == (paid.on not in (None, day))
    if paid.closed:
        first, last = paid.closed
        assert first <= day <= last
        assert calendar.count(first, last) == 0
        assert first == FIRST or calendar.is_open(first - DAY)
        assert last == LAST or calendar.is_open(last + DAY)
    text = str(found)
    assert ("drawn does not know" in text) == is_unknown
    assert (f"{day} is paid on" in text) == (paid.on is not None)
    assert paid.on is None or paid.on == day or f"{day} is paid on {paid.on}, the" in text
    assert (f"No due date is paid on {day}." in text) == (not found.is_due and paid.due is not None and not paid.due)


CLOSED = "TARGET is closed from 2024-03-29 to 2024-04-01."
SAID = [
    (MONTH_ENDS, date(2024, 3, 31), "following", [f"2024-03-31 is paid on 2024-04-02, the following open day: {CLOSED}"]),
    (MONTH_ENDS, date(2024, 3, 31), "preceding", [f"2024-03-31 is paid on 2024-03-28, the open day before: {CLOSED}"]),
    (
        MONTH_ENDS,
        date(2024, 3, 31),
        "modified_following",
        [f"2024-03-31 is paid on 2024-03-28, the open day before, since the following one is in another month: {CLOSED}"],
    ),
    (
        MONTH_ENDS,
        date(2024, 3, 31),
        "modified_preceding",
        [f"2024-03-31 is paid on 2024-03-28, the open day before: {CLOSED}"],
    ),
    (
        Schedule("monthly", offset=1),
        date(2024, 4, 1),
        "modified_preceding",
        [f"2024-04-01 is paid on 2024-04-02, the following open day, since the one before is in another month: {CLOSED}"],
    ),
    (
        Schedule("monthly", offset=1),
        date(2024, 5, 1),
        "modified_following",
        ["2024-05-01 is paid on 2024-05-02, the following open day: TARGET is closed on 2024-05-01."],
    ),
    (MONTH_ENDS, date(2024, 4, 30), "following", ["2024-04-30 is paid on the same day: TARGET is open."]),
    (MONTH_ENDS, date(2024, 4, 2), "following", ["The due date 2024-03-31 is paid on 2024-04-02."]),
    (MONTH_ENDS, date(2024, 4, 1), "following", ["No due date is paid on 2024-04-01."]),
    (
        MONTH_ENDS,
        date(2200, 1, 31),
        "following",
        ["It is not known on which day 2200-01-31 is paid: that depends on 2200-01-31, which TARGET does not know."],
    ),
    (
        MONTH_ENDS,
        date(2200, 2, 1),
        "following",
        ["It is not known which due dates are paid on 2200-02-01: that depends on 2200-01-31, which TARGET does not know."],
    ),
    (MONTH_ENDS, date(2200, 1, 1), "following", ["No due date is paid on 2200-01-01."]),
    (DAILY, date(2024, 3, 29), "following", [
        "2024-03-29 is paid on 2024-04-02, the following open day: " + CLOSED,
    ]),
    (DAILY, date(2024, 4, 2), "following", [
        "2024-04-02 is paid on the same day: TARGET is open.",
        "The due dates 2024-03-29, 2024-03-30, 2024-03-31, 2024-04-01 and 2024-04-02 are paid on 2024-04-02.",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "day", "convention", "lines"), SAID)
def test_the_text_says_when_and_why_a_due_date_is_paid(
    schedule: Schedule, day: date, convention: str, lines: list[str]
) -> None:
    without = str(explain(schedule, START, day)).splitlines()
    found = explain(schedule, START, day, calendar=TARGET, convention=convention)
    assert str(found).splitlines() == [*without[:-1], *lines, without[-1]]
    both = explain(ScheduleSet([schedule]), START, day, calendar=TARGET, convention=convention)
    assert str(both).splitlines()[-1 - len(lines) : -1] == lines


def test_of_many_due_dates_on_one_day_the_first_and_the_last_are_named() -> None:
    closed = [START + number * DAY for number in range(1, 300)]
    calendar = BusinessCalendar(closed, weekend=(), known=("2024-01-01", "2024-12-31"))
    paid_on = START + 300 * DAY
    text = str(explain(DAILY, START, paid_on, calendar=calendar, convention="following"))
    assert f"The due dates 2024-01-02, 2024-01-03, 2024-01-04, ..., {paid_on} are paid on {paid_on}." in text


def closed_calendar(
    first: date, last: date, *, known: tuple[str, str] = ("2024-01-01", "2025-12-31")
) -> BusinessCalendar:
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return BusinessCalendar(days, weekend=(), known=known, name="ours")


def test_no_due_date_is_paid_on_a_closed_day_also_where_the_days_before_are_unknown() -> None:
    first = date(2024, 1, 10)
    calendar = closed_calendar(first, first + DAY, known=("2024-01-10", "2025-12-31"))
    due, not_due = (
        explain(DAILY, start, first, calendar=calendar, convention="modified_preceding")
        for start in (first, first + DAY)
    )
    assert str(due).splitlines()[2:-1] == [
        "It is not known on which day 2024-01-10 is paid: that depends on 2024-01-09, which ours does not know."
    ]
    assert str(not_due).splitlines()[2:-1] == ["No due date is paid on 2024-01-10."]
    for found in (due, not_due):
        assert found.paid is not None
        assert found.paid.due is not None
        assert [*found.paid.due] == []


def test_a_payment_past_the_end_of_dates_is_not_known() -> None:
    found = explain(DAILY, START, date.max, calendar=BusinessCalendar(weekend=["fri"]), convention="following")
    assert (
        "It is not known on which day 9999-12-31 is paid: that depends on days before 0001-01-01 or after 9999-12-31."
        in str(found).splitlines()
    )


# Findings.


@given(ANY_PLAN, ANY_DAY, ANY_CALENDAR, ANY_CONVENTION)
def test_each_finding_about_payments_holds_by_a_walk(
    schedule: Any, start: date, calendar: BusinessCalendar, convention: Convention
) -> None:
    found = lint(schedule, start, calendar=calendar, convention=convention)
    plain = lint(schedule, start)
    assert found[: len(plain)] == plain
    dates = {finding.code.value: finding.dates for finding in found[len(plain) :]}
    due = schedule.due_dates(start)
    walks = paid_days(calendar, convention, [*due.between(FIRST - 60 * DAY, LAST + 60 * DAY)])
    known = [(day, on) for day, on in walks.items() if on]
    expected: dict[str, tuple[date, ...]] = {}
    for code, pairs in (
        ("paid-in-another-month", [(day, on) for day, on in known if (day.year, day.month) != (on.year, on.month)]),
        ("shared-payment-day", [(one, other) for (one, on), (other, also) in pairwise(known) if on == also]),
        ("paid-before-start", [(day, on) for day, on in known if on < start][:1]),
    ):
        if pairs:
            expected[code] = pairs[0]
    until, since = known[-1][0] if known else FIRST - DAY, known[0][0] if known else FIRST
    if due and due[0] < since:
        expected["calendar-begins"] = (due[0],)
    if later := due.after(until):
        expected["calendar-ends"] = (later,)
    assert dates == expected


def test_a_calendar_that_is_always_known_neither_begins_nor_ends() -> None:
    closed_on_fridays = BusinessCalendar(weekend=["fri"])
    found = lint(DAILY, date(1, 1, 1), calendar=closed_on_fridays, convention="following")
    assert [finding.code for finding in found] == ["paid-in-another-month", "shared-payment-day"]
    assert lint(DAILY, START, calendar=BusinessCalendar(weekend=[]), convention="following") == ()


@pytest.mark.parametrize(
    ("start", "calendar", "convention", "expected"),
    [
        (
            date(1, 1, 1),
            BusinessCalendar(weekend=["mon"]),
            "preceding",
            ["paid-in-another-month", "shared-payment-day"],
        ),
        (START, closed_calendar(START, START), "preceding", ["calendar-begins 2024-01-01", "calendar-ends 2026-01-01"]),
        (
            START,
            closed_calendar(START, START + 2 * DAY, known=("2024-01-01", "2024-01-03")),
            "following",
            ["calendar-ends 2024-01-01"],
        ),
        (
            date(2023, 12, 31),
            closed_calendar(START, START + 2 * DAY, known=("2024-01-01", "2024-01-03")),
            "following",
            ["calendar-begins 2023-12-31", "calendar-ends 2024-01-01"],
        ),
    ],
)
def test_where_a_calendar_begins_and_ends(
    start: date, calendar: BusinessCalendar, convention: str, expected: list[str]
) -> None:
    found = lint(DAILY, start, calendar=calendar, convention=convention)
    said = [f"{finding.code} {finding.dates[0]}" for finding in found]
    assert [text if "calendar" in text else text.split()[0] for text in said] == expected


def test_a_payment_a_year_later_is_in_another_month() -> None:
    calendar = closed_calendar(date(2024, 1, 15), date(2025, 1, 14))
    found = lint(Schedule("yearly"), date(2024, 1, 20), calendar=calendar, convention="following")
    assert (found[0].code, *found[0].dates) == ("paid-in-another-month", date(2024, 1, 20), date(2025, 1, 15))


def test_without_a_start_nothing_is_before_it() -> None:
    found = lint(Schedule("daily"), calendar=TARGET, convention="preceding")
    assert [finding.code for finding in found] == ["paid-in-another-month", "shared-payment-day", "calendar-ends"]
    assert found[0].dates == (date(2000, 4, 1), date(2000, 3, 31))


def test_findings_about_payments_name_the_convention_that_avoids_them_and_the_calendar() -> None:
    assert [*map(str, lint(MONTH_ENDS, START, calendar=TARGET, convention="following"))][1:] == [
        (
            "paid-in-another-month: a due date is paid in a later month; "
            "with modified_following, it is paid on the open day before: 2024-03-31, 2024-04-02"
        ),
        "calendar-ends: payment days are not known from this due date on, since TARGET is known until 2199-12-31: 2200-01-31",
    ]
    assert "paid-in-another-month" not in str(lint(MONTH_ENDS, START, calendar=TARGET, convention="modified_following"))


def test_a_schedule_that_is_never_due_has_no_payments() -> None:
    never = Schedule("monthly", 13)
    assert lint(never, START, calendar=TARGET, convention="following") == lint(never, START)
    assert describe(never, calendar=TARGET, convention="following") == describe(never)


# Descriptions.

TWICE = ScheduleSet([MONTH_ENDS, Schedule("monthly", offset=31)], excluding=["2024-12-31"])
BOTH: tuple[Schedule | ScheduleSet, ...] = MONTH_ENDS, TWICE
NAMES = ("", "TARGET", "SE", "TARGET&SE")


@pytest.mark.parametrize("locale", locales())
def test_different_payments_read_differently(locale: str) -> None:
    texts = {
        describe(schedule, start, locale, calendar=BusinessCalendar(name=name), convention=convention)
        for schedule, start, name, convention in product(BOTH, (None, START), NAMES, Convention)
    }
    assert len(texts) == 2 * 2 * len(NAMES) * 4
    for schedule, start in product(BOTH, (None, START)):
        assert sum(text.startswith(describe(schedule, start, locale)) for text in texts) >= len(NAMES) * 4


def test_a_description_ends_with_the_payments() -> None:
    said = describe(TWICE, START, calendar=WEEKENDS, convention="preceding")
    assert said == f"{describe(TWICE, START)}; each paid on the open day before if the calendar is closed"


# Arguments.

WORDS = [
    lambda **fields: describe(MONTH_ENDS, START, **fields),
    lambda **fields: explain(MONTH_ENDS, START, START, **fields),
    lambda **fields: lint(MONTH_ENDS, START, **fields),
]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"calendar": TARGET}, TypeError, "convention: missing, expected 'following'"),
        ({"convention": "following"}, TypeError, "calendar: missing, expected a BusinessCalendar"),
        ({"calendar": "TARGET", "convention": "following"}, TypeError, "calendar: got 'TARGET', expected a BusinessCalendar"),
        ({"calendar": TARGET, "convention": "next"}, ValueError, "convention: got 'next', expected 'following'"),
    ],
)  # fmt: skip
def test_a_calendar_and_a_convention_are_both_needed(
    words: Any, fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        words(**fields)


# Retries.


@given(ANY_CALENDAR, ANY_DAY, st.lists(st.integers(1, 40), unique=True, max_size=5).map(sorted))
def test_retries_count_open_days_after_the_payment_day(calendar: BusinessCalendar, day: date, days: list[int]) -> None:
    opens = [one for number in range((LAST - FIRST).days + 1) if calendar.is_open(one := FIRST + number * DAY)]
    later = [one for one in opens if one > day]
    if not days or (FIRST <= day <= LAST and days[-1] <= len(later)):
        assert retry_dates(day, days, calendar) == tuple(later[number - 1] for number in days)
    else:
        with pytest.raises(UnknownDayError):
            retry_dates(day, days, calendar)


@pytest.mark.parametrize("days", [[0], [2, 2], [1.5], "1"])
def test_retries_in_open_days_are_checked_as_those_in_days(days: Any) -> None:
    with pytest.raises(ScheduleError, match="days"):
        retry_dates(START, days, WEEKENDS)
