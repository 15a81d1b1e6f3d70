"""Dates, instants, and days of retries."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Annotated

from typing_extensions import TypeAliasType

from recurring_schedule.core.checks import iso_date
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.retries import retry_dates
from recurring_schedule.models.violations import MISMATCH, detail, mismatch, validation_error
from recurring_schedule.models.wire.scalars import Scalar


def _date(value: object) -> date | None:
    if isinstance(value, str):
        try:
            return iso_date(value)
        except ValueError:
            return None
    return value if type(value) is date else None


Date = TypeAliasType("Date", Annotated[date, Scalar("Date", _date, "YYYY-MM-DD", {"type": "string", "format": "date"})])

_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"


def _date_time(value: object) -> datetime | None:
    if isinstance(value, str):
        if not re.fullmatch(_INSTANT, value):
            return None
        try:
            return datetime.fromisoformat(value[:-1]).replace(tzinfo=timezone.utc)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() != timedelta() or value.microsecond % 1000:
        return None
    return value


def date_time_text(value: datetime) -> str:
    """Return an instant in the form of the wire.

    >>> date_time_text(datetime(2020, 3, 13, 13, 37, 13, 123000, timezone.utc))
    '2020-03-13T13:37:13.123Z'
    """
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


_DATE_TIME = Scalar(
    "DateTime",
    _date_time,
    "YYYY-MM-DDThh:mm:ss.fffZ, so UTC to the millisecond",
    {"type": "string", "format": "date-time", "pattern": f"^{_INSTANT}$"},
    date_time_text,
)
DateTime = TypeAliasType("DateTime", Annotated[datetime, _DATE_TIME])


_MOST_RETRIES = 100


def _retry_days(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    if len(value) > _MOST_RETRIES:
        raise mismatch("integer[]", f"at most {_MOST_RETRIES}")
    try:
        retry_dates(date.min, value)
    except ScheduleError as error:
        index = int(error.path[len("days[") : -1])
        condition = "a number of days, 1 or more, greater than the one before, and not past 9999-12-31"
        raise validation_error("integer[]", [detail((index,), MISMATCH, "integer", condition)]) from None
    return tuple(value)


_RETRY_DAYS = Scalar(
    "integer[]",
    _retry_days,
    None,
    {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "maxItems": _MOST_RETRIES,
        "uniqueItems": True,
        "description": "Numbers of days, each greater than the one before.",
    },
)
RetryDays = TypeAliasType("RetryDays", Annotated[tuple[int, ...], _RETRY_DAYS])
