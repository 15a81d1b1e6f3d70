r"""The text of an RRULE and its DTSTART, in the form that RFC 5545 gives it.

>>> start, rrule = read_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1,31;COUNT=3")
>>> start, rrule.freq, rrule.bymonthday, rrule.count
(datetime.date(2024, 1, 31), 'MONTHLY', (-1, 31), 3)
>>> write_parts({"FREQ": ("WEEKLY",), "BYDAY": ("WE",)})
'FREQ=WEEKLY;BYDAY=WE'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from recurring_schedule.core.checks import short_repr
from recurring_schedule.exchange.errors import ConversionError

Parts = dict[str, tuple[int | str, ...]]
"""The parts of an RRULE, each name with its values."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_VALUES: dict[str, tuple[str, ...] | range | None] = {
    "FREQ": _FREQUENCIES,
    "INTERVAL": range(1, 10**9),
    "UNTIL": None,
    "COUNT": range(1, 10**9),
    "BYMONTH": range(1, 13),
    "BYWEEKNO": range(-53, 54),
    "BYMONTHDAY": range(-31, 32),
    "BYDAY": WEEKDAYS,
    "BYSETPOS": range(-366, 367),
    "WKST": WEEKDAYS,
}
"""The supported parts, with the words or the integers but 0 that each may have; None for a date."""


def write_parts(parts: Mapping[str, tuple[int | str, ...]]) -> str:
    """Return the parts as the value of an RRULE line."""
    return ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())


def write_day(day: date) -> str:
    """Return the date as YYYYMMDD."""
    return day.isoformat().replace("-", "")


def month_day_parts(day: int) -> Parts:
    """Return the parts for a clamped day of every month, from 1 or from -1, the last.

    >>> month_day_parts(30)
    {'BYMONTHDAY': (28, 29, 30), 'BYSETPOS': (-1,)}
    """
    if abs(day) <= 28:
        return {"BYMONTHDAY": (day,)}
    # From the start of the month, the last of these days that the month has; from its end, the first.
    sign = 1 if day > 0 else -1
    return {"BYMONTHDAY": tuple(sign * number for number in range(28, abs(day) + 1)), "BYSETPOS": (-sign,)}


@dataclass(frozen=True)
class RecurrenceRule:
    """The parts of an RRULE, named as in RFC 5545; None if absent and without a default."""

    text: str
    """All parts as they were written."""
    freq: str
    interval: int = 1
    until: date | None = None
    count: int | None = None
    bymonth: tuple[int, ...] | None = None
    byweekno: tuple[int, ...] | None = None
    bymonthday: tuple[int, ...] | None = None
    byday: tuple[str, ...] | None = None
    """In the order of the week."""
    bysetpos: tuple[int, ...] | None = None
    wkst: str = "MO"


def read_rrule(text: str) -> tuple[date, RecurrenceRule]:
    """Read a line with DTSTART and a line with RRULE.

    Raises ConversionError, which names the part, and TypeError if `text` is not a string.
    """
    lines = _lines(text)
    parts: dict[str, Any] = {}
    for part in lines["RRULE"].split(";"):
        name, _, value = part.partition("=")
        if name not in _VALUES:
            raise ConversionError(f"{short_repr(part)} is not supported, expected one of {', '.join(_VALUES)}")
        if name.lower() in parts:
            raise ConversionError(f"{name}: got two, expected one")
        parts[name.lower()] = _part(name, value)
    if "freq" not in parts:
        raise ConversionError(f"FREQ: got nothing, expected {_expected(_FREQUENCIES)}")
    if "until" in parts and "count" in parts:
        raise ConversionError("COUNT: got COUNT and UNTIL, expected only one of them")
    return _day("DTSTART", lines["DTSTART"]), RecurrenceRule(text=lines["RRULE"], **parts)


_LINE = re.compile(r"(DTSTART|RRULE)((?:;[^:;]*)*):(.*)", re.IGNORECASE)
_TWO_LINES = "expected a line with DTSTART and one with RRULE"


def _lines(text: str) -> dict[str, str]:
    """Return the values of DTSTART and RRULE."""
    if not isinstance(text, str):
        raise TypeError(f"text: got {short_repr(text)}, expected a str")
    if not text.isascii():
        raise ConversionError(f"got {short_repr(text)}, expected ASCII text")
    found: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]", "", text).split():
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise ConversionError(f"got {short_repr(line)}, {_TWO_LINES}")
        name, parameters, value = (group.upper() for group in matched.groups())
        if name in found:
            raise ConversionError(f"{name}: got two, expected one")
        if name == "DTSTART" and "TZID" in parameters:
            raise ConversionError("DTSTART: got a time zone, expected a date: a schedule has no time of day")
        found[name] = value
    for name in ("DTSTART", "RRULE"):
        if name not in found:
            raise ConversionError(f"{name}: got nothing, {_TWO_LINES}")
    return found


def _day(name: str, value: str) -> date:
    if not re.fullmatch("[0-9]{8}", value):
        raise ConversionError(
            f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD: a schedule has no time of day"
        )
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError as error:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD; {error}") from None


def _part(name: str, text: str) -> Any:
    """Return the value of a part, or its values in order, if its name begins with BY."""
    allowed, is_list = _VALUES[name], name.startswith("BY")
    if allowed is None:
        return _day(name, text)
    values: list[Any] = text.split(",") if is_list else [text]
    if isinstance(allowed, range):
        values = [int(value) if re.fullmatch("[+-]?[0-9]{1,9}", value) else 0 for value in values]
    if not all(value and value in allowed for value in values):
        raise ConversionError(f"{name}: got {short_repr(text)}, expected {_expected(allowed)}")
    found = tuple(sorted({*values}, key=allowed.index))
    return found if is_list else found[0]


def _expected(allowed: tuple[str, ...] | range) -> str:
    if isinstance(allowed, tuple):
        return f"one of {', '.join(allowed)}"
    return f"{allowed[0]} to {allowed[-1]}" + ", without 0" * (0 in allowed)
