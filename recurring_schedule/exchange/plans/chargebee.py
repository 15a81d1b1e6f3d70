"""The subscriptions of Chargebee.

>>> from_chargebee(1, "month", start=date(2024, 1, 30), billing_cycles=3).end
datetime.date(2024, 3, 30)
"""

from __future__ import annotations

from datetime import date, timedelta

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.plans.common import (
    MOST,
    UNITS,
    Arguments,
    dates_of,
    every,
    limited,
    months_in,
    number,
    one_of,
    plan_with,
    units_and_counts,
)
from recurring_schedule.exchange.rrule_reader import ImportedSchedule


def from_chargebee(
    period: int, period_unit: str, *, start: date, billing_cycles: int | None = None
) -> ImportedSchedule:
    """Return the schedule of a subscription, from the day on which it was activated.

    >>> from_chargebee(1, "month", start=date(2024, 4, 30))
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: start: got 2024-04-30, the last day of a shorter month, expected ...

    `start` is the day after a trial, in the time zone of the site. `billing_cycles` includes the
    first one. Calendar billing, which moves dates to a common day, is not supported.

    The rules: https://www.chargebee.com/docs/next-billing-date.html, and for billing cycles
    https://www.chargebee.com/docs/subscription-life-time.html. A month without the day is billed on
    its last day, and the next one on the day itself:
    https://support.chargebee.com/support/discussions/topics/315884. But a subscription that is
    billed on the last day of a month stays on the last day:
    chargebee.com/docs/billing/2.0/kb/billing/when-is-the-next-billing-date-for-my-customer.

    Raises ConversionError, which names the field, for anything else, and where the two differ.
    """
    unit, count = one_of("period_unit", period_unit, UNITS), number("period", period, 1, MOST)
    start = plain_date(start, "start")
    cycles = None if billing_cycles is None else number("billing_cycles", billing_cycles, 1, MOST)
    schedule = every(unit, count, start)
    if months_in(unit) and start < date.max and (start + timedelta(days=1)).day == 1:
        last_days = every(unit, count, start, -1)
        if schedule.due_dates(start) != last_days.due_dates(start):
            raise ConversionError(
                f"start: got {start}, the last day of a shorter month, expected another: the documentation says both that "
                f"later dates keep day {start.day} and that they stay on the last day; write {schedule!r} or {last_days!r}"
            )
    return limited(schedule, start, cycles)


def to_chargebee(schedule: Plan, start: date, end: date | None = None) -> Arguments:
    """Return the arguments of `from_chargebee` that give exactly the due dates.

    >>> to_chargebee(Schedule("weekly", offset=3), date(2024, 1, 1), date(2024, 1, 31))
    {'period': 1, 'period_unit': 'week', 'start': datetime.date(2024, 1, 3), 'billing_cycles': 5}

    Raises ConversionError if no subscription has these dates.
    """
    due = dates_of(schedule, start, end, "Chargebee")
    rest: Arguments = {"start": due[0]} if end is None else {"start": due[0], "billing_cycles": len(due)}
    plans = ({"period": count, "period_unit": unit} | rest for unit, count in units_and_counts(schedule, start))
    return plan_with(due, plans, from_chargebee, "Chargebee")
