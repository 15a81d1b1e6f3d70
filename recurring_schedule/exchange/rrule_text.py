r"""The text of an RRULE and its DTSTART, in the form that RFC 5545 gives it.

>>> start, rrule = read_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1,31;COUNT=3")
>>> start, rrule.freq, rrule.bymonthday, rrule.count
(datetime.date(2024, 1, 31), 'MONTHLY', (-1, 31), 3)
>>> write_parts({"FREQ": ("WEEKLY",), "BYDAY": ("WE",)})
'FREQ=WEEKLY;BYDAY=WE'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from recurring_schedule.core.checks import short_repr
from recurring_schedule.exchange.errors import ConversionError

Parts = dict[str, tuple[int | str, ...]]
"""The parts of an RRULE, each name with its values."""

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def write_parts(parts: Mapping[str, tuple[int | str, ...]]) -> str:
    """Return the parts as the value of an RRULE line."""
    return ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())


def write_day(day: date) -> str:
    """Return the date as YYYYMMDD."""
    return day.isoformat().replace("-", "")


def month_day_parts(day: int) -> Parts:
    """Return the parts for a day of every month, clamped, from 1, or back from the month's end, from -1.

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
    """The parts of an RRULE, under their names in RFC 5545; None for an absent one without a default."""

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
    values: dict[str, Any] = {}  # each is of the type that its reader returns, which is that of its field
    for part in lines["RRULE"].split(";"):
        name, _, value = part.partition("=")
        if name not in _READERS:
            raise ConversionError(f"{short_repr(part)} is not supported, expected one of {', '.join(_READERS)}")
        if name.lower() in values or not value:
            raise ConversionError(f"{name}: got {'nothing' if not value else 'two'}, expected one value")
        values[name.lower()] = _READERS[name](name, value)
    if "freq" not in values:
        raise ConversionError(f"FREQ: got nothing, expected one of {', '.join(FREQUENCIES)}")
    if "until" in values and "count" in values:
        raise ConversionError("COUNT: got UNTIL too, expected only one of them")
    return _day("DTSTART", lines["DTSTART"]), RecurrenceRule(text=lines["RRULE"], **values)


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


def _one_of(words: tuple[str, ...]) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value not in words:
            raise ConversionError(f"{name}: got {short_repr(value)}, expected one of {', '.join(words)}")
        return value

    return read


def _integers(first: int, last: int) -> Callable[[str, str], tuple[int, ...]]:
    """Return a reader of integers from `first` to `last`, without 0."""
    expected = f"integers from {first} to {last}" + ", without 0" * (first < 0)

    def read(name: str, value: str) -> tuple[int, ...]:
        texts = value.split(",")
        numbers = {int(text) if re.fullmatch("[+-]?[0-9]{1,9}", text) else 0 for text in texts}
        if not all(number and first <= number <= last for number in numbers):
            raise ConversionError(f"{name}: got {short_repr(value)}, expected {expected}")
        return tuple(sorted(numbers))

    return read


def _positive(name: str, value: str) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,9}", value) or int(value) == 0:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected an integer from 1 to 999999999")
    return int(value)


def _weekdays(name: str, value: str) -> tuple[str, ...]:
    days = {*value.split(",")}
    if not days <= {*WEEKDAYS}:
        raise ConversionError(
            f"{name}: got {short_repr(value)}, expected weekdays, MO to SU: a schedule has no n-th weekday of a month"
        )
    return tuple(sorted(days, key=WEEKDAYS.index))


_READERS: dict[str, Callable[[str, str], object]] = {
    "FREQ": _one_of(FREQUENCIES),
    "INTERVAL": _positive,
    "UNTIL": _day,
    "COUNT": _positive,
    "BYMONTH": _integers(1, 12),
    "BYWEEKNO": _integers(-53, 53),
    "BYMONTHDAY": _integers(-31, 31),
    "BYDAY": _weekdays,
    "BYSETPOS": _integers(-366, 366),
    "WKST": _one_of(WEEKDAYS),
}
