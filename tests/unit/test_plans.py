"""The plans of other systems: their documented examples, and independent definitions of their dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count, islice
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import assume, example, given
from hypothesis import strategies as st

from recurring_schedule import Schedule, ScheduleSet, parse
from recurring_schedule.exchange import (
    ConversionError,
    ImportedSchedule,
    from_chargebee,
    from_gocardless,
    from_iso20022,
    from_open_banking,
    from_paddle,
    from_stripe,
    to_chargebee,
    to_gocardless,
    to_iso20022,
    to_open_banking,
    to_paddle,
    to_stripe,
)

DAY = timedelta(days=1)
DATES = st.dates(date(1990, 1, 1), date(2090, 1, 1)) | st.sampled_from(
    [date(2024, 1, 31), date(2024, 2, 29), date(2023, 2, 28), date(2024, 4, 30), date(2023, 12, 31), date(2024, 1, 30)]
)
UNITS = st.sampled_from(["day", "week", "month", "year"])


def dates_of(found: ImportedSchedule, wanted: int = 30) -> list[date]:
    return [*islice(found.schedule.due_dates(found.start, found.end), wanted)]


def days(*texts: str) -> list[date]:
    return [*map(date.fromisoformat, texts)]


def steps(unit: str, size: int, anchor: date, first: int = 0) -> Iterator[date]:
    """Yield the anchor plus 0, 1, 2, ... intervals: a day that a month does not have becomes its last day."""
    for passed in count(first):
        yield anchor + relativedelta(**{f"{unit}s": size * passed})  # type: ignore[arg-type]  # the units are names of its own


# Stripe: https://docs.stripe.com/billing/subscriptions/billing-cycle


def test_stripe_bills_on_the_day_of_the_anchor() -> None:
    found = from_stripe("month", billing_cycle_anchor=date(2024, 9, 2))
    assert found == ImportedSchedule(Schedule("monthly", offset=2), date(2024, 9, 2), None)
    assert {day.day for day in dates_of(found)} == {2}


def test_stripe_bills_on_the_last_day_of_a_month_without_the_day_of_the_anchor() -> None:
    found = from_stripe("month", billing_cycle_anchor=date(2023, 1, 31))
    assert dates_of(found, 4) == days("2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30")
    found = from_stripe("month", billing_cycle_anchor=date(2024, 1, 31))
    assert dates_of(found, 4) == days("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30")


def test_stripe_bills_on_the_weekday_of_the_anchor() -> None:
    found = from_stripe("week", billing_cycle_anchor=date(2022, 6, 3))
    assert dates_of(found, 3) == days("2022-06-03", "2022-06-10", "2022-06-17")


def test_stripe_takes_the_day_of_a_timestamp_in_utc() -> None:
    # 1611008505 is an anchor on that page: 18 January 2021, 22:21:45.
    assert from_stripe("month", billing_cycle_anchor=1611008505).start == date(2021, 1, 18)
    assert from_stripe("month", billing_cycle_anchor=1611014399).start == date(2021, 1, 18)
    assert from_stripe("month", billing_cycle_anchor=1611014400).start == date(2021, 1, 19)
    assert from_stripe("month", billing_cycle_anchor=-1).start == date(1969, 12, 31)


def test_stripe_config_bills_every_month_on_its_last_day() -> None:
    found = from_stripe("month", billing_cycle_anchor_config={"day_of_month": 31}, start=date(2024, 2, 10))
    assert dates_of(found, 3) == days("2024-02-29", "2024-03-31", "2024-04-30")


def test_stripe_config_bills_every_year_on_the_first_of_july() -> None:
    config = {"month": 7, "day_of_month": 1, "hour": 12}
    assert dates_of(from_stripe("year", billing_cycle_anchor_config=config, start=date(2024, 2, 10)), 2) == days(
        "2024-07-01", "2025-07-01"
    )
    assert from_stripe("year", billing_cycle_anchor_config=config, start=date(2024, 7, 2)).start == date(2025, 7, 1)


def test_stripe_config_bills_every_second_month_from_february_though_the_anchor_is_in_august() -> None:
    made = from_stripe("month", 2, billing_cycle_anchor_config={"day_of_month": 31}, start=date(2023, 2, 10))
    assert dates_of(made, 5) == days("2023-02-28", "2023-04-30", "2023-06-30", "2023-08-31", "2023-10-31")
    # The subscription that was created has this anchor.
    read = from_stripe("month", 2, billing_cycle_anchor=date(2023, 8, 31), start=date(2023, 2, 10))
    assert read == made


def test_stripe_config_aligns_a_quarter_with_the_month_of_the_anchor() -> None:
    config = {"month": 8, "day_of_month": 15}
    found = from_stripe("month", 3, billing_cycle_anchor_config=config, start=date(2024, 2, 10))
    assert dates_of(found, 3) == days("2024-02-15", "2024-05-15", "2024-08-15")
    found = from_stripe("month", 5, billing_cycle_anchor_config=config, start=date(2024, 9, 1))
    assert dates_of(found, 3) == days("2024-10-15", "2025-03-15", "2025-08-15")


@given(UNITS, st.integers(1, 36), DATES)
@example("month", 1, date(2024, 1, 31))
@example("year", 3, date(2024, 2, 29))
def test_stripe_adds_whole_intervals_to_the_anchor(unit: str, size: int, anchor: date) -> None:
    assume(unit != "year" or size <= 3)
    found = from_stripe(unit, size, billing_cycle_anchor=anchor)
    assert found.start == anchor
    assert dates_of(found) == [*islice(steps(unit, size, anchor), 30)]


@given(UNITS, st.integers(1, 36), DATES, st.integers(-3000, 3000))
@example("month", 2, date(2023, 8, 31), -202)
def test_stripe_bills_whole_intervals_before_and_after_the_anchor(
    unit: str, size: int, anchor: date, distance: int
) -> None:
    assume(unit != "year" or size <= 3)
    start = anchor + distance * DAY
    found = from_stripe(unit, size, billing_cycle_anchor=anchor, start=start)
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[unit] * size
    expected = (day for day in steps(unit, size, anchor, min(distance, 0) // longest * 2 - 1) if day >= start)
    assert dates_of(found) == [*islice(expected, 30)]
    assert found.start == dates_of(found)[0]


# GoCardless: https://developer.gocardless.com/api-reference/#core-endpoints-subscriptions


@pytest.mark.parametrize(
    ("interval_unit", "interval", "month", "day_of_month", "start_date", "schedule"),
    [
        ("yearly", 1, "january", -1, "2024-01-31", Schedule("yearly", offset=(0, -1))),
        ("monthly", 6, None, None, "2024-01-15", Schedule("monthly", offset=15, interval=6)),
        ("monthly", 6, None, 12, "2024-01-12", Schedule("monthly", offset=12, interval=6)),
        ("weekly", 2, None, None, "2024-01-15", Schedule("weekly", offset=1, interval=2)),
    ],
)
def test_gocardless_examples_that_are_valid(
    interval_unit: str, interval: int, month: str | None, day_of_month: int | None, start_date: str, schedule: Schedule
) -> None:
    start = date.fromisoformat(start_date)
    found = from_gocardless(interval_unit, interval, month=month, day_of_month=day_of_month, start_date=start)
    assert found == (schedule, start, None)


@pytest.mark.parametrize(
    ("interval_unit", "interval", "month", "day_of_month"),
    [
        ("yearly", 1, "march", None),
        ("yearly", 1, None, 2),
        ("monthly", 6, "august", 12),
        ("weekly", 2, "october", 10),
        ("weekly", 2, None, 10),
    ],
)
def test_gocardless_examples_that_are_invalid(
    interval_unit: str, interval: int, month: str | None, day_of_month: int | None
) -> None:
    with pytest.raises(ConversionError, match=r"^(month|day_of_month): "):
        from_gocardless(
            interval_unit, interval, month=month, day_of_month=day_of_month, start_date=date(2024, 8, day_of_month or 1)
        )


def test_gocardless_ends_after_a_count_or_before_a_day() -> None:
    by_count = from_gocardless("monthly", start_date=date(2024, 1, 15), count=3)
    assert dates_of(by_count) == days("2024-01-15", "2024-02-15", "2024-03-15")
    before = from_gocardless("monthly", start_date=date(2024, 1, 15), end_date=date(2024, 3, 15))
    assert dates_of(before) == days("2024-01-15", "2024-02-15")
    after = from_gocardless("monthly", start_date=date(2024, 1, 15), end_date=date(2024, 3, 16))
    assert dates_of(after) == dates_of(by_count)


@given(st.sampled_from(["week", "month", "year"]), st.integers(1, 12), DATES, st.integers(1, 20))
def test_gocardless_adds_whole_intervals_to_the_start(unit: str, size: int, start: date, payments: int) -> None:
    assume(start.day <= 28 or unit == "week")
    size = 1 if unit == "year" else size
    found = from_gocardless(f"{unit}ly", size, start_date=start, count=payments)
    assert dates_of(found) == [*islice(steps(unit, size, start), payments)]


@given(st.booleans(), st.integers(1, 12), DATES)
def test_gocardless_bills_on_the_last_days_of_months(is_yearly: bool, size: int, some_day: date) -> None:
    start, unit = some_day + relativedelta(day=31), "year" if is_yearly else "month"
    parts: dict[str, Any] = {"interval": 1, "month": f"{start:%B}".lower()} if is_yearly else {"interval": size}
    found = from_gocardless(f"{unit}ly", start_date=start, day_of_month=-1, **parts)
    months = islice(steps(unit, parts["interval"], start.replace(day=1)), 30)
    assert dates_of(found) == [day + relativedelta(day=31) for day in months]


# Paddle: https://developer.paddle.com/build/subscriptions/change-billing-dates


def test_paddle_bills_every_year_on_the_anniversary() -> None:
    assert dates_of(from_paddle("year", first_billed_at=date(2024, 5, 17)), 2) == days("2024-05-17", "2025-05-17")


@given(UNITS, st.integers(1, 40), DATES)
def test_paddle_adds_whole_cycles_to_the_first(unit: str, size: int, first: date) -> None:
    assume(first.day <= 28 or unit in ("day", "week"))
    assert dates_of(from_paddle(unit, size, first_billed_at=first)) == [*islice(steps(unit, size, first), 30)]


# Chargebee: https://www.chargebee.com/docs/next-billing-date.html, and the pages below


@pytest.mark.parametrize(
    ("unit", "start", "expected"),
    [
        ("month", "2015-10-01", "2015-11-01"),
        ("week", "2015-10-01", "2015-10-08"),
        ("year", "2015-10-01", "2016-10-01"),
        ("month", "2015-10-16", "2015-11-16"),  # after a trial from 1 October
        # https://www.chargebee.com/docs/billing/2.0/kb/billing/when-is-the-next-billing-date-for-my-customer
        ("month", "2020-08-31", "2020-09-30"),
        ("month", "2020-09-01", "2020-10-01"),
        ("month", "2020-09-11", "2020-10-11"),
    ],
)
def test_chargebee_examples(unit: str, start: str, expected: str) -> None:
    assert dates_of(from_chargebee(1, unit, start=date.fromisoformat(start)), 2) == days(start, expected)


def test_chargebee_switches_back_to_the_day_after_a_short_month() -> None:
    # https://support.chargebee.com/support/discussions/topics/315884
    found = from_chargebee(1, "month", start=date(2023, 1, 30))
    assert dates_of(found, 3) == days("2023-01-30", "2023-02-28", "2023-03-30")


def test_chargebee_charges_once_for_one_billing_cycle() -> None:
    # https://chargebee.com/docs/1.0/subscriptions/articles-and-faq/what-happens-when-the-number-of-billing-cycle-is-0.html
    assert dates_of(from_chargebee(1, "month", start=date(2024, 1, 15), billing_cycles=1)) == days("2024-01-15")
    assert len(dates_of(from_chargebee(1, "month", start=date(2024, 1, 15), billing_cycles=5))) == 5


@given(UNITS, st.integers(1, 40), DATES)
@example("year", 1, date(2024, 2, 29))
@example("year", 1, date(2023, 2, 28))
@example("month", 12, date(2024, 4, 30))
@example("month", 3, date(2024, 4, 30))
def test_chargebee_is_read_where_its_two_rules_agree(unit: str, size: int, start: date) -> None:
    own_day = [*islice(steps(unit, size, start), 100)]
    is_last = unit in ("month", "year") and start.day == monthrange(start.year, start.month)[1]
    last_day = [day + relativedelta(day=31) for day in own_day] if is_last else own_day
    if own_day == last_day:
        assert dates_of(from_chargebee(size, unit, start=start), 100) == own_day
    else:
        with pytest.raises(ConversionError, match="the last day of a shorter month"):
            from_chargebee(size, unit, start=start)


# ISO 20022: the definitions of Frequency6Code


@pytest.mark.parametrize(
    ("code", "unit", "size"),
    [
        ("YEAR", "year", 1),
        ("MNTH", "month", 1),
        ("QURT", "month", 3),
        ("MIAN", "month", 6),
        ("WEEK", "week", 1),
        ("DAIL", "day", 1),
        ("FRTN", "day", 14),
    ],
)
@given(start=DATES)
def test_a_code_of_iso_20022_is_an_interval(code: str, unit: str, size: int, start: date) -> None:
    assume(start.day <= 28 or unit not in ("month", "year"))
    assert dates_of(from_iso20022(code, start)) == [*islice(steps(unit, size, start), 30)]
    assert from_iso20022(code, start, start).end == start


# Open Banking: https://openbankinguk.github.io/read-write-api-site3/v3.1.11/, frequency examples and data dictionary

QUARTER_DAYS = {
    "ENGLISH": [(3, 25), (6, 24), (9, 29), (12, 25)],
    "SCOTTISH": [(2, 2), (5, 15), (8, 1), (11, 11)],
    "RECEIVED": [(3, 20), (6, 19), (9, 24), (12, 20)],
}


@pytest.mark.parametrize(
    ("frequency", "first", "following"),
    [
        ("EvryDay", "2024-02-28", ["2024-02-29", "2024-03-01"]),
        ("IntrvlDay:15", "2024-02-28", ["2024-03-14", "2024-03-29"]),
        ("IntrvlWkDay:01:03", "2018-01-10", ["2018-01-17"]),
        ("IntrvlWkDay:02:03", "2018-01-10", ["2018-01-24", "2018-02-07"]),
        ("IntrvlMnthDay:01:-01", "2024-01-31", ["2024-02-29", "2024-03-31", "2024-04-30"]),
        ("IntrvlMnthDay:06:15", "2024-01-15", ["2024-07-15", "2025-01-15"]),
        ("IntrvlMnthDay:24:31", "2023-12-31", ["2025-12-31"]),
        ("QtrDay:ENGLISH", "2024-06-24", ["2024-09-29", "2024-12-25", "2025-03-25"]),
    ],
)
def test_open_banking_examples(frequency: str, first: str, following: list[str]) -> None:
    found = from_open_banking(frequency, date.fromisoformat(first))
    assert dates_of(found, 1 + len(following)) == days(first, *following)
    assert to_open_banking(found.schedule, found.start) == frequency


@pytest.mark.parametrize("name", QUARTER_DAYS)
def test_quarter_days_are_a_set_of_four(name: str) -> None:
    wanted = [date(year, month, day) for year in (2024, 2025) for month, day in QUARTER_DAYS[name]]
    found = from_open_banking(f"QtrDay:{name}", wanted[1])
    assert isinstance(found.schedule, ScheduleSet)
    assert dates_of(found, 7) == wanted[1:]


@given(st.sampled_from([1, 2, 3, 4, 5, 6, 12, 24]), st.integers(1, 5), DATES)
def test_open_banking_counts_days_from_the_end_of_the_month(size: int, from_end: int, some_day: date) -> None:
    first = some_day + relativedelta(day=31) - (from_end - 1) * DAY
    found = from_open_banking(f"IntrvlMnthDay:{size:02}:-{from_end:02}", first)
    months = islice(steps("month", size, first.replace(day=1)), 30)
    assert dates_of(found) == [day + relativedelta(day=31) - (from_end - 1) * DAY for day in months]


def test_a_standing_order_ends_with_its_final_payment_or_after_a_number_of_payments() -> None:
    final = from_open_banking("IntrvlMnthDay:01:15", date(2024, 1, 15), final_payment=date(2024, 3, 15))
    number = from_open_banking("IntrvlMnthDay:01:15", date(2024, 1, 15), number_of_payments=3)
    assert final == number
    assert dates_of(final) == days("2024-01-15", "2024-02-15", "2024-03-15")


# What is refused, and why

JAN_15 = date(2024, 1, 15)
JAN_31 = date(2024, 1, 31)
NOT_IN_EVERY_MONTH = (
    "got day 31, expected a day that every month of the plan has: the documentation does not say which "
)

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: from_stripe("quarter"), "interval: got 'quarter', expected 'day', 'week', 'month' or 'year'"),
    (lambda: from_stripe(1), "interval: got 1, expected 'day', "),  # type: ignore[arg-type]
    (
        lambda: from_stripe("month", 37, billing_cycle_anchor=JAN_15),
        "interval_count: got 37, expected an integer from 1 to 36",
    ),
    (
        lambda: from_stripe("week", 157, billing_cycle_anchor=JAN_15),
        "interval_count: got 157, expected an integer from 1 to 156",
    ),
    (
        lambda: from_stripe("year", 4, billing_cycle_anchor=JAN_15),
        "interval_count: got 4, expected an integer from 1 to 3",
    ),
    (lambda: from_stripe("month", 0, billing_cycle_anchor=JAN_15), "interval_count: got 0, expected"),
    (lambda: from_stripe("month", True, billing_cycle_anchor=JAN_15), "interval_count: got True, expected"),
    (
        lambda: from_stripe("month"),
        "billing_cycle_anchor: got nothing, expected either it or billing_cycle_anchor_config",
    ),
    (
        lambda: from_stripe("month", billing_cycle_anchor=JAN_15, billing_cycle_anchor_config={"day_of_month": 1}),
        "billing_cycle_anchor: got both, expected either",
    ),
    (
        lambda: from_stripe("month", billing_cycle_anchor=10**12),
        "billing_cycle_anchor: got 1000000000000, expected seconds",
    ),
    (
        lambda: from_stripe("month", 36, billing_cycle_anchor=JAN_15, start=date.max),
        "start: got 9999-12-31, expected an earlier day",
    ),
    (
        lambda: from_stripe("year", billing_cycle_anchor_config={"day_of_month": 1, "month": 1}, start=date.max),
        "start: got 9999-12-31, expected a day before the last anchor of the calendar",
    ),
    (
        lambda: from_stripe("week", billing_cycle_anchor_config={"day_of_month": 1}, start=JAN_15),
        "billing_cycle_anchor_config: got 'week' as interval, expected 'month' or 'year'",
    ),
    (
        lambda: from_stripe("month", billing_cycle_anchor_config={"day_of_month": 1}),
        "start: got nothing, expected the day of creation",
    ),
    (
        lambda: from_stripe("month", billing_cycle_anchor_config={"month": 1}, start=JAN_15),
        "billing_cycle_anchor_config.day_of_month: got None, expected an integer from 1 to 31",
    ),
    (
        lambda: from_stripe("month", billing_cycle_anchor_config={"day": 1}, start=JAN_15),
        "billing_cycle_anchor_config: got 'day', expected 'day_of_month', 'month', 'hour', 'minute' or 'second'",
    ),
    (
        lambda: from_stripe("month", 2, billing_cycle_anchor_config={"day_of_month": 5}, start=JAN_15),
        "billing_cycle_anchor_config.month: got nothing, expected the month of the anchor: the documentation does not say",
    ),
    (
        lambda: from_stripe("year", billing_cycle_anchor_config={"day_of_month": 20}, start=JAN_15),
        "billing_cycle_anchor_config.month: got nothing, expected the month of the anchor",
    ),
    (
        lambda: from_stripe("year", billing_cycle_anchor_config={"month": 2, "day_of_month": 29}, start=JAN_15),
        "billing_cycle_anchor_config.day_of_month: got day 29, expected a day that every month of the plan has",
    ),
    (
        lambda: from_stripe("month", billing_cycle_anchor_config={"day_of_month": 15}, start=JAN_15),
        "start: got 2024-01-15, a day of billing, expected another: the time of day decides",
    ),
    (
        lambda: from_stripe("month", 2, billing_cycle_anchor_config={"day_of_month": 15}, start=JAN_15),
        "start: got 2024-01-15, a day of billing, expected another",
    ),
    (
        lambda: from_stripe("month", 2, billing_cycle_anchor_config={"day_of_month": 14}, start=JAN_15),
        "billing_cycle_anchor_config.month: got nothing",
    ),
    (
        lambda: from_stripe("month", 3, billing_cycle_anchor_config={"month": 4, "day_of_month": 15}, start=JAN_15),
        "start: got 2024-01-15, a day of billing, expected another",
    ),
    (lambda: from_gocardless("daily", start_date=JAN_15), "interval_unit: got 'daily', expected 'weekly', "),
    (lambda: from_gocardless("monthly", 13, start_date=JAN_15), "interval: got 13, expected an integer from 1 to 12"),
    (lambda: from_gocardless("monthly", start_date=JAN_31), f"start_date: {NOT_IN_EVERY_MONTH}"),
    (
        lambda: from_gocardless("monthly", start_date=JAN_31, day_of_month=29),
        "day_of_month: got 29, expected an integer from 1",
    ),
    (
        lambda: from_gocardless("monthly", start_date=JAN_31, day_of_month=12),
        "start_date: got 2024-01-31, expected a date of Schedule('monthly', offset=12), such as 2024-02-12",
    ),
    (
        lambda: from_gocardless("yearly", start_date=JAN_15, day_of_month=15, month="Jan"),
        "month: got 'Jan', expected 'january', ",
    ),
    (
        lambda: from_gocardless("monthly", start_date=JAN_15, count=3, end_date=JAN_31),
        "end_date: got end_date and count, expected only one of them",
    ),
    (
        lambda: from_gocardless("monthly", start_date=JAN_15, end_date=JAN_15),
        "end_date: got 2024-01-15, expected a day after start_date, 2024-01-15",
    ),
    (lambda: from_gocardless("monthly", start_date=JAN_15, count=0), "count: got 0, expected an integer from 1 to "),
    (
        lambda: from_paddle("month", 1000, first_billed_at=JAN_15),
        "frequency: got 1000, expected an integer from 1 to 999",
    ),
    (lambda: from_paddle("month", first_billed_at=JAN_31), f"first_billed_at: {NOT_IN_EVERY_MONTH}"),
    (lambda: from_chargebee(1, "quarter", start=JAN_15), "period_unit: got 'quarter', expected 'day', "),
    (lambda: from_chargebee(0, "month", start=JAN_15), "period: got 0, expected an integer from 1 to "),
    (lambda: from_chargebee(1, "month", start=JAN_15, billing_cycles=0), "billing_cycles: got 0, expected an integer"),
    (
        lambda: from_iso20022("ADHO", JAN_15),
        "code: got 'ADHO', which is not a schedule: it happens when it is asked for",
    ),
    (
        lambda: from_iso20022("INDA", JAN_15),
        "code: got 'INDA', which is not a schedule: it happens several times a day",
    ),
    (lambda: from_iso20022("TEND", JAN_15), "code: got 'TEND', which is not a schedule: it counts business days"),
    (lambda: from_iso20022("mnth", JAN_15), "code: got 'mnth', expected 'DAIL', "),
    (lambda: from_iso20022("QURT", JAN_31), f"start: {NOT_IN_EVERY_MONTH}"),
    (
        lambda: from_open_banking("EvryWorkgDay", JAN_15),
        "frequency: got 'EvryWorkgDay', which is not a schedule: working days",
    ),
    (
        lambda: from_open_banking("NotKnown", JAN_15),
        "frequency: got 'NotKnown', which is not a schedule: it says nothing",
    ),
    (
        lambda: from_open_banking("WkInMnthDay:02:03", JAN_15),
        "frequency: got 'WkInMnthDay:02:03', but the documentation does not say how the weeks of a month are counted; ",
    ),
    (
        lambda: from_open_banking("IntrvlWkDay:01:03", JAN_15),
        "first_payment: got 2024-01-15, day 1 of the week from Monday, expected a date of IntrvlWkDay:01:03",
    ),
    (
        lambda: from_open_banking("IntrvlMnthDay:01:20", JAN_15),
        "first_payment: got 2024-01-15, expected a date of IntrvlMnthDay:01:20, such as 2024-01-20",
    ),
    (lambda: from_open_banking("IntrvlMnthDay:01:31", JAN_31), f"frequency: {NOT_IN_EVERY_MONTH}"),
    (
        lambda: from_open_banking("IntrvlMnthDay:01:15", JAN_15, final_payment=JAN_31),
        "final_payment: got 2024-01-31, expected a date of IntrvlMnthDay:01:15, such as 2024-02-15",
    ),
    (
        lambda: from_open_banking("IntrvlMnthDay:01:15", JAN_15, final_payment=JAN_15, number_of_payments=1),
        "number_of_payments: got it and final_payment, expected only one of them",
    ),
    *(
        (
            lambda text=text: from_open_banking(text, JAN_15),
            f"frequency: got {text!r}, expected the like of 'EvryDay', ",
        )
        for text in (
            *(
                "",
                "Monthly",
                "EvryDay:01",
                "IntrvlDay",
                "IntrvlDay:01",
                "IntrvlDay:32",
                "IntrvlDay:5",
                "IntrvlDay:15:01",
            ),
            *(
                "IntrvlWkDay:10:01",
                "IntrvlWkDay:01:08",
                "IntrvlWkDay:00:01",
                "IntrvlMnthDay:07:15",
                "IntrvlMnthDay:01:00",
            ),
            *(
                "IntrvlMnthDay:01:-06",
                "IntrvlMnthDay:01:32",
                "WkInMnthDay:06:01",
                "QtrDay",
                "QtrDay:WELSH",
                "IntrvlDay:+5",
            ),
        )
    ),
]


@pytest.mark.parametrize(("read", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_a_plan_without_certain_dates_is_refused_with_the_reason(read: Callable[[], object], message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        read()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "read",
    [
        lambda day: from_stripe("month", billing_cycle_anchor=day),
        lambda day: from_stripe("month", billing_cycle_anchor=JAN_15, start=day),
        lambda day: from_stripe("month", billing_cycle_anchor_config={"day_of_month": 1}, start=day),
        lambda day: from_gocardless("monthly", start_date=day),
        lambda day: from_gocardless("monthly", start_date=JAN_15, end_date=day),
        lambda day: from_paddle("month", first_billed_at=day),
        lambda day: from_chargebee(1, "month", start=day),
        lambda day: from_iso20022("MNTH", day),
        lambda day: from_open_banking("EvryDay", day),
        lambda day: from_open_banking("EvryDay", JAN_15, final_payment=day),
    ],
)
@pytest.mark.parametrize("day", ["2024-01-15", datetime(2024, 1, 15)])  # noqa: DTZ001  # a datetime without a zone
def test_text_and_datetimes_are_no_dates(read: Callable[[object], object], day: object) -> None:
    with pytest.raises(TypeError, match=r"expected a (datetime\.)?date"):
        read(day)


# The way back

WIRES = st.sampled_from(
    [
        *("daily", "weekly", "monthly", "quarterly", "yearly"),
        *({"frequency": frequency, "interval": 2} for frequency in ("daily", "weekly", "monthly", "quarterly", "yearly")),
        *({"frequency": "monthly", "divisor": divisor} for divisor in (2, 3, 6, 12, [1, 2], 5)),
        *({"frequency": "monthly", "offset": day} for day in (1, 28, 29, 31, -1, -2, -5)),
        *({"frequency": "quarterly", "offset": [month, day]} for month in (0, 2) for day in (15, -1)),
        *({"frequency": "yearly", "offset": [month, day]} for month in (1, 11) for day in (15, 29, -1)),
        *({"frequency": "weekly", "divisor": 2, "offset": 1}, {"frequency": "monthly", "weekday": [-1, 5]}),
        *({"frequency": "weekly", "interval": 156}, {"frequency": "daily", "interval": 31}),
        ["monthly", {"frequency": "monthly", "offset": 15}],
        [{"frequency": "yearly", "offset": [month - 1, day]} for month, day in QUARTER_DAYS["SCOTTISH"]],
        {"any": ["monthly"], "excluding": ["2024-03-31"]},
        {"frequency": "yearly", "divisor": 9000},
    ]
)  # fmt: skip
WRITERS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (to_stripe, from_stripe),
    (to_gocardless, from_gocardless),
    (to_paddle, from_paddle),
    (to_chargebee, from_chargebee),
]


@pytest.mark.parametrize(("write", "read"), WRITERS, ids=lambda function: function.__name__)
@given(wire=WIRES, start=DATES)
def test_a_plan_that_is_written_has_exactly_the_dates(
    write: Callable[..., Any], read: Callable[..., Any], wire: Any, start: date
) -> None:
    schedule = parse(wire)
    try:
        plan = write(schedule, start)
    except ConversionError:
        return
    found = read(**plan)
    assert found.schedule.due_dates(found.start, found.end) == schedule.due_dates(start)


@given(WIRES, DATES)
def test_a_code_that_is_written_has_exactly_the_dates(wire: Any, start: date) -> None:
    schedule = parse(wire)
    due = schedule.due_dates(start)
    readers: list[tuple[Callable[..., str], Callable[..., Any]]] = [
        (to_iso20022, from_iso20022),
        (to_open_banking, from_open_banking),
    ]
    for write, read in readers:
        try:
            code = write(schedule, start)
        except ConversionError:
            continue
        found = read(code, due[0])
        assert found.schedule.due_dates(found.start) == due


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
@given(size=st.integers(1, 3), first=DATES, payments=st.integers(1, 30))
def test_every_plan_that_is_read_is_written_back(unit: str, size: int, first: date, payments: int) -> None:
    def same(found: ImportedSchedule, again: ImportedSchedule) -> None:
        assert found.schedule.due_dates(found.start, found.end) == again.schedule.due_dates(again.start, again.end)

    stripe = from_stripe(unit, size, billing_cycle_anchor=first)
    same(stripe, from_stripe(**to_stripe(stripe.schedule, stripe.start)))
    if first.day > 28:
        return
    paddle = from_paddle(unit, size, first_billed_at=first)
    same(paddle, from_paddle(**to_paddle(paddle.schedule, first)))
    if first.month == 2:  # the 28th may be the last day
        return
    chargebee = from_chargebee(size, unit, start=first, billing_cycles=payments)
    same(chargebee, from_chargebee(**to_chargebee(chargebee.schedule, first, chargebee.end)))
    if unit != "day":
        gocardless = from_gocardless(f"{unit}ly", size if unit != "year" else 1, start_date=first, count=payments)
        same(gocardless, from_gocardless(**to_gocardless(gocardless.schedule, first, gocardless.end)))


@pytest.mark.parametrize("code", ["DAIL", "WEEK", "FRTN", "MNTH", "QURT", "MIAN", "YEAR"])
def test_every_code_is_written_back(code: str) -> None:
    assert to_iso20022(from_iso20022(code, JAN_15).schedule, JAN_15) == code


def test_the_last_day_of_the_month_is_written_where_a_system_has_it() -> None:
    month_end, start = Schedule("monthly", offset=-1), date(2024, 1, 1)
    assert to_stripe(month_end, start) == {"interval": "month", "interval_count": 1, "billing_cycle_anchor": JAN_31}
    assert to_gocardless(month_end, start) == {
        "interval_unit": "monthly", "interval": 1, "day_of_month": -1, "start_date": JAN_31,
    }  # fmt: skip
    assert to_gocardless(Schedule("yearly", offset=(1, -1)), start)["month"] == "february"
    assert to_chargebee(month_end, start) == {"period": 1, "period_unit": "month", "start": JAN_31}
    assert to_open_banking(month_end, start) == "IntrvlMnthDay:01:-01"
    for write in (to_paddle, to_iso20022):
        with pytest.raises(ConversionError, match=r"has the dates 2024-01-31, 2024-02-29, 2024-03-31, \.\.\.$"):
            write(month_end, start)


@pytest.mark.parametrize("write", [to_stripe, to_gocardless, to_paddle, to_chargebee, to_iso20022, to_open_banking])
@pytest.mark.parametrize(
    "wire", [["monthly", {"frequency": "monthly", "offset": 15}], {"frequency": "monthly", "weekday": [1, 1]}]
)
def test_what_no_system_has_is_refused(write: Callable[..., object], wire: Any) -> None:
    with pytest.raises(ConversionError, match="that this package can read has the dates"):
        write(parse(wire), date(2024, 1, 1))
    with pytest.raises(ConversionError, match=r"has at least one date, but .* has none from 2024-01-01"):
        write(Schedule("monthly", 13), date(2024, 1, 1))


def test_a_first_date_that_is_clamped_is_no_anchor() -> None:
    with pytest.raises(
        ConversionError, match="no plan of Stripe that this package can read has the dates 2024-02-29, "
    ):
        to_stripe(Schedule("monthly", offset=31), date(2024, 2, 1))
