"""The billing cycles of Paddle Billing.

>>> from_paddle("month", 3, first_billed_at=date(2024, 1, 15)).schedule
Schedule('monthly', offset=15, interval=3)
"""

from __future__ import annotations

from datetime import date

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.plans.common import (
    UNITS,
    Arguments,
    check_months_have_the_day,
    dates_of,
    every,
    number,
    one_of,
    plan_with,
    units_and_counts,
)
from recurring_schedule.exchange.rrule_reader import ImportedSchedule


def from_paddle(interval: str, frequency: int = 1, *, first_billed_at: date) -> ImportedSchedule:
    """Return the schedule of a `billing_cycle`, from the day on which it was first billed.

    >>> from_paddle("month", first_billed_at=date(2024, 1, 31))
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: first_billed_at: got day 31, expected a day that every month of ...

    If the billing date was changed later, pass that date: the dates count from it. The time of day,
    which also stays the same, is not part of a schedule.

    The rules: https://developer.paddle.com/build/subscriptions/change-billing-dates. A frequency is
    at most 999:
    https://developer.paddle.com/errors/prices/price_billing_cycle_frequency_greater_than_maximum

    Raises ConversionError, which names the field, for anything else, and for a day that a month of
    the plan does not have: the documentation does not say when it is billed.
    """
    unit, count = one_of("interval", interval, UNITS), number("frequency", frequency, 1, 999)
    anchor = plain_date(first_billed_at, "first_billed_at")
    check_months_have_the_day("first_billed_at", anchor, unit, count)
    return ImportedSchedule(every(unit, count, anchor), anchor, None)


def to_paddle(schedule: Plan, start: date) -> Arguments:
    """Return the arguments of `from_paddle` that give exactly the due dates from `start`.

    >>> to_paddle(Schedule("quarterly", offset=(0, 15)), date(2024, 1, 1))
    {'interval': 'month', 'frequency': 3, 'first_billed_at': datetime.date(2024, 1, 15)}

    Raises ConversionError if no billing cycle has these dates.
    """
    due = dates_of(schedule, start, None, "Paddle")
    plans = (
        {"interval": unit, "frequency": count, "first_billed_at": due[0]}
        for unit, count in units_and_counts(schedule, start)
    )
    return plan_with(due, plans, from_paddle, "Paddle")
