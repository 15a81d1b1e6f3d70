"""The frequency codes of ISO 20022, in mandates and payment requests.

>>> from_iso20022("QURT", date(2024, 1, 15)).schedule
Schedule('monthly', offset=15, interval=3)
"""

from __future__ import annotations

from datetime import date

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.plans.common import (
    check_months_have_the_day,
    dates_of,
    every,
    one_of,
    plan_with,
)
from recurring_schedule.exchange.rrule_reader import ImportedSchedule

_CODES = {
    "DAIL": ("day", 1),
    "WEEK": ("week", 1),
    "FRTN": ("week", 2),
    "MNTH": ("month", 1),
    "QURT": ("month", 3),
    "MIAN": ("month", 6),
    "YEAR": ("year", 1),
}
_REFUSED = {
    "ADHO": "it happens when it is asked for",
    "INDA": "it happens several times a day, and a schedule has no time of day",
    "TEND": "it counts business days, which need a calendar",
}


def from_iso20022(code: str, start: date, end: date | None = None) -> ImportedSchedule:
    """Return the schedule of a code, such as `Frequency6Code`, from the first date to the last.

    >>> from_iso20022("INDA", date(2024, 1, 15))
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: code: got 'INDA', which is not a schedule: it happens several times a ...

    A code says how often, and the first date says on which days.

    The rules: the definitions of the codes, as Open Banking lists them in OBFrequency6Code and
    OBFrequency2Code: https://github.com/OpenBankingUK/External_Internal_CodeSets.

    Raises ConversionError for another code, and for a day that a month of the plan does not have:
    the definitions do not say what is due there.
    """
    if code in _REFUSED:
        raise ConversionError(f"code: got {code!r}, which is not a schedule: {_REFUSED[code]}")
    unit, count = _CODES[one_of("code", code, tuple(_CODES))]
    start = plain_date(start, "start")
    check_months_have_the_day("start", start, unit, count)
    return ImportedSchedule(every(unit, count, start), start, None if end is None else plain_date(end, "end"))


def to_iso20022(schedule: Plan, start: date) -> str:
    """Return the code that gives exactly the due dates, from the first of them on.

    >>> to_iso20022(Schedule("weekly", interval=2), date(2024, 1, 31))
    'FRTN'

    Raises ConversionError if no code has these dates.
    """
    due = dates_of(schedule, start, None, "ISO 20022")
    plans = ({"code": code, "start": due[0]} for code in _CODES)
    return str(plan_with(due, plans, from_iso20022, "ISO 20022")["code"])
