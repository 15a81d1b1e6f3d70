"""The subscriptions of GoCardless.

>>> from_gocardless("monthly", start_date=date(2024, 1, 31), day_of_month=-1, count=3).end
datetime.date(2024, 3, 31)
"""

from __future__ import annotations

from datetime import date, timedelta

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.plans.common import (
    MOST,
    Arguments,
    check_is_due,
    check_months_have_the_day,
    dates_of,
    every,
    limited,
    number,
    one_of,
    plan_with,
    units_and_counts,
)
from recurring_schedule.exchange.rrule_reader import ImportedSchedule

_LONGEST = {"week": 52, "month": 12, "year": 1}
_UNITS = {f"{noun}ly": noun for noun in _LONGEST}
# fmt: off
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)
# fmt: on


def from_gocardless(
    interval_unit: str,
    interval: int = 1,
    *,
    start_date: date,
    day_of_month: int | None = None,
    month: str | None = None,
    count: int | None = None,
    end_date: date | None = None,
) -> ImportedSchedule:
    """Return the schedule of a subscription, with its first and, if it ends, its last day.

    >>> from_gocardless("yearly", start_date=date(2024, 1, 31), month="january", day_of_month=-1).schedule
    Schedule('yearly', offset=(0, -1))

    The dates are those before GoCardless moves them to business days: back for the last day of the
    month, and else forwards. `start_date` is the first of them. `end_date` is the first day without
    a payment.

    The rules: https://developer.gocardless.com/api-reference/#core-endpoints-subscriptions. At
    least one date a year; days 1 to 28 or -1; a month beside each day of a yearly subscription.

    Raises ConversionError, which names the field, for anything else.
    """
    unit = _UNITS[one_of("interval_unit", interval_unit, tuple(_UNITS))]
    every_n = number("interval", interval, 1, _LONGEST[unit])
    first = plain_date(start_date, "start_date")
    day = None if day_of_month is None else _day(day_of_month)
    _check_parts(interval_unit, unit, day, month)
    if day is None:
        check_months_have_the_day("start_date", first, unit, every_n)
    in_month = (
        first if month is None else first.replace(day=1, month=_MONTHS.index(one_of("month", month, _MONTHS)) + 1)
    )
    schedule = every(unit, every_n, in_month, day)
    check_is_due("start_date", first, schedule.due_dates(first), repr(schedule))
    if count is not None and end_date is not None:
        raise ConversionError("end_date: got end_date and count, expected only one of them")
    if end_date is None:
        return limited(schedule, first, None if count is None else number("count", count, 1, MOST))
    if plain_date(end_date, "end_date") <= first:
        raise ConversionError(f"end_date: got {end_date}, expected a day after start_date, {first}")
    return ImportedSchedule(schedule, first, end_date - timedelta(days=1))


def _day(value: int) -> int:
    return -1 if value == -1 else number("day_of_month", value, 1, 28)


def _check_parts(written: str, unit: str, day: int | None, month: str | None) -> None:
    if unit == "year" and (day is None) != (month is None):
        raise ConversionError("month: expected month and day_of_month, or neither")
    for name, value, units in (("day_of_month", day, ("month", "year")), ("month", month, ("year",))):
        if value is not None and unit not in units:
            raise ConversionError(f"{name}: got {value!r}, expected nothing for {written!r}")


def to_gocardless(schedule: Plan, start: date, end: date | None = None) -> Arguments:
    """Return the arguments of `from_gocardless` that give exactly the due dates.

    >>> to_gocardless(Schedule("monthly", offset=-1), date(2024, 1, 1), date(2024, 3, 31))
    {'interval_unit': 'monthly', 'interval': 1, 'day_of_month': -1, 'start_date': datetime.date(2024, 1, 31), 'count': 3}

    Raises ConversionError if no subscription has these dates.
    """
    due = dates_of(schedule, start, end, "GoCardless")
    rest: Arguments = {"start_date": due[0]} if end is None else {"start_date": due[0], "count": len(due)}
    plans: list[Arguments] = []
    for unit, count in units_and_counts(schedule, start):
        plan = {"interval_unit": f"{unit}ly", "interval": count}
        in_month: Arguments = {"month": _MONTHS[due[0].month - 1]} if unit == "year" else {}
        plans += [plan | rest, plan | in_month | {"day_of_month": -1} | rest]
    return plan_with(due, plans, from_gocardless, "GoCardless")
