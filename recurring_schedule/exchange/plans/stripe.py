"""The prices of Stripe Billing.

>>> print(*from_stripe("month", billing_cycle_anchor=date(2024, 1, 31)).schedule.due_dates(date(2024, 1, 31))[:3])
2024-01-31 2024-02-29 2024-03-31
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from recurring_schedule.core.checks import plain_date, short_repr, whole_number
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.plans.common import (
    UNITS,
    Arguments,
    check_months_have_the_day,
    dates_of,
    every,
    first_on_or_after,
    months_in,
    number,
    one_of,
    plan_with,
    units_and_counts,
)
from recurring_schedule.exchange.rrule_reader import ImportedSchedule

_LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}  # of three years, the documentation leaves out the days
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 24 * 60 * 60
_CONFIG = "billing_cycle_anchor_config"


def from_stripe(
    interval: str,
    interval_count: int = 1,
    *,
    billing_cycle_anchor: date | int | None = None,
    billing_cycle_anchor_config: Mapping[str, int | None] | None = None,
    start: date | None = None,
) -> ImportedSchedule:
    """Return the schedule of a price's `recurring`, with the day of its first full invoice.

    >>> from_stripe("month", 2, billing_cycle_anchor_config={"day_of_month": 31}, start=date(2024, 2, 10))
    ImportedSchedule(schedule=Schedule('monthly', offset=31, interval=2), start=datetime.date(2024, 2, 29), end=None)

    `billing_cycle_anchor` is a date, or a timestamp in seconds, whose day in UTC is taken. `start`
    is the day in UTC on which the subscription is created, and the anchor by default. The first
    full invoice is the first one on or after it that is a whole number of intervals away from the
    anchor. A prorated invoice for the days before is left out.

    `billing_cycle_anchor_config` needs `start`. Its time of day is ignored.

    The rules: https://docs.stripe.com/billing/subscriptions/billing-cycle. An interval is at most
    three years: https://docs.stripe.com/api/prices/create.

    Raises ConversionError, which names the field, if the documentation does not give the dates.
    """
    unit = one_of("interval", interval, UNITS)
    count = number("interval_count", interval_count, 1, _LONGEST[unit])
    if (billing_cycle_anchor is None) == (billing_cycle_anchor_config is None):
        got = "nothing" if billing_cycle_anchor is None else "both"
        raise ConversionError(f"billing_cycle_anchor: got {got}, expected either it or {_CONFIG}")
    if billing_cycle_anchor_config is not None:
        return _configured(unit, count, billing_cycle_anchor_config, start)
    anchor = _day_in_utc(billing_cycle_anchor)
    schedule = every(unit, count, anchor)
    return ImportedSchedule(schedule, first_on_or_after(anchor if start is None else start, schedule, anchor), None)


def _day_in_utc(anchor: object) -> date:
    seconds = whole_number(anchor)
    if seconds is None:
        return plain_date(anchor, "billing_cycle_anchor")
    try:
        return date.fromordinal(_EPOCH + seconds // _DAY)
    except (ValueError, OverflowError):
        raise ConversionError(
            f"billing_cycle_anchor: got {short_repr(anchor)}, expected seconds since 1970 up to the year 9999"
        ) from None


def _configured(unit: str, count: int, config: Mapping[str, int | None], start: date | None) -> ImportedSchedule:
    if not months_in(unit):
        raise ConversionError(
            f"{_CONFIG}: got {unit!r} as interval, expected 'month' or 'year': weeks and days have none"
        )
    for key in config:
        one_of(_CONFIG, key, ("day_of_month", "month", "hour", "minute", "second"))
    if start is None:
        raise ConversionError(f"start: got nothing, expected the day of creation, from which {_CONFIG} counts")
    day = number(f"{_CONFIG}.day_of_month", config.get("day_of_month"), 1, 31)
    anchor = _first_of_anchor_month(unit, count, day, config.get("month"), plain_date(start, "start"))
    schedule = every(unit, count, anchor, day)
    first = first_on_or_after(start, schedule, anchor)
    if first == start:
        raise ConversionError(
            f"start: got {start}, a day of billing, expected another: the time of day decides whether the first full invoice "
            "is on that day; give billing_cycle_anchor"
        )
    return ImportedSchedule(schedule, first, None)


def _first_of_anchor_month(unit: str, count: int, day: int, month: object, start: date) -> date:
    """Return the first day of the month from which the intervals count."""
    if month is not None:
        found = number(f"{_CONFIG}.month", month, 1, 12)
        anchor = date(start.year, found, 1)
        check_months_have_the_day(f"{_CONFIG}.day_of_month", anchor, "year", 1, day)
        if (found, day) > (start.month, start.day):
            return anchor
        if start.year == date.max.year:
            raise ConversionError(f"start: got {start}, expected a day before the last anchor of the calendar")
        return anchor.replace(year=start.year + 1)
    if unit == "year" or (count > 1 and day < start.day):
        raise ConversionError(
            f"{_CONFIG}.month: got nothing, expected the month of the anchor: the documentation does not say which month "
            "the intervals count from"
        )
    return start.replace(day=1)


def to_stripe(schedule: Plan, start: date) -> Arguments:
    """Return the arguments of `from_stripe` that give exactly the due dates from `start`.

    >>> to_stripe(Schedule("weekly", interval=2), date(2024, 1, 31))
    {'interval': 'week', 'interval_count': 2, 'billing_cycle_anchor': datetime.date(2024, 1, 31)}

    The anchor is the first due date; Stripe takes a timestamp on that day in UTC. Raises
    ConversionError if no price has these dates, and for a first date that is clamped, since the
    anchor then has another day than the dates that follow.
    """
    due = dates_of(schedule, start, None, "Stripe")
    plans = (
        {"interval": unit, "interval_count": count, "billing_cycle_anchor": due[0]}
        for unit, count in units_and_counts(schedule, start)
    )
    return plan_with(due, plans, from_stripe, "Stripe")
