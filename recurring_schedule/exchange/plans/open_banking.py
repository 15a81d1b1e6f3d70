"""The frequencies of standing orders in the United Kingdom's Open Banking, up to version 3.1.11.

>>> from_open_banking("IntrvlMnthDay:06:15", date(2024, 1, 15)).schedule
Schedule('monthly', offset=15, interval=6)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from recurring_schedule.core.checks import listed, plain_date, short_repr
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.plans.common import (
    MOST,
    check_is_due,
    check_months_have_the_day,
    dates_of,
    every,
    number,
    plan_with,
)
from recurring_schedule.exchange.rrule_reader import ImportedSchedule

_NUMBERS = {
    "IntrvlDay": (range(2, 32),),
    "IntrvlWkDay": (range(1, 10), range(1, 8)),
    "WkInMnthDay": (range(1, 6), range(1, 8)),
    "IntrvlMnthDay": ((*range(1, 7), 12, 24), (*range(-5, 0), *range(1, 32))),
}
"""The numbers that each code may have after it, two digits each."""
_QUARTER_DAYS = {
    "ENGLISH": ((3, 25), (6, 24), (9, 29), (12, 25)),
    "SCOTTISH": ((2, 2), (5, 15), (8, 1), (11, 11)),
    "RECEIVED": ((3, 20), (6, 19), (9, 24), (12, 20)),
}
"""The months and days of each kind of quarter days."""
_REFUSED = {
    "NotKnown": "it says nothing",
    "EvryWorkgDay": "working days need a calendar; for days that one knows, write a set of weekdays that excludes its closed days",
}


def from_open_banking(
    frequency: str,
    first_payment: date,
    *,
    final_payment: date | None = None,
    number_of_payments: int | None = None,
) -> ImportedSchedule:
    """Return the schedule of a standing order; for quarter days, a set of four.

    >>> found = from_open_banking("QtrDay:ENGLISH", date(2024, 3, 25), number_of_payments=3)
    >>> print(*found.schedule.due_dates(found.start, found.end))
    2024-03-25 2024-06-24 2024-09-29

    `first_payment` is the day of FirstPaymentDateTime. If there is a RecurringPaymentDateTime, pass
    that instead: the first payment is then outside the schedule. `final_payment` is the day of
    FinalPaymentDateTime.

    The rules: https://openbankinguk.github.io/read-write-api-site3/v3.1.11/, on the page
    `resources-and-data-models/pisp/domestic-standing-order-consents.html`. It does not say which
    day of the week is the first; Monday is taken, and the first payment must agree.

    Raises ConversionError for anything else, for `EvryWorkgDay`, `NotKnown` and `WkInMnthDay`, for
    a day that a month of the plan does not have, and if the first or the final payment is on a day
    that the frequency does not have.
    """
    first = plain_date(first_payment, "first_payment")
    schedule = _schedule(frequency, first)
    due = schedule.due_dates(first)
    check_is_due("first_payment", first, due, frequency)
    if final_payment is not None and number_of_payments is not None:
        raise ConversionError("number_of_payments: got it and final_payment, expected only one of them")
    end = final_payment
    if end is not None:
        check_is_due("final_payment", plain_date(end, "final_payment"), due, frequency)
    if number_of_payments is not None:
        end = due[min(number("number_of_payments", number_of_payments, 1, MOST), len(due)) - 1]
    return ImportedSchedule(schedule, first, end)


def _schedule(frequency: str, first: date) -> Plan:
    if not isinstance(frequency, str):
        raise TypeError(f"frequency: got {short_repr(frequency)}, expected a str")
    if frequency in _REFUSED:
        raise ConversionError(f"frequency: got {frequency!r}, which is not a schedule: {_REFUSED[frequency]}")
    if frequency == "EvryDay":
        return every("day", 1, first)
    code, *written = frequency.split(":")
    if code == "QtrDay" and len(written) == 1 and written[0] in _QUARTER_DAYS:
        return ScheduleSet([every("year", 1, date(2000, *day)) for day in _QUARTER_DAYS[written[0]]])
    return _schedule_of_numbers(frequency, code, _numbers(frequency, code, written), first)


def _schedule_of_numbers(frequency: str, code: str, numbers: list[int], first: date) -> Schedule:
    if code == "IntrvlDay":
        return every("day", numbers[0], first)
    if code == "IntrvlWkDay":
        count, weekday = numbers
        if weekday != first.isoweekday():
            raise ConversionError(
                f"first_payment: got {first}, day {first.isoweekday()} of the week from Monday, expected a date of {frequency}"
            )
        return every("week", count, first)
    if code == "IntrvlMnthDay":
        count, day = numbers
        check_months_have_the_day("frequency", first, "month", count, day)
        return every("month", count, first, day)
    n, weekday = numbers
    raise ConversionError(
        f"frequency: got {frequency!r}, but the documentation does not say how the weeks of a month are counted; if it is "
        f"the n-th weekday of the month, write a schedule with the weekday [{n if n < 5 else -1}, {weekday % 7}]"
    )


def _numbers(frequency: str, code: str, written: list[str]) -> list[int]:
    allowed = _NUMBERS.get(code, ())
    if len(written) == len(allowed) and all(re.fullmatch("-?[0-9]{2}", text) for text in written):
        numbers = [int(text) for text in written]
        if numbers and all(number in some for number, some in zip(numbers, allowed, strict=True)):
            return numbers
    codes = listed(("EvryDay", "IntrvlDay:15", "IntrvlWkDay:02:03", "IntrvlMnthDay:06:15", "QtrDay:ENGLISH"))
    raise ConversionError(f"frequency: got {short_repr(frequency)}, expected the like of {codes}")


def to_open_banking(schedule: Plan, start: date) -> str:
    """Return the frequency that gives exactly the due dates, from the first of them on.

    >>> to_open_banking(Schedule("monthly", offset=-1), date(2024, 1, 1))
    'IntrvlMnthDay:01:-01'

    Raises ConversionError if no frequency has these dates.
    """
    due = dates_of(schedule, start, None, "Open Banking")
    plans = ({"frequency": frequency, "first_payment": due[0]} for frequency in _frequencies_on(due[0]))
    return str(plan_with(due, plans, from_open_banking, "Open Banking")["frequency"])


def _frequencies_on(first: date) -> Iterator[str]:
    """Yield the frequencies that may have that first payment."""
    yield "EvryDay"
    yield from (f"QtrDay:{name}" for name in _QUARTER_DAYS)
    yield from (f"IntrvlWkDay:{count:02}:{first.isoweekday():02}" for count in _NUMBERS["IntrvlWkDay"][0])
    for count in _NUMBERS["IntrvlMnthDay"][0]:
        yield f"IntrvlMnthDay:{count:02}:{first.day:02}"
        yield from (f"IntrvlMnthDay:{count:02}:-{day:02}" for day in range(1, 6))
    yield from (f"IntrvlDay:{count:02}" for count in _NUMBERS["IntrvlDay"][0])
