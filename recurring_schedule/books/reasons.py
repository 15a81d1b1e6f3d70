"""The reasons why rows are rejected, and their kinds, by which a summary counts them.

>>> reason_of_schedule(ScheduleError("divisor[0]", 0, "a remainder from 1 to 1"))
Reason(kind='schedule is not valid (divisor)', text='schedule: divisor[0]: got 0, expected a remainder from 1 to 1')
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from recurring_schedule.batch.adapters import billing
from recurring_schedule.batch.schedule_array import ScheduleArray
from recurring_schedule.business import UnknownDayError
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.errors import ScheduleError

_PARTS = ("frequency", "divisor", "offset", "interval", "weekday", "any", "excluding", "adding")


class Reason(NamedTuple):
    """The reason why a row is rejected."""

    kind: str
    """The rule that the row breaks, without its value. There are only some twenty kinds."""
    text: str
    """One line: the path, the value, what was expected, and the likely fix if there is one."""


def reason_of_schedule(error: ScheduleError) -> Reason:
    """Return the reason for a value that is not a schedule."""
    of_member = re.sub(r"^any\[\d+\]\.", "", error.path)
    part = re.split(r"[.\[]", of_member)[0]
    kind = f"schedule is not valid ({part})" if part in _PARTS else "schedule is not valid"
    return Reason(kind, f"schedule: {error}")


def reason_of_unknown_day(error: UnknownDayError) -> Reason:
    """Return the reason for a payment whose day is not known."""
    first, last = map(date.fromordinal, error.calendar.bounds)
    day = error.day or "days outside the years 1 to 9999"
    got = f"{short_repr(error.calendar.name)}, which is known from {first} to {last}"
    return Reason("payment day is not known", f"calendar: got {got}, expected one that knows {day}")


def reasons_of_columns(schedules: ScheduleArray, start: pa.Array, ids: pa.Array | None) -> dict[int, Reason]:
    """Return the reasons for rows that cannot be due: no valid schedule, no start, or no id."""
    texts = billing.wrong_rows(schedules, start, ids)
    reasons = {row: Reason(f"{text.partition(':')[0]} is missing", text) for row, text in texts.items()}
    for bad in schedules.bad:
        reasons |= dict.fromkeys(bad.rows.tolist(), reason_of_schedule(bad.error))
    return reasons
