"""The days and times of an RRULE, from which a schedule takes calendar days.

>>> start = read_moment("DTSTART", "20240131T090000", ignore_time=True)
>>> last_day(read_moment("UNTIL", "20241231T080000", ignore_time=True), start, zone=None)  # before nine
datetime.date(2024, 12, 30)
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

from recurring_schedule.core.checks import short_repr
from recurring_schedule.exchange.errors import ConversionError

_MOMENT = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
NO_TIME = "a schedule has no time of day; to take the calendar day, pass ignore_time=True, or --ignore-time"


def write_day(day: date) -> str:
    """Return the date as YYYYMMDD.

    >>> write_day(date(2024, 1, 31))
    '20240131'
    """
    return day.isoformat().replace("-", "")


def read_moment(name: str, value: str, *, ignore_time: bool) -> date | datetime:
    """Return the date, or the datetime, which is aware if it is in UTC; errors call it `name`.

    Raises ConversionError if `value` is neither, or if it is a datetime without `ignore_time`.
    """
    matched = _MOMENT.fullmatch(value)
    if matched is None:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD")
    year, month, number, hour, minute, second, utc = matched.groups()
    if utc is not None and not ignore_time:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD: {NO_TIME}")
    try:
        day = date(int(year), int(month), int(number))
        if utc is None:
            return day
        return datetime.combine(day, time(int(hour), int(minute), int(second)), timezone.utc if utc else None)
    except ValueError as error:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD; {error}") from None


def read_days(
    name: str, value: str, start: date, zone: str | None, own_zone: str | None, *, ignore_time: bool
) -> list[date]:
    """Return the days of an EXDATE or RDATE line, in the time zone of DTSTART.

    `start` and `zone` are DTSTART as written and the name of its time zone; `own_zone` is that of
    the line. Raises ConversionError if a value is not a date, or if its time is not that of
    DTSTART.
    """
    found = []
    for text in value.split(","):
        moment = read_moment(name, text, ignore_time=ignore_time)
        local = _in_zone(moment, zone) if isinstance(moment, datetime) and moment.tzinfo and zone else moment
        is_in_utc, start_in_utc = (isinstance(one, datetime) and one.tzinfo is timezone.utc for one in (moment, start))
        is_comparable = bool(zone) if is_in_utc and not start_in_utc else (own_zone, is_in_utc) == (zone, start_in_utc)
        if not is_comparable or _clock(local) != _clock(start):
            raise ConversionError(
                f"{name}: got {short_repr(text)}, expected a date with the time and the time zone of DTSTART, if it has them"
            )
        found.append(calendar_day(local))
    return found


def _clock(moment: date) -> time | None:
    return moment.time() if isinstance(moment, datetime) else None


def calendar_day(moment: date) -> date:
    """Return the calendar day, as written."""
    return moment.date() if isinstance(moment, datetime) else moment


def last_day(until: date, start: date, zone: str | None) -> date:
    """Return the last day that may have a date of an RRULE, from its UNTIL and its DTSTART.

    `zone` is the name of the time zone of DTSTART. Each date is at the time of day of DTSTART, so
    the day of UNTIL is included unless UNTIL is before that time.

    Raises ConversionError if UNTIL is before DTSTART or has no time although DTSTART has one, and
    if the zone is needed but not known.
    """
    day, first, is_included = calendar_day(until), calendar_day(start), True
    if isinstance(start, datetime):
        local = _like(start, until, zone)
        day, is_included = local.date(), local.time() >= start.time()
    if (day - first).days < (not is_included):
        raise ConversionError(f"UNTIL: got {until}, expected {start} (DTSTART) or later")
    return day - timedelta(days=not is_included)


def _like(start: datetime, until: date, zone: str | None) -> datetime:
    """Return UNTIL in the time zone of DTSTART, or as written if either has none."""
    if not isinstance(until, datetime):
        like_start = f"{write_day(until)}T{start:%H%M%S}{'Z' * (start.tzinfo is not None)}"
        raise ConversionError(
            f"UNTIL: got {write_day(until)}, expected a time as in DTSTART, such as {like_start}: "
            "programs differ on whether the day is included"
        )
    return _in_zone(until, zone) if until.tzinfo and zone else until


def _in_zone(moment: datetime, zone: str) -> datetime:
    from zoneinfo import ZoneInfo  # few RRULEs need it, and importing it takes as long as importing this package

    try:
        return moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError, OverflowError):
        raise ConversionError(
            f"DTSTART: got the time zone {short_repr(zone)}, expected one that this machine knows, such as Europe/Stockholm"
        ) from None
